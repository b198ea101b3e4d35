/*
 * Upstream: a registration
 *
 * A phone at the upstream registrar, as long as the phone is signed in here.
 *
 *                     200                      half of its time
 *   REGISTERING --------------> REGISTERED -------------------------+
 *     ^  ^  |                                                       |
 *     |  +--|-------------------------------------------------------+
 *     |     | refused, no answer
 *     |     v
 *     +-- WAITING                    (401, 407, 423: REGISTERING goes on with another request)
 *
 *   any: the phone is gone ---> LEAVING (Expires: 0) -- answered, or not --> OVER
 *
 * After a restart, a phone that comes back from the store is registered anew, under the same Call-ID with a higher CSeq.
 */
#pragma once

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "proto/auth/digest.h"

#include <sofia-sip/nta.h>
#include <stdbool.h>
#include <stdint.h>

struct front_end;
struct phone;
struct text;
struct upstream;

enum upstream_state {
	UPSTREAM_REGISTERING,
	UPSTREAM_REGISTERED,
	UPSTREAM_WAITING,
	UPSTREAM_LEAVING,
	UPSTREAM_OVER
};

struct upstream_registration {
	struct list of_upstream;
	struct upstream *upstream;
	struct fsm fsm;
	uint64_t phone; /* its id */
	char *aor, *display_name, *epid, *token, *call_id;
	nta_outgoing_t *orq;
	struct digest_session digest;
	bool by_proxy;         /* who asked for credentials */
	bool is_counted;       /* among those that are registered */
	unsigned n_challenges; /* of the request under way */
	int64_t n_attempts;    /* without success */
	int64_t expires_s;     /* to ask for */
	int64_t granted_s;
	uint32_t cseq;
	char tag[17];
};

/** Begin to register a phone. It ends by itself after upstream_registration_leave(). */
struct upstream_registration *upstream_registration_new(struct upstream *u, const struct phone *p);
void upstream_registration_leave(struct upstream_registration *r);
/** Append the URI of its Contact. */
void upstream_registration_add_contact(const struct upstream_registration *r, struct text *out);
/** Forget it without a word. */
void upstream_registration_free(struct upstream_registration *r);
