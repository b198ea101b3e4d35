/*
 * Poll
 */
#include "mcxd/sim/phone/poll.h"

#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/chat.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "web/http/client.h"

enum { MAX_FAILURES = 5, RETRY_MS = 200 };

/* ---- one event ---- */

struct event {
	struct json_object *object;
	struct json_object *resource; /* embedded, for a row that reads it; NULL: only linked */
	const char *rel, *href, *type;
	const char *sender; /* href of the conversation that sent it, or NULL */
};

static void on_invited(struct sim_poll *p, const struct event *e)
{
	sim_chats_on_invited(p->args.chats, e->resource, e->href);
}

static void on_invitation_ended(struct sim_poll *p, const struct event *e)
{
	sim_chats_on_invitation_ended(p->args.chats, e->object, e->href);
}

static void on_messaging(struct sim_poll *p, const struct event *e)
{
	sim_chats_on_messaging(p->args.chats, e->resource, e->sender);
}

static void on_message(struct sim_poll *p, const struct event *e)
{
	sim_chats_on_message(p->args.chats, e->object, e->resource, e->sender);
}

static void on_conversation_gone(struct sim_poll *p, const struct event *e)
{
	sim_chats_on_conversation_gone(p->args.chats, e->href);
}

static void on_participant(struct sim_poll *p, const struct event *e)
{
	const char *rel = json_in_string(json_in_find(e->object, "in"), "rel");
	const char *name = json_in_string(json_in_find(e->object, "link"), "title");

	if (rel && !strcmp(rel, "typingParticipants"))
		sim_report_event(p->args.report,
				 &(struct sim_event){ .kind = SIM_EVENT_TYPING,
						      .summary = name ? name : e->href,
						      .fields = &(struct sim_field){ "from", name },
						      .n_fields = 1 });
}

/* What a phone acts on. Most of a packet is something else: of the 18 kB of events of a conversation with two messages each
 * way, it reads 5. */
static const struct row {
	const char *rel, *type;
	bool reads_resource;
	void (*on_event)(struct sim_poll *p, const struct event *e);
} rows[] = {
	{ "messagingInvitation", "started", true, on_invited },
	{ "messagingInvitation", "completed", false, on_invitation_ended },
	{ "messaging", "updated", true, on_messaging },
	{ "message", "completed", true, on_message },
	{ "conversation", "deleted", false, on_conversation_gone },
	{ "participant", "added", false, on_participant },
};

static const struct row *find_row(const char *rel, const char *type)
{
	for (size_t i = 0; rel && type && i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].rel, rel) && !strcmp(rows[i].type, type))
			return &rows[i];
	return NULL;
}

static void on_event(struct sim_poll *p, struct json_object *o,
		     const struct json_in_parts *embedded, const char *sender)
{
	struct json_object *link = json_in_find(o, "link"), *resources = NULL;
	struct event e = {
		.object = o,
		.rel = json_in_string(link, "rel"),
		.href = json_in_string(link, "href"),
		.type = json_in_string(o, "type"),
		.sender = sender,
	};
	const struct row *row = find_row(e.rel, e.type);

	if (!row || !e.href)
		return;
	if (row->reads_resource) {
		resources = json_in_read_part(embedded, o);
		e.resource = sim_link_among(resources, e.rel);
	}
	if (!row->reads_resource || e.resource)
		row->on_event(p, &e);
	json_object_put(resources);
}

/* ---- a packet ---- */

static size_t length_of(struct json_object *o)
{
	return json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
}

static void on_sender(struct sim_poll *p, struct json_object *sender,
		      const struct json_in_parts *embedded)
{
	struct json_object *events = json_in_find(sender, "events");
	const char *rel = json_in_string(sender, "rel");
	const char *conversation =
		rel && !strcmp(rel, "conversation") ? json_in_string(sender, "href") : NULL;

	for (size_t i = 0; i < length_of(events); i++)
		on_event(p, json_object_array_get_idx(events, i), embedded, conversation);
}

static void on_packet(struct sim_poll *p, struct json_object *body,
		      const struct json_in_parts *embedded)
{
	struct json_object *senders = json_in_find(body, "sender");

	for (size_t i = 0; i < length_of(senders); i++)
		on_sender(p, json_object_array_get_idx(senders, i), embedded);
	sim_chats_react(p->args.chats);
}

/* ---- the event request ---- */

static void ask(struct sim_poll *p);

static void on_retry(void *magic)
{
	ask(magic);
}

static void on_failure(struct sim_poll *p, const struct http_result *r, struct json_object *body)
{
	CLEANUP(mem_free_string) char *problem = sim_request_problem(r, body);

	if (++p->n_failures > MAX_FAILURES || (r->status >= 400 && r->status < 500)) {
		sim_requests_fail(p->args.requests, r->status ? SIM_FAILED : SIM_UNREACHABLE,
				  "the event channel is lost: %s", problem);
		return;
	}
	loop_timer_set_real(p->args.loop, &p->retry, RETRY_MS << p->n_failures, on_retry, p);
}

static void take_answer(struct sim_poll *p, const struct http_result *r, struct json_object *body,
			const struct json_in_parts *embedded)
{
	static const char *const rels[] = { "next", "resume", "resync" };
	const char *next = NULL;

	for (size_t i = 0; !next && i < ARRAY_SIZE(rels); i++)
		next = sim_link_href(body, rels[i]);
	if (r->status != 200 || !next) {
		on_failure(p, r, body);
		return;
	}
	p->n_failures = 0;
	mem_set_string(&p->next, next);
	/* The next request acknowledges these, so it goes out before anything is done with them. */
	ask(p);
	on_packet(p, body, embedded);
}

static void on_answer(void *magic, const struct http_result *r, struct json_object *unparsed)
{
	CLEANUP(json_in_parts_deinit) struct json_in_parts embedded = { 0 };
	struct sim_poll *p = magic;
	struct json_object *body;
	const char *why;

	(void)unparsed;
	p->held = 0;
	if (!p->active)
		return;
	json_in_object_in_parts(r->body, r->n_body, "_embedded", &embedded, &body, &why);
	take_answer(p, r, body, &embedded);
	json_object_put(body);
}

static void ask(struct sim_poll *p)
{
	p->held = sim_request_send(p->args.requests, &(struct sim_request){ .method = "GET",
									    .href = p->next,
									    .lasting = true,
									    .unparsed = true,
									    .on_answer = on_answer,
									    .magic = p });
}

void sim_poll_init(struct sim_poll *p, const struct sim_poll_args *args)
{
	*p = (struct sim_poll){ .args = *args };
}

void sim_poll_deinit(struct sim_poll *p)
{
	loop_timer_stop(&p->retry);
	free(p->next);
}

void sim_poll_start(struct sim_poll *p, const char *href)
{
	p->active = true;
	if (!p->next)
		p->next = mem_strdup(href);
	if (!p->held)
		ask(p);
}

void sim_poll_stop(struct sim_poll *p)
{
	sim_poll_leave(p);
	sim_request_cancel(p->args.requests, p->held);
	p->held = 0;
}

bool sim_poll_leave(struct sim_poll *p)
{
	p->active = false;
	loop_timer_stop(&p->retry);
	return p->held;
}
