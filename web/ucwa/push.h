/*
 * HTTPS API: pushSubscription
 */
#pragma once

#include "web/ucwa/operation.h"

ucwa_h ucwa_get_subscription, ucwa_put_subscription, ucwa_delete_subscription;
