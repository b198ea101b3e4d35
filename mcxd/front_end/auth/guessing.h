/*
 * Authentication: wrong passwords
 */
#pragma once

#include "mcxd/front_end/auth/private.h"

/** Drop the requests that wait, which their connections have taken with them. */
void auth_forget_waits(struct front_end_auth *a);

/** Whether the request that is being handled has waited to be told that its password was wrong. */
bool auth_is_told(const struct front_end_auth *a);
