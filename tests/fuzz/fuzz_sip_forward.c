/*
 * SIP messages in transit: a forwarded message has our Via on top, and that Via can always be removed.
 */
#include "proto/sip/forward.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sip_forward_via via = { .own = "SIP/2.0/TCP 127.0.0.1:1;branch=z9hG4bK1",
					     .source = { "127.0.0.2", 18 } };
	CLEANUP(text_deinit) struct text request = TEXT_INIT;
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;

	if (sip_forward_request(&request, (const char *)data, size, &via) == 0) {
		assert(memmem(request.data, request.n, via.own, strlen(via.own)));
		assert(sip_forward_answer(&answer, request.data, request.n, "X: y") == 0);
	}
	text_reset(&answer);
	if (sip_forward_answer(&answer, (const char *)data, size, "X: y") == 0)
		assert(answer.n > 0);
	return 0;
}
