/*
 * Clearing house: a notification on its way to its push service
 *
 * From the request that asked for it to the push service's last answer. It waits in the outbox for its turn, is sent step by
 * step (struct platform), and a step again if the push service can take it later. The outcome of the first step answers the
 * request; those of the others are only recorded. It ends in time for the sender to hear of it, whatever the push service
 * does.
 */
#pragma once

#include "mcxd/clearing_house/request.h"

#include <sofia-sip/nta.h>

struct clearing_house;
struct diag;
struct notification;

/** Take a checked notification to its push service. Returns true having taken over irq and the body of the request, and a place
 *  in the house's budget that the caller has taken; or false with the diagnostic to answer. */
bool notification_start(struct clearing_house *house, nta_incoming_t *irq,
			struct clearing_house_request *r, struct diag *ret_diag);

/** Send what may be sent: to be called when limits have changed. */
void notification_send_ready(struct clearing_house *house);

/** Drop those to a user's phones; NULL: all. Who waits for the outcome is answered. */
void notification_forget(struct clearing_house *house, const char *aor);

/** Drop it without an answer. NULL is fine. */
void notification_free(struct notification *n);
