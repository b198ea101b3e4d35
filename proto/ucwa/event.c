/*
 * UCWA event packets
 */
#include "proto/ucwa/event.h"

#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"
#include "proto/ucwa/available.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/people.h"
#include "proto/ucwa/resource.h"

struct row {
	const char *rel;
	const char *type;
	const char *in;    /* the list or contact that it is about; NULL: none */
	const char *hub;   /* its sender, unless that is a conversation; NULL: communication */
	const char *below; /* path of its resource: below the application, or below the contact */
	const char *place; /* path of that list below the application; NULL: see add_place() */
	bool of_conversation; /* its sender is the conversation */
	bool bare;            /* its resource is linked and not embedded */
	bool of_contact;
	bool is_local; /* about the user as a participant, and not about the other side */
};

#define OF_ME(path)      .bare = true, .hub = "me", .below = (path)
#define OF_WATCH         .hub = "people", .below = "/people/presenceSubscriptions/"
#define OF_CONTACT(path) .bare = true, .hub = "people", .below = (path), .of_contact = true

static const struct row rows[N_UCWA_EVENT_KINDS] = {
	[UCWA_INVITATION_STARTED] = { "messagingInvitation", "started" },
	[UCWA_INVITATION_UPDATED] = { "messagingInvitation", "updated" },
	[UCWA_INVITATION_COMPLETED] = { "messagingInvitation", "completed" },
	[UCWA_CALL_STARTED] = { "phoneAudioInvitation", "started" },
	[UCWA_CALL_UPDATED] = { "phoneAudioInvitation", "updated" },
	[UCWA_CALL_COMPLETED] = { "phoneAudioInvitation", "completed" },
	[UCWA_MEETING_STARTED] = { "onlineMeetingInvitation", "started" },
	[UCWA_MEETING_UPDATED] = { "onlineMeetingInvitation", "updated" },
	[UCWA_MEETING_COMPLETED] = { "onlineMeetingInvitation", "completed" },
	[UCWA_CONVERSATION_ADDED] = { "conversation", "added" },
	[UCWA_CONVERSATION_UPDATED] = { "conversation", "updated" },
	[UCWA_CONVERSATION_DELETED] = { "conversation", "deleted", .bare = true },
	[UCWA_LOCAL_ADDED] = { "localParticipant", "added", .of_conversation = true,
			       .is_local = true },
	[UCWA_LOCAL_DELETED] = { "localParticipant", "deleted", .of_conversation = true,
				 .bare = true, .is_local = true },
	[UCWA_PARTICIPANT_ADDED] = { "participant", "added", .of_conversation = true },
	[UCWA_PARTICIPANT_UPDATED] = { "participant", "updated", .of_conversation = true,
				       .bare = true },
	[UCWA_PARTICIPANT_DELETED] = { "participant", "deleted", .of_conversation = true,
				       .bare = true },
	[UCWA_LOCAL_MESSAGING_ADDED] = { "participantMessaging", "added", "localParticipant",
					 .of_conversation = true, .is_local = true },
	[UCWA_PARTICIPANT_MESSAGING_ADDED] = { "participantMessaging", "added", "participant",
					       .of_conversation = true, .bare = true },
	[UCWA_LOCAL_MESSAGING_DELETED] = { "participantMessaging", "deleted", "localParticipant",
					   .of_conversation = true, .bare = true,
					   .is_local = true },
	[UCWA_PARTICIPANT_MESSAGING_DELETED] = { "participantMessaging", "deleted", "participant",
						 .of_conversation = true, .bare = true },
	[UCWA_MESSAGING_UPDATED] = { "messaging", "updated", .of_conversation = true },
	[UCWA_MESSAGE_COMPLETED] = { "message", "completed", .of_conversation = true },
	[UCWA_TYPING_ADDED] = { "participant", "added", "typingParticipants",
				.of_conversation = true, .bare = true },
	[UCWA_TYPING_DELETED] = { "participant", "deleted", "typingParticipants",
				  .of_conversation = true, .bare = true },
	[UCWA_MISSED_UPDATED] = { "missedItems", "updated", .bare = true },
	[UCWA_COMMUNICATION_UPDATED] = { "communication", "updated", .below = "/communication" },
	[UCWA_ME_UPDATED] = { "me", "updated", OF_ME("/me") },
	[UCWA_PRESENCE] = { "presence", "updated", OF_ME("/me/presence") },
	[UCWA_NOTE] = { "note", "updated", OF_ME("/me/note") },
	[UCWA_LOCATION] = { "location", "updated", OF_ME("/me/location") },
	[UCWA_WATCH_ADDED] = { "presenceSubscription", "added", OF_WATCH },
	[UCWA_WATCH_UPDATED] = { "presenceSubscription", "updated", OF_WATCH },
	[UCWA_WATCH_DELETED] = { "presenceSubscription", "deleted", OF_WATCH, .bare = true },
	[UCWA_CONTACT_ADDED] = { "contact", "added", "subscribedContacts", OF_CONTACT(""),
				 .place = "/people/subscribedContacts" },
	[UCWA_CONTACT_DELETED] = { "contact", "deleted", "subscribedContacts", OF_CONTACT(""),
				   .place = "/people/subscribedContacts" },
	[UCWA_CONTACT_PRESENCE] = { "contactPresence", "updated", "contact",
				    OF_CONTACT("/presence") },
	[UCWA_CONTACT_NOTE] = { "contactNote", "updated", "contact", OF_CONTACT("/note") },
	[UCWA_CONTACT_LOCATION] = { "contactLocation", "updated", "contact",
				    OF_CONTACT("/location") },
	[UCWA_CONTACT_MODALITIES] = { "contactSupportedModalities", "updated", "contact",
				      OF_CONTACT("/supportedMedia") },
	[UCWA_LIST_UPDATED] = { "myContactsAndGroupsSubscription", "updated", .bare = true,
				.hub = "people", .below = "/people/contactsAndGroupsSubscription" },
	[UCWA_LIST_JOINED] = { "contact", "added", "myContacts", OF_CONTACT(""),
			       .place = "/people/contacts" },
	[UCWA_LIST_LEFT] = { "contact", "deleted", "myContacts", OF_CONTACT(""),
			     .place = "/people/contacts" },
	[UCWA_GROUP_JOINED] = { "contact", "added", "defaultGroup", OF_CONTACT(""),
				.place = "/people/groups/" UCWA_DEFAULT_GROUP },
	[UCWA_GROUP_LEFT] = { "contact", "deleted", "defaultGroup", OF_CONTACT(""),
			      .place = "/people/groups/" UCWA_DEFAULT_GROUP },
};

const char *ucwa_event_rel(const struct ucwa_event *e)
{
	return rows[e->kind].rel;
}

/* What the user has once the application is available. */
static bool is_added_first(enum ucwa_event_kind kind)
{
	return kind >= UCWA_PRESENCE && kind <= UCWA_LOCATION;
}

const char *ucwa_event_type(const struct ucwa_event *e)
{
	return is_added_first(e->kind) && e->state ? e->state : rows[e->kind].type;
}

static const char *sender_of(const struct row *row)
{
	if (row->of_conversation)
		return "conversation";
	return row->hub ? row->hub : "communication";
}

/* Then it has an outcome. */
static bool is_completed(enum ucwa_event_kind kind)
{
	return !strcmp(rows[kind].type, "completed");
}

void ucwa_event_shape(enum ucwa_event_kind kind, struct ucwa_event_shape *ret)
{
	*ret = (struct ucwa_event_shape){ .rel = rows[kind].rel,
					  .type = rows[kind].type,
					  .other_type = is_added_first(kind) ? "added" : NULL,
					  .in = rows[kind].in,
					  .sender = sender_of(&rows[kind]),
					  .embeds = !rows[kind].bare,
					  .has_outcome = is_completed(kind) };
}

/* ---- the packet ---- */

static void link_events(struct hal *o, const char *rel, const char *app, uint64_t number)
{
	char ack[TEXT_NUMBER_SIZE];

	hal_link(o, rel, app, "/events?ack=", text_number(ack, number));
}

void ucwa_packet_begin(struct ucwa_packet *p, const char *app, uint64_t number, bool resume)
{
	*p = (struct ucwa_packet){ .app = app, .root = hal_new() };
	link_events(p->root, "self", app, number);
	link_events(p->root, resume ? "resume" : "next", app, number + 1);
}

static void end_sender(struct ucwa_packet *p)
{
	if (p->has_sender)
		hal_close(p->root);
	p->has_sender = false;
}

struct hal *ucwa_packet_end(struct ucwa_packet *p)
{
	if (p->has_sender)
		end_sender(p);
	else
		hal_no_elements(p->root, "sender");
	return p->root;
}

struct hal *ucwa_packet_resync(const char *app, uint64_t expected)
{
	struct hal *o = hal_new();

	link_events(o, "resync", app, expected);
	return o;
}

/* Say what the open object is about. The caller adds the href and calls hal_end_string(). */
static struct text *begin_reference(struct hal *o, const char *rel)
{
	hal_string(o, "rel", rel);
	return hal_begin_string(o, "href");
}

/* A sender may occur more than once in a packet, because events stay in order. */
static void begin_sender(struct ucwa_packet *p, const struct ucwa_event *e)
{
	bool of_conversation = rows[e->kind].of_conversation;
	uint64_t sender = of_conversation ? e->conversation.id : 0;
	const char *hub = sender_of(&rows[e->kind]);
	struct hal *o = p->root;
	struct text *href;

	if (p->has_sender && p->sender == sender && (sender || !strcmp(p->hub, hub)))
		return;
	end_sender(p);
	hal_open_element(o, "sender");
	href = begin_reference(o, hub);
	if (of_conversation)
		ucwa_add_path_conversation(href, &e->conversation, "");
	else
		text_add_all(href, p->app, "/", hub);
	hal_end_string(o);
	p->has_sender = true;
	p->hub = hub;
	p->sender = sender;
}

/* ---- one event ---- */

/* Whether a word is the reason of the row, or that and, behind ": ", the cause in this case. */
static bool is_reason(const char *word, const struct diag_row *row)
{
	size_t n = strlen(row->reason);

	return !strncmp(word, row->reason, n) && (!word[n] || !strncmp(word + n, ": ", 2));
}

/* The row with this reason, or the first one with this subcode. */
static enum diag_code code_of(const char *word)
{
	for (int i = 0; word && i < N_DIAG_CODES; i++) {
		const struct diag_row *row = diag_row((enum diag_code)i);

		if (!strcmp(row->ucwa_subcode, word) || is_reason(word, row))
			return (enum diag_code)i;
	}
	return N_DIAG_CODES;
}

static const char *invitation_state(const struct ucwa_event *e)
{
	const char *subcode;

	if (!is_completed(e->kind))
		return "Connecting";
	if (e->success)
		return "Connected";
	subcode = diag_row(code_of(e->reason))->ucwa_subcode;
	if (!strcmp(subcode, "Canceled"))
		return "Cancelled";
	return !strcmp(subcode, "Declined") ? "Declined" : "Failed";
}

static void invitation(struct hal *o, const struct ucwa_event *e)
{
	struct ucwa_conversation c = e->conversation;

	c.connected = strcmp(rows[e->kind].type, "started") != 0;
	c.over = is_completed(e->kind) && !e->success;
	ucwa_invitation(o, &c, invitation_state(e));
}

#define OF_INVITATIONS                                                                             \
	case UCWA_INVITATION_STARTED:                                                              \
	case UCWA_INVITATION_UPDATED:                                                              \
	case UCWA_INVITATION_COMPLETED:                                                            \
	case UCWA_CALL_STARTED:                                                                    \
	case UCWA_CALL_UPDATED:                                                                    \
	case UCWA_CALL_COMPLETED:                                                                  \
	case UCWA_MEETING_STARTED:                                                                 \
	case UCWA_MEETING_UPDATED:                                                                 \
	case UCWA_MEETING_COMPLETED

/* Kinds that are not about a conversation. */
#define OF_HUBS                                                                                    \
	case UCWA_COMMUNICATION_UPDATED:                                                           \
	case UCWA_ME_UPDATED:                                                                      \
	case UCWA_PRESENCE:                                                                        \
	case UCWA_NOTE:                                                                            \
	case UCWA_LOCATION:                                                                        \
	case UCWA_WATCH_ADDED:                                                                     \
	case UCWA_WATCH_UPDATED:                                                                   \
	case UCWA_WATCH_DELETED:                                                                   \
	case UCWA_CONTACT_ADDED:                                                                   \
	case UCWA_CONTACT_DELETED:                                                                 \
	case UCWA_CONTACT_PRESENCE:                                                                \
	case UCWA_CONTACT_NOTE:                                                                    \
	case UCWA_CONTACT_LOCATION:                                                                \
	case UCWA_CONTACT_MODALITIES:                                                              \
	case UCWA_LIST_UPDATED:                                                                    \
	case UCWA_LIST_JOINED:                                                                     \
	case UCWA_LIST_LEFT:                                                                       \
	case UCWA_GROUP_JOINED:                                                                    \
	case UCWA_GROUP_LEFT

static void add_path_of_hub(struct text *out, const struct ucwa_event *e)
{
	const struct row *row = &rows[e->kind];

	if (row->of_contact)
		ucwa_add_path_contact(out, e->conversation.app, e->conversation.peer);
	else
		text_add(out, e->conversation.app);
	text_add(out, row->below);
	text_add(out, e->watch ? e->watch : "");
}

static void add_path(struct text *out, const struct ucwa_event *e)
{
	const struct ucwa_conversation *c = &e->conversation;

	switch (e->kind) {
	OF_INVITATIONS:
		ucwa_add_path_invitation(out, c, "");
		break;
	case UCWA_LOCAL_ADDED:
	case UCWA_LOCAL_DELETED:
	case UCWA_PARTICIPANT_ADDED:
	case UCWA_PARTICIPANT_UPDATED:
	case UCWA_PARTICIPANT_DELETED:
	case UCWA_TYPING_ADDED:
	case UCWA_TYPING_DELETED: ucwa_add_path_participant(out, c, rows[e->kind].is_local); break;
	case UCWA_LOCAL_MESSAGING_ADDED:
	case UCWA_PARTICIPANT_MESSAGING_ADDED:
	case UCWA_LOCAL_MESSAGING_DELETED:
	case UCWA_PARTICIPANT_MESSAGING_DELETED:
		ucwa_add_path_participant_messaging(out, c, rows[e->kind].is_local);
		break;
	case UCWA_MESSAGING_UPDATED: ucwa_add_path_conversation(out, c, "/messaging"); break;
	case UCWA_MESSAGE_COMPLETED: ucwa_add_path_message(out, c, e->message.id); break;
	case UCWA_MISSED_UPDATED:
		text_add_all(out, c->app, "/communication/missedItems");
		break;
	OF_HUBS:
		add_path_of_hub(out, e);
		break;
	case UCWA_CONVERSATION_ADDED:
	case UCWA_CONVERSATION_UPDATED:
	case UCWA_CONVERSATION_DELETED:
	case N_UCWA_EVENT_KINDS: ucwa_add_path_conversation(out, c, ""); break;
	}
}

static void add_resource_of_hub(struct hal *o, const struct ucwa_event *e)
{
	if (e->kind == UCWA_COMMUNICATION_UPDATED)
		ucwa_communication(o, e->conversation.app, e->takes);
	else
		ucwa_presence_subscription(o, e->conversation.app, e->watch);
}

static void add_resource(struct hal *o, const struct ucwa_event *e)
{
	const struct ucwa_conversation *c = &e->conversation;
	const char *state = e->state ? e->state : "Connected";

	switch (e->kind) {
	OF_INVITATIONS:
		invitation(o, e);
		break;
	case UCWA_CONVERSATION_ADDED:
		ucwa_conversation(o, c, e->state ? e->state : "Incoming");
		break;
	case UCWA_CONVERSATION_UPDATED: ucwa_conversation(o, c, state); break;
	case UCWA_LOCAL_ADDED: ucwa_participant(o, c, true); break;
	case UCWA_PARTICIPANT_ADDED: ucwa_participant(o, c, false); break;
	case UCWA_LOCAL_MESSAGING_ADDED: ucwa_participant_messaging(o, c, true); break;
	case UCWA_PARTICIPANT_MESSAGING_ADDED:
	case UCWA_MESSAGING_UPDATED: ucwa_messaging(o, c, state); break;
	case UCWA_MESSAGE_COMPLETED:
		ucwa_message(o, c, &e->message);
		break;
	OF_HUBS:
		add_resource_of_hub(o, e);
		break;
	case UCWA_CONVERSATION_DELETED:
	case UCWA_LOCAL_DELETED:
	case UCWA_PARTICIPANT_UPDATED:
	case UCWA_PARTICIPANT_DELETED:
	case UCWA_LOCAL_MESSAGING_DELETED:
	case UCWA_PARTICIPANT_MESSAGING_DELETED:
	case UCWA_TYPING_ADDED:
	case UCWA_TYPING_DELETED:
	case UCWA_MISSED_UPDATED:
	case N_UCWA_EVENT_KINDS: break;
	}
}

struct hal *ucwa_event_resource(const struct ucwa_event *e)
{
	struct hal *o = hal_new();

	add_resource(o, e);
	return o;
}

/* The word is a subcode or a reason of the table of diagnostics, maybe with the cause, or a code of its own. */
static void add_reason(struct hal *o, const char *word)
{
	enum diag_code code = code_of(word);

	if (code < N_DIAG_CODES) {
		hal_error(o, code, is_reason(word, diag_row(code)) ? word : NULL);
		return;
	}
	hal_string(o, "code", word && !strchr(word, ' ') ? word : "RemoteFailure");
	if (word && strchr(word, ' '))
		hal_string(o, "message", word);
}

static void add_outcome(struct hal *o, const struct ucwa_event *e)
{
	if (is_completed(e->kind))
		hal_string(o, "status", e->success ? "Success" : "Failure");
	if (!is_completed(e->kind) || e->success)
		return;
	hal_open(o, "reason");
	add_reason(o, e->reason);
	hal_close(o);
}

static const char *title(const struct ucwa_event *e)
{
	if (!strcmp(rows[e->kind].rel, "localParticipant"))
		return e->conversation.me_name;
	return strcmp(rows[e->kind].rel, "participant") ? NULL : e->conversation.peer_name;
}

static void add_link(struct hal *o, const struct ucwa_event *e)
{
	hal_open(o, "link");
	add_path(begin_reference(o, ucwa_event_rel(e)), e);
	hal_end_string(o);
	hal_string(o, "title", title(e));
	hal_close(o);
}

static void add_place(struct hal *o, const struct ucwa_event *e)
{
	const struct row *row = &rows[e->kind];
	const struct ucwa_conversation *c = &e->conversation;
	struct text *href;

	hal_open(o, "in");
	href = begin_reference(o, row->in);
	if (!strcmp(row->rel, "participantMessaging"))
		ucwa_add_path_participant(href, c, row->is_local);
	else if (row->of_conversation)
		ucwa_add_path_conversation(href, c, "/messaging/typingParticipants");
	else if (row->place)
		text_add_all(href, c->app, row->place);
	else
		ucwa_add_path_contact(href, c->app, c->peer);
	hal_end_string(o);
	hal_close(o);
}

void ucwa_packet_add(struct ucwa_packet *p, const struct ucwa_event *e)
{
	struct hal *o = p->root;
	const struct row *row = &rows[e->kind];

	begin_sender(p, e);
	hal_open_element(o, "events");
	add_link(o, e);
	if (row->in)
		add_place(o, e);
	add_outcome(o, e);
	if (!row->bare) {
		hal_embed(o, ucwa_event_rel(e));
		add_resource(o, e);
		hal_close(o);
	}
	hal_string(o, "type", ucwa_event_type(e));
	hal_close(o);
}

static void describe_text(struct text *out, const char *type, const char *text)
{
	CLEANUP(mem_free_string)
	char *plain = message_format_plain(type, text, text ? strlen(text) : 0);

	if (plain)
		text_add_all(out, ": ", plain);
}

void ucwa_event_describe(struct text *out, const struct ucwa_event *e)
{
	text_add_all(out, ucwa_event_rel(e), " ", ucwa_event_type(e));
	if (rows[e->kind].in)
		text_add_all(out, " in ", rows[e->kind].in);
	if (e->kind == UCWA_MESSAGE_COMPLETED)
		text_add(out, e->message.outgoing ? " (outgoing)" : " (incoming)");
	if (e->state && strcmp(e->state, ucwa_event_type(e)) != 0)
		text_add_all(out, " ", e->state);
	if (rows[e->kind].of_contact)
		text_add_all(out, ": ", e->conversation.peer);
	if (e->kind == UCWA_INVITATION_STARTED)
		describe_text(out, e->conversation.text_type, e->conversation.text);
	if (e->kind == UCWA_MESSAGE_COMPLETED)
		describe_text(out, e->message.text_type, e->message.text);
	if (e->kind == UCWA_INVITATION_COMPLETED ||
	    (e->kind == UCWA_MESSAGE_COMPLETED && !e->success))
		text_add_all(out, ": ",
			     e->success ? "Success" : (e->reason ? e->reason : "Failure"));
}
