/*
 * JSON from outside: what passes is an object, and its text passes again. It passes in parts if it passes as a whole.
 */
#include "proto/text/json_in.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_in_parts(const uint8_t *data, size_t size)
{
	struct json_in_parts parts;
	struct json_object *whole = NULL, *o = NULL, *part;
	const char *why;
	int err = json_in_object(data, size, JSON_IN_MAX_DEPTH, &whole, &why);

	assert(json_in_object_in_parts(data, size, "a", &parts, &o, &why) == 0 || err < 0);
	part = json_in_read_part(&parts, o);
	if (whole && part && parts.n == 1)
		assert(json_object_equal(part, json_in_find(whole, "a")));
	json_object_put(part);
	json_object_put(o);
	json_object_put(whole);
	json_in_parts_deinit(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	struct json_object *o, *again;
	const char *why;

	read_in_parts(data, size);
	if (json_in_object_lax(data, size, JSON_IN_MAX_DEPTH, &o, &why) < 0) {
		assert(why && !o);
		return 0;
	}
	assert(!why && json_object_is_type(o, json_type_object));
	text_add(&text, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	assert(json_in_object(text.data, text.n, JSON_IN_MAX_DEPTH, &again, &why) == 0);
	assert(json_object_equal(o, again));
	json_object_put(again);
	json_object_put(o);
	return 0;
}
