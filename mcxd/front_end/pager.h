/*
 * Messages outside a dialog
 *
 * A MESSAGE (RFC 3428) from a client: to the clients of its receiver, as it is, and to the receiver's phones, as a
 * conversation, which takes in what the same sender says later.
 */
#pragma once

#include "mcxd/front_end/private.h"

#include <sofia-sip/nta.h>

/** Takes over irq. */
void pager_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);
