/*
 * Authentication, private part
 *
 * What its files share: what is asked about a request, and what a scheme finds.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/sip/agent.h"
#include "proto/auth/params.h"
#include "proto/sip/uri.h"
#include "proto/text/text.h"

struct associations;
struct auth_wait;
struct digest_maker;
struct front_end;
struct guesses;
struct loop;
struct nonces;
struct ntlm_maker;
struct user;

#define AUTH_METRICS(X)                                                                            \
	X(accepted_total, METRIC_COUNTER, "Requests whose sender has proved who he is")            \
	X(challenged_total, METRIC_COUNTER, "Requests without credentials, which were challenged") \
	X(stale_total, METRIC_COUNTER,                                                             \
	  "Credentials with a nonce that had expired or was not ours")                             \
	X(replayed_total, METRIC_COUNTER, "Credentials that were used before")                     \
	X(malformed_total, METRIC_COUNTER, "Credentials that are malformed or of another kind")    \
	X(wrong_total, METRIC_COUNTER, "Credentials with a wrong password or an unknown user")     \
	X(forbidden_total, METRIC_COUNTER, "Credentials of another user than From or To names")    \
	X(signatures_wrong_total, METRIC_COUNTER, "Requests with a wrong signature")               \
	X(associations, METRIC_GAUGE, "Clients with whom messages are signed")

METRICS_STRUCT(front_end_auth_metrics, AUTH_METRICS);

enum { N_AUTH_TRANSPORTS = 3 };

struct front_end_auth {
	struct front_end *front_end;
	struct loop *loop;
	struct guesses *guesses;
	const struct front_end_auth_config *config;
	int schemes[N_AUTH_TRANSPORTS];
	struct nonces *nonces;
	struct digest_maker *digest;
	bool algorithms[2];      /* of enum digest_algorithm: those that are offered */
	char opaque[17];         /* of all digest challenges */
	struct ntlm_maker *ntlm; /* NULL: no listener has it */
	struct associations *associations;
	struct list waits;               /* struct auth_wait (guessing.c) */
	const struct auth_wait *resumed; /* whose request is being handled again; NULL: none */
	struct front_end_auth_metrics metrics;
};

/** A request that has to show who sends it. */
struct auth_request {
	const sip_t *sip;
	struct agent_sender sender;
	char from[URI_MAX_AOR + 1];
	const char *epid; /* of From; NULL: none */
	int schemes;
	bool may_wait; /* it is outside any dialog */
};

/** What AUTH_WRONG means. */
#define AUTH_WRONG_WHY "The user is unknown or the password is wrong"

enum auth_verdict {
	AUTH_ACCEPTED,
	AUTH_ABSENT,    /* no credentials of a scheme and realm of ours */
	AUTH_STALE,     /* they were good once, or somewhere else */
	AUTH_GO_ON,     /* the handshake goes on, with the answer of the scheme */
	AUTH_WRONG,     /* they prove nothing */
	AUTH_MALFORMED, /* 400 */
	AUTH_FORBIDDEN, /* 403 */
	AUTH_BUSY,      /* too many wrong ones wait */
	AUTH_WAITS,     /* the request is held, and nothing is answered */
};

/** What a scheme has found. */
struct auth_result {
	enum auth_verdict verdict;
	const char *why;       /* a static sentence, or NULL */
	struct text challenge; /* of AUTH_GO_ON: the value of WWW-Authenticate */
	int64_t wait_ms;       /* of AUTH_BUSY */
};

static inline enum auth_verdict auth_finds(struct auth_result *r, enum auth_verdict verdict,
					   const char *why)
{
	r->why = why;
	return r->verdict = verdict;
}

/* ---- account.c ---- */

/** The user whom a login name means in a request from this AoR; NULL: there is none. */
struct user *auth_account(const struct front_end_auth *a, const struct auth_request *q,
			  const char *name);

/** Whether there is a user, who has a password: without one he cannot sign in. */
bool auth_has_password(const struct user *u);

/** The password, or without one something that takes as long to check; u may be NULL. */
const char *auth_password(const struct user *u);

/** Whether this user may send the request: From is his, and so is To of a REGISTER. */
bool auth_owns(const struct user *u, const struct auth_request *q);

/* ---- guessing.c ---- */

/** Whether a password for this name may be checked now. If not, *ret says what becomes of the request. */
bool auth_may_check(struct front_end_auth *a, const struct auth_request *q, const char *name,
		    struct auth_result *ret);
/** It was right, or wrong: then *ret says what becomes of the request. */
void auth_was_right(struct front_end_auth *a, const struct auth_request *q, const char *name);
void auth_was_wrong(struct front_end_auth *a, const struct auth_request *q, const char *name,
		    struct auth_result *ret);

/* ---- digest.c ---- */

enum auth_verdict auth_digest_check(struct front_end_auth *a, const struct auth_request *q,
				    const struct auth_params *p, struct auth_result *ret);
/** Append challenges, each a header of this name. */
void auth_digest_challenge(const struct front_end_auth *a, const char *header, bool stale,
			   struct text *ret_lines);

/* ---- ntlm.c ---- */

enum auth_verdict auth_ntlm_check(struct front_end_auth *a, const struct auth_request *q,
				  const struct auth_params *p, struct auth_result *ret);
void auth_ntlm_challenge(const struct front_end_auth *a, struct text *ret_lines);
