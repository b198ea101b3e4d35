/*
 * HTTP target
 *
 * Path and query of a request line, decoded (RFC 3986, RFC 9112 3.2).
 */
#pragma once

#include <stddef.h>

struct http_target_pair {
	const char *name, *value;
};

struct http_target {
	char *sent;        /* as it was received */
	char *path;        /* as sent, without scheme, authority and query */
	char *authority;   /* "host:port" of an absolute form; NULL: it is in another form */
	char **segments;   /* decoded; "/a//b/" has three, the last one is empty */
	size_t n_segments; /* 0: the target is "*" */
	struct http_target_pair *query; /* decoded, in the order sent */
	size_t n_query;
	void *memory; /* of all these */
};

/** Maximum number of segments and of query parameters. */
enum { HTTP_TARGET_SEGMENTS = 64, HTTP_TARGET_QUERY = 64 };

/** Decode the target of a request line, in origin form, absolute form or asterisk form. Segments must be UTF-8 without
 *  control characters, and not "." or ".."; query values UTF-8 without NUL ("+" is a space). Slashes that follow
 *  each other count as one: clients make paths by joining a base that ends in a slash and a link that begins with
 *  one. The authority of an absolute form must be a host, with a port or without (RFC 9110 4.2.1, 4.2.4).
 *  Returns 0, or 1 if it is malformed; *ret_target must be deinitialised in both cases. */
int http_target_parse(const char *raw, struct http_target *ret_target);
void http_target_deinit(struct http_target *t);

/** Segment i, decoded. */
const char *http_target_segment(const struct http_target *t, size_t i);

/** The first value of a query parameter, its name in any case; NULL: absent. */
const char *http_target_query(const struct http_target *t, const char *name);
