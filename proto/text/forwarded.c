/*
 * Forwarded
 */
#include "proto/text/forwarded.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <strings.h>

static char *skip_blanks(char *s)
{
	return s + strspn(s, " \t");
}

/* token of RFC 9110 5.6.2, which has more characters than SIP's. Nodes with colons and brackets should be quoted, and
 * proxies are seen that do not do it. */
static size_t length_of_word(const char *s)
{
	return strcspn(s, " \t,;=\"");
}

/* A quoted string from behind its first quote on: unescape it in place. Returns what follows it; NULL: it does not end. */
static char *read_quoted(char *s)
{
	char *to = s;

	for (; *s != '"'; s++) {
		if (*s == '\\')
			s++;
		if (!*s)
			return NULL;
		*to++ = *s;
	}
	*to = '\0';
	return s + 1;
}

static int keep(struct forwarded_hop *hop, const char *name, const char *value)
{
	struct {
		const char *name;
		const char **at;
	} rows[] = { { "for", &hop->node }, { "host", &hop->host }, { "proto", &hop->proto } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcasecmp(name, rows[i].name) != 0)
			continue;
		/* RFC 7239 4: each parameter at most once in an element. */
		if (*rows[i].at)
			return -EINVAL;
		*rows[i].at = value;
	}
	return 0;
}

/* One pair. *ret_end is the separator behind it, which the end of the value has overwritten. */
static char *read_pair(char *s, struct forwarded_hop *hop, char *ret_end)
{
	char *name = s, *value = s + length_of_word(s);

	if (value == name || *value != '=')
		return NULL;
	*value++ = '\0';
	s = value;
	if (*s == '"')
		s = read_quoted(++value);
	else
		s += length_of_word(s);
	if (!s || s == value)
		return NULL;
	if (*s == ' ' || *s == '\t') {
		char *next = skip_blanks(s);

		*s = '\0';
		s = next;
	}
	*ret_end = *s;
	if (*s && *s != ';' && *s != ',')
		return NULL;
	*s = '\0';
	return keep(hop, name, value) ? NULL : s + (*ret_end != '\0');
}

int forwarded_decode(const char *value, struct forwarded *ret)
{
	char end = ',', *s;

	*ret = (struct forwarded){ 0 };
	if (chars_have_control(value, strlen(value)))
		return -EINVAL;
	s = ret->memory = mem_strdup(value);
	while (*(s = skip_blanks(s))) {
		/* Elements and pairs may be empty (RFC 9110 5.6.1). */
		if (*s == ',' || *s == ';') {
			if (*s++ == ',')
				end = ',';
			continue;
		}
		if (end == ',' && ret->n_hops++ == FORWARDED_MAX)
			return -EINVAL;
		s = read_pair(s, &ret->hops[ret->n_hops - 1], &end);
		if (!s)
			return -EINVAL;
	}
	return 0;
}

void forwarded_deinit(struct forwarded *f)
{
	free(f->memory);
	*f = (struct forwarded){ 0 };
}
