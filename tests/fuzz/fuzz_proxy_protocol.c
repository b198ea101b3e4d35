/*
 * PROXY protocol: what is decoded does not depend on what follows, and its beginnings are beginnings.
 */
#include "proto/text/proxy_protocol.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_protocol whole, part;
	int r = proxy_protocol_decode(data, size, &whole);

	if (r == 1)
		assert(size < PROXY_PROTOCOL_MAX);
	if (r != 0)
		return 0;
	assert(whole.n > 0 && whole.n <= size && whole.n <= PROXY_PROTOCOL_MAX);
	for (size_t n = 0; n < whole.n; n++)
		assert(proxy_protocol_decode(data, n, &part) == 1);
	assert(proxy_protocol_decode(data, whole.n, &part) == 0);
	assert(part.n == whole.n && part.port == whole.port &&
	       part.has_address == whole.has_address && part.has_tls == whole.has_tls &&
	       part.is_tls == whole.is_tls);
	assert(whole.has_tls || !whole.is_tls);
	return 0;
}
