/*
 * Forwarded
 */
#include "proto/text/forwarded.h"
#include "proto/text/mem.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *value = mem_memdup(data, size);
	CLEANUP(forwarded_deinit) struct forwarded f;

	if (forwarded_decode(value, &f) < 0)
		return 0;
	assert(f.n_hops <= FORWARDED_MAX);
	for (size_t i = 0; i < f.n_hops; i++) {
		const struct forwarded_hop *hop = &f.hops[i];

		assert(!hop->node || strlen(hop->node) < size);
		assert(!hop->host || strlen(hop->host) < size);
		assert(!hop->proto || strlen(hop->proto) < size);
	}
	return 0;
}
