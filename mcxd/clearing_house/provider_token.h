/*
 * Clearing house: provider token
 *
 * By which Apple's push service knows a provider: a JWT that is good for an hour, and that must be the same one for at least 20
 * minutes, because a provider who makes one for each request is refused.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

struct es256_key;

/** Zeroed memory is one without a key. */
struct provider_token {
	struct es256_key *key; /* owned */
	const char *key_id, *team_id;
	struct text token; /* "bearer " and the JWT; empty: none is made yet */
	int64_t issued_s;
};

/** The value of authorization, valid until the next call; made anew in time. */
const char *provider_token_get(struct provider_token *t, int64_t now_s);

/** The push service says that the one that was issued then is too old: make another one, unless this one is so young that it can
 *  be no matter of age. Returns whether the same request will have another one: it will be made, or has been since. */
bool provider_token_expire(struct provider_token *t, int64_t issued_s, int64_t now_s);

void provider_token_deinit(struct provider_token *t);
