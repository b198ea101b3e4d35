/*
 * HTTPS API: the table of routes
 */
#pragma once

#include "web/http/http.h"

#include <stddef.h>

/** Their extra is a struct ucwa_operation; http_context() of a request must be its ucwa_request. */
extern const struct http_route ucwa_routes[];
extern const size_t ucwa_n_routes;
