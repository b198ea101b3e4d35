/*
 * UCWA resources
 *
 * The resources of an IM conversation as an application sees them, for answers and for events. Each
 * function adds one to an object and returns the object. Links name only what this server has. All paths
 * start with that of the application, app = "/ucwa/oauth/v1/applications/<id>"; conversation, messaging and
 * invitation share one number.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct hal;
struct text;

#define UCWA_APPLICATIONS "/ucwa/oauth/v1/applications"

enum ucwa_what { UCWA_MESSAGING, UCWA_PHONE_AUDIO, UCWA_MEETING, N_UCWA_WHATS };

struct ucwa_conversation {
	enum ucwa_what what; /* its invitation is for */
	const char *app;
	uint64_t id;
	const char *me;           /* AoR of the application's user, without scheme */
	const char *me_name;      /* may be NULL */
	const char *peer;         /* AoR of the other side */
	const char *peer_name;    /* may be NULL */
	const char *subject;      /* may be NULL */
	const char *importance;   /* "normal", "urgent", "emergency"; NULL is normal */
	const char *thread_id;    /* may be NULL */
	const char *text;         /* first line; may be NULL */
	const char *text_type;    /* its media type; NULL is text/plain */
	const char *operation_id; /* of its invitation; may be NULL */
	int64_t began_wall_us;    /* 0: not known */
	unsigned formats;         /* of messages, that the application can show; 0: plain text */
	unsigned peer_reads;      /* that the other side can show */
	bool caller;              /* the application's user is the caller */
	bool peer_known;          /* peer is one of our users */
	bool connected;           /* link to what only a connected one has */
	bool over;                /* it has ended: do not link to what has gone with it */
};

struct ucwa_message {
	uint64_t id;
	bool outgoing;
	const char *text; /* NULL if outgoing */
	const char *text_type;
	const char *operation_id; /* of an outgoing one; may be NULL */
	int64_t wall_us;
};

/** state: "Incoming", "Connecting", "Connected", "Disconnected" (ConversationState). */
struct hal *ucwa_conversation(struct hal *o, const struct ucwa_conversation *c, const char *state);

/** state: "Connecting", "Connected", "Disconnected" (CallState). */
struct hal *ucwa_messaging(struct hal *o, const struct ucwa_conversation *c, const char *state);

/** state: "Connecting", which has links to accept and decline or, for the caller, to cancel; "Connected",
 *  "Cancelled", "Declined", "Failed" (InvitationState). */
struct hal *ucwa_invitation(struct hal *o, const struct ucwa_conversation *c, const char *state);

/** local: the application's own user. */
struct hal *ucwa_participant_messaging(struct hal *o, const struct ucwa_conversation *c,
				       bool local);
struct hal *ucwa_participant(struct hal *o, const struct ucwa_conversation *c, bool local);

struct hal *ucwa_message(struct hal *o, const struct ucwa_conversation *c,
			 const struct ucwa_message *m);

/** An array of MessageFormat for a set of formats (proto/text/message_format.h). */
void ucwa_formats(struct hal *o, const char *name, unsigned set);

/** Paths, either appended or returned for free(). None of them needs an escape in JSON. */
void ucwa_add_path_conversation(struct text *out, const struct ucwa_conversation *c,
				const char *below);
void ucwa_add_path_invitation(struct text *out, const struct ucwa_conversation *c,
			      const char *below);
void ucwa_add_path_message(struct text *out, const struct ucwa_conversation *c, uint64_t id);
void ucwa_add_path_participant(struct text *out, const struct ucwa_conversation *c, bool local);
void ucwa_add_path_photo(struct text *out, const char *app, const char *aor);
/** The links contact, contactPhoto and contactPresence. */
void ucwa_link_person(struct hal *o, const char *app, const char *aor);
void ucwa_add_path_contact(struct text *out, const char *app, const char *aor);
void ucwa_add_path_participant_messaging(struct text *out, const struct ucwa_conversation *c,
					 bool local);
char *ucwa_path_conversation(const struct ucwa_conversation *c, const char *below);
char *ucwa_path_message(const struct ucwa_conversation *c, uint64_t id);
char *ucwa_path_participant(const struct ucwa_conversation *c, bool local);

/** UCWA's word, "Normal", "Urgent" or "Emergency", for that of a SIP client in any case. */
const char *ucwa_importance(const char *importance);
