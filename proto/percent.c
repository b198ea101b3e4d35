/*
 * Percent-encoding
 */
#include "proto/percent.h"

#include "proto/chars.h"

#include <errno.h>

static bool is_unreserved(char c)
{
	return chars_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void percent_add(struct text *out, const void *p, size_t n, const char *also)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *s = p;

	for (size_t i = 0; i < n; i++) {
		if (is_unreserved(s[i]) || (s[i] && strchr(also, s[i])))
			text_add_bytes(out, s + i, 1);
		else
			text_add_bytes(out,
				       (char[]){ '%', digits[(unsigned char)s[i] >> 4],
						 digits[(unsigned char)s[i] & 15] },
				       3);
	}
}

void percent_add_segment(struct text *out, const char *s)
{
	percent_add(out, s, strlen(s), "@:");
}

int percent_decode(struct text *out, const char *p, size_t n, bool plus)
{
	for (size_t i = 0; i < n; i++) {
		int high, low;
		char c = p[i];

		if (c == '+' && plus)
			c = ' ';
		if (c == '%') {
			high = i + 1 < n ? chars_hex(p[i + 1]) : -1;
			low = i + 2 < n ? chars_hex(p[i + 2]) : -1;
			if (high < 0 || low < 0)
				return -EINVAL;
			c = (char)(high << 4 | low);
			i += 2;
		}
		text_add_bytes(out, &c, 1);
	}
	return 0;
}
