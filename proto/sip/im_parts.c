/*
 * Parts of an instant message
 */
#include "proto/sip/im_parts.h"

#include "proto/sip/im.h"
#include "proto/text/content_type.h"

#include <errno.h>
#include <stdbool.h>
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

static enum line line_kind(const struct sip_im_parts *parts, const char *p, size_t n)
{
	enum line kind = LINE_DELIMITER;
	size_t i = parts->n_delimiter;

	if (n < i || memcmp(p, parts->delimiter, i) != 0)
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
static enum line find_delimiter(struct sip_im_parts *parts, size_t *ret_n)
{
	const char *start = parts->p;
	const char *end_of_text = start;

	while (parts->n) {
		size_t step;
		size_t length = line_length(parts->p, parts->n, &step);
		enum line kind = line_kind(parts, parts->p, length);

		if (kind != LINE_OTHER)
			*ret_n = (size_t)(end_of_text - start);
		end_of_text = parts->p + length;
		parts->p += step;
		parts->n -= step;
		if (kind != LINE_OTHER)
			return kind;
	}
	return LINE_OTHER;
}

int sip_im_parts_init(struct sip_im_parts *parts, const char *boundary, const char *p, size_t n,
		      const char **ret_why)
{
	size_t preamble;
	enum line kind;

	*parts = (struct sip_im_parts){ .p = p, .n = n };
	if (!*boundary) {
		*ret_why = "The multipart message has no boundary";
		return -EINVAL;
	}
	snprintf(parts->delimiter, sizeof(parts->delimiter), "--%s", boundary);
	parts->n_delimiter = strlen(parts->delimiter);
	kind = find_delimiter(parts, &preamble);
	if (kind == LINE_OTHER) {
		*ret_why = "The multipart message does not contain its boundary";
		return -EINVAL;
	}
	if (kind == LINE_LAST)
		parts->n = 0;
	return 0;
}

struct part_header {
	char value[256];
	bool found;
};

/* The value of a header of a part, if this line is that header; truncated if it is too long. */
static void read_header(const char *line, size_t n, const char *name, struct part_header *h)
{
	size_t skip = strlen(name);

	if (n <= skip || strncasecmp(line, name, skip) != 0 || line[skip] != ':')
		return;
	for (skip++; skip < n && (line[skip] == ' ' || line[skip] == '\t'); skip++)
		;
	n = n - skip < sizeof(h->value) - 1 ? n - skip : sizeof(h->value) - 1;
	memcpy(h->value, line + skip, n);
	h->value[n] = '\0';
	h->found = true;
}

static bool is_plain_encoding(const char *encoding)
{
	return !strcasecmp(encoding, "7bit") || !strcasecmp(encoding, "8bit") ||
	       !strcasecmp(encoding, "binary");
}

/* Returns 0, 1 if the encoding of the part is not supported, or -EINVAL. */
static int split_part(const char *p, size_t n, struct sip_im_part *ret, const char **ret_why)
{
	struct part_header type = { .value = "text/plain" };
	struct part_header encoding = { .value = "7bit" };
	size_t at = 0, step, length;

	do {
		length = line_length(p + at, n - at, &step);
		read_header(p + at, length, "Content-Type", &type);
		read_header(p + at, length, "Content-Transfer-Encoding", &encoding);
		at += step;
		if (at > SIP_IM_MAX_PART_HEADERS) {
			*ret_why = "The headers of a part of the message are too long";
			return -EINVAL;
		}
	} while (length && at < n);
	ret->p = p + at;
	ret->n = n - at;
	if (content_type_decode(type.value, &ret->type, ret_why))
		return -EINVAL;
	return is_plain_encoding(encoding.value) ? 0 : 1;
}

int sip_im_parts_next(struct sip_im_parts *parts, struct sip_im_part *ret, const char **ret_why)
{
	int r = 1;

	while (r == 1 && parts->n) {
		const char *p = parts->p;
		size_t n = 0;
		enum line kind = find_delimiter(parts, &n);

		if (kind == LINE_OTHER) {
			*ret_why = "The multipart message ends without its last boundary";
			return -EINVAL;
		}
		if (++parts->n_parts > SIP_IM_MAX_PARTS) {
			*ret_why = "The message has too many parts";
			return -EINVAL;
		}
		if (kind == LINE_LAST)
			parts->n = 0;
		r = split_part(p, n, ret, ret_why);
	}
	return r;
}
