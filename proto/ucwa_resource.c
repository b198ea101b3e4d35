/*
 * UCWA resources
 */
#include "proto/ucwa_resource.h"

#include "proto/data_uri.h"
#include "proto/percent.h"
#include "proto/uri.h"

/* Every event has a dozen of these: printf would be half of its cost. */
static struct text path_of(const struct ucwa_conversation *c, const char *kind, const char *below)
{
	struct text path = TEXT_INIT;

	text_add(&path, c->app);
	text_add(&path, kind);
	text_add_number(&path, c->id);
	text_add(&path, below);
	return path;
}

char *ucwa_path_conversation(const struct ucwa_conversation *c, const char *below)
{
	struct text path = path_of(c, "/communication/conversations/", below);

	return text_take(&path);
}

char *ucwa_path_invitation(const struct ucwa_conversation *c, const char *below)
{
	struct text path = path_of(c, "/communication/messagingInvitations/", below);

	return text_take(&path);
}

char *ucwa_path_message(const struct ucwa_conversation *c, uint64_t id)
{
	struct text path = path_of(c, "/communication/conversations/", "/messaging/messages/");

	text_add_number(&path, id);
	return text_take(&path);
}

static char *join(struct text *path, const char *aor)
{
	percent_add_segment(path, aor ? aor : "");
	return text_take(path);
}

char *ucwa_path_participant(const struct ucwa_conversation *c, bool local)
{
	struct text path = path_of(c, "/communication/conversations/", "/participants/");

	return join(&path, local ? c->me : c->peer);
}

char *ucwa_path_contact(const char *app, const char *aor)
{
	struct text path = TEXT_INIT;

	text_add(&path, app);
	text_add(&path, "/people/");
	return join(&path, aor);
}

const char *ucwa_importance(const char *importance)
{
	if (importance && !strcasecmp(importance, "urgent"))
		return "Urgent";
	if (importance && !strcasecmp(importance, "emergency"))
		return "Emergency";
	return "Normal";
}

/* ---- links that several have ---- */

static void link_conversation(struct hal *o, const char *rel, const struct ucwa_conversation *c,
			      const char *below)
{
	CLEANUP(mem_free_string) char *path = ucwa_path_conversation(c, below);

	hal_link_to(o, rel, path, NULL);
}

static void link_invitation(struct hal *o, const char *rel, const struct ucwa_conversation *c,
			    const char *below)
{
	CLEANUP(mem_free_string) char *path = ucwa_path_invitation(c, below);

	hal_link_to(o, rel, path, NULL);
}

static void link_contact(struct hal *o, const char *rel, const char *app, const char *aor)
{
	CLEANUP(mem_free_string) char *path = ucwa_path_contact(app, aor);

	hal_link_to(o, rel, path, NULL);
}

static void link_participant(struct hal *o, const char *rel, const struct ucwa_conversation *c,
			     bool local)
{
	CLEANUP(mem_free_string) char *path = ucwa_path_participant(c, local);

	hal_link_to(o, rel, path, local ? c->me_name : c->peer_name);
}

static void link_data(struct hal *o, const char *rel, const char *type, const char *data)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;

	data_uri_encode(&uri, type, data);
	hal_link_to(o, rel, text_str(&uri), NULL);
}

static bool is_html(const char *type)
{
	return type && !strncasecmp(type, "text/html", 9);
}

static void add_topic(struct hal *o, const struct ucwa_conversation *c)
{
	hal_string(o, "importance", ucwa_importance(c->importance));
	hal_string(o, "subject", c->subject ? c->subject : "");
	hal_string(o, "threadId", c->thread_id);
}

/* ---- resources ---- */

struct hal *ucwa_conversation(const struct ucwa_conversation *c, const char *state)
{
	static const char *const messaging[] = { "Messaging", NULL };
	static const char *const none[] = { NULL };
	bool over = !strcmp(state, "Disconnected");
	struct hal *o = hal_new();

	hal_string(o, "state", state);
	add_topic(o, c);
	hal_strings(o, "activeModalities", over ? none : messaging);
	hal_bool(o, "recording", false);
	hal_int(o, "participantCount", 2);
	link_conversation(o, "self", c, "");
	link_conversation(o, "messaging", c, "/messaging");
	link_conversation(o, "participants", c, "/participants");
	link_participant(o, "localParticipant", c, true);
	return hal_end(o, "conversation");
}

struct hal *ucwa_messaging(const struct ucwa_conversation *c, const char *state)
{
	static const char *const formats[] = { "Plain", NULL };
	struct hal *o = hal_new();

	hal_string(o, "state", state);
	if (!strcmp(state, "Connected"))
		hal_strings(o, "negotiatedMessageFormats", formats);
	link_conversation(o, "self", c, "/messaging");
	link_conversation(o, "conversation", c, "");
	if (!strcmp(state, "Connected")) {
		link_conversation(o, "stopMessaging", c, "/messaging/terminate");
		link_conversation(o, "sendMessage", c, "/messaging/messages");
		link_conversation(o, "setIsTyping", c, "/messaging/typing");
		link_conversation(o, "typingParticipants", c, "/messaging/typingParticipants");
	}
	return hal_end(o, "messaging");
}

struct hal *ucwa_participant(const struct ucwa_conversation *c, bool local)
{
	struct hal *o = hal_new();
	const char *aor = local ? c->me : c->peer, *name = local ? c->me_name : c->peer_name;
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;
	CLEANUP(mem_free_string) char *self = ucwa_path_participant(c, local);

	hal_string(o, "sourceNetwork", local || c->peer_known ? "SameEnterprise" : "Federated");
	hal_bool(o, "anonymous", false);
	hal_bool(o, "local", local);
	hal_string(o, "name", name ? name : "");
	uri_add_aor(&uri, aor ? aor : "");
	hal_string(o, "uri", text_str(&uri));
	if (!c->over) {
		hal_link_to(o, "self", self, NULL);
		link_conversation(o, "conversation", c, "");
	}
	if (local)
		hal_link(o, "me", "%s/me", c->app);
	else if (c->peer_known)
		link_contact(o, "contact", c->app, aor);
	return hal_end(o, "participant");
}

struct hal *ucwa_invitation(const struct ucwa_conversation *c, const char *state)
{
	struct hal *o = hal_new();

	hal_string(o, "direction", "Incoming");
	add_topic(o, c);
	hal_string(o, "state", state);
	link_invitation(o, "self", c, "");
	link_contact(o, "to", c->app, c->me);
	if (!c->over) {
		link_conversation(o, "conversation", c, "");
		link_conversation(o, "messaging", c, "/messaging");
	}
	if (!strcmp(state, "Connecting")) {
		link_invitation(o, "accept", c, "/accept");
		link_invitation(o, "decline", c, "/decline");
	}
	if (c->text)
		link_data(o, "message", is_html(c->text_type) ? "text/html" : "text/plain",
			  c->text);
	hal_embed(o, "from", ucwa_participant(c, false));
	return hal_end(o, "messagingInvitation");
}

struct hal *ucwa_message(const struct ucwa_conversation *c, const struct ucwa_message *m)
{
	struct hal *o = hal_new();
	CLEANUP(mem_free_string) char *self = ucwa_path_message(c, m->id);

	hal_string(o, "direction", m->outgoing ? "Outgoing" : "Incoming");
	hal_string(o, "operationId", m->operation_id);
	hal_date(o, "timeStamp", m->wall_us);
	hal_link_to(o, "self", self, NULL);
	link_conversation(o, "messaging", c, "/messaging");
	if (!m->outgoing) {
		if (c->peer_known)
			link_contact(o, "contact", c->app, c->peer);
		link_participant(o, "participant", c, false);
	}
	if (m->text && is_html(m->text_type))
		link_data(o, "htmlMessage", "text/html", m->text);
	else if (m->text)
		link_data(o, "plainMessage", "text/plain", m->text);
	return hal_end(o, "message");
}
