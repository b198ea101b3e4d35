/*
 * Mask: any bytes can be covered; a second time changes nothing, and what is covered is a star.
 */
#include "proto/mask.h"
#include "proto/text/mem.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of exactly this size, so that the sanitizer sees what reads too far. */
	char *once = mem_check(malloc(size ? size : 1)),
	     *twice = mem_check(malloc(size ? size : 1));

	memcpy(twice, data, size);
	mask_secrets(twice, size);
	memcpy(once, twice, size);
	for (size_t i = 0; i < size; i++)
		assert(once[i] == (char)data[i] || once[i] == '*');
	mask_secrets(twice, size);
	assert(!memcmp(once, twice, size));
	free(once);
	free(twice);
	return 0;
}
