/*
 * Delivery
 *
 * When and how something that is queued leaves for a phone: by the event request that it holds
 * open, by a push that makes it come, or just when it comes by itself.
 */
#pragma once

#include "mcxd/core/phone_leg.h"

/** Something worth a push has been queued for this leg. */
void delivery_announce(struct phone_leg *l);

/** The phone is in the background, or can be pushed from now on: push what it has not acknowledged. */
void delivery_on_away(struct phone *p);
