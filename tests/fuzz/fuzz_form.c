/*
 * Forms
 */
#include "proto/text/form.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The first byte says which: 'm' is multipart with the boundary "b". */
	const char *type =
		size && *data == 'm' ? FORM_MULTIPART_TYPE ";boundary=b" : FORM_CONTENT_TYPE;
	struct form f;
	const char *why;

	if (form_decode(type, data + !!size, size - !!size, &f, &why) < 0) {
		assert(why && !f.n_fields);
		return 0;
	}
	for (size_t i = 0; i < f.n_fields; i++)
		assert(form_get(&f, f.fields[i].name) == f.fields[i].value && f.fields[i].value);
	form_deinit(&f);
	return 0;
}
