/*
 * HTTP server: answers that a fault makes slow
 *
 * libmicrohttpd would send the head of an answer at once, and some answers are no more than that. So such an answer is written to
 * the socket while libmicrohttpd has the connection suspended, and then the connection ends.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct http_request;

/** Whether the answer is to be slow. */
bool http_is_slow(const struct http_request *r);

/** Send the whole answer, in pieces. */
void http_slow_start(struct http_request *r, const char *answer, size_t n);
/** End the connection, whether all has been sent or not. */
void http_slow_end(struct http_request *r);
