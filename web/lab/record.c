/*
 * Lab API: what it has changed, for the journal
 */
#include "proto/record.h"

#include "mcxd/base/journal.h"
#include "web/lab/private.h"

void lab_record(const struct lab *l, const char *action, const char *aor, const char *summary)
{
	const struct record_field field = { "action", action };

	journal_add(l->journal, &(struct record){ .kind = "lab",
						  .users = { aor },
						  .summary = summary,
						  .fields = &field,
						  .n_fields = 1 });
}
