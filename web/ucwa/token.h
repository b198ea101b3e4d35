/*
 * HTTPS API: POST /WebTicket/oauthtoken
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_post_token;
