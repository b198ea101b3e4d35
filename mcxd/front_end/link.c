/*
 * Links
 */
#include "mcxd/front_end/link.h"

#include "mcxd/base/journal.h"
#include "mcxd/front_end/private.h"
#include "proto/record.h"
#include "proto/text/text.h"

void front_end_link(struct front_end *s, const char *key, const char *call_id, const char *summary)
{
	char link[300];

	text_join(link, sizeof(link), "sip:", call_id);
	journal_add(s->journal, &(struct record){
					.kind = "link",
					.key = key,
					.link = link,
					.summary = summary,
				});
}
