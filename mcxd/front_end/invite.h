/*
 * Invitations from SIP clients
 *
 * Decodes an INVITE, and gives it to core as an invitation with the caller's leg.
 */
#pragma once

#include "mcxd/front_end/private.h"

void sip_in_invite(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);
