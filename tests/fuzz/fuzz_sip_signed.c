/*
 * What a signature covers: the string has as many fields as its version, whatever the message is.
 */
#include "proto/sip/signed.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int version = 2; version <= 4; version++) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;
		const struct sip_signed s = { "NTLM", "0", "1", "realm", "target", version };

		if (sip_signed_add(&t, (const char *)data, size, &s) < 0) {
			assert(t.n == 0);
			return 0;
		}
		assert(!strncmp(text_str(&t), "<NTLM><0><1><realm><target><", 28));
		assert(t.data[t.n - 1] == '>');
	}
	return 0;
}
