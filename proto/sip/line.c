/*
 * Header lines
 */
#include "proto/sip/line.h"

#include "proto/text/chars.h"
#include "proto/text/text.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Behind the CRLF that no white space follows; NULL: there is none. */
static const char *find_end(const char *begin, const char *end)
{
	const char *p = begin;

	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		if (p - begin >= 2 && p[-2] == '\r' && (p == end || !is_blank(*p)))
			break;
	}
	return p;
}

/* A name may be followed by blanks (RFC 3261 7.3.1). */
static size_t name_length(const char *p, const char *colon)
{
	size_t n = 0;

	while (p + n < colon && chars_is_token(p[n]))
		n++;
	for (p += n; p < colon; p++)
		if (!is_blank(*p))
			return 0;
	return n;
}

bool sip_line_read(const char **p, const char *end, struct sip_line *ret)
{
	const char *begin = *p, *behind, *colon, *value;

	if (end - begin >= 2 && begin[0] == '\r' && begin[1] == '\n')
		return false;
	behind = find_end(begin, end);
	if (!behind)
		return false;
	*p = behind;
	*ret = (struct sip_line){ .p = begin, .n = (size_t)(behind - begin) };
	colon = memchr(begin, ':', ret->n);
	if (!colon)
		return true;
	value = colon + 1;
	while (value < behind - 2 && (is_blank(*value) || *value == '\r' || *value == '\n'))
		value++;
	ret->n_name = name_length(begin, colon);
	ret->value = value;
	ret->n_value = (size_t)(behind - 2 - value);
	return true;
}

bool sip_line_is(const struct sip_line *l, const char *name, char compact)
{
	if (compact && l->n_name == 1)
		return chars_lower(*l->p) == compact;
	/* Most lines are told apart by their first letter. */
	return l->n_name > 0 && chars_lower(*l->p) == chars_lower(*name) &&
	       l->n_name == strlen(name) && !strncasecmp(l->p, name, l->n_name);
}

bool sip_line_find(const char *message, size_t n, const char *name, struct sip_line *ret)
{
	const char *end = message + n, *p = memmem(message, n, "\r\n", 2);

	if (!p)
		return false;
	for (p += 2; sip_line_read(&p, end, ret);)
		if (sip_line_is(ret, name, 0))
			return true;
	return false;
}

void sip_line_add_value(struct text *out, const struct sip_line *l)
{
	for (const char *p = l->value; p < l->value + l->n_value; p++)
		if (*p != '\r' && *p != '\n')
			text_add_bytes(out, *p == '\t' ? " " : p, 1);
}
