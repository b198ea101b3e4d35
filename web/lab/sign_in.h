/*
 * Lab API: signing in
 *
 * Programs show the token in Authorization. A page cannot: neither EventSource nor a link has headers. It has a cookie, which
 * a form sets, and which is not the token but made of it, so that it outlives a restart and gives nothing away.
 */
#pragma once

#include <stdbool.h>

struct http_request;
struct lab;

/** Whether the request shows the token or the cookie. */
bool lab_is_signed_in(const struct lab *l, const struct http_request *r);

/** Answer 401: with the form if a person reads it. */
void lab_ask_for_token(const struct lab *l, struct http_request *r);
