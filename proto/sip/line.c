/*
 * Header lines
 */
#include "proto/sip/line.h"

#include "proto/text/chars.h"

#include <string.h>
#include <strings.h>

bool sip_line_is_space(char c)
{
	return chars_is_blank(c) || c == '\r' || c == '\n';
}

const char *sip_line_end(const char *p, const char *end)
{
	for (; end - p >= 2; p++)
		if (p[0] == '\r' && p[1] == '\n')
			return p;
	return NULL;
}

bool sip_line_read(const char *p, const char *end, struct sip_line *ret)
{
	const char *crlf = sip_line_end(p, end), *colon;

	if (!crlf || crlf == p)
		return false;
	while (crlf && end - crlf > 2 && chars_is_blank(crlf[2]))
		crlf = sip_line_end(crlf + 2, end);
	if (!crlf)
		return false;
	colon = memchr(p, ':', (size_t)(crlf - p));
	if (!colon)
		return false;
	*ret = (struct sip_line){ .p = p,
				  .n = (size_t)(crlf - p) + 2,
				  .n_name = (size_t)(colon - p) };
	while (ret->n_name > 0 && chars_is_blank(p[ret->n_name - 1]))
		ret->n_name--;
	ret->value = colon + 1;
	while (ret->value < crlf && sip_line_is_space(*ret->value))
		ret->value++;
	ret->n_value = (size_t)(crlf - ret->value);
	return true;
}

static bool has_name(const struct sip_line *l, const char *name)
{
	return l->n_name == strlen(name) && !strncasecmp(l->p, name, l->n_name);
}

bool sip_line_is(const struct sip_line *l, const char *name, const char *compact)
{
	return has_name(l, name) || (compact && has_name(l, compact));
}

bool sip_line_find(const char *p, size_t n, const char *name, const char *compact,
		   struct sip_line *ret)
{
	const char *end = p + n;

	p = sip_line_end(p, end);
	for (p = p ? p + 2 : end; sip_line_read(p, end, ret); p += ret->n)
		if (sip_line_is(ret, name, compact))
			return true;
	return false;
}
