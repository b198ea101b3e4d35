/*
 * Origins
 */
#include "proto/text/mem.h"
#include "proto/ucwa/origin.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(size ? (const char *)data : "", size);
	char origin[ORIGIN_SIZE], again[ORIGIN_SIZE];
	const char *why = NULL;

	if (origin_decode(s, origin, &why)) {
		assert(why);
		return 0;
	}
	assert(!strpbrk(origin, " \t\r\n\"'<>;,?#@*\\"));
	assert(strlen(origin) <= strlen(s));
	/* What is decoded stays as it is, unless a second port was behind the first. */
	assert(origin_decode(origin, again, &why) || strlen(again) <= strlen(origin));
	return 0;
}
