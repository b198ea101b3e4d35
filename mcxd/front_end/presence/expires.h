/*
 * Expires
 */
#pragma once

#include "mcxd/front_end/private.h"

#include <sofia-sip/nta.h>
#include <stdint.h>

/** How many seconds a subscription or publication is wanted for, within the limits of registrations (core.min_expires,
 *  core.max_expires); the longest if the request does not say; 0: not any more. -1: too short, and it was refused. */
int64_t expires_wanted_s(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);
