/*
 * Binding
 *
 * A SIP contact of a user, as REGISTER made it (RFC 3261, 10.3). This file decides whether a REGISTER applies,
 * all of it or nothing, which contacts are the same client, and when one expires. It answers once the store has
 * the result.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a client cannot do, as its answers have said. */
enum binding_flaw { BINDING_NO_SESSIONS = 1 << 0, BINDING_NO_MESSAGES = 1 << 1 };

struct binding {
	struct list of_user;
	struct user *user;
	uint64_t id;
	char *contact; /* URI as registered */
	char *route;   /* address that the REGISTER came from: requests are sent there */
	char *call_id;
	uint32_t cseq;
	uint64_t n_registers; /* REGISTERs that have set it */
	char *epid;           /* may be NULL */
	char *instance;       /* "<urn:uuid:…>", given or derived from the epid; may be NULL */
	char *gruu;           /* may be NULL */
	char *user_agent;     /* may be NULL */
	unsigned flaws;       /* a set of enum binding_flaw */
	struct loop_timer expiry;
};

struct register_contact {
	const char *uri;
	const char *instance; /* +sip.instance unquoted, or derived from the epid; may be NULL */
	const char *gruu;     /* to be given to it; may be NULL */
	int64_t expires_s;    /* -1: none with the contact */
};

struct register_request {
	const char *aor;
	const char *call_id;
	uint32_t cseq;
	const char *epid;       /* in From; may be NULL */
	const char *user_agent; /* may be NULL */
	const char *route;      /* "sip:address:port;transport=…" that it came from */
	bool is_local;          /* it came from this machine */
	bool star;              /* Contact: * */
	int64_t expires_s;      /* in the Expires header; -1: none */
	const struct register_contact *contacts;
	size_t n_contacts;
};

enum register_result {
	REGISTER_OK,
	REGISTER_UNKNOWN_USER, /* 404 */
	REGISTER_TOO_BRIEF,    /* 423 */
	REGISTER_STALE,        /* 500: CSeq not above the last one of this Call-ID */
	REGISTER_BAD,          /* 400: `*` with other contacts or Expires other than 0 */
	REGISTER_FULL,         /* 403: limit of endpoints reached */
	REGISTER_FAILED        /* 503: the store could not keep it */
};

/** u may be NULL unless the result is REGISTER_OK. */
typedef void register_done_h(void *magic, enum register_result result, const struct user *u);

/** Apply a REGISTER; without contacts it is a query. done is called from the loop, once the store has the result. */
void binding_register(struct core *c, const struct register_request *r, register_done_h *done,
		      void *magic);

/** Drop the REGISTERs that wait for the store; their done is not called. */
void binding_drop_registrations(struct core *c);

/** Seconds until it expires, rounded up. */
int64_t binding_expires_s(const struct binding *b);

/** Its time is over now. */
void binding_expire(struct binding *b);

/** Remove it, because its user is removed. */
void binding_remove(struct binding *b);

/** Remove it, because nothing can be sent to it; unless it has been registered again since n_registers was read. */
void binding_lost(struct core *c, uint64_t id, uint64_t n_registers);

/** The one with this id, or NULL. */
struct binding *binding_get(const struct core *c, uint64_t id);

/** Save its STORE_BINDING row. done may be NULL. */
void binding_save(const struct binding *object, store_done_h *done, void *magic);

/** A STORE_BINDING row. False if its user is unknown or it has expired. */
bool binding_restore(struct core *c, const struct store_row *row);
