/*
 * HTTP server: answers, inside
 */
#pragma once

struct http_request;

/** Add the headers that were set, Content-Type (NULL: none) and "Cache-Control: no-store" to
 *  r->response. */
void http_answer_add_headers(struct http_request *r, const char *type);
