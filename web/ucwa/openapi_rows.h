/*
 * HTTPS API: what its description says besides the tables of routes, resources and events
 */
#pragma once

#include "web/http/openapi.h"

#include <stddef.h>

struct http_route;

/** Bodies of requests, and answers that are not resources. */
extern const struct openapi_schema ucwa_schemas[];
extern const size_t ucwa_n_schemas;

struct ucwa_exchange {
	const char *method, *path; /* the end of the path */
	const char *body;          /* name of a schema; NULL: as the operation's flags say */
	const char *
		answers; /* as in struct openapi_operation; "": it always fails; NULL: the usual ones */
};

extern const struct ucwa_exchange ucwa_exchanges[];
extern const size_t ucwa_n_exchanges;

/** The first row that fits an operation's own path; NULL: none does. */
const struct ucwa_exchange *ucwa_exchange_find(const char *method, const char *path);

/** What the body of a route can have, in the words of openapi.h; NULL: nothing that has a name. */
const char *ucwa_body_words(const struct http_route *route);
