/*
 * Quality
 */
#include "proto/text/mem.h"
#include "proto/text/quality.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *list = mem_memdup(data, size);
	int weight = quality_of(list, "gzip");

	assert(weight >= -1 && weight <= QUALITY_MAX);
	return 0;
}
