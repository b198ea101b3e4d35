/*
 * HTTPS API: presence subscriptions and their memberships
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_get_watches, ucwa_post_watch, ucwa_get_watch, ucwa_extend_watch, ucwa_delete_watch,
	ucwa_get_memberships, ucwa_post_memberships, ucwa_get_membership, ucwa_delete_membership;
