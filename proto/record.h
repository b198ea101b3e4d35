/*
 * Record
 *
 * One fact of the journal: a SIP message, an HTTP exchange, a push, a change of state. The same struct is
 * what the journal keeps, what the ladder draws, and what record_encode() and record_decode() turn into
 * JSON and back: the lab API sends records in that form, and mcxctl reads them.
 *
 * Correlation: a record has up to two keys, such as "conv:17", "sip:<Call-ID>", "push:42". Two keys on one
 * record say that they belong to the same story. From the keys the journal knows more than the recorder: the
 * conversation, both its parties, the phone that a push is for.
 *
 * A message that both ends record is two records. The receiver's names the sender's in `sent`, so that a
 * reader who wants every message once skips what has it, and one who stands at the receiver does not.
 */
#pragma once

#include "proto/text/text.h"

#include <json-c/json.h>

enum { RECORD_MAX_FIELDS = 16, RECORD_MAX_USERS = 4, RECORD_MAX_HOP = 512 };

/** Hops that are not a user's own client. */
#define RECORD_HOP_FRONT_END      "front-end"
#define RECORD_HOP_EDGE           "edge"
#define RECORD_HOP_CLEARING_HOUSE "clearing-house"
#define RECORD_HOP_PUSH_SERVICE   "push-service"

/** A phone as a hop: this, and the AoR. */
#define RECORD_PHONE_PREFIX "phone:"

/** The key of a conversation: this, and its number. */
#define RECORD_CONVERSATION_PREFIX "conv:"

struct record_field {
	const char *name;
	const char *value; /* a field whose value is NULL is left out */
};

/** Strings and bytes belong to the caller that filled it in. Any pointer but kind may be NULL, and there may be
 *  gaps in users. */
struct record {
	uint64_t seq;          /* from 1, without gaps */
	int64_t wall_us;       /* since 1970, UTC, by the lab's clock; 0: unknown */
	int64_t lab_ms;        /* the lab's monotonic clock */
	uint64_t conversation; /* that it belongs to; 0: none */
	uint64_t
		sent; /* the sender's record of the same message; 0: this is it, or there is none */
	const char *kind; /* a name in RECORD_KINDS */
	const char *from; /* hop that sent it: an AoR, RECORD_PHONE_PREFIX and an AoR, or */
	const char *to;   /* RECORD_HOP_…; both NULL if nothing travelled */
	bool incoming;    /* recorded by the receiver; the sender may have recorded it as well */
	const char *users[RECORD_MAX_USERS]; /* AoRs of all whom it is about, each once */
	const char *phone; /* id of the application of the phone that it is about */
	const char *fault; /* that struck it */
	const char *key;
	const char *link;    /* second key */
	const char *summary; /* one line for people */
	const void *raw;     /* bytes as they were on the wire */
	size_t n_raw;
	const struct record_field *fields;
	size_t n_fields;
};

/* X(NAME, name, "is recorded when", fields). A kind that is added here, and passed to journal_add(), appears in
 * the help of mcxctl and can be waited for; a test fails until README.md lists it, too. */
/* clang-format off */
#define RECORD_KINDS(X) \
	X(SIP, "sip", "a SIP message is sent or received, at any hop", \
	  "method, status, start_line, call_id, cseq, from, to, transport, peer, peer_name, server, " \
	  "diagnostics, content_type, text, deadline, instance") \
	X(HTTP, "http", "an HTTP request is answered, or a notification is sent to the push service", \
	  "method, path, status, resource, peer, notification, connection, target, duration_us") \
	X(EVENT, "event", "an event goes to a phone, in the answer to its event request", \
	  "kind, type, packet") \
	X(DIAGNOSTIC, "diagnostic", "the Edge refuses a request, or cannot deliver it", \
	  "severity, text, result, start_line, call_id, cseq, peer, data") \
	X(PUSH, "push", "the front end sends a push or learns its outcome, or the clearing house passes one on", \
	  "state, platform, diag, push, reason") \
	X(TOAST, "toast", "a toast reaches the phone over its carrier connection", \
	  "text1, text2, param, number, deliveries, channel") \
	X(TILE, "tile", "a tile update reaches the phone over its carrier connection", \
	  "count, number, deliveries, channel") \
	X(RAW, "raw", "a raw notification reaches the phone over its carrier connection", \
	  "number, deliveries, channel") \
	X(CONVERSATION, "conversation", "a conversation begins, is answered, fails or ends", \
	  "state, status, caller, info") \
	X(USER, "user", \
	  "a contact registers or leaves, a phone signs in, subscribes to push, unsubscribes or expires, is registered at the upstream registrar or not, or the user's presence changes", \
	  "action, contact, platform, agent, availability") \
	X(STATE, "state", "a state machine changes its state", "machine, event, from_state, to_state, deadline") \
	X(FAULT, "fault", "a message or request is malformed, is refused because a limit is reached, has no connection to go by, or is struck by a fault of the lab", \
	  "what, peer, joint, rule, count") \
	X(LINK, "link", "two keys turn out to belong to the same story", "") \
	X(ACTOR, "actor", "a desktop or phone that the lab hosts is told to do something, or shows something", \
	  "actor, event, peer, text") \
	X(CLOCK, "clock", "the lab's clock is moved, frozen or resumed, or one thing expires because the lab was told so", \
	  "action, ms, what") \
	X(LAB, "lab", "the lab itself is reset, imported, reloaded or set otherwise, or its faults or users are changed", \
	  "action, setting, value")

enum record_kind {
#define X(NAME, name, when, fields) RECORD_##NAME,
	RECORD_KINDS(X)
#undef X
	N_RECORD_KINDS
};
/* clang-format on */

/* X(member): the members of struct record that are single strings; in the JSON they have the same names. */
#define RECORD_MEMBERS(X) X(kind) X(from) X(to) X(phone) X(fault) X(key) X(link) X(summary)

struct record_kind_row {
	const char *name;
	const char *when;   /* completes "is recorded when" */
	const char *fields; /* that a record of the kind may have, separated by ", " */
};

extern const struct record_kind_row record_kinds[N_RECORD_KINDS];

/** The kind of this name; N_RECORD_KINDS if there is none. */
enum record_kind record_kind_of(const char *name);

/** Value of a field, or NULL. The members that are strings, RECORD_MEMBERS, can be asked for as well, but a field
 *  of that name goes first: "from" of a "sip" record is the AoR in the header, while r->from is the hop. */
const char *record_value(const struct record *r, const char *field);

/** Whether records of this kind may have the field, for record_value(). */
bool record_kind_has(enum record_kind kind, const char *field);

/** Whether it concerns a user: names it, or went to or from the user or the user's phone. */
bool record_is_about(const struct record *r, const char *aor);

/** Add to whom it is about, unless that is known already or there is no room; NULL is fine. The string is not copied. */
void record_add_user(struct record *r, const char *aor);

/** Let the hop of a phone that its recorder knows by another name, as the push service does if the phone has not said whose it
 *  is, be that of its owner. owner may be NULL; the hop is made in the room that the caller gives. */
void record_name_owner(struct record *r, const char *owner, char room[RECORD_MAX_HOP]);

/** The hop that recorded it; NULL if nothing travelled. */
const char *record_recorder(const struct record *r);

/** Whether it went to or came from this hop. */
bool record_is_at(const struct record *r, const char *hop);

/** Whether it has this key, as key or as link. */
bool record_has_key(const struct record *r, const char *key);

/** The number of the conversation whose key this is; 0: it is another key. */
uint64_t record_conversation_of(const char *key);

/** How many bytes of memory a copy takes. */
size_t record_size(const struct record *r);

/** A deep copy in one block of memory, for free(); its raw bytes have a NUL behind them. Fields without a
 *  value and gaps in users are left out. */
struct record *record_copy(const struct record *r);

/** The same in memory that room gives: n bytes, aligned as malloc() does. */
typedef void *record_room_h(void *magic, size_t n);
struct record *record_copy_to(const struct record *r, record_room_h *room, void *magic);

/* ---- record_label.c ---- */

/** Append what it is, in a few words: "INVITE", "180 Ringing", "POST accept", "event invitation started". */
void record_label(const struct record *r, struct text *out);

/* ---- record_json.c ---- */

/** The record as an object {seq, time, labMs, conversation, sent, kind, from, to, users, phone, fault, key, link,
 *  summary, incoming, label, fields, raw}. What is NULL or 0 is left out, and incoming too if neither from nor to is
 *  there. Raw bytes that are not UTF-8 are in rawBase64; other strings get U+FFFD in place of what is not UTF-8. */
struct json_object *record_encode(const struct record *r);

/** Read what record_encode() wrote, but for the label, which follows from the rest. seq and kind must be there; null
 *  counts as absent, members and kinds that are unknown here are fine. Returns 0 and a copy for free(), or -EINVAL
 *  with a sentence in why and *ret NULL. */
int record_decode(struct json_object *o, struct record **ret, struct text *why);
