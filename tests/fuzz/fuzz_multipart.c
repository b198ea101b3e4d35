/*
 * Multipart bodies: a boundary, a line feed, and the body.
 */
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/multipart.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PARTS = 50 };

static void check_part(const struct multipart_part *part, const char *start, const char *end)
{
	char value[MULTIPART_FIELDS_SIZE];

	assert(part->fields >= start && part->fields + part->n_fields <= part->p);
	assert(part->p + part->n <= end);
	assert(part->n_fields < MULTIPART_FIELDS_SIZE);
	if (multipart_field(part, "Content-Disposition", value))
		assert(strlen(value) < part->n_fields && !strchr(value, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = size ? (const char *)data : "", *end = s + size;
	const char *line = memchr(s, '\n', size), *why = NULL;
	CLEANUP(mem_free_string) char *boundary = mem_memdup(s, line ? (size_t)(line - s) : 0);
	const char *body = line ? line + 1 : s;
	struct multipart_part part;
	struct multipart m;
	unsigned n = 0;
	int r = multipart_init(&m, boundary, body, (size_t)(end - body), MAX_PARTS, &why);

	while (!r) {
		struct content_type type;

		r = multipart_next(&m, &part, &why);
		if (r)
			break;
		assert(++n <= MAX_PARTS);
		check_part(&part, body, end);
		r = multipart_type(&part, &type, &why);
		if (!r && *type.boundary)
			r = multipart_enter(&m, &part, type.boundary, &why);
	}
	assert(r > 0 || why);
	return 0;
}
