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
	return t->decoded.data + t->segments[i];
}

/* Decode n bytes and append them with a NUL. */
static int decode(struct http_target *t, const char *p, size_t n, bool is_query, size_t *ret_at)
{
	size_t at = t->decoded.n;

	*ret_at = at;
	if (percent_decode(&t->decoded, p, n, is_query))
		return 1;
	if (!utf8_is_text(text_str(&t->decoded) + at, t->decoded.n - at))
		return 1;
	text_add_bytes(&t->decoded, "", 1);
	return 0;
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

static size_t count_bytes(const char *s, char c)
{
	size_t n = 0;

	while ((s = strchr(s, c))) {
		n++;
		s++;
	}
	return n;
}

/* Without escapes, as nearly all paths are: copy the path at once and split the copy. */
static int split_path(struct http_target *t, size_t n)
{
	size_t length = strlen(t->path + 1);
	char *at;

	if (!utf8_is_text(t->path + 1, length))
		return 1;
	text_add_bytes(&t->decoded, t->path + 1, length + 1);
	at = t->decoded.data;
	for (; n > 0; n--) {
		char *slash = strchrnul(at, '/');

		*slash = '\0';
		if (is_dots(at))
			return 1;
		if (*at || n == 1)
			t->segments[t->n_segments++] = (size_t)(at - t->decoded.data);
		at = slash + 1;
	}
	return 0;
}

/* t->path starts with a slash. */
static int parse_path(struct http_target *t)
{
	size_t n = count_bytes(t->path, '/');
	const char *p = t->path;

	if (n > HTTP_TARGET_SEGMENTS)
		return 1;
	t->segments = mem_zalloc(n * sizeof(*t->segments));
	if (!strchr(t->path, '%'))
		return split_path(t, n);
	for (; n > 0; n--) {
		size_t length = (size_t)(strchrnul(p + 1, '/') - p - 1);

		p++;
		if (decode(t, p, length, false, &t->segments[t->n_segments]) ||
		    !segment_is_fine(http_target_segment(t, t->n_segments)))
			return 1;
		t->n_segments += length > 0 || n == 1;
		p += length;
	}
	return 0;
}

static int parse_query(struct http_target *t, const char *query)
{
	size_t n = count_bytes(query, '&') + 1;

	if (n > HTTP_TARGET_QUERY)
		return 1;
	t->query = mem_zalloc(n * sizeof(*t->query));
	for (const char *p = query; n > 0; n--) {
		size_t length = strcspn(p, "&");
		size_t n_name = strcspn(p, "=&");
		size_t skip = n_name < length ? n_name + 1 : n_name;
		struct http_target_pair *pair = &t->query[t->n_query];

		if (decode(t, p, n_name, true, &pair->name) ||
		    decode(t, p + skip, length - skip, true, &pair->value))
			return 1;
		t->n_query += length > 0;
		p += length + 1;
	}
	return 0;
}

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

static bool bytes_are_fine(const char *s)
{
	return !strchr(s, ' ') && !strchr(s, '#') && !chars_have_control(s, strlen(s));
}

int http_target_parse(const char *raw, struct http_target *ret_target)
{
	struct http_target *t = ret_target;
	const char *start;
	size_t n_path;

	*t = (struct http_target){ 0 };
	start = skip_authority(raw, &t->authority);
	n_path = strcspn(start, "?");
	t->path = n_path == 0 && start > raw ? mem_strdup("/") : mem_memdup(start, n_path);
	if (!strcmp(raw, "*"))
		return 0;
	if (t->authority && !uri_is_host_port(t->authority))
		return 1;
	if (!bytes_are_fine(raw) || t->path[0] != '/' || parse_path(t))
		return 1;
	return start[n_path] == '?' ? parse_query(t, start + n_path + 1) : 0;
}

void http_target_deinit(struct http_target *t)
{
	free(t->path);
	free(t->authority);
	free(t->segments);
	free(t->query);
	text_deinit(&t->decoded);
	*t = (struct http_target){ 0 };
}

const char *http_target_query(const struct http_target *t, const char *name)
{
	for (size_t i = 0; i < t->n_query; i++) {
		if (strcasecmp(t->decoded.data + t->query[i].name, name) == 0)
			return t->decoded.data + t->query[i].value;
	}
	return NULL;
}
