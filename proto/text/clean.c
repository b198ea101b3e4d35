/*
 * Clean text
 */
#include "proto/text/clean.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/* Returns how many bytes of s it stands for. */
static size_t add_clean(struct text *out, const char *s, size_t n)
{
	size_t step = utf8_sequence(s, n);
	char one[5] = "";

	if (!step) {
		text_add(out, REPLACEMENT);
		return 1;
	}
	if (*s == '\r' || *s == '\n') {
		text_add(out, " ");
		return strspn(s, "\r\n \t");
	}
	memcpy(one, s, step);
	text_add(out, utf8_has_control(one) ? " " : one);
	return step;
}

/* How many of n bytes fit into max. */
static size_t cut(const char *s, size_t n, size_t max)
{
	size_t whole;

	if (n <= max)
		return n;
	whole = utf8_complete(s, max);
	CLEANUP(mem_free_string) char *start = mem_memdup(s, whole);
	return utf8_cut(s, utf8_count(start));
}

char *clean_copy(const char *s, size_t max)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	const char *p;
	size_t n;

	for (n = s ? strlen(s) : 0; n;) {
		size_t step = add_clean(&line, s, n);

		s += step;
		n -= step;
	}
	p = text_str(&line);
	n = chars_trim(&p, line.n, " ");
	n = cut(p, n, max);
	n = chars_trim(&p, n, " ");
	return n ? mem_memdup(p, n) : NULL;
}
