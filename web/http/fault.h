/*
 * HTTP server: what libmicrohttpd refuses itself
 */
#pragma once

#include <microhttpd.h>

struct http;
struct http_request;

/** Hand r->response over to libmicrohttpd. */
enum MHD_Result http_fault_queue_response(struct http_request *r);

/** Log an error if this build of libmicrohttpd does not call our MHD_queue_response(). */
void http_fault_check(const struct http *h);
