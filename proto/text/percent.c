/*
 * Percent-encoding
 */
#include "proto/text/percent.h"

#include "proto/text/chars.h"
#include "proto/text/text.h"

#include <errno.h>

/* RFC 3986, 2.3 */
static const bool unreserved[256] = {
	['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['-'] = true,
	['.'] = true,         ['_'] = true,         ['~'] = true,
};

void percent_add(struct text *out, const void *p, size_t n, const char *also)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *s = p, *end = s + n;

	for (;; s++) {
		const char *plain = s;

		while (s < end && (unreserved[(unsigned char)*s] || (*s && strchr(also, *s))))
			s++;
		text_add_bytes(out, plain, (size_t)(s - plain));
		if (s == end)
			return;
		text_add_bytes(out,
			       (char[]){ '%', digits[(unsigned char)*s >> 4],
					 digits[(unsigned char)*s & 15] },
			       3);
	}
}

void percent_add_segment(struct text *out, const char *s)
{
	percent_add(out, s, strlen(s), "@:");
}

/* How many bytes at p need no decoding. Stops at a plus, whose meaning depends on the caller. */
static size_t count_plain(const char *p, size_t n)
{
	const char *plus = n ? memchr(p, '+', n) : NULL;
	const char *percent;

	if (plus)
		n = (size_t)(plus - p);
	percent = n ? memchr(p, '%', n) : NULL;
	return percent ? (size_t)(percent - p) : n;
}

/* The byte that "%41" encodes; -1 if the percent sign is not followed by two hex digits. */
static int decode_octet(const char *p, const char *end)
{
	int high = end - p > 2 ? chars_hex(p[1]) : -1;
	int low = high >= 0 ? chars_hex(p[2]) : -1;

	return low >= 0 ? high << 4 | low : -1;
}

int percent_decode(struct text *out, const char *p, size_t n, bool plus)
{
	const char *end = p + n;

	for (;;) {
		size_t n_plain = count_plain(p, (size_t)(end - p));
		int octet;

		text_add_bytes(out, p, n_plain);
		p += n_plain;
		if (p == end)
			return 0;
		if (*p == '+') {
			text_add_bytes(out, plus ? " " : "+", 1);
			p++;
			continue;
		}
		octet = decode_octet(p, end);
		if (octet < 0)
			return -EINVAL;
		text_add_bytes(out, &(char){ (char)octet }, 1);
		p += 3;
	}
}
