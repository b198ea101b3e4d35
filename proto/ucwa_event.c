/*
 * UCWA event packets
 */
#include "proto/ucwa_event.h"

struct row {
	const char *rel;
	const char *type;
	bool of_conversation; /* the conversation sends it; else communication does */
	const char *in;       /* below the conversation; NULL: none */
};

static const struct row rows[N_UCWA_EVENT_KINDS] = {
	[UCWA_INVITATION_STARTED] = { "messagingInvitation", "started" },
	[UCWA_INVITATION_COMPLETED] = { "messagingInvitation", "completed" },
	[UCWA_CONVERSATION_ADDED] = { "conversation", "added" },
	[UCWA_CONVERSATION_UPDATED] = { "conversation", "updated" },
	[UCWA_CONVERSATION_DELETED] = { "conversation", "deleted" },
	[UCWA_PARTICIPANT_ADDED] = { "participant", "added", true },
	[UCWA_MESSAGING_UPDATED] = { "messaging", "updated", true },
	[UCWA_MESSAGE_COMPLETED] = { "message", "completed", true },
	[UCWA_TYPING_ADDED] = { "participant", "added", true, "typingParticipants" },
	[UCWA_TYPING_DELETED] = { "participant", "deleted", true, "typingParticipants" },
	[UCWA_MISSED_UPDATED] = { "missedItems", "updated" },
};

const char *ucwa_event_rel(const struct ucwa_event *e)
{
	return e->local ? "localParticipant" : rows[e->kind].rel;
}

const char *ucwa_event_type(const struct ucwa_event *e)
{
	return rows[e->kind].type;
}

/* ---- the packet ---- */

static void add_object(struct text *list, struct hal *o)
{
	text_add(list, list->n ? "," : "");
	hal_print(list, o);
	hal_free(o);
}

static void link_events(struct hal *o, const char *rel, const char *app, uint64_t number)
{
	char ack[TEXT_NUMBER_SIZE];
	CLEANUP(mem_free_string)
	char *href = text_concat(app, "/events?ack=", text_number(ack, number));

	hal_link_to(o, rel, href, NULL);
}

void ucwa_packet_begin(struct ucwa_packet *p, const char *app, uint64_t number)
{
	*p = (struct ucwa_packet){ .app = app, .root = hal_new() };
	link_events(p->root, "self", app, number);
	link_events(p->root, "next", app, number + 1);
}

static void end_sender(struct ucwa_packet *p)
{
	if (!p->last)
		return;
	hal_objects(p->last, "events", &p->events);
	text_reset(&p->events);
	add_object(&p->senders, p->last);
	p->last = NULL;
}

struct hal *ucwa_packet_end(struct ucwa_packet *p)
{
	end_sender(p);
	hal_objects(p->root, "sender", &p->senders);
	text_deinit(&p->senders);
	text_deinit(&p->events);
	return p->root;
}

struct hal *ucwa_packet_resync(const char *app, uint64_t expected)
{
	struct hal *o = hal_new();

	link_events(o, "resync", app, expected);
	return o;
}

/* The order of events is kept, so a sender can come more than once. */
static void begin_sender(struct ucwa_packet *p, const struct ucwa_event *e)
{
	bool of_conversation = rows[e->kind].of_conversation;
	uint64_t sender = of_conversation ? e->conversation.id : 0;
	CLEANUP(mem_free_string) char *path = NULL;

	if (p->last && p->sender == sender)
		return;
	end_sender(p);
	path = of_conversation ? ucwa_path_conversation(&e->conversation, "")
			       : text_concat(p->app, "/communication");
	p->last = hal_bare_link(of_conversation ? "conversation" : "communication", path, NULL);
	p->sender = sender;
}

/* ---- one event ---- */

static const char *invitation_state(const struct ucwa_event *e)
{
	if (e->kind == UCWA_INVITATION_STARTED)
		return "Connecting";
	if (e->success)
		return "Connected";
	if (e->reason && !strcmp(e->reason, "Canceled"))
		return "Cancelled";
	return e->reason && !strcmp(e->reason, "Declined") ? "Declined" : "Failed";
}

static struct hal *invitation(const struct ucwa_event *e)
{
	struct ucwa_conversation c = e->conversation;

	c.over = e->kind == UCWA_INVITATION_COMPLETED && !e->success;
	return ucwa_invitation(&c, invitation_state(e));
}

char *ucwa_event_path(const struct ucwa_event *e)
{
	const struct ucwa_conversation *c = &e->conversation;

	switch (e->kind) {
	case UCWA_INVITATION_STARTED:
	case UCWA_INVITATION_COMPLETED: return ucwa_path_invitation(c, "");
	case UCWA_PARTICIPANT_ADDED:
	case UCWA_TYPING_ADDED:
	case UCWA_TYPING_DELETED: return ucwa_path_participant(c, e->local);
	case UCWA_MESSAGING_UPDATED: return ucwa_path_conversation(c, "/messaging");
	case UCWA_MESSAGE_COMPLETED: return ucwa_path_message(c, e->message.id);
	case UCWA_MISSED_UPDATED: return text_concat(c->app, "/communication/missedItems");
	case UCWA_CONVERSATION_ADDED:
	case UCWA_CONVERSATION_UPDATED:
	case UCWA_CONVERSATION_DELETED:
	case N_UCWA_EVENT_KINDS: break;
	}
	return ucwa_path_conversation(c, "");
}

struct hal *ucwa_event_resource(const struct ucwa_event *e)
{
	const struct ucwa_conversation *c = &e->conversation;
	const char *state = e->state ? e->state : "Connected";

	switch (e->kind) {
	case UCWA_INVITATION_STARTED:
	case UCWA_INVITATION_COMPLETED: return invitation(e);
	case UCWA_CONVERSATION_ADDED: return ucwa_conversation(c, e->state ? e->state : "Incoming");
	case UCWA_CONVERSATION_UPDATED: return ucwa_conversation(c, state);
	case UCWA_PARTICIPANT_ADDED: return ucwa_participant(c, e->local);
	case UCWA_MESSAGING_UPDATED: return ucwa_messaging(c, state);
	case UCWA_MESSAGE_COMPLETED: return ucwa_message(c, &e->message);
	case UCWA_CONVERSATION_DELETED:
	case UCWA_TYPING_ADDED:
	case UCWA_TYPING_DELETED:
	case UCWA_MISSED_UPDATED:
	case N_UCWA_EVENT_KINDS: break;
	}
	return NULL;
}

/* The reason is a subcode of the table, one of its sentences, or a code. */
static struct hal *reason(const char *word)
{
	struct hal *o;

	for (int i = 0; word && i < N_DIAG_CODES; i++) {
		const struct diag_row *row = diag_row((enum diag_code)i);

		if (!strcmp(row->ucwa_subcode, word) || !strcmp(row->reason, word))
			return hal_error((enum diag_code)i, NULL);
	}
	o = hal_new();
	hal_string(o, "code", word && !strchr(word, ' ') ? word : "RemoteFailure");
	if (word && strchr(word, ' '))
		hal_string(o, "message", word);
	return o;
}

static void add_outcome(struct hal *o, const struct ucwa_event *e)
{
	if (e->kind != UCWA_INVITATION_COMPLETED && e->kind != UCWA_MESSAGE_COMPLETED)
		return;
	hal_string(o, "status", e->success ? "Success" : "Failure");
	if (!e->success)
		hal_object(o, "reason", reason(e->reason));
}

static const char *title(const struct ucwa_event *e)
{
	if (strcmp(rows[e->kind].rel, "participant") != 0)
		return NULL;
	return e->local ? e->conversation.me_name : e->conversation.peer_name;
}

void ucwa_packet_add(struct ucwa_packet *p, const struct ucwa_event *e, struct hal *resource)
{
	const struct row *row = &rows[e->kind];
	CLEANUP(mem_free_string) char *path = ucwa_event_path(e);
	struct hal *o = hal_new();

	hal_object(o, "link", hal_bare_link(ucwa_event_rel(e), path, title(e)));
	if (row->in) {
		CLEANUP(mem_free_string)
		char *in =
			ucwa_path_conversation(&e->conversation, "/messaging/typingParticipants");

		hal_object(o, "in", hal_bare_link(row->in, in, NULL));
	}
	add_outcome(o, e);
	if (resource)
		hal_embed(o, ucwa_event_rel(e), resource);
	hal_string(o, "type", row->type);
	begin_sender(p, e);
	add_object(&p->events, o);
}

void ucwa_event_describe(struct text *out, const struct ucwa_event *e)
{
	text_add_all(out, ucwa_event_rel(e), " ", ucwa_event_type(e));
	if (rows[e->kind].in)
		text_add_all(out, " in ", rows[e->kind].in);
	if (e->kind == UCWA_MESSAGE_COMPLETED)
		text_add(out, e->message.outgoing ? " (outgoing)" : " (incoming)");
	if (e->state)
		text_add_all(out, " ", e->state);
	if (e->kind == UCWA_INVITATION_STARTED && e->conversation.text)
		text_add_all(out, ": ", e->conversation.text);
	if (e->kind == UCWA_MESSAGE_COMPLETED && e->message.text)
		text_add_all(out, ": ", e->message.text);
	if (e->kind == UCWA_INVITATION_COMPLETED ||
	    (e->kind == UCWA_MESSAGE_COMPLETED && !e->success))
		text_add_all(out, ": ",
			     e->success ? "Success" : (e->reason ? e->reason : "Failure"));
}
