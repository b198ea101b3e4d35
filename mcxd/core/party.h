/*
 * Party
 *
 * Who is at the other end of a leg, as the other legs get to know it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct party {
	const char *aor;
	const char *display_name; /* may be NULL */
	const char *epid;         /* may be NULL */
	const char *gruu_token;   /* of a phone: 22 characters and "AA"; NULL for a SIP contact */
	const char *user_agent;   /* what the client calls itself; may be NULL */
	bool is_phone;
};

/** An instant message. */
struct im {
	uint64_t id; /* of its origin leg, given back in said() */
	const char *content_type;
	const char *body;
	size_t n_body;
};

/** What a caller offers. Strings belong to the caller of conversation_new(). */
struct invitation {
	const char *from;            /* AoR */
	const char *from_name;       /* may be NULL */
	const char *to;              /* AoR */
	const char *subject;         /* may be NULL */
	const char *importance;      /* "normal", ...; may be NULL */
	const char *thread_id;       /* Ms-Conversation-ID; may be NULL */
	const char *first_line;      /* may be NULL */
	const char *first_line_type; /* its content type; NULL with it */
	const char *key;             /* correlation key of the caller's leg, "sip:<Call-ID>" */
	unsigned hops;               /* Max-Forwards of what goes on to the callee */
};
