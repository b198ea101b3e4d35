/*
 * Charsets and quoted-printable: the first line names the charset.
 */
#include "proto/text/charset.h"
#include "proto/text/mem.h"
#include "proto/text/quoted_printable.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mem_free_string) char *s = mem_memdup(data, size);
	CLEANUP(text_deinit) struct text decoded = TEXT_INIT;
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	char *end = memchr(s, '\n', size);

	quoted_printable_decode(&decoded, s, size);
	assert(decoded.n <= size);
	if (!end)
		return 0;
	*end++ = '\0';
	if (charset_decode(&out, s, end, (size_t)(s + size - end)))
		assert(!out.n);
	assert(utf8_is_text(text_str(&out), out.n));
	return 0;
}
