/*
 * Lab API: an explanation in the making
 */
#include "web/lab/explanation.h"

#include "mcxd/base/journal.h"
#include "mcxd/core/phone.h"
#include "proto/record.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"
#include "web/lab/cause.h"
#include "web/lab/private.h"

#include <stdarg.h>
#include <string.h>

static const char *const kind_names[] = {
	[FINE] = "fine", [OBSTACLE] = "obstacle", [ADVICE] = "advice", [NOTE] = "note"
};

struct json_object *explain_say(const struct explanation *e, enum finding kind, const char *topic,
				const char *fmt, ...)
{
	CLEANUP(text_deinit) struct text sentence = TEXT_INIT;
	struct json_object *o = json_object_new_object();
	va_list args;

	va_start(args, fmt);
	text_vaddf(&sentence, fmt, args);
	va_end(args);
	/* What a peer wrote begins no line of its own. */
	for (size_t i = 0; i < sentence.n; i++)
		if (sentence.data[i] == '\n' || sentence.data[i] == '\r')
			sentence.data[i] = ' ';
	json_out_string(o, "kind", kind_names[kind]);
	json_out_string(o, "topic", topic);
	json_out_string(o, "text", text_str(&sentence));
	json_out_optional(o, "phone", e->phone ? e->phone->app_id : NULL);
	json_object_array_add(e->findings, o);
	return o;
}

/* The first cause counts, unless a later one says more: what somebody broke on purpose is a cause only as long as its consequences
 * are not seen, and a phone in the foreground hides nothing that is wrong with another one. */
static bool says_more(const struct explanation *e)
{
	return e->cause == CAUSE_NONE || e->cause == CAUSE_FAULT ||
	       (e->cause == CAUSE_FOREGROUND && e->phone != e->blamed);
}

void explain_blame_with(struct explanation *e, enum cause cause, const char *advice)
{
	struct json_object *o = explain_say(e, ADVICE, "What to do", "%s", advice);

	json_out_string(o, "cause", cause_names[cause]);
	if (!says_more(e) || (e->cause == CAUSE_FOREGROUND && cause == CAUSE_FAULT))
		return;
	json_object_put(e->advice);
	e->advice = json_object_get(json_object_object_get(o, "text"));
	e->cause = cause;
	e->blamed = e->phone;
}

void explain_blame(struct explanation *e, enum cause cause)
{
	explain_blame_with(e, cause, cause_advice[cause]);
}

char *explain_moment(int64_t wall_us)
{
	struct text out = TEXT_INIT;

	timestamp_add(&out, wall_us, TIMESTAMP_MS);
	return text_take(&out);
}

const struct record *explain_newest_toast(const struct explanation *e, const struct phone *p)
{
	const struct journal *j = e->lab->journal;

	for (uint64_t seq = journal_last(j); seq && seq >= journal_first(j); seq--) {
		const struct record *r = journal_get(j, seq);

		if (r && r->phone && record_kind_of(r->kind) == RECORD_TOAST &&
		    strcmp(r->phone, p->app_id) == 0)
			return r;
	}
	return NULL;
}
