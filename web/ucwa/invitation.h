/*
 * HTTPS API: invitations
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_post_invitation, ucwa_get_invitation, ucwa_accept, ucwa_decline;
