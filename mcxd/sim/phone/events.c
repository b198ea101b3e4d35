/*
 * The event channel of the simulated phone
 */
#include "mcxd/sim/phone/phone.h"

enum { MAX_FAILURES = 5, RETRY_MS = 200 };

static void ask(struct sim_phone *h);

/* ---- one event ---- */

struct event {
	struct json_object *object;
	struct json_object *resource; /* embedded; NULL: only linked */
	const char *rel, *href, *type;
	const char *sender; /* href of the conversation that sent it, or NULL */
};

static void on_invitation(struct sim_phone *h, const struct event *e)
{
	if (!strcmp(e->type, "started"))
		chat_on_invited(h, e->resource, e->href);
	else if (!strcmp(e->type, "completed"))
		chat_on_invitation_ended(h, e->object, e->href);
}

static void on_messaging(struct sim_phone *h, const struct event *e)
{
	if (!strcmp(e->type, "updated"))
		chat_on_messaging(h, e->resource, e->sender);
}

static void on_message(struct sim_phone *h, const struct event *e)
{
	if (!strcmp(e->type, "completed"))
		chat_on_message(h, e->object, e->resource, e->sender);
}

static void on_conversation(struct sim_phone *h, const struct event *e)
{
	if (!strcmp(e->type, "deleted"))
		chat_on_conversation_gone(h, e->href);
}

static void on_participant(struct sim_phone *h, const struct event *e)
{
	struct json_object *in = NULL, *link = NULL;
	const char *rel, *name;

	json_object_object_get_ex(e->object, "in", &in);
	json_object_object_get_ex(e->object, "link", &link);
	rel = link_string(in, "rel");
	name = link_string(link, "title");
	if (rel && !strcmp(rel, "typingParticipants") && !strcmp(e->type, "added"))
		sim_event(h->options->json, "typing", name ? name : e->href,
			  (struct sim_field[]){ { "from", name } }, 1);
}

static const struct {
	const char *rel;
	void (*on_event)(struct sim_phone *h, const struct event *e);
	bool needs_resource;
} rows[] = {
	{ "messagingInvitation", on_invitation, true },
	{ "messaging", on_messaging, true },
	{ "message", on_message, true },
	{ "conversation", on_conversation, false },
	{ "participant", on_participant, false },
};

static void dispatch(struct sim_phone *h, const struct event *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].rel, e->rel) && (e->resource || !rows[i].needs_resource))
			rows[i].on_event(h, e);
}

static void on_event(struct sim_phone *h, struct json_object *o, const char *sender)
{
	struct json_object *link = NULL;
	struct event e = { .object = o, .sender = sender };

	if (!json_object_is_type(o, json_type_object))
		return;
	json_object_object_get_ex(o, "link", &link);
	e.rel = link_string(link, "rel");
	e.href = link_string(link, "href");
	e.type = link_string(o, "type");
	if (!e.rel || !e.href || !e.type)
		return;
	e.resource = link_embedded(o, e.rel, 0);
	dispatch(h, &e);
}

/* ---- a packet ---- */

static struct json_object *array_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, name, &value))
		return NULL;
	return json_object_is_type(value, json_type_array) ? value : NULL;
}

static void on_sender(struct sim_phone *h, struct json_object *sender)
{
	struct json_object *events = array_of(sender, "events");
	const char *rel = link_string(sender, "rel");
	const char *conversation =
		rel && !strcmp(rel, "conversation") ? link_string(sender, "href") : NULL;

	for (size_t i = 0; events && i < json_object_array_length(events); i++)
		on_event(h, json_object_array_get_idx(events, i), conversation);
}

static void on_packet(struct sim_phone *h, struct json_object *body)
{
	struct json_object *senders = array_of(body, "sender");

	for (size_t i = 0; senders && i < json_object_array_length(senders); i++)
		on_sender(h, json_object_array_get_idx(senders, i));
	chat_answer_all(h);
}

/* ---- the event request ---- */

static void on_retry(void *magic)
{
	ask(magic);
}

static void on_failure(struct sim_phone *h, const struct http_result *r, struct json_object *body)
{
	CLEANUP(mem_free_string) char *problem = request_problem(r, body);

	if (++h->n_event_failures > MAX_FAILURES || (r->status >= 400 && r->status < 500)) {
		sim_phone_fail(h, r->status ? SIM_FAILED : SIM_UNREACHABLE,
			       "events cannot be had any more: %s", problem);
		return;
	}
	loop_timer_set_real(h->loop, &h->retry_events, RETRY_MS << h->n_event_failures, on_retry,
			    h);
}

static void on_answer(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		      void *magic)
{
	static const char *const rels[] = { "next", "resume", "resync" };
	const char *next = NULL;

	(void)magic;
	h->events = NULL;
	if (h->phase != PHASE_FOREGROUND)
		return;
	for (size_t i = 0; !next && i < ARRAY_SIZE(rels); i++)
		next = link_href(body, rels[i]);
	if (r->status != 200 || !next) {
		on_failure(h, r, body);
		return;
	}
	h->n_event_failures = 0;
	mem_set_string(&h->next_events, next);
	/* Before anything is done with them: this says that they have arrived. */
	ask(h);
	on_packet(h, body);
}

static void ask(struct sim_phone *h)
{
	h->events = request_send(h, &(struct request_spec){ .method = "GET",
							    .href = h->next_events,
							    .lasting = true,
							    .on_answer = on_answer });
}

void events_start(struct sim_phone *h)
{
	if (!h->events)
		ask(h);
}

void events_stop(struct sim_phone *h)
{
	loop_timer_stop(&h->retry_events);
	h->events = request_cancel(h->events);
}
