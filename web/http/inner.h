/*
 * HTTP server: requests inside a request
 *
 * A batch is a request whose body holds others. Each of these goes the way that one of its own would go, from the limits
 * on to the handler, may be parked, and is answered with http_answer(); the answer goes to who began it instead of to a
 * socket. It lives at most as long as the outer request.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct http_request;

struct http_inner_field {
	const char *name, *value;
};

/** An answer; valid during the call. headers: lines with their ends. */
struct http_inner_answer {
	int status;
	const char *headers;
	const void *body;
	size_t n_body;
};

struct http_inner_args {
	const char *method;
	const char *target;
	const struct http_inner_field
		*fields; /* of the head; Authorization is the outer one's if it is absent */
	size_t n_fields;
	const void *body;
	size_t n_body;
	void (*on_answer)(void *magic, const struct http_inner_answer *answer);
	void *magic;
};

/** A request inside another; everything is copied. http_inner_free() it when the outer one ends, at the latest from the
 *  function that frees that one's context. */
struct http_request *http_inner_new(struct http_request *outer, const struct http_inner_args *args);
/** Send it on its way. on_answer is called exactly once, from within or later, unless it is freed first. */
void http_inner_run(struct http_request *r);
struct http_request *http_inner_free(struct http_request *r); /* NULL is fine */

/** Whether the request is one inside another. */
bool http_is_inner(const struct http_request *r);
