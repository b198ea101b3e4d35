/*
 * MPNS: taking notifications
 */
#pragma once

#include "web/http/http.h"

http_h mpns_on_post; /* POST /throttledthirdparty/01.00/{token}; magic is the push service */
