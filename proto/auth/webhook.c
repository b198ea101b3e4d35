/*
 * Signatures of webhooks
 */
#include "proto/auth/webhook.h"

#include "proto/crypto/sha256.h"
#include "proto/text/base64.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <string.h>

#define SYMMETRIC "v1,"

int webhook_secret_decode(const char *s, struct webhook_secret *ret, const char **ret_why)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	size_t n_prefix = strlen(WEBHOOK_SECRET_PREFIX);

	*ret = (struct webhook_secret){ 0 };
	*ret_why = NULL;
	if (strncmp(s, WEBHOOK_SECRET_PREFIX, n_prefix) != 0)
		*ret_why = "The secret does not begin with " WEBHOOK_SECRET_PREFIX;
	else if (base64_decode(&bytes, s + n_prefix, strlen(s + n_prefix)) < 0)
		*ret_why = "The secret is not base64 after " WEBHOOK_SECRET_PREFIX;
	else if (bytes.n < WEBHOOK_MIN_SECRET || bytes.n > WEBHOOK_MAX_SECRET)
		*ret_why = "The secret does not have 24 to 64 bytes";
	if (*ret_why)
		return -EINVAL;
	ret->n = bytes.n;
	memcpy(ret->bytes, bytes.data, bytes.n);
	return 0;
}

void webhook_secret_encode(struct text *out, const struct webhook_secret *secret)
{
	text_add(out, WEBHOOK_SECRET_PREFIX);
	base64_encode(out, secret->bytes, secret->n);
}

void webhook_sign(struct text *out, const struct webhook *w, const struct webhook_secret *secret)
{
	CLEANUP(text_deinit) struct text content = TEXT_INIT;
	unsigned char digest[DIGEST_BYTES];

	text_add_all(&content, w->id, ".");
	text_add_signed(&content, w->sent_s);
	text_add(&content, ".");
	text_add_bytes(&content, w->body, w->n_body);
	sha256_hmac(secret->bytes, secret->n, content.data, content.n, digest);
	text_add(out, SYMMETRIC);
	base64_encode(out, digest, sizeof(digest));
}
