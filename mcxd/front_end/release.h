/*
 * SIP leg: its end from core's side
 *
 * Operations that the legs of callers and callees share. They need both the leg and its messages, so they are
 * in neither file.
 */
#pragma once

#include "mcxd/core/leg.h"

/** Operations of the leg (core/leg.h). */
void sip_leg_op_end(struct leg *leg);
void sip_leg_op_free(struct leg *leg);
