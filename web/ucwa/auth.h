/*
 * Tokens
 *
 * What the HTTPS API knows a user by, after a password: "cwt=" and 64 hex digits from the kernel's
 * generator, good for a configured time on the lab's clock.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"

enum { AUTH_TOKEN_SIZE = 4 + 64 + 1 };

struct auth_config {
	int64_t token_lifetime_ms;
	int64_t max_tokens_per_user; /* one more, and the oldest of this user goes */
	int64_t max_tokens;          /* of all users together; one more is refused */
};

struct auth;

/** metrics may be NULL. */
struct auth *auth_new(struct loop *l, const struct auth_config *config, struct metrics *metrics);
struct auth *auth_free(struct auth *a);

/** Make a token for a user. credentials: a number that changes with the password, given back by
 *  auth_check(). Returns 0, or 1 when there are too many in all. */
int auth_issue(struct auth *a, const char *aor, uint64_t credentials,
	       char ret_token[AUTH_TOKEN_SIZE]);

/** Whose token that is, valid until the next call; NULL when it is none of ours, or has expired. */
const char *auth_check(struct auth *a, const char *token, uint64_t *ret_credentials);
