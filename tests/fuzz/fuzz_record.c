/*
 * Record from JSON: a record that is accepted stays the same when it is encoded and decoded again.
 */
#include "proto/record.h"

#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_object *encode_and_free(struct record *r)
{
	struct json_object *o;

	assert(r->kind && r->n_fields <= RECORD_MAX_FIELDS);
	o = record_encode(r);
	free(r);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct json_object *o, *first, *second;
	const char *parse_error;
	struct record *r;

	if (json_in_object(data, size, JSON_IN_MAX_DEPTH, &o, &parse_error) < 0)
		return 0;
	if (record_decode(o, &r, &why) < 0) {
		assert(!r && why.n > 0);
		json_object_put(o);
		return 0;
	}
	assert(why.n == 0);
	json_object_put(o);
	first = encode_and_free(r);
	assert(record_decode(first, &r, &why) == 0);
	second = encode_and_free(r);
	assert(json_object_equal(first, second));
	json_object_put(second);
	json_object_put(first);
	return 0;
}
