/*
 * UCWA resources
 */
#include "proto/ucwa_resource.h"

#include "proto/data_uri.h"
#include "proto/percent.h"
#include "proto/uri.h"

char *ucwa_path_conversation(const struct ucwa_conversation *c, const char *below)
{
	return text_format("%s/communication/conversations/%llu%s", c->app,
			   (unsigned long long)c->id, below);
}

static char *join(char *path, const char *aor)
{
	struct text text = TEXT_INIT;

	text_add(&text, path);
	percent_add_segment(&text, aor ? aor : "");
	free(path);
	return text_take(&text);
}

char *ucwa_path_participant(const struct ucwa_conversation *c, bool local)
{
	return join(ucwa_path_conversation(c, "/participants/"), local ? c->me : c->peer);
}

char *ucwa_path_contact(const char *app, const char *aor)
{
	return join(text_format("%s/people/", app), aor);
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

static void link_conversation(struct json_object *o, const char *rel,
			      const struct ucwa_conversation *c, const char *below)
{
	CLEANUP(mem_free_string) char *path = ucwa_path_conversation(c, below);

	hal_link(o, rel, "%s", path);
}

static void link_invitation(struct json_object *o, const char *rel,
			    const struct ucwa_conversation *c, const char *below)
{
	hal_link(o, rel, "%s/communication/messagingInvitations/%llu%s", c->app,
		 (unsigned long long)c->id, below);
}

static void link_contact(struct json_object *o, const char *rel, const char *app, const char *aor)
{
	CLEANUP(mem_free_string) char *path = ucwa_path_contact(app, aor);

	hal_link(o, rel, "%s", path);
}

static void link_participant(struct json_object *o, const char *rel,
			     const struct ucwa_conversation *c, bool local)
{
	CLEANUP(mem_free_string) char *path = ucwa_path_participant(c, local);

	hal_link(o, rel, "%s", path);
	hal_link_title(o, rel, local ? c->me_name : c->peer_name);
}

static void link_data(struct json_object *o, const char *rel, const char *type, const char *data)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;

	data_uri_encode(&uri, type, data);
	hal_link(o, rel, "%s", text_str(&uri));
}

static bool is_html(const char *type)
{
	return type && !strncasecmp(type, "text/html", 9);
}

static void add_topic(struct json_object *o, const struct ucwa_conversation *c)
{
	hal_string(o, "importance", ucwa_importance(c->importance));
	hal_string(o, "subject", c->subject ? c->subject : "");
	hal_string(o, "threadId", c->thread_id);
}

/* ---- resources ---- */

struct json_object *ucwa_conversation(const struct ucwa_conversation *c, const char *state)
{
	static const char *const messaging[] = { "Messaging", NULL };
	static const char *const none[] = { NULL };
	bool over = !strcmp(state, "Disconnected");
	struct json_object *o = hal_new();

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

struct json_object *ucwa_messaging(const struct ucwa_conversation *c, const char *state)
{
	static const char *const formats[] = { "Plain", NULL };
	struct json_object *o = hal_new();

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

struct json_object *ucwa_participant(const struct ucwa_conversation *c, bool local)
{
	struct json_object *o = hal_new();
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
		hal_link(o, "self", "%s", self);
		link_conversation(o, "conversation", c, "");
	}
	if (local)
		hal_link(o, "me", "%s/me", c->app);
	else if (c->peer_known)
		link_contact(o, "contact", c->app, aor);
	return hal_end(o, "participant");
}

struct json_object *ucwa_invitation(const struct ucwa_conversation *c, const char *state)
{
	struct json_object *o = hal_new();

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

struct json_object *ucwa_message(const struct ucwa_conversation *c, const struct ucwa_message *m)
{
	struct json_object *o = hal_new();
	char below[60];

	snprintf(below, sizeof(below), "/messaging/messages/%llu", (unsigned long long)m->id);
	hal_string(o, "direction", m->outgoing ? "Outgoing" : "Incoming");
	hal_string(o, "operationId", m->operation_id);
	hal_date(o, "timeStamp", m->wall_us);
	link_conversation(o, "self", c, below);
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
