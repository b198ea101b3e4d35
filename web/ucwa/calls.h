/*
 * HTTPS API: telephones and call forwarding
 *
 * Users have no telephones here, so both can be read, and neither be changed.
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_get_phones, ucwa_get_forwarding, ucwa_put_forwarding, ucwa_get_forwarding_part;
