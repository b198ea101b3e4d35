/*
 * Clearing house: a notification on its way to its push service
 *
 * From the request that asked for it to the push service's last answer. A phone of MPNS gets two
 * documents: first the toast, whose outcome answers the request, then the tile with the number of missed
 * conversations, whose outcome is only recorded.
 */
#pragma once

#include "mcxd/clearing_house/request.h"

#include <sofia-sip/nta.h>

struct clearing_house;
struct notification;

/** Send a checked notification to its push service. Takes over irq and the body of the request, and a
 *  place in the house's budget that the caller has taken. */
void notification_start(struct clearing_house *house, nta_incoming_t *irq,
			struct clearing_house_request *r);

/** Drop it without an answer. NULL is fine. */
void notification_free(struct notification *n);
