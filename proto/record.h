/*
 * Record
 *
 * One fact of the journal: a SIP message, an HTTP exchange, a push, a change of state. The same struct is
 * what the journal keeps, what the ladder draws, and what record_encode() and record_decode() turn into
 * JSON and back: the lab API sends records in that form, and mcxctl reads them.
 *
 * Correlation: a record has up to two keys, such as "conv:17", "sip:<Call-ID>", "push:42". Two keys on one
 * record say that they belong to the same story.
 */
#pragma once

#include "proto/text/text.h"

#include <json-c/json.h>

enum { RECORD_MAX_FIELDS = 16 };

/** Hops that are not a user's own client. */
#define RECORD_HOP_FRONT_END      "front-end"
#define RECORD_HOP_EDGE           "edge"
#define RECORD_HOP_CLEARING_HOUSE "clearing-house"
#define RECORD_HOP_PUSH_SERVICE   "push-service"

/** A phone as a hop: this, and the AoR. */
#define RECORD_PHONE_PREFIX "phone:"

struct record_field {
	const char *name;
	const char *value; /* a field whose value is NULL is left out */
};

/** Strings and bytes belong to the caller that filled it in. Any pointer but kind may be NULL. */
struct record {
	uint64_t seq;      /* from 1, without gaps */
	int64_t wall_us;   /* since 1970, UTC, by the lab's clock; 0: unknown */
	int64_t lab_ms;    /* the lab's monotonic clock */
	const char *kind;  /* a name in RECORD_KINDS */
	const char *from;  /* hop that sent it: an AoR, RECORD_PHONE_PREFIX and an AoR, or */
	const char *to;    /* RECORD_HOP_…; both NULL if nothing travelled */
	bool incoming;     /* recorded by the receiver; the sender may have recorded it as well */
	const char *user;  /* AoR of the user that it is about */
	const char *other; /* the same of the other one, where it is about two */
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
	  "diagnostics, content_type, text") \
	X(HTTP, "http", "an HTTP request is answered, or a notification is sent to the push service", \
	  "method, path, status, resource, peer, application, notification, connection, target") \
	X(EVENT, "event", "an event goes to a phone, in the answer to its event request", \
	  "kind, type, packet, application") \
	X(PUSH, "push", "the front end sends a push or learns its outcome, or the clearing house passes one on", \
	  "state, platform, diag, push") \
	X(TOAST, "toast", "a toast reaches the phone over its carrier connection", \
	  "text1, text2, param, number, deliveries, channel") \
	X(TILE, "tile", "a tile update reaches the phone over its carrier connection", \
	  "count, number, deliveries, channel") \
	X(RAW, "raw", "a raw notification reaches the phone over its carrier connection", \
	  "number, deliveries, channel") \
	X(CONVERSATION, "conversation", "a conversation begins, is answered, fails or ends", \
	  "state, status, caller, info") \
	X(USER, "user", \
	  "a contact registers or leaves, a phone signs in, subscribes to push, unsubscribes or expires, or the user's presence changes", \
	  "action, contact, phone, platform, agent, availability") \
	X(STATE, "state", "a state machine changes its state", "machine, event, from_state, to_state") \
	X(FAULT, "fault", "a message or request is malformed, is refused because a limit is reached, or has no connection to go by", \
	  "what, peer") \
	X(LINK, "link", "two keys turn out to belong to the same story", "") \
	X(CLOCK, "clock", "the lab's clock is moved", "ms")

enum record_kind {
#define X(NAME, name, when, fields) RECORD_##NAME,
	RECORD_KINDS(X)
#undef X
	N_RECORD_KINDS
};
/* clang-format on */

struct record_kind_row {
	const char *name;
	const char *when;   /* completes "is recorded when" */
	const char *fields; /* that a record of the kind may have, separated by ", " */
};

extern const struct record_kind_row record_kinds[N_RECORD_KINDS];

/** The kind of this name; N_RECORD_KINDS if there is none. */
enum record_kind record_kind_of(const char *name);

/** Value of a field, or NULL. "kind", "from", "to", "user", "other", "key", "link" and "summary" can be asked for
 *  as well, but a field of that name goes first: "from" of a "sip" record is the AoR in the header,
 *  while r->from is the hop. */
const char *record_value(const struct record *r, const char *field);

/** Whether records of this kind may have the field, for record_value(). */
bool record_kind_has(enum record_kind kind, const char *field);

/** Whether it concerns a user: names it, or went to or from the user or the user's phone. */
bool record_is_about(const struct record *r, const char *aor);

/** Whether it has this key, as key or as link. */
bool record_has_key(const struct record *r, const char *key);

/** A deep copy in one block of memory, for free(); its raw bytes have a NUL behind them. Fields without a
 *  value are left out. ret_size, the bytes that it takes, may be NULL. */
struct record *record_copy(const struct record *r, size_t *ret_size);

/** The record as an object {seq, time, labMs, kind, from, to, user, other, key, link, summary, incoming, fields,
 *  raw}. What is NULL is left out, and incoming too if neither from nor to is there. Raw bytes that are
 *  not UTF-8 are in rawBase64; other strings get U+FFFD in place of what is not UTF-8. */
struct json_object *record_encode(const struct record *r);

/** Read what record_encode() wrote. seq and kind must be there; null counts as absent, members and kinds
 *  that are unknown here are fine. Returns 0 and a copy for free(), or -EINVAL with a sentence in why and
 *  *ret NULL. */
int record_decode(struct json_object *o, struct record **ret, struct text *why);
