/*
 * UCWA resources
 *
 * The resources of an IM conversation as an application sees them, for answers and for events.
 * Links name only what this server has. Paths hang on the application's own, app =
 * "/ucwa/oauth/v1/applications/<id>"; conversation, messaging and invitation share one number.
 */
#pragma once

#include "proto/hal.h"

#define UCWA_APPLICATIONS "/ucwa/oauth/v1/applications"

struct ucwa_conversation {
	const char *app;
	uint64_t id;
	const char *me;         /* AoR of the application's user, without scheme */
	const char *me_name;    /* may be NULL */
	const char *peer;       /* AoR of the other side */
	const char *peer_name;  /* may be NULL */
	const char *subject;    /* may be NULL */
	const char *importance; /* "normal", "urgent", "emergency"; NULL is normal */
	const char *thread_id;  /* may be NULL */
	const char *text;       /* first line; may be NULL */
	const char *text_type;  /* its media type; NULL is text/plain */
	bool peer_known;        /* it is a contact: one of our users */
	bool over;              /* it has ended: nothing links to what has gone with it */
};

struct ucwa_message {
	uint64_t id;
	bool outgoing;
	const char *text; /* NULL with outgoing */
	const char *text_type;
	const char *operation_id; /* of an outgoing one; may be NULL */
	int64_t wall_us;
};

/** state: "Incoming", "Connected", "Disconnected" (ConversationState). */
struct hal *ucwa_conversation(const struct ucwa_conversation *c, const char *state);

/** state: "Connecting", "Connected", "Disconnected" (CallState). */
struct hal *ucwa_messaging(const struct ucwa_conversation *c, const char *state);

/** An incoming invitation. state: "Connecting", with accept and decline then, "Connected",
 * "Cancelled", "Declined", "Failed" (InvitationState). */
struct hal *ucwa_invitation(const struct ucwa_conversation *c, const char *state);

/** local: the application's own user. */
struct hal *ucwa_participant(const struct ucwa_conversation *c, bool local);

struct hal *ucwa_message(const struct ucwa_conversation *c, const struct ucwa_message *m);

/** Paths, for free(). */
char *ucwa_path_conversation(const struct ucwa_conversation *c, const char *below);
char *ucwa_path_invitation(const struct ucwa_conversation *c, const char *below);
char *ucwa_path_message(const struct ucwa_conversation *c, uint64_t id);
char *ucwa_path_participant(const struct ucwa_conversation *c, bool local);
char *ucwa_path_contact(const char *app, const char *aor);

/** "Normal", "Urgent", "Emergency" of whatever a SIP client called it. */
const char *ucwa_importance(const char *importance);
