/*
 * Name-addr
 */
#include "proto/sip/name_addr.h"

#include "proto/text/chars.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <strings.h>

static int malformed(const char **ret_why, const char *why)
{
	if (ret_why)
		*ret_why = why;
	return -EINVAL;
}

static const char *skip_space(const char *s)
{
	return s + strspn(s, " \t\r\n");
}

/* A buffer of limited size; what does not fit is cut. */
struct room {
	char *p; /* NULL: the text goes nowhere */
	size_t size, n;
	bool cut;
};

static void add_char(struct room *r, char c)
{
	r->cut = r->cut || r->n + 1 >= r->size;
	if (r->p && !r->cut)
		r->p[r->n++] = c;
}

static void finish(struct room *r)
{
	if (r->p)
		r->p[r->cut ? utf8_complete(r->p, r->n) : r->n] = '\0';
}

/* s is at the first quote. Returns what follows the last one, or NULL if the string is malformed. */
static const char *read_quoted(const char *s, struct room *room)
{
	for (s++; *s != '"'; s++) {
		bool is_pair = *s == '\\';

		s += is_pair;
		if (!*s || *s == '\r' || *s == '\n')
			return NULL;
		if (chars_is_control(*s) && *s != '\t' && !is_pair)
			return NULL;
		add_char(room, *s);
	}
	finish(room);
	return s + 1;
}

/* An unquoted display name. */
static int read_tokens(const char *s, size_t n, struct room *room)
{
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	for (size_t i = 0; i < n; i++) {
		/* More than the grammar allows: real clients omit quotes where they are needed. */
		if ((chars_is_control(s[i]) && s[i] != '\t') || strchr("\"<>;,\\", s[i]))
			return -EINVAL;
		add_char(room, s[i]);
	}
	finish(room);
	return 0;
}

static const char *read_display(const char *s, struct name_addr *a)
{
	struct room room = { .p = a->display_name, .size = sizeof(a->display_name) };
	const char *bracket;

	if (*s == '"') {
		s = read_quoted(s, &room);
		s = s ? skip_space(s) : NULL;
		return s && *s == '<' ? s : NULL;
	}
	bracket = strchr(s, '<');
	if (bracket && read_tokens(s, (size_t)(bracket - s), &room))
		return NULL;
	return bracket ? bracket : s;
}

/* One ";name[=value]". Returns the rest, or NULL if it is malformed. */
static const char *read_param(const char *s)
{
	struct room nowhere = { 0 };
	size_t n;

	s = skip_space(s + 1);
	for (n = 0; chars_is_token(s[n]); n++)
		;
	if (!n)
		return NULL;
	s = skip_space(s + n);
	if (*s != '=')
		return s;
	s = skip_space(s + 1);
	if (*s == '"') {
		s = read_quoted(s, &nowhere);
		return s ? skip_space(s) : NULL;
	}
	for (n = 0; s[n] && !chars_is_control(s[n]) && !strchr(" ;,\"<>", s[n]); n++)
		;
	return n ? skip_space(s + n) : NULL;
}

int name_addr_decode(const char *s, struct name_addr *ret, const char **ret_why)
{
	struct name_addr a = { 0 };

	if (strlen(s) > NAME_ADDR_MAX_BYTES)
		return malformed(ret_why, "The address is too long");
	s = read_display(skip_space(s), &a);
	if (!s)
		return malformed(ret_why, "The display name of the address is malformed");
	if (*s == '<') {
		a.uri = ++s;
		a.n_uri = strcspn(s, ">");
		s += a.n_uri;
		if (!*s)
			return malformed(ret_why, "The address has no closing bracket");
		s++;
	} else {
		/* Without brackets, parameters belong to the header (RFC 3261, 20.10). */
		a.uri = s;
		a.n_uri = strcspn(s, "; \t\r\n");
		s += a.n_uri;
	}
	if (!a.n_uri)
		return malformed(ret_why, "The address is empty");
	s = skip_space(s);
	a.params = s;
	while (s && *s == ';')
		s = read_param(s);
	if (!s || *s)
		return malformed(ret_why, "The parameters of the address are malformed");
	a.n_params = strlen(a.params);
	*ret = a;
	return 0;
}

/* s follows the name of a parameter, which need not have a value. */
static int copy_value(const char *s, char *ret, size_t size)
{
	struct room room = { .p = ret, .size = size };

	s = skip_space(s);
	ret[0] = '\0';
	if (*s != '=')
		return 0;
	s = skip_space(s + 1);
	if (*s == '"') {
		read_quoted(s, &room);
		return room.cut ? -EINVAL : 0;
	}
	for (; *s && !strchr(" \t\r\n;", *s); s++)
		add_char(&room, *s);
	finish(&room);
	return room.cut ? -EINVAL : 0;
}

int name_addr_param(const struct name_addr *a, const char *name, char *ret, size_t size)
{
	size_t n_name = strlen(name);
	const char *s = a->params;

	while (s && *s == ';') {
		const char *param = skip_space(s + 1);

		if (!strncasecmp(param, name, n_name) && !chars_is_token(param[n_name]))
			return copy_value(param + n_name, ret, size);
		s = read_param(s);
	}
	return 1;
}

void name_addr_add_display(struct text *out, const char *display_name)
{
	if (!display_name || !*display_name)
		return;
	text_add(out, "\"");
	for (const char *c = display_name; *c; c++) {
		if (chars_is_control(*c))
			continue;
		if (*c == '"' || *c == '\\')
			text_add(out, "\\");
		text_add_bytes(out, c, 1);
	}
	text_add(out, "\"");
}
