/*
 * Base64: encoding the decoded bytes gives the input again, except for alphabet and padding.
 */
#include "proto/text/base64.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	CLEANUP(text_deinit) struct text back = TEXT_INIT;

	if (base64_decode(&bytes, (const char *)data, size)) {
		assert(bytes.n == 0);
	} else {
		base64_encode_url(&again, bytes.data, bytes.n);
		assert(again.n <= size && size - again.n <= 2);
	}
	text_reset(&again);
	base64_encode(&again, data, size);
	assert(!base64_decode(&back, text_str(&again), again.n));
	assert(back.n == size && (size == 0 || !memcmp(back.data, data, size)));
	return 0;
}
