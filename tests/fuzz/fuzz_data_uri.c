/*
 * data URIs: decoding, encoding and decoding again gives the same.
 */
#include "proto/text/data_uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *uri = mem_memdup(data, size);
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	struct data_uri u, back;
	const char *why;

	if (data_uri_decode(uri, &u, &why) < 0) {
		assert(why && !u.text && !u.type);
		return 0;
	}
	data_uri_encode(&again, u.type, u.text);
	assert(data_uri_decode(text_str(&again), &back, &why) == 0);
	assert(!strcmp(u.type, back.type) && !strcmp(u.text, back.text));
	data_uri_deinit(&back);
	data_uri_deinit(&u);
	return 0;
}
