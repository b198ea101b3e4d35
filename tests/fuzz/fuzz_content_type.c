/*
 * Content types: members stay within their sizes, and parameters within the value.
 */
#include "proto/text/content_type.h"
#include "proto/text/mem.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	struct content_type_param p;
	struct content_type t;
	const char *why = NULL;
	const char *at = s + strcspn(s, ";");
	const char *end = s + strlen(s);

	if (content_type_decode(s, &t, &why)) {
		assert(why);
	} else {
		assert(strchr(t.type, '/') && strlen(t.type) < sizeof(t.type));
		assert(strlen(t.charset) < sizeof(t.charset));
		assert(!strpbrk(t.boundary, "\r\n"));
	}
	while (!content_type_param(&at, &p)) {
		assert(p.n_name && p.name >= s && p.name + p.n_name < p.value);
		assert(p.value + p.n_value <= end && at <= end);
	}
	return 0;
}
