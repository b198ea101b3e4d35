/*
 * Lab API: what a drill has to see
 */
#include "web/lab/drill/run.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/note.h"
#include "mcxd/core/push.h"
#include "mcxd/core/summary.h"
#include "mcxd/core/user.h"
#include "proto/record.h"
#include "proto/text/json_in.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/cause.h"
#include "web/lab/drill/drill.h"
#include "web/lab/drill/play.h"
#include "web/lab/private.h"
#include "web/lab/timeline.h"

const struct push *run_push(const struct run *r)
{
	const struct push *push = NULL;

	list_for_each (node, &run_core(r)->push_log) {
		const struct push *other = LIST_ENTRY(node, struct push, of_log);

		if (other->user && !strcmp(other->user, r->bob) && !other->withdraws)
			push = other;
	}
	return push;
}

const struct conversation_summary *run_summary(const struct run *r)
{
	const struct conversation_summary *found = NULL;

	list_for_each (node, &run_core(r)->history) {
		const struct conversation_summary *s =
			LIST_ENTRY(node, struct conversation_summary, of_history);

		if (!strcmp(s->from, r->alice))
			found = s;
	}
	return found;
}

static void check(struct run *r, const char *what, const char *wanted, const char *seen)
{
	struct json_object *o = json_object_new_object();
	bool is_met = !wanted || (seen && strstr(seen, wanted));

	r->has_failed = r->has_failed || !is_met;
	json_out_string(o, "what", what);
	json_out_string(o, "wanted", wanted);
	json_out_string(o, "seen", seen);
	json_out_bool(o, "passed", is_met);
	json_object_array_add(r->checks, o);
}

/* What the front end has said last of all in this story; one final response has to be all. */
struct finals {
	unsigned n;
	char last[64];
};

static void count_final(void *magic, const struct record *record)
{
	const char *status = record_value(record, "status");
	const char *method = record_value(record, "method");
	struct finals *f = magic;

	if (record_kind_of(record->kind) != RECORD_SIP || record->incoming || !status || !method ||
	    strcmp(method, "INVITE") != 0 || *status == '1')
		return;
	f->n++;
	snprintf(f->last, sizeof(f->last), "%s", status);
}

static void check_sender(struct run *r)
{
	const struct conversation_summary *s = run_summary(r);
	CLEANUP(mem_free_string) char *wanted = text_format("one, %d", r->drill->status);
	CLEANUP(mem_free_string) char *seen = NULL;
	struct finals finals = { 0 };
	char key[NOTE_KEY_SIZE];

	conversation_key(key, s ? s->id : 0);
	journal_story(r->play.lab->journal, key, count_final, &finals);
	seen = text_format("%s, %s", finals.n == 1 ? "one" : "none or several", finals.last);
	check(r, "final responses to the sender", wanted, seen);
	check(r, "what it says", r->drill->said, s ? s->reason : NULL);
}

/* Hops of the push, or why there is none. */
static void check_trace(struct run *r)
{
	const struct lab *l = r->play.lab;
	const struct push *push = run_push(r);
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;
	struct json_object *list;
	char key[NOTE_KEY_SIZE];

	if (push)
		push_key(key, push->id);
	list = push ? lab_push_hops(l->journal, key) : lab_not_sent(l->journal, r->bob, NULL, 1);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		const char *said = json_in_string(o, push ? "label" : "reason");

		text_add_all(&seen, i ? "; " : "", said ? said : "");
	}
	json_object_put(list);
	check(r, push ? "the hops of the push" : "why there is no push", r->drill->trace,
	      text_str(&seen));
}

static void check_explanation(struct run *r)
{
	const char *wanted = cause_names[r->drill->cause];
	struct json_object *o = lab_explain(r->play.lab, user_find(run_core(r), r->bob));
	const char *cause = json_in_string(o, "cause");

	check(r, "the explanation", wanted ? wanted : "nothing", cause ? cause : "nothing");
	json_object_put(o);
}

void run_check(struct run *r)
{
	check_sender(r);
	check_trace(r);
	check_explanation(r);
}
