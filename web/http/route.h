/*
 * HTTP routes
 *
 * A table of routes, and the one of them that a method and a path mean.
 */
#pragma once

#include "web/http/http.h"
#include "web/http/target.h"

struct http_router;
struct http_pattern;

/** Prepare a table, which must outlive the router. A row that cannot be is an assertion. */
struct http_router *http_router_new(const struct http_route *rows, size_t n);
struct http_router *http_router_free(struct http_router *router);

/** The row for a method and a path, the most literal one; NULL when there is none. HEAD falls back
 * on GET. */
const struct http_pattern *http_router_find(const struct http_router *router, const char *method,
					    const struct http_target *t);

/** "GET, HEAD, OPTIONS": the methods of the rows that match the path, each once; NULL when no row
 *  does. free() it. */
char *http_router_allow(const struct http_router *router, const struct http_target *t);

const struct http_route *http_pattern_route(const struct http_pattern *pattern);

/** What the {name*} of the pattern matches in a target, put together with slashes; NULL when it has
 *  none. free() it. */
char *http_pattern_rest(const struct http_pattern *pattern, const struct http_target *t);

/** The value of {name} in a target that the pattern matches; NULL when it has no such parameter.
 * rest is that of http_pattern_rest(). */
const char *http_pattern_param(const struct http_pattern *pattern, const struct http_target *t,
			       const char *name, const char *rest);
