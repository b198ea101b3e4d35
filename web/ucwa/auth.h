/*
 * Tokens
 *
 * What a client authenticates with after it has given a password: "cwt=" and 64 hex digits from the
 * kernel's random generator, valid for a configured time on the lab's clock, and as long as its owner has the
 * password that it was issued for. The token itself is kept nowhere, only its digest.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct core;
struct metrics;
struct store_row;
struct user;

enum { AUTH_TOKEN_SIZE = 4 + 64 + 1 };

struct auth_config {
	int64_t token_lifetime_ms;
	int64_t max_tokens_per_user; /* one more replaces the oldest of this user */
	int64_t max_tokens;          /* of all users together; one more is refused */
};

struct auth;

/** metrics may be NULL. */
struct auth *auth_new(struct core *c, const struct auth_config *config, struct metrics *metrics);
struct auth *auth_free(struct auth *a); /* NULL is fine */

/** Issue a token to a user. Returns 0, or 1 if the limit of all users is reached. */
int auth_issue(struct auth *a, const struct user *u, char ret_token[AUTH_TOKEN_SIZE]);

/** How long until the oldest token ends and makes room for another; 0: there is none. */
int64_t auth_room_ms(const struct auth *a);

/** The token's owner; NULL: the token is unknown or not valid any more. */
struct user *auth_check(struct auth *a, const char *token);

/** A user's tokens are not valid any more. */
void auth_forget(struct auth *a, const char *aor);

/** Save a STORE_TOKEN row for every token. */
void auth_save_all(struct auth *a);

/** Whether a STORE_TOKEN row is sound and has not expired. */
bool auth_can_restore(const struct auth *a, const struct store_row *row);

/** A STORE_TOKEN row. False if it is not valid any more. */
bool auth_restore(struct auth *a, const struct store_row *row);
