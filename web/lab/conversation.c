/*
 * Lab API: conversations and pushes
 */
#include "mcxd/base/fsm.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/note.h"
#include "mcxd/core/push.h"
#include "mcxd/core/summary.h"
#include "proto/record.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/json.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"
#include "web/lab/room.h"
#include "web/lab/timeline.h"

static struct json_object *legs_json(const struct conversation *v)
{
	struct json_object *legs = json_object_new_array();

	list_for_each (node, &v->legs) {
		const struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);
		struct json_object *o = json_object_new_object();

		json_out_string(o, "type", leg->ops->name);
		json_out_string(o, "side", leg->caller ? "caller" : "callee");
		json_out_bool(o, "answered", leg == v->callee_leg);
		json_out_bool(o, "done", leg->done);
		json_object_array_add(legs, o);
	}
	return legs;
}

static struct json_object *live_json(const struct conversation *v)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "id", (int64_t)v->id);
	json_out_bool(o, "live", true);
	json_out_string(o, "state", fsm_state_name(&v->fsm));
	json_out_string(o, "from", v->from);
	json_out_string(o, "to", v->to);
	json_out_string(o, "firstLine", v->preview);
	json_out_string(o, "subject", v->subject);
	json_out_time(o, "began", v->began_wall_us);
	if (conversation_deadline_us(v))
		json_out_time(o, "deadline", conversation_deadline_us(v));
	json_out_time(o, "answered", v->answered_wall_us);
	json_out_int(o, "messages", v->n_messages);
	json_object_object_add(o, "legs", legs_json(v));
	return o;
}

static struct json_object *ended_json(const struct conversation_summary *s)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "id", (int64_t)s->id);
	json_out_bool(o, "live", false);
	json_out_string(o, "state", "ENDED");
	json_out_string(o, "from", s->from);
	json_out_string(o, "to", s->to);
	json_out_string(o, "firstLine", s->first_line);
	json_out_int(o, "status", s->sip_status);
	json_out_string(o, "reason", s->reason);
	json_out_time(o, "began", s->began_wall_us);
	json_out_time(o, "answered", s->answered_wall_us);
	json_out_time(o, "ended", s->ended_wall_us);
	json_out_int(o, "messages", s->n_messages);
	return o;
}

struct filter {
	const char *user;
	const char *state;
};

static bool is_wanted(const struct filter *f, const char *from, const char *to, const char *state)
{
	if (f->state && strcasecmp(f->state, state) != 0)
		return false;
	return !f->user || (from && strcasecmp(f->user, from) == 0) ||
	       (to && strcasecmp(f->user, to) == 0);
}

static int by_id(const void *a, const void *b)
{
	int64_t id[2];
	const void *const sides[2] = { a, b };

	for (int i = 0; i < 2; i++) {
		struct json_object *const *o = sides[i];

		id[i] = json_object_get_int64(json_object_object_get(*o, "id"));
	}
	return (id[0] > id[1]) - (id[0] < id[1]);
}

/* Whether conversations can be in this state; NULL: it is not asked for. Answers 400 if not. */
static bool check_state(struct http_request *r, const char *state)
{
	CLEANUP(text_deinit) struct text known = TEXT_INIT;

	for (int i = 0; i < conversation_fsm.n_states; i++) {
		if (!state || !strcasecmp(state, conversation_fsm.states[i].name))
			return true;
		text_add_all(&known, i ? ", " : "", conversation_fsm.states[i].name);
	}
	lab_error(r, 400, "Conversations have no state \"%s\"; there are %s.", state,
		  text_str(&known));
	return false;
}

void lab_get_conversations(void *magic, struct http_request *r)
{
	struct core *c = lab_core(magic, r);
	struct filter f = { .state = http_query(r, "state") };
	struct json_object *conversations;
	const struct conversation *v;
	char aor[URI_MAX_AOR + 1];
	uint64_t cursor = 0;

	if (!c || !check_state(r, f.state) || !lab_query_user(magic, r, aor, &f.user))
		return;
	conversations = json_object_new_array();
	list_for_each (node, &c->history) {
		const struct conversation_summary *s =
			LIST_ENTRY(node, struct conversation_summary, of_history);

		if (is_wanted(&f, s->from, s->to, "ENDED"))
			json_object_array_add(conversations, ended_json(s));
	}
	while ((v = conversation_next(c, &cursor))) {
		/* One that has just ended is already in the history. */
		if (!v->ended_wall_us && is_wanted(&f, v->from, v->to, fsm_state_name(&v->fsm)))
			json_object_array_add(conversations, live_json(v));
	}
	json_object_array_sort(conversations, by_id);
	lab_answer_list(r, "conversations", conversations);
}

uint64_t lab_path_id(const struct http_request *r)
{
	int64_t id = 0;

	text_to_int(http_param(r, "id"), 1, INT64_MAX, &id);
	return (uint64_t)id;
}

struct json_object *lab_conversation_json(const struct core *c, uint64_t id)
{
	const struct conversation *v = conversation_find(c, id);

	if (v && !v->ended_wall_us)
		return live_json(v);
	list_for_each (node, &c->history) {
		const struct conversation_summary *s =
			LIST_ENTRY(node, struct conversation_summary, of_history);

		if (s->id == id)
			return ended_json(s);
	}
	return NULL;
}

void lab_get_conversation(void *magic, struct http_request *r)
{
	const struct lab *l = magic;
	struct core *c = lab_core(l, r);
	struct json_object *o;
	char key[NOTE_KEY_SIZE];
	size_t n_earlier;

	if (!c)
		return;
	o = lab_conversation_json(c, lab_path_id(r));
	if (!o) {
		lab_error(r, 404, "Unknown conversation, or too old to be listed.");
		return;
	}
	conversation_key(key, lab_path_id(r));
	json_object_object_add(
		o, "timeline",
		lab_timeline(l->journal, key, (size_t)l->config->max_page_records, &n_earlier));
	if (n_earlier)
		json_out_int(o, "earlier", (int64_t)n_earlier);
	http_answer_json(r, 200, NULL, o);
}

struct story {
	struct json_object *records;
	struct room room;
	bool is_local;
};

static void add_record(void *magic, const struct record *record)
{
	struct story *s = magic;

	if (room_take(&s->room, record))
		json_object_array_add(s->records, lab_encode_record(record, s->is_local));
}

void lab_get_story(void *magic, struct http_request *r)
{
	struct lab *l = magic;
	struct core *c = lab_core(l, r);
	struct story story;
	struct json_object *o;
	char key[NOTE_KEY_SIZE];

	if (!c || !lab_has_journal(l, r))
		return;
	conversation_key(key, lab_path_id(r));
	story = (struct story){ json_object_new_array(), room_of(l), lab_is_local(r) };
	journal_story(l->journal, key, add_record, &story);
	if (!room_was_enough(l, r, &story.room)) {
		json_object_put(story.records);
		return;
	}
	if (!json_object_array_length(story.records)) {
		json_object_put(story.records);
		lab_error(r, 404, "The journal has no records of this conversation.");
		return;
	}
	o = json_object_new_object();
	json_out_string(o, "key", key);
	json_object_object_add(o, "conversation", lab_conversation_json(c, lab_path_id(r)));
	json_object_object_add(o, "records", story.records);
	http_answer_json(r, 200, NULL, o);
}

static struct json_object *push_json(const struct push *p)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "id", (int64_t)p->id);
	json_out_bool(o, "synthetic", p->phone == 0);
	if (p->withdraws)
		json_out_int(o, "withdraws", (int64_t)p->withdraws);
	if (p->conversation)
		json_out_int(o, "conversation", (int64_t)p->conversation);
	if (p->phone)
		json_out_int(o, "phone", (int64_t)p->phone);
	json_out_string(o, "user", p->user);
	json_out_string(o, "platform", p->platform);
	json_out_string(o, "text", p->text);
	json_out_string(o, "state", p->state);
	if (p->sip_status)
		json_out_int(o, "status", p->sip_status);
	if (p->diag_id)
		json_out_int(o, "diagnosticsId", p->diag_id);
	json_out_string(o, "reason", p->reason);
	json_out_time(o, "sent", p->sent_wall_us);
	json_out_time(o, "answered", p->answered_wall_us);
	if (p->answered_wall_us)
		json_out_int(o, "latencyUs", p->answered_us - p->sent_us);
	return o;
}

void lab_get_pushes(void *magic, struct http_request *r)
{
	const struct lab *l = magic;
	struct core *c = lab_core(l, r);
	struct json_object *pushes, *o;
	char aor[URI_MAX_AOR + 1];
	const char *user;

	if (!c || !lab_query_user(l, r, aor, &user))
		return;
	pushes = json_object_new_array();
	list_for_each (node, &c->push_log) {
		const struct push *p = LIST_ENTRY(node, struct push, of_log);

		if (!user || (p->user && strcasecmp(user, p->user) == 0))
			json_object_array_add(pushes, push_json(p));
	}
	o = json_object_new_object();
	json_object_object_add(o, "pushes", pushes);
	json_object_object_add(
		o, "notSent",
		lab_not_sent(l->journal, user, NULL, (size_t)l->config->max_page_records));
	http_answer_json(r, 200, NULL, o);
}

void lab_get_push(void *magic, struct http_request *r)
{
	const struct lab *l = magic;
	struct core *c = lab_core(l, r);
	struct json_object *o;
	char key[NOTE_KEY_SIZE];

	if (!c)
		return;
	push_key(key, lab_path_id(r));
	list_for_each (node, &c->push_log) {
		const struct push *p = LIST_ENTRY(node, struct push, of_log);

		if (p->id != lab_path_id(r))
			continue;
		o = push_json(p);
		json_object_object_add(o, "hops", lab_push_hops(l->journal, key));
		http_answer_json(r, 200, NULL, o);
		return;
	}
	lab_error(r, 404, "Unknown push, or too old to be listed.");
}
