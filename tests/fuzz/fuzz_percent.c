/*
 * Percent-encoding
 */
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decoding, encoding and decoding again gives the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text first = TEXT_INIT;
	CLEANUP(text_deinit) struct text encoded = TEXT_INIT;
	CLEANUP(text_deinit) struct text again = TEXT_INIT;

	if (percent_decode(&first, (const char *)data, size, size & 1) < 0)
		return 0;
	percent_add(&encoded, first.data, first.n, "/:@");
	assert(percent_decode(&again, encoded.data, encoded.n, false) == 0);
	assert(again.n == first.n && (again.n == 0 || !memcmp(again.data, first.data, again.n)));
	return 0;
}
