/*
 * RTF as plain text
 */
#include "proto/text/mem.h"
#include "proto/text/rtf.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	CLEANUP(text_deinit) struct text plain = TEXT_INIT;

	if (rtf_to_plain(&plain, s, size))
		assert(!plain.n);
	assert(utf8_is_text(text_str(&plain), plain.n));
	return 0;
}
