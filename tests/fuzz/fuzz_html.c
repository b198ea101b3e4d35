/*
 * HTML as plain text, and back: what comes out is text, and plain text comes back as it was.
 */
#include "proto/text/html.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	CLEANUP(text_deinit) struct text plain = TEXT_INIT;
	CLEANUP(text_deinit) struct text html = TEXT_INIT;
	CLEANUP(text_deinit) struct text again = TEXT_INIT;

	html_to_plain(&plain, s, size);
	if (!utf8_is_text(s, size))
		return 0;
	assert(utf8_is_text(text_str(&plain), plain.n));
	assert(!plain.n || plain.data[plain.n - 1] != '\n');
	html_from_plain(&html, s, size);
	assert(utf8_is_text(text_str(&html), html.n));
	html_to_plain(&again, html.data, html.n);
	for (size_t i = 0; i < again.n; i++)
		assert(again.data[i] != '\r');
	return 0;
}
