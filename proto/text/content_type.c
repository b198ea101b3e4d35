/*
 * Content type
 */
#include "proto/text/content_type.h"

#include "proto/text/chars.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static const char *skip_space(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

int content_type_param(const char **s, struct content_type_param *ret)
{
	const char *p = skip_space(*s);
	size_t n;

	*ret = (struct content_type_param){ 0 };
	if (!*p)
		return 1;
	if (*p != ';')
		return -EINVAL;
	p = skip_space(p + 1);
	ret->name = p;
	for (n = 0; chars_is_token(p[n]); n++)
		;
	ret->n_name = n;
	p = skip_space(p + n);
	if (!n || *p != '=')
		return -EINVAL;
	p = skip_space(p + 1);
	if (*p == '"') {
		ret->value = ++p;
		while (*p && *p != '"')
			p += *p == '\\' && p[1] ? 2 : 1;
		if (!*p)
			return -EINVAL;
		ret->n_value = (size_t)(p++ - ret->value);
	} else {
		ret->value = p;
		ret->n_value = strcspn(p, "; \t\r\n\"");
		p += ret->n_value;
	}
	*s = p;
	return 0;
}

bool content_type_param_is(const struct content_type_param *p, const char *name)
{
	return strlen(name) == p->n_name && !strncasecmp(p->name, name, p->n_name);
}

static int copy_value(const struct content_type_param *p, char *ret, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_value; i++) {
		if (p->value[i] == '\\' && i + 1 < p->n_value)
			i++;
		if (n + 1 == size || chars_is_control(p->value[i]))
			return -EINVAL;
		ret[n++] = p->value[i];
	}
	ret[n] = '\0';
	return 0;
}

static void fold(char *s)
{
	for (; *s; s++)
		*s = chars_lower(*s);
}

static int keep_param(const struct content_type_param *p, struct content_type *t)
{
	int r = 0;

	if (content_type_param_is(p, "charset")) {
		r = copy_value(p, t->charset, sizeof(t->charset));
		fold(t->charset);
	} else if (content_type_param_is(p, "boundary")) {
		r = copy_value(p, t->boundary, sizeof(t->boundary));
	}
	return r;
}

static size_t token_length(const char *s)
{
	size_t n = 0;

	while (chars_is_token(s[n]))
		n++;
	return n;
}

/* "text/plain". Returns the rest, or NULL if it is malformed. */
static const char *read_type(const char *s, struct content_type *t)
{
	size_t n_type = token_length(s);
	const char *slash = skip_space(s + n_type);
	const char *subtype = skip_space(*slash ? slash + 1 : slash);
	size_t n_subtype = token_length(subtype);

	if (!n_type || *slash != '/' || !n_subtype || n_type + 1 + n_subtype >= sizeof(t->type))
		return NULL;
	memcpy(t->type, s, n_type);
	t->type[n_type] = '/';
	memcpy(t->type + n_type + 1, subtype, n_subtype);
	t->type[n_type + 1 + n_subtype] = '\0';
	fold(t->type);
	return subtype + n_subtype;
}

int content_type_decode(const char *value, struct content_type *ret, const char **ret_why)
{
	struct content_type t = { 0 };
	struct content_type_param p;
	const char *s = read_type(skip_space(value), &t);
	int r = s ? 0 : -EINVAL;

	while (!r) {
		r = content_type_param(&s, &p);
		if (!r)
			r = keep_param(&p, &t);
	}
	if (r < 0) {
		*ret_why = "The content type is malformed";
		return r;
	}
	*ret = t;
	return 0;
}

/* US-ASCII is a part of UTF-8. */
static bool value_is_utf8(const char *value)
{
	static const char *const charsets[] = { "utf-8", "utf8", "us-ascii" };
	size_t n = strcspn(value, "; \t\"'");

	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
		if (strlen(charsets[i]) == n && !strncasecmp(value, charsets[i], n))
			return true;
	return false;
}

/* Of the parameters only charset matters, which Microsoft's documents quote with apostrophes. */
static bool charset_is_utf8(const char *s)
{
	while (*(s = skip_space(s)) == ';') {
		size_t n;

		s = skip_space(s + 1);
		n = strcspn(s, ";");
		if (!strncasecmp(s, "charset=", 8)) {
			if (!value_is_utf8(s + 8 + strspn(s + 8, "\"'")))
				return false;
		}
		s += n;
	}
	return !*s;
}

bool content_type_is(const char *value, const char *type)
{
	size_t n = strlen(type);

	return value && !strncasecmp(value, type, n) && charset_is_utf8(value + n);
}
