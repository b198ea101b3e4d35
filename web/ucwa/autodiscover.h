/*
 * HTTPS API: autodiscover
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_get_root, ucwa_get_domain, ucwa_get_user, ucwa_get_mcx_page;
