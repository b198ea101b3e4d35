/*
 * HTTP server: parked requests, inside
 *
 * Four words for four states of waiting: a request is *parked* between its handler's return and its
 * answer; a *stream* is an answer that goes on; the connection of either is *suspended* while
 * libmicrohttpd has nothing to do for it; a socket *lingers* after its connection was closed.
 */
#pragma once

struct http_request;

/** Take a parked request or a stream from its holder, without telling the holder. */
void http_unpark(struct http_request *r);
/** The same, and tell the holder that it has gone. */
void http_park_gone(struct http_request *r);
/** The client of a parked request or a stream has hung up. */
void http_park_hung_up(struct http_request *r);
