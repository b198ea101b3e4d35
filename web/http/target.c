/*
 * HTTP target
 */
#include "web/http/target.h"

#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <stdbool.h>
#include <strings.h>

const char *http_target_segment(const struct http_target *t, size_t i)
{
	return t->segments[i];
}

/* ---- pieces ---- */

/* Decode n bytes in place, where they get no longer, and end them with a NUL. */
static bool decode(char *s, size_t n, bool is_query)
{
	CLEANUP(text_deinit) struct text plain = TEXT_INIT;
	bool is_plain = !memchr(s, '%', n) && !(is_query && memchr(s, '+', n));

	if (!is_plain) {
		if (percent_decode(&plain, s, n, is_query))
			return false;
		n = plain.n;
		memcpy(s, text_str(&plain), n);
	}
	s[n] = '\0';
	return is_plain || utf8_is_text(s, n);
}

/* "." or "..": what lies behind a proxy might resolve them differently. */
static bool is_dots(const char *s)
{
	return s[0] == '.' && (!s[1] || (s[1] == '.' && !s[2]));
}

static bool segment_is_fine(const char *s)
{
	return !is_dots(s) && !chars_have_control(s, strlen(s));
}

static size_t count_bytes(const char *s, size_t n, char c)
{
	const char *end = s + n;
	size_t count = 0;

	for (; (s = memchr(s, c, (size_t)(end - s))); s++)
		count++;
	return count;
}

/* path starts with a slash and is cut up. */
static bool parse_path(struct http_target *t, char *path, size_t n)
{
	char *end = path + n;

	while (path < end) {
		char *segment = path + 1;
		size_t length;

		path = memchr(segment, '/', (size_t)(end - segment));
		path = path ? path : end;
		length = (size_t)(path - segment);
		if (!decode(segment, length, false) || !segment_is_fine(segment))
			return false;
		if (length > 0 || path == end)
			t->segments[t->n_segments++] = segment;
	}
	return true;
}

/* query is cut up. */
static bool parse_query(struct http_target *t, char *query)
{
	for (char *end = query + strlen(query), *next; query <= end; query = next + 1) {
		size_t length, n_name, skip;

		next = strchrnul(query, '&');
		length = (size_t)(next - query);
		n_name = strcspn(query, "=&");
		skip = n_name < length ? n_name + 1 : n_name;
		if (!decode(query + skip, length - skip, true) || !decode(query, n_name, true))
			return false;
		t->query[t->n_query] = (struct http_target_pair){ query, query + skip };
		t->n_query += length > 0;
	}
	return true;
}

/* ---- the whole ---- */

/* Where the path starts, in absolute form, too (RFC 9112 3.2.2). ret_authority: free() it. */
static const char *skip_authority(const char *raw, char **ret_authority)
{
	const char *host;
	size_t n;

	if (strncasecmp(raw, "http://", 7) == 0)
		host = raw + 7;
	else if (strncasecmp(raw, "https://", 8) == 0)
		host = raw + 8;
	else
		return raw;
	n = strcspn(host, "/?");
	*ret_authority = mem_memdup(host, n);
	return host + n;
}

static bool bytes_are_fine(const char *s, size_t n)
{
	return !memchr(s, ' ', n) && !memchr(s, '#', n) && !chars_have_control(s, n) &&
	       utf8_is_text(s, n);
}

/* All texts and lists in one piece of memory: the target as it was sent, its path, and path and query once more, to be cut up.
 * Most requests have several of each, and a held one keeps them for minutes. */
static char *lay_out(struct http_target *t, const char *raw, const char *start, size_t n_path)
{
	size_t n = strlen(raw), n_rest = strlen(start);
	size_t n_segments = n_path ? count_bytes(start, n_path, '/') : 1;
	size_t n_pairs = start[n_path] ? count_bytes(start + n_path, n_rest - n_path, '&') + 1 : 0;
	bool is_root = !n_path && start > raw;
	char *rest;

	if (n_segments > HTTP_TARGET_SEGMENTS || n_pairs > HTTP_TARGET_QUERY)
		n_segments = n_pairs = 0;
	t->memory =
		mem_check(malloc(n_pairs * sizeof(*t->query) + n_segments * sizeof(*t->segments) +
				 n + n_path + n_rest + sizeof("//") + 2));
	t->query = t->memory;
	t->segments = (char **)(t->query + n_pairs);
	t->sent = (char *)(t->segments + n_segments);
	t->path = mempcpy(t->sent, raw, n + 1);
	rest = is_root ? stpcpy(t->path, "/") : mempcpy(t->path, start, n_path);
	*rest++ = '\0';
	memcpy(is_root ? stpcpy(rest, "/") : rest, start, n_rest + 1);
	return n_segments ? rest : NULL;
}

int http_target_parse(const char *raw, struct http_target *ret_target)
{
	struct http_target *t = ret_target;
	const char *start;
	size_t n_path;
	char *rest, *query;

	*t = (struct http_target){ 0 };
	start = skip_authority(raw, &t->authority);
	n_path = strcspn(start, "?");
	rest = lay_out(t, raw, start, n_path);
	if (!strcmp(raw, "*"))
		return 0;
	if (t->authority && !uri_is_host_port(t->authority))
		return 1;
	if (!rest || !bytes_are_fine(raw, strlen(raw)) || t->path[0] != '/')
		return 1;
	n_path = strlen(t->path);
	query = rest[n_path] == '?' ? rest + n_path + 1 : NULL;
	if (!parse_path(t, rest, n_path))
		return 1;
	return query && !parse_query(t, query) ? 1 : 0;
}

void http_target_deinit(struct http_target *t)
{
	free(t->memory);
	free(t->authority);
	*t = (struct http_target){ 0 };
}

const char *http_target_query(const struct http_target *t, const char *name)
{
	for (size_t i = 0; i < t->n_query; i++)
		if (strcasecmp(t->query[i].name, name) == 0)
			return t->query[i].value;
	return NULL;
}
