/*
 * What only trusted servers may say: once it is taken off, nothing of it is left.
 */
#include "proto/sip/trust.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text once = TEXT_INIT;
	CLEANUP(text_deinit) struct text twice = TEXT_INIT;

	if (!sip_trust_strip(&once, (const char *)data, size))
		return 0;
	assert(once.n < size);
	assert(sip_trust_strip(&twice, once.data, once.n) == 0);
	return 0;
}
