/*
 * Push service: its description
 */
#pragma once

#include "web/http/http.h"

http_h push_service_get_openapi;
