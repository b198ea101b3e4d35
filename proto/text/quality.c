/*
 * Quality
 */
#include "proto/text/quality.h"

#include "proto/text/chars.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* Up to three digits behind the point. */
static int read_fraction(const char *s, const char **end)
{
	int value = 0, unit = QUALITY_MAX / 10;

	for (; chars_is_digit(*s) && unit > 0; s++, unit /= 10)
		value += (*s - '0') * unit;
	*end = s;
	return value;
}

/* "0.5", "1", "1.000"; 0 if it is malformed. */
static int read_weight(const char *s)
{
	int weight = *s == '1' ? QUALITY_MAX : 0;

	if (*s != '0' && *s != '1')
		return 0;
	s++;
	if (*s == '.')
		weight += read_fraction(s + 1, &s);
	s = skip_blanks(s);
	return weight <= QUALITY_MAX && (!*s || *s == ',' || *s == ';') ? weight : 0;
}

/* Behind the token, up to the end of the element; other parameters do not matter. */
static int weight_of(const char *s)
{
	while (*(s = skip_blanks(s)) == ';') {
		s = skip_blanks(s + 1);
		if ((*s == 'q' || *s == 'Q') && *skip_blanks(s + 1) == '=')
			return read_weight(skip_blanks(skip_blanks(s + 1) + 1));
		s += strcspn(s, ";,");
	}
	return QUALITY_MAX;
}

static bool token_is(const char *s, size_t n, const char *name)
{
	return strlen(name) == n && strncasecmp(s, name, n) == 0;
}

int quality_of(const char *list, const char *name)
{
	int any = -1;

	while (*list) {
		const char *token = list + strspn(list, " \t,");
		size_t n = strcspn(token, " \t;,");

		if (n > 0 && token_is(token, n, name))
			return weight_of(token + n);
		if (token_is(token, n, "*"))
			any = weight_of(token + n);
		list = token + strcspn(token, ",");
	}
	return any;
}
