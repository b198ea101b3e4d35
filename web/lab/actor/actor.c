/*
 * Actor
 */
#include "web/lab/actor/actor.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/user.h"
#include "mcxd/sim/sim.h"
#include "proto/record.h"
#include "proto/sip/uri.h"
#include "proto/text/json_out.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

const char *const actor_state_names[N_ACTOR_STATES] = {
	[ACTOR_SIGNED_OUT] = "signed-out",
	[ACTOR_SIGNING_IN] = "signing-in",
	[ACTOR_SIGNED_IN] = "signed-in",
	[ACTOR_SIGNING_OUT] = "signing-out",
};

static const char *const talk_state_names[N_ACTOR_TALK_STATES] = {
	[ACTOR_INVITED] = "invited",
	[ACTOR_INVITING] = "inviting",
	[ACTOR_CONNECTED] = "connected",
};

/* ---- conversations ---- */

static struct actor_talk *talk_of(struct list *node)
{
	return LIST_ENTRY(node, struct actor_talk, of_actor);
}

static void talk_free(struct actor_talk *t)
{
	list_remove(&t->of_actor);
	free(t->id);
	free(t->peer);
	free(t->name);
	free(t->first_line);
	free(t);
}

void actor_talks_drop(struct actor *a)
{
	list_for_each_safe (node, &a->talks)
		talk_free(talk_of(node));
}

static struct actor_talk *find_talk(const struct actor *a, const char *id)
{
	for (struct list *node = a->talks.prev; node != &a->talks; node = node->prev) {
		struct actor_talk *t = talk_of(node);

		if (!id || !t->id || strcmp(t->id, id) == 0)
			return t;
	}
	return NULL;
}

struct actor_talk *actor_talk_in(const struct actor *a, enum actor_talk_state state)
{
	for (struct list *node = a->talks.prev; node != &a->talks; node = node->prev)
		if (talk_of(node)->state == state && !talk_of(node)->ignored)
			return talk_of(node);
	return NULL;
}

struct actor_talk *actor_talk_open(const struct actor *a)
{
	struct actor_talk *t = actor_talk_in(a, ACTOR_CONNECTED);

	return t ? t : actor_talk_in(a, ACTOR_INVITING);
}

/* ---- events ---- */

const char *actor_field(const struct sim_event *event, const char *name)
{
	for (size_t i = 0; i < event->n_fields; i++)
		if (strcmp(event->fields[i].name, name) == 0)
			return event->fields[i].value;
	return NULL;
}

/* As the client shows it. */
static const char *peer_of(const struct sim_event *event)
{
	const char *peer = actor_field(event, "from");

	return peer ? peer : actor_field(event, "peer");
}

/* NULL: it is not told. */
static const char *address_of(const struct sim_event *event)
{
	const char *uri = actor_field(event, "uri");

	return uri && !strncasecmp(uri, "sip:", 4) ? uri + 4 : NULL;
}

static void know_peer(struct actor_talk *t, const struct sim_event *event)
{
	if (address_of(event))
		mem_set_string(&t->peer, address_of(event));
	if (peer_of(event))
		mem_set_string(&t->name, peer_of(event));
}

static struct actor_talk *begin_talk(struct actor *a, enum actor_talk_state state,
				     const struct sim_event *event)
{
	struct actor_talk *t = MEM_NEW(struct actor_talk);

	t->number = ++a->last_talk;
	t->state = state;
	t->id = mem_strdup(actor_field(event, "conversation"));
	know_peer(t, event);
	list_append(&a->talks, &t->of_actor);
	return t;
}

static void add_line(struct actor *a, enum line_state state, const struct sim_event *event,
		     const char *text)
{
	actor_add_line(a, &(struct actor_line){ state, address_of(event), peer_of(event), text });
}

static void take_invitation(struct actor *a, const struct sim_event *event)
{
	bool is_own = event->kind == SIM_EVENT_INVITE;
	const char *text = actor_field(event, "text");
	struct actor_talk *t = begin_talk(a, is_own ? ACTOR_INVITING : ACTOR_INVITED, event);

	if (is_own) {
		t->first_line = mem_strdup(text ? text : "");
		actor_invited(a, t);
	} else if (text)
		add_line(a, LINE_RECEIVED, event, text);
}

static void take_line(struct actor *a, const struct sim_event *event)
{
	const char *text = actor_field(event, "text"), *message = actor_field(event, "message");

	if (!text)
		text = "";
	switch ((int)event->kind) {
	case SIM_EVENT_SENT: actor_settle_line(a, text, LINE_SENT); break;
	case SIM_EVENT_NOT_SENT: actor_settle_line(a, text, LINE_FAILED); break;
	case SIM_EVENT_MESSAGE: add_line(a, LINE_RECEIVED, event, text); break;
	case SIM_EVENT_NOT_DELIVERED:
		actor_fail_line(a, message ? message : "");
		add_line(a, LINE_NOTE, event, event->summary);
		break;
	case SIM_EVENT_MISSED: add_line(a, LINE_NOTE, event, event->summary); break;
	default: break;
	}
}

static void take_answer(struct actor *a, struct actor_talk *t)
{
	t->state = ACTOR_CONNECTED;
	if (t->first_line)
		actor_settle_line(a, t->first_line, LINE_SENT);
	mem_set_string(&t->first_line, NULL);
}

static void take_talk(struct actor *a, const struct sim_event *event, struct actor_talk *t)
{
	switch ((int)event->kind) {
	case SIM_EVENT_CONNECTED: take_answer(a, t); break;
	case SIM_EVENT_TYPING: t->typing = true; break;
	case SIM_EVENT_MESSAGE:
	case SIM_EVENT_STOPPED_TYPING: t->typing = false; break;
	case SIM_EVENT_FAILED:
	case SIM_EVENT_ENDED:
		actor_fail_lines(a, t);
		talk_free(t);
		return;
	default: break;
	}
	/* A toast names somebody, too, but no conversation. */
	if (actor_field(event, t->id ? "conversation" : "peer"))
		know_peer(t, event);
}

static void record(const struct actor *a, const char *key, const char *event, const char *peer,
		   const char *text)
{
	char number[TEXT_NUMBER_SIZE];
	CLEANUP(mem_free_string) char *hop = text_concat(a->kind->hop_prefix, a->user);
	CLEANUP(mem_free_string)
	char *summary =
		text_format("%s: %s%s%s", a->name, event, text ? " " : "", text ? text : "");
	const struct record_field fields[] = {
		{ "actor", text_number(number, (int64_t)a->id) },
		{ "event", event },
		{ "peer", peer },
		{ "text", text },
	};

	journal_add(a->lab->journal, &(struct record){ .kind = "actor",
						       .from = hop,
						       .users = { a->user },
						       .key = key,
						       .summary = summary,
						       .fields = fields,
						       .n_fields = ARRAY_SIZE(fields) });
}

void actor_record(const struct actor *a, const char *event, const char *peer, const char *text)
{
	record(a, NULL, event, peer, text);
}

/* The key of the story that an event belongs to: that of the SIP dialog, or of the conversation that the phone's link
 * ends with; free() it. NULL: none. */
static char *key_of(const struct sim_event *event)
{
	const char *call_id = actor_field(event, "callId");
	const char *href = actor_field(event, "conversation");

	if (call_id)
		return text_concat("sip:", call_id);
	return href && strrchr(href, '/')
		       ? text_concat(RECORD_CONVERSATION_PREFIX, strrchr(href, '/') + 1)
		       : NULL;
}

static void record_event(const struct actor *a, const struct sim_event *event)
{
	CLEANUP(mem_free_string) char *key = key_of(event);
	const char *text = actor_field(event, "text");

	record(a, key, sim_event_rows[event->kind].name, peer_of(event),
	       text ? text : event->summary);
}

static void tell_lab(struct lab *l)
{
	if (l->on_actor)
		l->on_actor(l);
}

/* After which a complaint of before is of the past. */
static bool is_success(enum sim_event_kind kind)
{
	return kind == SIM_EVENT_SENT || kind == SIM_EVENT_INVITE || kind == SIM_EVENT_CONNECTED ||
	       kind == SIM_EVENT_ACCEPTED;
}

void actor_on_event(void *magic, const struct sim_event *event)
{
	struct actor *a = magic;
	struct actor_talk *t;

	if (event->kind == SIM_EVENT_INVITE || event->kind == SIM_EVENT_INVITED)
		take_invitation(a, event);
	if (is_success(event->kind))
		mem_set_string(&a->problem, NULL);
	take_line(a, event);
	t = find_talk(a, actor_field(event, "conversation"));
	/* It was connected before the client was started. */
	if (!t && event->kind == SIM_EVENT_CONNECTED)
		t = begin_talk(a, ACTOR_CONNECTED, event);
	if (t)
		take_talk(a, event, t);
	a->kind->on_event(a, event);
	record_event(a, event);
	tell_lab(a->lab);
}

void actor_on_problem(void *magic, const char *sentence)
{
	struct actor *a = magic;

	mem_set_string(&a->problem, sentence);
	if (list_empty(&a->talks))
		actor_fail_lines(a, NULL);
	actor_record(a, "problem", NULL, sentence);
}

void actor_on_end(struct actor *a)
{
	a->state = ACTOR_SIGNED_OUT;
	actor_fail_lines(a, NULL);
	actor_talks_drop(a);
	actor_record(a, "signed-out", NULL, NULL);
	tell_lab(a->lab);
	if (a->is_leaving)
		lab_actor_free(a);
}

void actor_leave(struct actor *a)
{
	if (a->state == ACTOR_SIGNING_OUT)
		return;
	a->state = ACTOR_SIGNING_OUT;
	a->kind->leave(a);
}

/* ---- orders ---- */

int actor_refuse(const struct actor *a, struct text *why, const char *what)
{
	text_addf(why, "%s %s.", a->name, what);
	return 409;
}

int actor_begin(struct actor *a, struct text *why)
{
	const struct user *u = user_meet(a->lab->core, a->user, true);

	if (!u)
		return actor_refuse(a, why, "cannot sign in: its user has been removed");
	mem_set_string(&a->password, user_password(u));
	mem_set_string(&a->problem, NULL);
	a->state = ACTOR_SIGNING_IN;
	return 0;
}

int actor_sign_out(struct actor *a, const struct actor_order *order, struct text *why)
{
	(void)order;
	if (a->state == ACTOR_SIGNED_OUT || a->state == ACTOR_SIGNING_OUT)
		return actor_refuse(a, why, "is not signed in");
	actor_leave(a);
	return 0;
}

int actor_ignore(struct actor *a, const struct actor_order *order, struct text *why)
{
	struct actor_talk *t = actor_talk_in(a, ACTOR_INVITED);

	(void)order;
	if (!t)
		return actor_refuse(a, why, "has no invitation to ignore");
	t->ignored = true;
	return 0;
}

char *actor_address(const struct actor *a, const char *who)
{
	char *address = text_concat(who, strchr(who, '@') ? "" : strchr(a->user, '@'));

	if (uri_is_aor(address))
		return address;
	free(address);
	return NULL;
}

char *actor_listener(const struct lab *l, const char *name)
{
	const struct lab_info info = lab_get_info(l);

	for (size_t i = 0; i < info.n_listeners; i++)
		if (strcmp(info.listeners[i].name, name) == 0)
			return url_to_listener(info.listeners[i].address);
	return NULL;
}

/* ---- life ---- */

void actor_init(struct actor *a, struct lab *l, const char *user, const char *name)
{
	a->lab = l;
	a->user = mem_strdup(user);
	a->name = mem_strdup(name);
	a->is_on = true;
	list_init(&a->talks);
	list_init(&a->lines);
}

void actor_deinit(struct actor *a)
{
	actor_talks_drop(a);
	actor_drop_lines(a);
	free(a->user);
	free(a->name);
	free(a->password);
	free(a->problem);
}

void lab_actor_free(struct actor *a)
{
	struct lab *l = a->lab;

	list_remove(&a->of_lab);
	a->kind->free(a);
	metric_add(&l->act_metrics.hosted, -1);
	budget_give(&l->actor_budget, 1);
}

/* ---- JSON ---- */

static struct json_object *talks_json(const struct actor *a)
{
	struct json_object *talks = json_object_new_array();

	list_for_each (node, &a->talks) {
		const struct actor_talk *t = talk_of(node);
		struct json_object *o = json_object_new_object();

		json_out_string(o, "peer", t->peer);
		json_out_string(o, "name", t->name);
		json_out_string(o, "state", talk_state_names[t->state]);
		json_out_bool(o, "typing", t->typing);
		json_out_bool(o, "ignored", t->ignored);
		json_object_array_add(talks, o);
	}
	return talks;
}

struct json_object *actor_json(struct actor *a)
{
	struct json_object *o = json_object_new_object();

	json_out_int(o, "id", (int64_t)a->id);
	json_out_string(o, "kind", a->kind->name);
	json_out_string(o, "user", a->user);
	json_out_string(o, "name", a->name);
	json_out_string(o, "state", actor_state_names[a->state]);
	json_out_bool(o, "on", a->is_on);
	json_out_string(o, "problem", a->problem);
	json_object_object_add(o, "conversations", talks_json(a));
	json_object_object_add(o, "lines", actor_lines_json(a));
	a->kind->show(a, o);
	return o;
}
