/*
 * Binding
 *
 * A SIP contact of a user, as REGISTER made it (RFC 3261, 10.3).
 */
#pragma once

#include "mcxd/core/user.h"

struct binding {
	struct list of_user;
	struct user *user;
	uint64_t id;
	char *contact; /* URI as registered */
	char *route;   /* where to send: the address that the REGISTER came from */
	char *call_id;
	uint32_t cseq;
	uint64_t n_registers; /* how often it was registered */
	char *epid;           /* may be NULL */
	char *instance;       /* "<urn:uuid:…>", given or derived from the epid; may be NULL */
	char *gruu;           /* may be NULL */
	char *user_agent;     /* may be NULL */
	struct loop_timer expiry;
};

struct register_contact {
	const char *uri;
	const char *
		instance; /* +sip.instance without its quotes, or made from the epid; may be NULL */
	const char *gruu; /* that it is to be given; may be NULL */
	int64_t expires_s; /* -1: none given with the contact */
};

struct register_request {
	const char *aor;
	const char *call_id;
	uint32_t cseq;
	const char *epid;       /* of From; may be NULL */
	const char *user_agent; /* may be NULL */
	const char *route;      /* "sip:address:port;transport=…" that it came from */
	bool star;              /* Contact: * */
	int64_t expires_s;      /* of the Expires header; -1: none */
	const struct register_contact *contacts;
	size_t n_contacts;
};

enum register_result {
	REGISTER_OK,
	REGISTER_UNKNOWN_USER, /* 404 */
	REGISTER_TOO_BRIEF,    /* 423 */
	REGISTER_STALE,        /* 500: CSeq not above the last one of this Call-ID */
	REGISTER_BAD,          /* 400: `*` with other contacts or Expires other than 0 */
	REGISTER_FULL,         /* 403: too many endpoints */
	REGISTER_FAILED        /* 500: the store could not keep it */
};

/** The user may be NULL unless the result is REGISTER_OK. */
typedef void register_done_h(void *magic, enum register_result result, const struct user *u);

/** Apply a REGISTER, all of it or nothing. done is called later, from the loop, once the store has
 *  it. Without contacts it is a query. */
void binding_register(struct core *c, const struct register_request *r, register_done_h *done,
		      void *magic);

/** Seconds until it expires, rounded up. */
int64_t binding_expires_s(const struct binding *b);

/** Take it out at once, for its user is removed. */
void binding_remove(struct binding *b);

/** Take it out, for nothing can be sent to it: unless it has been registered anew since n_registers. */
void binding_lost(struct core *c, uint64_t id, uint64_t n_registers);

/** A row of the store, STORE_BINDING. A row of an unknown user or that has expired is skipped. */
void binding_restore(struct core *c, const struct store_row *row);

/** Drop REGISTERs that wait for the store, without a word. */
void registrations_forget(struct core *c);

struct binding *binding_next(const struct core *c, uint64_t *cursor);
