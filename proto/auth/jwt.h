/*
 * JSON Web Tokens signed with ES256
 *
 * The compact form of RFC 7515 with the claims of RFC 7519, as Apple's provider tokens have them: alg and kid in the
 * header, iss and iat in the payload. Time is always an argument.
 */
#pragma once

#include "proto/crypto/es256.h"
#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JWT_MAX_BYTES = 4096 };

/** What a token says. Strings are owned; NULL where it says nothing. */
struct jwt {
	char *key_id;         /* kid */
	char *issuer;         /* iss */
	char *audience;       /* aud: a string, or a list as JSON */
	int64_t issued_s;     /* iat: seconds since 1970; -1: absent */
	int64_t expires_s;    /* exp; -1 */
	int64_t not_before_s; /* nbf; -1 */
	size_t n_signed;      /* so many characters of it are signed */
	unsigned char signature[ES256_SIGNATURE_BYTES];
};

void jwt_deinit(struct jwt *t);

/** Take a token apart, without checking its signature. The algorithm is looked at before anything else: whatever is not
 *  "ES256" is refused. Returns 0, or -EINVAL with *ret emptied and a static sentence in *ret_why. */
int jwt_decode(const char *s, size_t n, struct jwt *ret, const char **ret_why);

/** Append a token. */
void jwt_encode(struct text *out, const char *key_id, const char *issuer, int64_t issued_s,
		const struct es256_key *key);

struct jwt_rules {
	const struct es256_key *key;
	const char *key_id, *issuer;
	int64_t max_age_s;   /* since it was issued */
	int64_t max_ahead_s; /* how far the issuer's clock may be ahead */
};

enum jwt_verdict {
	JWT_GOOD,
	JWT_OTHER_KEY,     /* kid is not the one that is known */
	JWT_BAD_SIGNATURE, /* … or it was changed */
	JWT_OTHER_ISSUER,
	JWT_OTHER_AUDIENCE, /* it was made for somebody, and that is not us (RFC 7519, 4.1.3) */
	JWT_NO_TIME,
	JWT_EXPIRED, /* or too old */
	JWT_EARLY,   /* from the future */
	N_JWT_VERDICTS
};

/** Check what was decoded from s: the key and its signature, then who made it for whom. */
enum jwt_verdict jwt_check(const char *s, const struct jwt *t, const struct jwt_rules *rules);

/** Check its times. This is to be asked again whenever a token that was checked before is used. */
enum jwt_verdict jwt_check_time(const struct jwt *t, const struct jwt_rules *rules, int64_t now_s);

/** A sentence for people. */
const char *jwt_verdict_text(enum jwt_verdict verdict);
