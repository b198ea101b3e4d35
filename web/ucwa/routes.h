/*
 * HTTPS API: the table of routes
 */
#pragma once

#include "web/http/http.h"

#include <stddef.h>

/** All routes. Their extra is a struct ucwa_operation; http_context() of a request must be its ucwa_request. free() them. */
struct http_route *ucwa_routes_new(size_t *ret_n);
