/*
 * HTTP target
 *
 * The path and the query of a request line, taken apart and decoded (RFC 3986, RFC 9112 3.2).
 */
#pragma once

#include "proto/text/text.h"

#include <stddef.h>

struct http_target_pair {
	size_t name, value; /* where they start in `decoded` */
};

struct http_target {
	char *path;       /* as sent, without scheme, authority and query */
	size_t *segments; /* where each starts in `decoded`; "/a/b/" has three, the last one empty */
	size_t n_segments;
	struct http_target_pair *query; /* in the order sent */
	size_t n_query;
	struct text decoded;
};

/** Most segments and query parameters that a target may have. */
enum { HTTP_TARGET_SEGMENTS = 64, HTTP_TARGET_QUERY = 64 };

/** Take the target of a request line apart: origin form or absolute form. Segments must be UTF-8
 *  without control characters, and not "." or ".."; query values UTF-8 without NUL ("+" is a space).
 *  Returns 0, or 1 when it is malformed. *ret_target is to be deinitialised in both cases. */
int http_target_parse(const char *raw, struct http_target *ret_target);
void http_target_deinit(struct http_target *t);

/** Segment i, decoded. */
const char *http_target_segment(const struct http_target *t, size_t i);

/** The first value of a query parameter; NULL when it is not there. */
const char *http_target_query(const struct http_target *t, const char *name);
