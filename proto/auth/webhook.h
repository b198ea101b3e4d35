/*
 * Signatures of webhooks
 *
 * The symmetric scheme of Standard Webhooks 1.0: HMAC-SHA256 under a shared secret over "id.timestamp.body", so that a receiver
 * can tell who sent a request, that it is whole, and that it is new.
 */
#pragma once

#include "proto/text/text.h"

#include <stddef.h>
#include <stdint.h>

#define WEBHOOK_HEADER_ID        "webhook-id"
#define WEBHOOK_HEADER_TIMESTAMP "webhook-timestamp"
#define WEBHOOK_HEADER_SIGNATURE "webhook-signature"

/** A secret is 24 to 64 random bytes, written as "whsec_" and their base64. */
#define WEBHOOK_SECRET_PREFIX "whsec_"
enum { WEBHOOK_MIN_SECRET = 24, WEBHOOK_NEW_SECRET = 32, WEBHOOK_MAX_SECRET = 64 };

struct webhook_secret {
	size_t n; /* 0: none */
	unsigned char bytes[WEBHOOK_MAX_SECRET];
};

/** Read a secret. Returns 0, or -EINVAL with *ret zeroed and a static sentence in *ret_why. */
int webhook_secret_decode(const char *s, struct webhook_secret *ret, const char **ret_why);
void webhook_secret_encode(struct text *out, const struct webhook_secret *secret);

struct webhook {
	const char *id; /* the same for every attempt; without a dot */
	int64_t sent_s; /* of this attempt, since 1970 */
	const void *body;
	size_t n_body;
};

/** Append the value of WEBHOOK_HEADER_SIGNATURE: "v1," and base64. */
void webhook_sign(struct text *out, const struct webhook *w, const struct webhook_secret *secret);
