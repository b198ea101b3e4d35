/*
 * HTTP server: refusals
 *
 * Answers of the server itself, which the room's on_error() puts into its own form.
 */
#pragma once

#include <stdbool.h>

struct http_request;
struct http_shard;

/** Refuse a request. allow: the Allow header of a 405; else NULL. */
void http_refuse(struct http_request *r, int status, const char *allow);

/** Refuse it where libmicrohttpd does not take an answer: it is written to the socket directly, and
 *  the caller closes the connection. */
void http_refuse_raw(struct http_request *r, int status);

/** Refuse what libmicrohttpd is about to refuse in its own form, and close the connection. False: it is not certain which request
 *  that is. */
bool http_refuse_for_library(struct http_shard *s, int status);
