/*
 * Accept
 */
#include "proto/text/accept.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* How specific a range is that matches the type: 3 for the type, 2 for "type" and any subtype, 1 for any; 0: it does
 * not match. */
static int match(const char *range, size_t n, const char *type)
{
	size_t n_major = strcspn(type, "/") + 1;

	if (n == strlen(type) && !strncasecmp(range, type, n))
		return 3;
	if (n == n_major + 1 && range[n - 1] == '*' && !strncasecmp(range, type, n_major))
		return 2;
	return n == 3 && !memcmp(range, "*/*", 3);
}

/* "0.85", with up to three digits behind the point. */
static int thousandths(const char *s)
{
	int q = *s == '1' ? 1000 : 0, unit = 100;

	if (s[0] && s[1] == '.')
		for (s += 2; unit && *s >= '0' && *s <= '9'; s++, unit /= 10)
			q += unit * (*s - '0');
	return q > 1000 ? 1000 : q;
}

/* s stands behind the range; n bytes up to the end of the element. */
static int quality_of(const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		s += strspn(s, " \t;");
		if (s < end && (*s == 'q' || *s == 'Q') && s[1] == '=')
			return thousandths(s + 2);
		s += strcspn(s, ";,");
	}
	return 1000;
}

int accept_quality(const char *header, const char *type)
{
	int best = 0, quality = 0;

	if (!header)
		return 1000;
	for (const char *s = header; *(s += strspn(s, " \t,"));) {
		size_t n = strcspn(s, ","), n_range = strcspn(s, " \t;,");
		int how = match(s, n_range, type);

		if (how > best) {
			best = how;
			quality = quality_of(s + n_range, n - n_range);
		}
		s += n;
	}
	return quality;
}
