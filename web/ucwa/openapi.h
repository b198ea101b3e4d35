/*
 * HTTPS API: its description (OpenAPI 3.0.3), made from the table of routes
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_get_openapi, ucwa_get_health;
