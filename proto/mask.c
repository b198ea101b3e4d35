/*
 * Mask
 */
#include "proto/mask.h"

#include "proto/record.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"

#include <stdbool.h>
#include <strings.h>

/* Headers; of the first two, the word for the scheme stays. */
enum { N_WITH_SCHEME = 2 };
static const char *const headers[] = { "Authorization", "Proxy-Authorization", "Cookie",
				       "Set-Cookie" };

/* Members of JSON objects, and of forms, their parts and queries. */
static const char *const members[] = { "password", "access_token", "refresh_token", "id_token",
				       "token",    "assertion",    "client_secret", "cwt" };

struct bytes {
	char *p, *end;
};

static bool is_line_end(char c)
{
	return c == '\r' || c == '\n';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What begins a line stays blank, so that the line still continues the one before. */
static void cover(char *from, const char *to)
{
	bool is_first = false;

	for (; from < to; from++) {
		is_first = is_line_end(*from) || (is_first && is_blank(*from));
		if (!is_first)
			*from = '*';
	}
}

/* ---- headers ---- */

/* The end of a header's value, with the lines that continue it. */
static char *value_end(char *p, const char *end)
{
	while (p < end && !(*p == '\n' && (p + 1 == end || !is_blank(p[1]))))
		p++;
	return p;
}

static char *skip_word(char *p, const char *end)
{
	while (p < end && !is_blank(*p) && !is_line_end(*p))
		p++;
	return p;
}

static char *skip_blanks(char *p, const char *end)
{
	while (p < end && (is_blank(*p) || is_line_end(*p)))
		p++;
	return p;
}

/* Where the value of a header begins whose line begins at p; NULL: it is another one. */
static char *header_value(const struct bytes *b, char *p, const char *name)
{
	size_t n = strlen(name);

	if (((*p ^ *name) & ~0x20) != 0 || (size_t)(b->end - p) <= n ||
	    strncasecmp(p, name, n) != 0)
		return NULL;
	p += n;
	while (p < b->end && is_blank(*p))
		p++;
	return p < b->end && *p == ':' ? p + 1 : NULL;
}

static void cover_header(const struct bytes *b, char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		char *p = header_value(b, line, headers[i]), *end, *word;

		if (!p)
			continue;
		end = value_end(p, b->end);
		p = skip_blanks(p, end);
		word = skip_word(p, end);
		/* A value of one word has no scheme. */
		if (i < N_WITH_SCHEME && skip_blanks(word, end) < end)
			p = skip_blanks(word, end);
		cover(p, end);
	}
}

/* ---- members ---- */

/* The next character of a name in a form, which may be percent-encoded. */
static char take_encoded(const char **p, const char *end)
{
	char c = *(*p)++;
	int high, low;

	if (c != '%' || end - *p < 2)
		return c;
	high = chars_hex((*p)[0]);
	low = chars_hex((*p)[1]);
	if (high < 0 || low < 0)
		return c;
	*p += 2;
	return (char)(high << 4 | low);
}

/* The end of a name that is at p; NULL: it is another one. */
static char *name_end(const struct bytes *b, char *p, const char *name)
{
	const char *at = p;

	for (; *name; name++)
		if (at == b->end || chars_lower(take_encoded(&at, b->end)) != *name)
			return NULL;
	return p + (at - p);
}

static char *member_end(const struct bytes *b, char *p)
{
	char first = chars_lower(*p);

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		char *end =
			first == members[i][0] || first == '%' ? name_end(b, p, members[i]) : NULL;

		if (end && end < b->end && (*end == '=' || *end == '"'))
			return end;
	}
	return NULL;
}

/* Whether a line begins behind p that separates the parts of a multipart body (RFC 2046 5.1.1). */
static bool is_boundary(const struct bytes *b, const char *p)
{
	return *p == '\n' && b->end - p > 2 && p[1] == '-' && p[2] == '-';
}

/* Of "name" : "value" in JSON, from the quote behind the name on. */
static void cover_string(const struct bytes *b, char *p)
{
	char *begin;

	p = skip_blanks(p + 1, b->end);
	if (p == b->end || *p != ':')
		return;
	p = skip_blanks(p + 1, b->end);
	if (p == b->end || *p != '"')
		return;
	begin = ++p;
	while (p < b->end && *p != '"' && !is_boundary(b, p))
		p += *p == '\\' && p + 1 < b->end ? 2 : 1;
	cover(begin, p);
}

static void cover_pair(const struct bytes *b, char *p)
{
	char *begin = ++p;

	while (p < b->end && !chars_is_in(*p, "& \t\r\n\"'<>"))
		p++;
	cover(begin, p);
}

static void cover_member(const struct bytes *b, char *p)
{
	char before = '&', *end = member_end(b, p);

	if (p > b->p)
		before = p[-1];
	if (!end)
		return;
	if (*end == '=' && before != '"')
		cover_pair(b, end);
	else if (*end == '"' && before == '"')
		cover_string(b, end);
}

/* ---- parts of a form ---- */

/* Whether a parameter that begins at p is the name of a member: name="password", quoted or not. */
static bool is_member_name(const struct bytes *b, char *p)
{
	char *end = name_end(b, p, "name");

	if (!end)
		return false;
	p = skip_blanks(end, b->end);
	if (p == b->end || *p != '=')
		return false;
	p = skip_blanks(p + 1, b->end);
	if (p < b->end && *p == '"')
		p++;
	for (size_t i = 0; i < ARRAY_SIZE(members) && p < b->end; i++) {
		end = name_end(b, p, members[i]);
		if (end && (end == b->end || chars_is_in(*end, "\"; \t\r\n")))
			return true;
	}
	return false;
}

/* Where the content of a part begins, one of whose header lines is at p: behind the next empty line. Its end: it has none. */
static char *content_of_part(const struct bytes *b, char *p)
{
	for (; p < b->end && !is_boundary(b, p); p++) {
		if (*p != '\n')
			continue;
		if (b->end - p > 1 && p[1] == '\n')
			return p + 2;
		if (b->end - p > 2 && p[1] == '\r' && p[2] == '\n')
			return p + 3;
	}
	return b->end;
}

/* The line in front of a part's header lines, of which one is at line, without its line end; empty: there is none. */
static struct bytes delimiter_of_part(const struct bytes *b, char *line)
{
	struct bytes ret = { .end = line };

	for (; ret.end > b->p; ret.end = ret.p) {
		ret.p = ret.end - 1;
		while (ret.p > b->p && ret.p[-1] != '\n')
			ret.p--;
		if (ret.end - ret.p < 2 || ret.p[0] != '-' || ret.p[1] != '-')
			continue;
		while (chars_is_in(ret.end[-1], " \t\r\n"))
			ret.end--;
		return ret;
	}
	return (struct bytes){ line, line };
}

/* Whether the delimiter follows a line end at p. */
static bool is_delimiter(const struct bytes *b, const char *p, const struct bytes *delimiter)
{
	size_t n = (size_t)(delimiter->end - delimiter->p);

	return *p == '\n' && n && (size_t)(b->end - p) > n && !memcmp(p + 1, delimiter->p, n);
}

/* The content of a part that a form names as one of the members (RFC 7578 4.2). */
static void cover_part(const struct bytes *b, char *line)
{
	char *p = header_value(b, line, "Content-Disposition"), *end, *content;
	struct bytes delimiter;
	bool is_secret = false;

	if (!p)
		return;
	end = value_end(p, b->end);
	for (; p < end && !is_secret; p++)
		is_secret = chars_is_in(p[-1], "; \t\r\n") && is_member_name(b, p);
	if (!is_secret)
		return;
	delimiter = delimiter_of_part(b, line);
	content = content_of_part(b, p);
	for (p = content - 1; p < b->end && !is_delimiter(b, p, &delimiter); p++)
		;
	cover(content, p);
}

/* ---- the whole ---- */

/* The next place behind p where a line begins, or maybe one of the members: after what separates pairs, or, in JSON, after a
 * quote, with the first letter of one, which may be percent-encoded. All other bytes, nearly all of a body, are passed over
 * here: this is done for every HTTP message that is recorded. */
static char *next_name(char *p, const char *end)
{
	static const bool separators[256] = {
		['&'] = true, ['?'] = true,  [';'] = true,  ['#'] = true,  ['"'] = true,
		[' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true,
	};
	static const bool beginnings[256] = {
		['p'] = true, ['P'] = true, ['a'] = true, ['A'] = true, ['r'] = true,
		['R'] = true, ['i'] = true, ['I'] = true, ['t'] = true, ['T'] = true,
		['c'] = true, ['C'] = true, ['%'] = true,
	};

	while (++p < end)
		if (separators[(unsigned char)p[-1]] &&
		    (beginnings[(unsigned char)*p] || p[-1] == '\n'))
			break;
	return p;
}

void mask_secrets(char *bytes, size_t n)
{
	struct bytes b = { .p = bytes };

	if (n == 0)
		return; /* bytes may be NULL */
	b.end = bytes + n;
	for (char *p = b.p; p < b.end; p = next_name(p, b.end)) {
		if (p == b.p || p[-1] == '\n') {
			cover_header(&b, p);
			cover_part(&b, p);
		}
		cover_member(&b, p);
	}
}

bool mask_covers(const char *header)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (!strcasecmp(header, headers[i]))
			return true;
	return false;
}

struct record *mask_record(const struct record *r)
{
	struct record *copy = record_copy(r);
	union {
		const void *kept;
		char *own; /* the memory is the copy's */
	} raw = { .kept = copy->raw };

	if (raw.own && record_kind_of(r->kind) != RECORD_HTTP)
		mask_secrets(raw.own, copy->n_raw);
	return copy;
}
