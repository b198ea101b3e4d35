/*
 * HTTP server: serving
 *
 * From the first byte of a connection to its end, as libmicrohttpd reports it.
 */
#pragma once

#include "web/http/deadline.h"
#include "web/http/shard.h"

struct http_request;

extern const struct http_shard_calls http_serve_calls;

/** A request has arrived whole: find its route and run it. */
void http_serve_run(struct http_request *r);

/** A parked request goes on, from what is called before its handler. */
void http_serve_again(struct http_request *r);

/** A connection has not sent a complete request in time: tell it so and close it. */
void http_serve_expired(struct http_deadline *d);
