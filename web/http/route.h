/*
 * HTTP routes
 *
 * A table of routes prepared for look-up by method and path.
 */
#pragma once

#include "web/http/http.h"
#include "web/http/target.h"

struct http_router;
struct http_pattern;

/** Prepare a table, which must outlive the router. Asserts that its rows are valid. */
struct http_router *http_router_new(const struct http_route *rows, size_t n);
struct http_router *http_router_free(struct http_router *router); /* NULL is fine */

/** The most literal row that matches method and path; NULL: none does. HEAD falls back on GET, and a path that ends in a
 *  slash on the row without it: IIS serves a service at both. */
const struct http_pattern *http_router_find(const struct http_router *router, const char *method,
					    const struct http_target *t);

/** The methods of the rows that match the path, each once: "GET, HEAD, OPTIONS". Every row matches "*". NULL: no row does.
 *  free() it. */
char *http_router_allow(const struct http_router *router, const struct http_target *t);

/** The row of a pattern. */
const struct http_route *http_pattern_route(const struct http_pattern *pattern);

/** What {name*} of the pattern matches in a target, its segments joined with slashes; NULL: the pattern
 *  has no such parameter. free() it. */
char *http_pattern_rest(const struct http_pattern *pattern, const struct http_target *t);

/** The value of {name} in a target that the pattern matches; NULL: the pattern has no such parameter.
 *  rest is that of http_pattern_rest(). */
const char *http_pattern_param(const struct http_pattern *pattern, const struct http_target *t,
			       const char *name, const char *rest);
