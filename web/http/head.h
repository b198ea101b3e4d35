/*
 * HTTP server: the head of a request
 */
#pragma once

#include <stdbool.h>

struct http_request;

/** The first line, as libmicrohttpd shows it. */
struct http_head_line {
	const char *method, *target, *version;
};

/** Check the head before the body is read. Returns 0 or the status to refuse it with: 400, 413, 415,
 *  431, 501. Notes in the connection whether it ends after the answer. */
int http_head_check(struct http_request *r, const struct http_head_line *line);

/** Whether s is a token (RFC 9110 5.6.2), as names of headers are. */
bool http_head_is_token(const char *s);
