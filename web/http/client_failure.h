/*
 * HTTP client: why there is no answer
 */
#pragma once

#include "web/http/client.h"

#include <curl/curl.h>

/** What a code of libcurl's means; never HTTP_ANSWERED. */
enum http_failure client_failure_of(CURLcode code);
