/*
 * Multipart bodies
 */
#include "proto/text/multipart.h"

#include "proto/text/chars.h"
#include "proto/text/content_type.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The length of the line at p, without and with its end. */
static size_t line_length(const char *p, size_t n, size_t *ret_with_end)
{
	const char *end = n ? memchr(p, '\n', n) : NULL;
	size_t length = end ? (size_t)(end - p) : n;

	*ret_with_end = end ? length + 1 : n;
	if (end && length && p[length - 1] == '\r')
		length--;
	return length;
}

enum line { LINE_OTHER, LINE_DELIMITER, LINE_LAST };

static enum line line_kind(const struct multipart_level *l, const char *p, size_t n)
{
	enum line kind = LINE_DELIMITER;
	size_t i = l->n_delimiter;

	if (n < i || memcmp(p, l->delimiter, i) != 0)
		return LINE_OTHER;
	if (n >= i + 2 && !memcmp(p + i, "--", 2)) {
		kind = LINE_LAST;
		i += 2;
	}
	for (; i < n; i++) {
		if (p[i] != ' ' && p[i] != '\t')
			return LINE_OTHER;
	}
	return kind;
}

/* Move past the next delimiter. *ret_n is how many bytes come before it, without the line end that belongs
 * to it (RFC 2046, 5.1.1). */
static enum line find_delimiter(struct multipart_level *l, size_t *ret_n)
{
	const char *start = l->p;
	const char *end_of_text = start;

	while (l->n) {
		size_t step;
		size_t length = line_length(l->p, l->n, &step);
		enum line kind = line_kind(l, l->p, length);

		if (kind != LINE_OTHER)
			*ret_n = (size_t)(end_of_text - start);
		end_of_text = l->p + length;
		l->p += step;
		l->n -= step;
		if (kind != LINE_OTHER)
			return kind;
	}
	return LINE_OTHER;
}

static int push_level(struct multipart *m, const char *boundary, const char *p, size_t n,
		      const char **ret_why)
{
	struct multipart_level *l = &m->levels[m->depth];
	size_t preamble;

	if (m->depth == MULTIPART_MAX_DEPTH) {
		*ret_why = "The parts of the multipart body are nested too deep";
		return -EINVAL;
	}
	*l = (struct multipart_level){ .p = p, .n = n };
	if (!*boundary || strlen(boundary) >= CONTENT_TYPE_BOUNDARY_SIZE) {
		*ret_why = "The multipart body has no boundary, or one that is too long";
		return -EINVAL;
	}
	snprintf(l->delimiter, sizeof(l->delimiter), "--%s", boundary);
	l->n_delimiter = strlen(l->delimiter);
	switch (find_delimiter(l, &preamble)) {
	case LINE_OTHER:
		*ret_why = "The multipart body does not contain its boundary";
		return -EINVAL;
	case LINE_LAST: l->n = 0; break;
	case LINE_DELIMITER: break;
	}
	m->depth++;
	return 0;
}

int multipart_init(struct multipart *m, const char *boundary, const void *p, size_t n,
		   unsigned max_parts, const char **ret_why)
{
	m->depth = 0;
	m->n_parts = 0;
	m->max_parts = max_parts;
	return push_level(m, boundary, p, n, ret_why);
}

int multipart_enter(struct multipart *m, const struct multipart_part *part, const char *boundary,
		    const char **ret_why)
{
	return push_level(m, boundary, part->p, part->n, ret_why);
}

/* Split a part at its first empty line. */
static int split(const char *p, size_t n, struct multipart_part *ret, const char **ret_why)
{
	size_t at = 0, step, length;

	do {
		length = line_length(p + at, n - at, &step);
		at += step;
		if (at >= MULTIPART_FIELDS_SIZE && length) {
			*ret_why = "The header fields of a part are too long";
			return -EINVAL;
		}
	} while (length && at < n);
	*ret = (struct multipart_part){ .fields = p, .p = p + at, .n = n - at };
	ret->n_fields = length ? at : at - step;
	if (ret->n_fields && memchr(p, '\0', ret->n_fields)) {
		*ret_why = "The header fields of a part contain a NUL";
		return -EINVAL;
	}
	return 0;
}

int multipart_next(struct multipart *m, struct multipart_part *ret, const char **ret_why)
{
	struct multipart_level *l;
	const char *p;
	size_t n = 0;
	enum line kind;

	while (m->depth && !m->levels[m->depth - 1].n)
		m->depth--;
	if (!m->depth)
		return 1;
	l = &m->levels[m->depth - 1];
	p = l->p;
	kind = find_delimiter(l, &n);
	if (kind == LINE_OTHER) {
		*ret_why = "The multipart body ends without its last boundary";
		return -EINVAL;
	}
	if (m->n_parts++ == m->max_parts) {
		*ret_why = "The multipart body has too many parts";
		return -EINVAL;
	}
	if (kind == LINE_LAST)
		l->n = 0;
	return split(p, n, ret, ret_why);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool line_is_field(const char *line, size_t n, const char *name)
{
	size_t n_name = strlen(name);

	return n > n_name && !strncasecmp(line, name, n_name) && line[n_name] == ':';
}

/* Join the rest of a field's line and the lines that continue it. */
static void join(const char *p, size_t n, char ret[MULTIPART_FIELDS_SIZE])
{
	size_t at = 0, n_ret = 0;

	do {
		size_t step, length = line_length(p + at, n - at, &step);
		const char *s = p + at;

		length = chars_trim(&s, length, " \t");
		if (length && n_ret)
			ret[n_ret++] = ' ';
		memcpy(ret + n_ret, s, length);
		n_ret += length;
		at += step;
	} while (at < n && is_space(p[at]));
	ret[n_ret] = '\0';
}

bool multipart_field(const struct multipart_part *part, const char *name,
		     char ret[MULTIPART_FIELDS_SIZE])
{
	const char *p = part->fields;
	size_t n = part->n_fields;

	while (n) {
		size_t step, length = line_length(p, n, &step);

		if (line_is_field(p, length, name)) {
			join(p + strlen(name) + 1, n - strlen(name) - 1, ret);
			return true;
		}
		p += step;
		n -= step;
	}
	return false;
}

int multipart_type(const struct multipart_part *part, struct content_type *ret,
		   const char **ret_why)
{
	char value[MULTIPART_FIELDS_SIZE];
	bool found = multipart_field(part, "Content-Type", value);

	return content_type_decode(found ? value : "text/plain", ret, ret_why);
}
