/*
 * Records as files for other tools: whatever bytes they hold, an archive is JSON, and a capture consists of whole blocks.
 */
#include "proto/capture.h"
#include "proto/har.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json.h>

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_blocks(const struct text *file)
{
	size_t at = 0;
	uint32_t n = 0;

	while (at < file->n) {
		assert(file->n - at >= 12);
		memcpy(&n, file->data + at + 4, sizeof(n));
		assert(n >= 12 && n % 4 == 0 && n <= file->n - at);
		at += n;
		assert(!memcmp(file->data + at - 4, &n, sizeof(n)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(text_deinit) struct text file = TEXT_INIT;
	CLEANUP(text_deinit) struct text archive = TEXT_INIT;
	const struct record_field fields[] = { { "method", "POST" },
					       { "path", "http://[::1]:1/x" } };
	struct record records[] = {
		{ .seq = 1,
		  .kind = "http",
		  .from = "a@b",
		  .to = "front-end",
		  .raw = data,
		  .n_raw = size,
		  .fields = fields,
		  .n_fields = 2 },
		{ .seq = 2,
		  .kind = "sip",
		  .from = "a@b",
		  .to = "front-end",
		  .raw = data,
		  .n_raw = size },
	};
	const struct record *pointers[] = { &records[0], &records[1] };
	struct json_object *o;

	capture_encode(&file, pointers, ARRAY_SIZE(pointers));
	check_blocks(&file);
	har_encode(&archive, pointers, 1, "1");
	o = json_tokener_parse(text_str(&archive));
	assert(o);
	json_object_put(o);
	return 0;
}
