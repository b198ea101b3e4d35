/*
 * Parameters of authentication
 */
#include "proto/auth/params.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* A token ends where its text does; what comes after it is looked at before the NUL is put there. */
struct reader {
	char *at, *end;
	const char *why;
};

static void skip_blanks(struct reader *r)
{
	while (r->at < r->end && chars_is_in(*r->at, " \t\r\n"))
		r->at++;
}

static char *read_token(struct reader *r)
{
	char *start = r->at;

	while (r->at < r->end && chars_is_token(*r->at))
		r->at++;
	return r->at > start ? start : NULL;
}

/* Unescaped in place. */
static char *read_quoted(struct reader *r)
{
	char *start = ++r->at, *to = start;

	for (; r->at < r->end && *r->at != '"'; r->at++) {
		if (*r->at == '\\' && ++r->at == r->end)
			break;
		*to++ = *r->at;
	}
	if (r->at >= r->end) {
		r->why = "A quoted string has no end";
		return NULL;
	}
	*to = '\0';
	r->at++;
	return start;
}

/* base64 and others that have no quotes where there should be some are taken up to the comma. */
static char *read_bare(struct reader *r, char **ret_end)
{
	char *start = r->at;

	while (r->at < r->end && !chars_is_in(*r->at, ", \t\r\n\""))
		r->at++;
	*ret_end = r->at;
	if (r->at == start)
		r->why = "A parameter has no value";
	return r->why ? NULL : start;
}

static bool read_param(struct reader *r, struct auth_param *ret)
{
	char *name = read_token(r), *name_end = r->at, *value_end = NULL;

	skip_blanks(r);
	if (!name || r->at == r->end || *r->at != '=') {
		r->why = "A parameter is not name=value";
		return false;
	}
	r->at++;
	skip_blanks(r);
	ret->is_quoted = r->at < r->end && *r->at == '"';
	ret->name = name;
	ret->value = ret->is_quoted ? read_quoted(r) : read_bare(r, &value_end);
	if (!ret->value)
		return false;
	skip_blanks(r);
	if (r->at < r->end && *r->at != ',') {
		r->why = "There is no comma between two parameters";
		return false;
	}
	*name_end = '\0';
	if (r->at < r->end)
		r->at++;
	if (value_end)
		*value_end = '\0';
	return true;
}

static void read_params(struct reader *r, struct auth_params *ret)
{
	for (;;) {
		struct auth_param p;

		while (r->at < r->end && chars_is_in(*r->at, ", \t\r\n"))
			r->at++;
		if (r->at == r->end || !read_param(r, &p))
			return;
		if (ret->n == AUTH_PARAMS_MAX)
			r->why = "There are too many parameters";
		else if (auth_params_get(ret, p.name))
			r->why = "A parameter is there twice";
		if (r->why)
			return;
		ret->params[ret->n++] = p;
	}
}

int auth_params_decode(const char *s, size_t n, struct auth_params *ret, const char **ret_why)
{
	struct reader r = { 0 };
	char *scheme_end;

	*ret = (struct auth_params){ 0 };
	*ret_why = NULL;
	if (n > AUTH_PARAMS_MAX_BYTES)
		r.why = "The value is too long";
	else if (memchr(s, '\0', n))
		r.why = "There is a NUL in the value";
	if (!r.why) {
		ret->text = mem_memdup(s, n);
		r.at = ret->text;
		r.end = ret->text + n;
		skip_blanks(&r);
		memmove(ret->text, r.at, (size_t)(r.end - r.at) + 1);
		r.end -= r.at - ret->text;
		r.at = ret->text;
		if (!read_token(&r) || (r.at < r.end && !chars_is_in(*r.at, " \t\r\n")))
			r.why = "There is no scheme";
	}
	if (!r.why) {
		scheme_end = r.at;
		if (r.at < r.end)
			r.at++;
		*scheme_end = '\0';
		read_params(&r, ret);
	}
	if (!r.why)
		return 0;
	*ret_why = r.why;
	auth_params_deinit(ret);
	return -EINVAL;
}

void auth_params_deinit(struct auth_params *a)
{
	free(a->text);
	*a = (struct auth_params){ 0 };
}

const char *auth_params_scheme(const struct auth_params *a)
{
	return a->text ? a->text : "";
}

const char *auth_params_get(const struct auth_params *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (!strcasecmp(a->params[i].name, name))
			return a->params[i].value;
	return NULL;
}

/* ---- writing ---- */

static void add_name(struct text *out, const char *name)
{
	bool follows = out->n > 0 && out->data[out->n - 1] != ' ';

	text_add_all(out, follows ? ", " : "", name, "=");
}

void auth_params_add_quoted(struct text *out, const char *name, const char *value)
{
	add_name(out, name);
	text_add(out, "\"");
	for (const char *c = value; *c; c++) {
		if (chars_is_control(*c))
			continue;
		if (*c == '"' || *c == '\\')
			text_add(out, "\\");
		text_add_bytes(out, c, 1);
	}
	text_add(out, "\"");
}

void auth_params_add_token(struct text *out, const char *name, const char *value)
{
	add_name(out, name);
	text_add(out, value);
}
