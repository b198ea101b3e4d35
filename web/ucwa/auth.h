/*
 * Tokens
 *
 * What a client authenticates with after it has given a password: "cwt=" and 64 hex digits from the
 * kernel's random generator, valid for a configured time on the lab's clock.
 */
#pragma once

#include <stdint.h>

struct loop;
struct metrics;

enum { AUTH_TOKEN_SIZE = 4 + 64 + 1 };

struct auth_config {
	int64_t token_lifetime_ms;
	int64_t max_tokens_per_user; /* one more replaces the oldest of this user */
	int64_t max_tokens;          /* of all users together; one more is refused */
};

struct auth;

/** metrics may be NULL. */
struct auth *auth_new(struct loop *l, const struct auth_config *config, struct metrics *metrics);
struct auth *auth_free(struct auth *a); /* NULL is fine */

/** Issue a token to a user. credentials: a number that changes with the password, returned by
 *  auth_check(). Returns 0, or 1 if the limit of all users is reached. */
int auth_issue(struct auth *a, const char *aor, uint64_t credentials,
	       char ret_token[AUTH_TOKEN_SIZE]);

/** The AoR of the token's owner, valid until the next call; NULL: the token is unknown or expired. */
const char *auth_check(struct auth *a, const char *token, uint64_t *ret_credentials);
