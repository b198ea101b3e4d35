/*
 * Note
 */
#include "mcxd/core/note.h"

#include "mcxd/base/journal.h"
#include "mcxd/core/core.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <stdarg.h>

void note_key(char ret[NOTE_KEY_SIZE], const char *prefix, uint64_t id)
{
	char number[TEXT_NUMBER_SIZE];

	text_join(ret, NOTE_KEY_SIZE, prefix, text_number(number, id));
}

void note_add(struct core *c, const struct note *n, const char *fmt, ...)
{
	char summary[512];
	size_t n_fields = 0;
	va_list args;

	if (!journal_is_on(c->journal))
		return;
	va_start(args, fmt);
	vsnprintf(summary, sizeof(summary), fmt, args);
	va_end(args);
	while (n_fields < ARRAY_SIZE(n->fields) && n->fields[n_fields].name)
		n_fields++;
	journal_add(c->journal, &(struct record){
					.kind = n->kind,
					.users = { n->users[0], n->users[1] },
					.phone = n->phone,
					.key = n->key,
					.link = n->link,
					.summary = summary,
					.fields = n->fields,
					.n_fields = n_fields,
				});
}
