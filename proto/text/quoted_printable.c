/*
 * Quoted-printable
 */
#include "proto/text/quoted_printable.h"

#include "proto/text/chars.h"
#include "proto/text/text.h"

#include <stdbool.h>

static size_t blanks(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (p[i] == ' ' || p[i] == '\t'))
		i++;
	return i;
}

static bool is_line_end(const char *p, size_t n)
{
	return !n || *p == '\n' || (n > 1 && p[0] == '\r' && p[1] == '\n');
}

/* p: an '='. Returns how many characters it takes. */
static size_t add_escape(struct text *out, const char *p, size_t n)
{
	size_t skip = 1 + blanks(p + 1, n - 1);

	if (n > 2 && chars_hex(p[1]) >= 0 && chars_hex(p[2]) >= 0) {
		char c = (char)(chars_hex(p[1]) * 16 + chars_hex(p[2]));

		text_add_bytes(out, &c, 1);
		return 3;
	}
	if (!is_line_end(p + skip, n - skip)) {
		text_add(out, "=");
		return 1;
	}
	if (skip < n)
		skip += p[skip] == '\r' ? 2 : 1;
	return skip;
}

void quoted_printable_decode(struct text *out, const char *p, size_t n)
{
	for (size_t i = 0, step; i < n; i += step) {
		if (p[i] == '=') {
			step = add_escape(out, p + i, n - i);
			continue;
		}
		step = blanks(p + i, n - i);
		/* Blanks at the end of a line come from the transport (rule 3). */
		if (step && is_line_end(p + i + step, n - i - step))
			continue;
		step = step ? step : 1;
		text_add_bytes(out, p + i, step);
	}
}
