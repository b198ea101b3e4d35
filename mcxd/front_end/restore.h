/*
 * SIP leg: after a restart
 *
 * Makes the dialog again that front_end/keep has saved.
 */
#pragma once

#include "mcxd/core/store_row.h"
#include "mcxd/front_end/leg.h"

#include <stdbool.h>

/** Fill in a new leg from its rows. False if no dialog can be made of them. */
bool sip_leg_restore(struct sip_leg *l, const struct store_row *dialog,
		     const struct store_row *cseq);

/** Whether a STORE_DIALOG row has what sip_leg_restore() needs. */
bool sip_leg_can_restore(const struct store_row *dialog);
