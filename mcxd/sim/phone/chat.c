/*
 * Chats
 */
#include "mcxd/sim/phone/chat.h"

#include "mcxd/base/list.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/phone/chat_private.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/request.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

static void chat_free(struct chat *c)
{
	sim_request_cancel_all(c->chats->args.requests, c);
	list_remove(&c->of_phone);
	sim_lines_deinit(&c->outbox);
	free(c->conversation);
	free(c->invitation);
	free(c->accept);
	free(c->decline);
	free(c->send);
	free(c->typing);
	free(c->stop);
	free(c->sending);
	free(c->from);
	free(c->uri);
	free(c->first_line);
	free(c);
}

/* ---- what is reported ---- */

/* message: what a reason is about. */
static void tell_of(const struct chat *c, enum sim_event_kind kind, const char *text,
		    const char *reason, const char *message)
{
	const char *more = text ? text : reason;
	CLEANUP(mem_free_string)
	char *summary = text_format("%s%s%s", c->from, more ? ": " : "", more ? more : "");
	const struct sim_field fields[] = {
		{ "from", c->from },  { "uri", c->uri },      { "text", text },
		{ "reason", reason }, { "message", message }, { "conversation", c->conversation },
	};

	sim_report_event(c->chats->args.report,
			 &(struct sim_event){ .kind = kind,
					      .summary = summary,
					      .fields = fields,
					      .n_fields = ARRAY_SIZE(fields) });
}

static void tell(const struct chat *c, enum sim_event_kind kind, const char *text,
		 const char *reason)
{
	tell_of(c, kind, text, reason, NULL);
}

static void note_activity(struct sim_chats *cs)
{
	cs->args.on_activity(cs->args.magic);
}

static void end(struct chat *c, const char *reason)
{
	struct sim_chats *cs = c->chats;
	bool counts = c->counts;

	tell(c, SIM_EVENT_ENDED, NULL, reason);
	chat_free(c);
	if (counts)
		cs->args.on_over(cs->args.magic);
}

/* ---- what is sent ---- */

void sim_chat_post(struct chat *c, const char *href, const char *text, sim_answer_h *on_answer)
{
	sim_request_send(c->chats->args.requests, &(struct sim_request){ .method = "POST",
									 .href = href,
									 .type = "text/plain",
									 .body = text,
									 .on_answer = on_answer,
									 .magic = c });
}

void sim_chat_stop(struct chat *c)
{
	sim_chat_post(c, c->stop, NULL, NULL);
	mem_set_string(&c->stop, NULL);
}

static void pump(struct chat *c);

static void on_sent(void *magic, const struct http_result *r, struct json_object *body)
{
	struct chat *c = magic;
	bool ok = sim_request_ok(c->chats->args.requests, r, body, "a message");

	tell(c, ok ? SIM_EVENT_SENT : SIM_EVENT_NOT_SENT, c->sending, NULL);
	c->n_unsettled += ok;
	mem_set_string(&c->sending, NULL);
	pump(c);
}

/* One message at a time, so that they arrive in order; then the end. */
static void pump(struct chat *c)
{
	if (c->sending || c->state != SIM_CHAT_CONNECTED || !c->send)
		return;
	c->sending = sim_lines_take(&c->outbox);
	if (c->sending) {
		sim_chat_post(c, c->send, c->sending, on_sent);
	} else if (c->closing && c->stop && c->n_unsettled == 0) {
		sim_chat_stop(c);
	}
}

bool sim_chat_say(struct chat *c, const char *text)
{
	if (!*text || !sim_lines_add(&c->outbox, text))
		return false;
	pump(c);
	return true;
}

void sim_chat_hang_up(struct chat *c)
{
	c->closing = true;
	if (c->state == SIM_CHAT_CALLING && c->stop)
		sim_chat_stop(c);
	else
		pump(c);
}

/* ---- invitations ---- */

static struct chat *chat_new(struct sim_chats *cs, const char *conversation, const char *invitation)
{
	struct chat *c = MEM_NEW(struct chat);

	c->chats = cs;
	c->conversation = mem_strdup(conversation);
	c->invitation = mem_strdup(invitation);
	sim_lines_init(&c->outbox);
	list_append(&cs->open, &c->of_phone);
	note_activity(cs);
	return c;
}

static void on_incoming_invitation(struct chat *c, struct json_object *invitation)
{
	struct json_object *from = sim_link_embedded(invitation, "from", 0);
	const char *name = sim_link_name(from);

	c->accept = mem_strdup(sim_link_href(invitation, "accept"));
	c->decline = mem_strdup(sim_link_href(invitation, "decline"));
	c->from = mem_strdup(name ? name : "somebody");
	c->uri = mem_strdup(json_in_string(from, "uri"));
	c->first_line = sim_link_text(sim_link_href(invitation, "message"));
	tell(c, SIM_EVENT_INVITED, c->first_line, NULL);
}

/* The other side has no name before it accepts. */
static void on_own_invitation(struct chat *c, struct json_object *invitation)
{
	const char *uri = json_in_string(invitation, "to");
	CLEANUP(mem_free_string)
	char *text = sim_link_text(sim_link_href(invitation, "message"));

	c->state = SIM_CHAT_CALLING;
	c->counts = true;
	c->chats->n_starting--;
	c->stop = mem_strdup(sim_link_href(invitation, "cancel"));
	c->uri = mem_strdup(uri);
	c->from = mem_strdup(uri && !strncmp(uri, "sip:", 4) ? uri + 4 : "somebody");
	tell(c, SIM_EVENT_INVITE, text, NULL);
}

void sim_chats_on_invited(struct sim_chats *cs, struct json_object *invitation, const char *href)
{
	const char *conversation = sim_link_href(invitation, "conversation");
	const char *direction = json_in_string(invitation, "direction");

	if (!conversation || !direction || sim_chat_find(cs, conversation))
		return;
	if (!strcmp(direction, "Incoming"))
		on_incoming_invitation(chat_new(cs, conversation, href), invitation);
	else
		on_own_invitation(chat_new(cs, conversation, href), invitation);
}

/* This may be the last event about it: the server may already have removed the conversation. */
void sim_chats_on_invitation_ended(struct sim_chats *cs, struct json_object *event,
				   const char *href)
{
	const char *status = json_in_string(event, "status");

	if (!status || strcmp(status, "Failure") != 0)
		return;
	list_for_each (node, &cs->open) {
		struct chat *c = sim_chat_of(node);

		if (strcmp(c->invitation, href) != 0)
			continue;
		if (c->state == SIM_CHAT_CALLING)
			tell(c, SIM_EVENT_FAILED, NULL, sim_link_reason(event));
		else if (cs->to_next != SIM_IGNORE)
			sim_report_problem(cs->args.report, "%s has stopped ringing", c->from);
		cs->to_next = SIM_IGNORE;
		end(c, sim_link_reason(event));
		return;
	}
}

static void tell_accepted(struct chat *c)
{
	if (!c->accepted)
		tell(c, SIM_EVENT_ACCEPTED, NULL, NULL);
	c->accepted = true;
}

/* A refusal is not the end: accepting may have been too late, and the events tell how the invitation ended. */
static void on_accepted(void *magic, const struct http_result *r, struct json_object *body)
{
	struct chat *c = magic;

	if (sim_request_ok(c->chats->args.requests, r, body, "accept"))
		tell_accepted(c);
}

static void on_declined(void *magic, const struct http_result *r, struct json_object *body)
{
	struct chat *c = magic;

	if (sim_request_ok(c->chats->args.requests, r, body, "decline"))
		tell(c, SIM_EVENT_DECLINED, NULL, NULL);
}

void sim_chat_react(struct chat *c, enum sim_reaction reaction)
{
	c->counts = true;
	if (reaction == SIM_IGNORE)
		return;
	c->state = SIM_CHAT_ANSWERING;
	if (reaction == SIM_ACCEPT && c->accept)
		sim_chat_post(c, c->accept, NULL, on_accepted);
	else if (reaction == SIM_DECLINE && c->decline)
		sim_chat_post(c, c->decline, NULL, on_declined);
}

void sim_chats_react(struct sim_chats *cs)
{
	struct chat *gone;

	while ((gone = sim_chat_newest(cs, SIM_CHAT_GONE)))
		end(gone, NULL);
	list_for_each (node, &cs->open) {
		struct chat *c = sim_chat_of(node);

		if (c->state != SIM_CHAT_RINGING || c->counts)
			continue;
		sim_chat_react(c, cs->to_next == SIM_IGNORE ? cs->reaction : cs->to_next);
		cs->to_next = SIM_IGNORE;
	}
	sim_chats_check_unsent(cs);
}

/* ---- the conversation ---- */

static void check_limit(struct chat *c)
{
	int64_t limit = c->chats->args.config->hang_up_after;

	if (limit && c->n_messages >= limit)
		sim_chat_hang_up(c);
}

static void say_what_waited(struct chat *c)
{
	char *text;

	while ((text = sim_lines_take(&c->chats->unsent))) {
		sim_chat_say(c, text);
		free(text);
	}
}

static void take_links(struct chat *c, struct json_object *messaging)
{
	mem_set_string(&c->send, sim_link_href(messaging, "sendMessage"));
	mem_set_string(&c->typing, sim_link_href(messaging, "setIsTyping"));
	mem_set_string(&c->stop, sim_link_href(messaging, "stopMessaging"));
}

static void connect_chat(struct chat *c, struct json_object *messaging)
{
	const struct sim_phone_config *config = c->chats->args.config;

	take_links(c, messaging);
	if (c->state == SIM_CHAT_CONNECTED)
		return;
	if (c->state == SIM_CHAT_ANSWERING)
		tell_accepted(c);
	c->state = SIM_CHAT_CONNECTED;
	tell(c, SIM_EVENT_CONNECTED, NULL, NULL);
	if (config->say)
		sim_chat_say(c, config->say);
	if (c->first_line)
		c->n_messages++;
	if (c->first_line && config->echo)
		sim_chat_say(c, c->first_line);
	say_what_waited(c);
	check_limit(c);
}

void sim_chats_resume(struct sim_chats *cs, struct json_object *messaging,
		      struct json_object *other)
{
	const char *conversation = sim_link_href(messaging, "conversation");
	const char *name = sim_link_name(other);
	struct chat *c;

	if (!conversation || sim_chat_find(cs, conversation))
		return;
	c = chat_new(cs, conversation, "");
	c->from = mem_strdup(name ? name : "somebody");
	c->uri = mem_strdup(json_in_string(other, "uri"));
	c->counts = true;
	c->state = SIM_CHAT_CONNECTED;
	take_links(c, messaging);
	tell(c, SIM_EVENT_CONNECTED, NULL, NULL);
	say_what_waited(c);
}

void sim_chats_on_messaging(struct sim_chats *cs, struct json_object *messaging, const char *sender)
{
	const char *conversation = sim_link_href(messaging, "conversation");
	struct chat *c = sim_chat_find(cs, conversation ? conversation : sender);
	const char *state = json_in_string(messaging, "state");

	if (!c || !state)
		return;
	note_activity(cs);
	if (!strcmp(state, "Connected"))
		connect_chat(c, messaging);
	else if (!strcmp(state, "Disconnected") && c->state == SIM_CHAT_CONNECTED)
		end(c, NULL);
}

/* The invitation has shown the first line, which comes again as the first message ("Receive an IM", step 16). */
static bool is_first_line(struct chat *c)
{
	bool is_first = c->first_line && !c->knows_first;

	c->knows_first = true;
	return is_first;
}

static char *text_of(struct json_object *message)
{
	char *text = sim_link_text(sim_link_href(message, "plainMessage"));

	return text ? text : sim_link_text(sim_link_href(message, "htmlMessage"));
}

static void on_incoming(struct chat *c, struct json_object *message)
{
	CLEANUP(mem_free_string) char *text = text_of(message);

	tell(c, SIM_EVENT_MESSAGE, text ? text : "", NULL);
	c->n_messages++;
	if (text && c->chats->args.config->echo)
		sim_chat_say(c, text);
	check_limit(c);
}

void sim_chats_on_message(struct sim_chats *cs, struct json_object *event,
			  struct json_object *message, const char *sender)
{
	const char *direction = json_in_string(message, "direction");
	const char *status = json_in_string(event, "status");
	struct chat *c = sim_chat_find(cs, sender);

	if (!c || !direction)
		return;
	note_activity(cs);
	if (!strcmp(direction, "Incoming")) {
		if (!is_first_line(c))
			on_incoming(c, message);
		return;
	}
	c->n_unsettled--;
	if (status && !strcmp(status, "Failure")) {
		CLEANUP(mem_free_string) char *text = text_of(message);

		tell_of(c, SIM_EVENT_NOT_DELIVERED, NULL, sim_link_reason(event), text);
	}
	pump(c);
}

void sim_chats_on_conversation_gone(struct sim_chats *cs, const char *href)
{
	struct chat *c = sim_chat_find(cs, href);

	/* Why a call of its own has failed follows with the end of the invitation, which may be in the next answer. */
	if (c && c->state != SIM_CHAT_CALLING)
		c->state = SIM_CHAT_GONE;
}

/* ---- life ---- */

void sim_chats_init(struct sim_chats *cs, const struct sim_chats_args *args)
{
	*cs = (struct sim_chats){ .args = *args,
				  .reaction = args->config->on_invite,
				  .to_next = SIM_IGNORE };
	list_init(&cs->open);
	sim_lines_init(&cs->unsent);
}

void sim_chats_deinit(struct sim_chats *cs)
{
	list_for_each_safe (node, &cs->open)
		chat_free(sim_chat_of(node));
	sim_lines_deinit(&cs->unsent);
}
