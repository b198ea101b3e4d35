/*
 * Conversations of the simulated phone
 */
#include "mcxd/sim/phone/phone.h"

struct chat *chat_find(struct sim_phone *h, const char *conversation)
{
	list_for_each (node, &h->chats) {
		struct chat *c = LIST_ENTRY(node, struct chat, of_phone);

		if (conversation && !strcmp(c->conversation, conversation))
			return c;
	}
	return NULL;
}

struct chat *chat_current(struct sim_phone *h, bool ringing)
{
	for (struct list *node = h->chats.prev; node != &h->chats; node = node->prev) {
		struct chat *c = LIST_ENTRY(node, struct chat, of_phone);

		if (c->state == (ringing ? CHAT_RINGING : CHAT_CONNECTED))
			return c;
	}
	return NULL;
}

bool chat_any_open(const struct sim_phone *h)
{
	return !list_empty(&h->chats);
}

static void line_free(struct line *l)
{
	list_remove(&l->of_list);
	free(l->text);
	free(l);
}

void chat_free(struct chat *c)
{
	request_cancel_all(c->phone, c);
	list_remove(&c->of_phone);
	list_for_each_safe (node, &c->outbox)
		line_free(LIST_ENTRY(node, struct line, of_list));
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

/* ---- what is told ---- */

static void tell(const struct chat *c, const char *event, const char *text, const char *reason)
{
	const char *more = text ? text : reason;
	CLEANUP(mem_free_string)
	char *line = text_format("%s%s%s", c->from, more ? ": " : "", more ? more : "");

	sim_event(c->phone->options->json, event, line,
		  (struct sim_field[]){ { "from", c->from },
					{ "uri", c->uri },
					{ "text", text },
					{ "reason", reason },
					{ "conversation", c->conversation } },
		  5);
}

static void chat_end(struct chat *c, const char *reason)
{
	struct sim_phone *h = c->phone;
	bool counts = c->counts;

	tell(c, "ended", NULL, reason);
	chat_free(c);
	if (counts)
		sim_phone_on_done(h);
}

/* ---- what is sent ---- */

static void post(struct chat *c, const char *href, const char *text, answer_h *on_answer)
{
	request_send(c->phone, &(struct request_spec){ .method = "POST",
						       .href = href,
						       .type = "text/plain",
						       .body = text,
						       .on_answer = on_answer,
						       .magic = c });
}

static void pump(struct chat *c);

static void on_sent(struct sim_phone *h, const struct http_result *r, struct json_object *body,
		    void *magic)
{
	struct chat *c = magic;
	bool ok = request_ok(r, body, "a message");

	(void)h;
	tell(c, ok ? "sent" : "not-sent", c->sending, NULL);
	c->n_unsettled += ok;
	mem_set_string(&c->sending, NULL);
	pump(c);
}

static void pump(struct chat *c)
{
	if (c->sending || c->state != CHAT_CONNECTED || !c->send)
		return;
	if (!list_empty(&c->outbox)) {
		struct line *l = LIST_ENTRY(c->outbox.next, struct line, of_list);

		c->sending = mem_strdup(l->text);
		line_free(l);
		post(c, c->send, c->sending, on_sent);
	} else if (c->closing && c->stop && c->n_unsettled == 0) {
		post(c, c->stop, NULL, NULL);
		mem_set_string(&c->stop, NULL);
	}
}

void chat_say(struct chat *c, const char *text)
{
	struct line *l;

	/* An empty message is none. */
	if (!*text)
		return;
	l = MEM_NEW(struct line);
	l->text = mem_strdup(text);
	list_append(&c->outbox, &l->of_list);
	pump(c);
}

void chat_type(struct chat *c)
{
	if (c->typing)
		post(c, c->typing, NULL, NULL);
}

void chat_hang_up(struct chat *c)
{
	c->closing = true;
	pump(c);
}

/* ---- invitations ---- */

static const char *name_of(struct json_object *participant)
{
	const char *name = link_string(participant, "name");

	return name && *name ? name : link_string(participant, "uri");
}

void chat_on_invited(struct sim_phone *h, struct json_object *invitation, const char *href)
{
	const char *conversation = link_href(invitation, "conversation");
	const char *direction = link_string(invitation, "direction");
	struct json_object *from = link_embedded(invitation, "from", 0);
	const char *name = name_of(from);
	struct chat *c;

	if (!conversation || !direction || strcmp(direction, "Incoming") != 0 ||
	    chat_find(h, conversation))
		return;
	c = MEM_NEW(struct chat);
	c->phone = h;
	c->conversation = mem_strdup(conversation);
	c->invitation = mem_strdup(href);
	c->accept = mem_strdup(link_href(invitation, "accept"));
	c->decline = mem_strdup(link_href(invitation, "decline"));
	c->from = mem_strdup(name ? name : "somebody");
	c->uri = mem_strdup(link_string(from, "uri"));
	c->first_line = link_text(link_href(invitation, "message"));
	list_init(&c->outbox);
	list_append(&h->chats, &c->of_phone);
	sim_phone_touch(h);
	tell(c, "invited", c->first_line, NULL);
}

static const char *reason_of(struct json_object *event)
{
	struct json_object *reason = NULL;
	const char *word;

	json_object_object_get_ex(event, "reason", &reason);
	word = link_string(reason, "subcode");
	return word && *word ? word : link_string(reason, "code");
}

/* It may be the last that is told of it: the conversation is gone already then. */
void chat_on_invitation_ended(struct sim_phone *h, struct json_object *event, const char *href)
{
	const char *status = link_string(event, "status");

	if (!status || strcmp(status, "Failure") != 0)
		return;
	list_for_each (node, &h->chats) {
		struct chat *c = LIST_ENTRY(node, struct chat, of_phone);

		if (!strcmp(c->invitation, href)) {
			chat_end(c, reason_of(event));
			return;
		}
	}
}

/* The answer and the event that follows from it come by two connections, in either order. */
static void tell_accepted(struct chat *c)
{
	if (!c->accepted)
		tell(c, "accepted", NULL, NULL);
	c->accepted = true;
}

static void on_accepted(struct sim_phone *h, const struct http_result *r, struct json_object *body,
			void *magic)
{
	(void)h;
	/* Too late, say; the event channel tells how it ended. */
	if (request_ok(r, body, "accept"))
		tell_accepted(magic);
}

static void on_declined(struct sim_phone *h, const struct http_result *r, struct json_object *body,
			void *magic)
{
	(void)h;
	if (request_ok(r, body, "decline"))
		tell(magic, "declined", NULL, NULL);
}

void chat_answer(struct chat *c, enum reaction reaction)
{
	c->counts = true;
	if (c->state != CHAT_RINGING || reaction == REACT_IGNORE)
		return;
	c->state = CHAT_ANSWERING;
	if (reaction == REACT_ACCEPT && c->accept)
		post(c, c->accept, NULL, on_accepted);
	else if (reaction == REACT_DECLINE && c->decline)
		post(c, c->decline, NULL, on_declined);
}

void chat_answer_all(struct sim_phone *h)
{
	enum reaction reaction = h->woken ? h->answer : h->options->on_invite;

	list_for_each_safe (node, &h->chats) {
		struct chat *c = LIST_ENTRY(node, struct chat, of_phone);

		if (c->state == CHAT_RINGING && !c->counts)
			chat_answer(c, reaction);
	}
}

/* ---- the conversation ---- */

static void check_limit(struct chat *c)
{
	int64_t limit = c->phone->options->hang_up_after;

	if (limit && c->n_messages >= limit)
		chat_hang_up(c);
}

static void connect_chat(struct chat *c, struct json_object *messaging)
{
	const struct phone_options *o = c->phone->options;

	mem_set_string(&c->send, link_href(messaging, "sendMessage"));
	mem_set_string(&c->typing, link_href(messaging, "setIsTyping"));
	mem_set_string(&c->stop, link_href(messaging, "stopMessaging"));
	if (c->state == CHAT_CONNECTED)
		return;
	if (c->state == CHAT_ANSWERING)
		tell_accepted(c);
	c->state = CHAT_CONNECTED;
	tell(c, "connected", NULL, NULL);
	if (o->say)
		chat_say(c, o->say);
	if (c->first_line)
		c->n_messages++;
	if (c->first_line && o->echo)
		chat_say(c, c->first_line);
	line_flush(c);
	check_limit(c);
}

void chat_on_messaging(struct sim_phone *h, struct json_object *messaging, const char *sender)
{
	const char *conversation = link_href(messaging, "conversation");
	struct chat *c = chat_find(h, conversation ? conversation : sender);
	const char *state = link_string(messaging, "state");

	if (!c || !state)
		return;
	sim_phone_touch(h);
	if (!strcmp(state, "Connected"))
		connect_chat(c, messaging);
	else if (!strcmp(state, "Disconnected") && c->state == CHAT_CONNECTED)
		chat_end(c, NULL);
}

static void on_incoming(struct chat *c, struct json_object *message)
{
	CLEANUP(mem_free_string) char *text = link_text(link_href(message, "plainMessage"));

	if (!text)
		text = link_text(link_href(message, "htmlMessage"));
	tell(c, "message", text ? text : "", NULL);
	c->n_messages++;
	if (text && c->phone->options->echo)
		chat_say(c, text);
	check_limit(c);
}

void chat_on_message(struct sim_phone *h, struct json_object *event, struct json_object *message,
		     const char *sender)
{
	const char *direction = link_string(message, "direction");
	const char *status = link_string(event, "status");
	struct chat *c = chat_find(h, sender);

	if (!c || !direction)
		return;
	sim_phone_touch(h);
	if (!strcmp(direction, "Incoming")) {
		on_incoming(c, message);
		return;
	}
	c->n_unsettled--;
	if (status && !strcmp(status, "Failure"))
		tell(c, "not-delivered", NULL, reason_of(event));
	pump(c);
}

void chat_on_conversation_gone(struct sim_phone *h, const char *href)
{
	struct chat *c = chat_find(h, href);

	if (c)
		chat_end(c, NULL);
}
