/*
 * HTTP server: streams, inside
 */
#pragma once

struct http_request;

/** End a stream: what is queued still goes out. */
void http_stream_end_request(struct http_request *r);
