/*
 * SIP leg: its end from core's side
 *
 * Operations that the legs of callers and callees share. They need both the leg and its messages, so they are
 * in neither file.
 */
#pragma once

#include "mcxd/core/leg.h"

#include <stdint.h>

/** Operations of the leg (core/leg.h). */
void sip_leg_op_end(struct leg *leg);
void sip_leg_op_free(struct leg *leg);

/** A registration has expired: the connected legs that used it end. Of the dial port (core/ports.h). */
void sip_leg_registration_expired(void *adapter, uint64_t binding);
