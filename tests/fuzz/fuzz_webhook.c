/*
 * Secrets of webhooks: what was decoded can be encoded, and is the same.
 */
#include "proto/auth/webhook.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	struct webhook_secret secret, back;
	const char *why = NULL;

	if (webhook_secret_decode(s, &secret, &why) < 0) {
		assert(why && secret.n == 0);
		return 0;
	}
	webhook_secret_encode(&again, &secret);
	assert(webhook_secret_decode(text_str(&again), &back, &why) == 0);
	assert(back.n == secret.n && !memcmp(back.bytes, secret.bytes, back.n));
	return 0;
}
