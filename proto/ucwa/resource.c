/*
 * UCWA resources
 */
#include "proto/ucwa/resource.h"

#include "proto/sip/uri.h"
#include "proto/text/data_uri.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "proto/ucwa/hal.h"

#include <string.h>

/* ---- paths ---- */

/* In one piece: an event has up to ten of them. */
static inline void add_path(struct text *out, const struct ucwa_conversation *c, const char *kind,
			    size_t n_kind, const char *below)
{
	char digits[TEXT_NUMBER_SIZE];
	const char *number = text_number(digits, c->id);
	size_t n_app = strlen(c->app), n_below = strlen(below);
	size_t n_number = (size_t)(digits + TEXT_NUMBER_SIZE - 1 - number);
	char *at;

	text_reserve(out, n_app + n_kind + n_number + n_below);
	at = mempcpy(out->data + out->n, c->app, n_app);
	at = mempcpy(at, kind, n_kind);
	at = mempcpy(at, number, n_number);
	at = mempcpy(at, below, n_below + 1);
	out->n = (size_t)(at - 1 - out->data);
}

void ucwa_add_path_conversation(struct text *out, const struct ucwa_conversation *c,
				const char *below)
{
	static const char kind[] = "/communication/conversations/";

	add_path(out, c, kind, sizeof(kind) - 1, below);
}

static const struct {
	const char *rel, *kind, *modality;
} whats[N_UCWA_WHATS] = {
	[UCWA_MESSAGING] = { "messagingInvitation", "/communication/messagingInvitations/",
			     "Messaging" },
	[UCWA_PHONE_AUDIO] = { "phoneAudioInvitation", "/communication/phoneAudioInvitations/",
			       "PhoneAudio" },
	[UCWA_MEETING] = { "onlineMeetingInvitation", "/communication/onlineMeetingInvitations/",
			   NULL },
};

void ucwa_add_path_invitation(struct text *out, const struct ucwa_conversation *c,
			      const char *below)
{
	const char *kind = whats[c->what].kind;

	add_path(out, c, kind, strlen(kind), below);
}

void ucwa_add_path_message(struct text *out, const struct ucwa_conversation *c, uint64_t id)
{
	ucwa_add_path_conversation(out, c, "/messaging/messages/");
	text_add_number(out, id);
}

void ucwa_add_path_participant(struct text *out, const struct ucwa_conversation *c, bool local)
{
	const char *aor = local ? c->me : c->peer;

	ucwa_add_path_conversation(out, c, "/participants/");
	percent_add_segment(out, aor ? aor : "");
}

void ucwa_add_path_participant_messaging(struct text *out, const struct ucwa_conversation *c,
					 bool local)
{
	ucwa_add_path_participant(out, c, local);
	text_add(out, "/messaging");
}

void ucwa_add_path_contact(struct text *out, const char *app, const char *aor)
{
	text_add_all(out, app, "/people/");
	percent_add_segment(out, aor ? aor : "");
}

void ucwa_add_path_photo(struct text *out, const char *app, const char *aor)
{
	text_add_all(out, app, "/photos/");
	percent_add_segment(out, aor ? aor : "");
}

char *ucwa_path_conversation(const struct ucwa_conversation *c, const char *below)
{
	struct text path = TEXT_INIT;

	ucwa_add_path_conversation(&path, c, below);
	return text_take(&path);
}

char *ucwa_path_message(const struct ucwa_conversation *c, uint64_t id)
{
	struct text path = TEXT_INIT;

	ucwa_add_path_message(&path, c, id);
	return text_take(&path);
}

char *ucwa_path_participant(const struct ucwa_conversation *c, bool local)
{
	struct text path = TEXT_INIT;

	ucwa_add_path_participant(&path, c, local);
	return text_take(&path);
}

const char *ucwa_importance(const char *importance)
{
	if (importance && !strcasecmp(importance, "urgent"))
		return "Urgent";
	if (importance && !strcasecmp(importance, "emergency"))
		return "Emergency";
	return "Normal";
}

/* ---- links ---- */

static void link_conversation(struct hal *o, const char *rel, const struct ucwa_conversation *c,
			      const char *below)
{
	ucwa_add_path_conversation(hal_begin_link(o, rel), c, below);
	hal_end_link(o, NULL);
}

static void link_invitation(struct hal *o, const char *rel, const struct ucwa_conversation *c,
			    const char *below)
{
	ucwa_add_path_invitation(hal_begin_link(o, rel), c, below);
	hal_end_link(o, NULL);
}

static void link_contact(struct hal *o, const char *rel, const char *app, const char *aor)
{
	ucwa_add_path_contact(hal_begin_link(o, rel), app, aor);
	hal_end_link(o, NULL);
}

static void link_participant(struct hal *o, const char *rel, const struct ucwa_conversation *c,
			     bool local, const char *title)
{
	ucwa_add_path_participant(hal_begin_link(o, rel), c, local);
	hal_end_link(o, title);
}

/* A message as the application can show it. rel NULL: plainMessage or htmlMessage. */
static void link_text(struct hal *o, const char *rel, const struct ucwa_conversation *c,
		      const char *type, const char *text)
{
	CLEANUP(text_deinit) struct text converted = TEXT_INIT;
	struct message_text m = { type, text, strlen(text) };
	unsigned format;

	message_format_fit(&m, c->formats, &converted);
	format = message_format_of(m.content_type) & MESSAGE_HTML ? MESSAGE_HTML : MESSAGE_PLAIN;
	if (!rel)
		rel = format == MESSAGE_HTML ? "htmlMessage" : "plainMessage";
	data_uri_encode(hal_begin_link(o, rel), message_format_type((enum message_format)format),
			m.p);
	hal_end_link(o, NULL);
}

static void add_uri(struct hal *o, const char *name, const char *aor)
{
	uri_add_aor(hal_begin_string(o, name), aor ? aor : "");
	hal_end_string(o);
}

static void add_topic(struct hal *o, const struct ucwa_conversation *c)
{
	hal_string(o, "importance", ucwa_importance(c->importance));
	hal_string(o, "subject", c->subject ? c->subject : "");
	hal_string(o, "threadId", c->thread_id);
}

void ucwa_formats(struct hal *o, const char *name, unsigned set)
{
	const char *names[3] = { NULL };
	size_t n = 0;

	if (!set || set & MESSAGE_PLAIN)
		names[n++] = "Plain";
	if (set & MESSAGE_HTML)
		names[n++] = "Html";
	hal_strings(o, name, names);
}

/* ---- resources ---- */

struct hal *ucwa_conversation(struct hal *o, const struct ucwa_conversation *c, const char *state)
{
	const char *const modality[] = { whats[c->what].modality, NULL };
	static const char *const none[] = { NULL };
	bool active = strcmp(state, "Connecting") != 0 && strcmp(state, "Disconnected") != 0;

	hal_string(o, "state", state);
	add_topic(o, c);
	hal_strings(o, "activeModalities", active ? modality : none);
	hal_bool(o, "recording", false);
	if (c->began_wall_us)
		hal_date(o, "created", c->began_wall_us);
	hal_int(o, "participantCount", strcmp(state, "Connecting") ? 2 : 1);
	link_conversation(o, "self", c, "");
	if (c->what == UCWA_MESSAGING)
		link_conversation(o, "messaging", c, "/messaging");
	link_conversation(o, "participants", c, "/participants");
	link_participant(o, "localParticipant", c, true, c->me_name);
	return hal_end(o, "conversation");
}

struct hal *ucwa_messaging(struct hal *o, const struct ucwa_conversation *c, const char *state)
{
	/* What the other side cannot show it gets as plain text. */
	unsigned formats = c->formats & (c->peer_reads | MESSAGE_PLAIN);

	hal_string(o, "state", state);
	if (!strcmp(state, "Connected"))
		ucwa_formats(o, "negotiatedMessageFormats", formats ? formats : c->formats);
	link_conversation(o, "self", c, "/messaging");
	link_conversation(o, "conversation", c, "");
	if (!strcmp(state, "Connected") || (c->caller && !strcmp(state, "Connecting")))
		link_conversation(o, "stopMessaging", c, "/messaging/terminate");
	if (!strcmp(state, "Connected")) {
		link_conversation(o, "sendMessage", c, "/messaging/messages");
		link_conversation(o, "setIsTyping", c, "/messaging/typing");
		link_conversation(o, "typingParticipants", c, "/messaging/typingParticipants");
	}
	return hal_end(o, "messaging");
}

static void link_participant_messaging(struct hal *o, const char *rel,
				       const struct ucwa_conversation *c, bool local)
{
	ucwa_add_path_participant_messaging(hal_begin_link(o, rel), c, local);
	hal_end_link(o, NULL);
}

struct hal *ucwa_participant_messaging(struct hal *o, const struct ucwa_conversation *c, bool local)
{
	link_participant_messaging(o, "self", c, local);
	link_participant(o, "participant", c, local, local ? c->me_name : c->peer_name);
	return hal_end(o, "participantMessaging");
}

void ucwa_link_person(struct hal *o, const char *app, const char *aor)
{
	struct text *href;

	link_contact(o, "contact", app, aor);
	ucwa_add_path_photo(hal_begin_link(o, "contactPhoto"), app, aor);
	hal_end_link(o, NULL);
	href = hal_begin_link(o, "contactPresence");
	ucwa_add_path_contact(href, app, aor);
	text_add(href, "/presence");
	hal_end_link(o, NULL);
}

struct hal *ucwa_participant(struct hal *o, const struct ucwa_conversation *c, bool local)
{
	const char *aor = local ? c->me : c->peer, *name = local ? c->me_name : c->peer_name;

	hal_string(o, "sourceNetwork", local || c->peer_known ? "SameEnterprise" : "Federated");
	hal_bool(o, "anonymous", false);
	hal_bool(o, "local", local);
	hal_string(o, "name", name ? name : "");
	add_uri(o, "uri", aor);
	if (!c->over) {
		link_participant(o, "self", c, local, NULL);
		link_conversation(o, "conversation", c, "");
		if (c->connected)
			link_participant_messaging(o, "participantMessaging", c, local);
	}
	if (local)
		hal_link(o, "me", c->app, "/me");
	else
		ucwa_link_person(o, c->app, aor);
	return hal_end(o, "participant");
}

static void link_answers(struct hal *o, const struct ucwa_conversation *c)
{
	if (c->caller) {
		link_conversation(o, "cancel", c, "/messaging/terminate");
	} else {
		link_invitation(o, "accept", c, "/accept");
		link_invitation(o, "decline", c, "/decline");
	}
}

static void link_parties(struct hal *o, const struct ucwa_conversation *c)
{
	if (!c->over)
		link_participant(o, "from", c, c->caller, c->caller ? c->me_name : c->peer_name);
	link_contact(o, "to", c->app, c->caller ? c->peer : c->me);
}

/* The caller is told who accepted, the callee who calls; how they exchange messages is told with the conversation ("Send an
 * IM", step 6; "Receive an IM", step 15). */
static void embed_peer(struct hal *o, const struct ucwa_conversation *c, const char *state)
{
	struct ucwa_conversation bare = *c;

	if (c->caller && strcmp(state, "Connected") != 0)
		return;
	if (c->caller)
		hal_embed_append(o, "acceptedByParticipant");
	else
		hal_embed(o, "from");
	bare.connected = false;
	ucwa_participant(o, &bare, false);
	hal_close(o);
}

struct hal *ucwa_invitation(struct hal *o, const struct ucwa_conversation *c, const char *state)
{
	hal_string(o, "direction", c->caller ? "Outgoing" : "Incoming");
	add_topic(o, c);
	hal_string(o, "operationId", c->operation_id);
	hal_string(o, "state", state);
	add_uri(o, "to", c->caller ? c->peer : c->me);
	link_invitation(o, "self", c, "");
	link_parties(o, c);
	if (!c->over) {
		link_conversation(o, "conversation", c, "");
		if (c->what == UCWA_MESSAGING)
			link_conversation(o, "messaging", c, "/messaging");
	}
	if (!strcmp(state, "Connecting") && !c->connected)
		link_answers(o, c);
	if (c->text)
		link_text(o, "message", c, c->text_type, c->text);
	embed_peer(o, c, state);
	return hal_end(o, whats[c->what].rel);
}

struct hal *ucwa_message(struct hal *o, const struct ucwa_conversation *c,
			 const struct ucwa_message *m)
{
	hal_string(o, "direction", m->outgoing ? "Outgoing" : "Incoming");
	hal_string(o, "operationId", m->operation_id);
	hal_date(o, "timeStamp", m->wall_us);
	ucwa_add_path_message(hal_begin_link(o, "self"), c, m->id);
	hal_end_link(o, NULL);
	link_conversation(o, "messaging", c, "/messaging");
	if (!m->outgoing) {
		link_contact(o, "contact", c->app, c->peer);
		link_participant(o, "participant", c, false, c->peer_name);
	}
	if (m->text)
		link_text(o, NULL, c, m->text_type, m->text);
	return hal_end(o, "message");
}
