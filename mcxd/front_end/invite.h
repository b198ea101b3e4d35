/*
 * Invitations from SIP clients
 *
 * Decodes an INVITE and hands it to core as an invitation with the leg of the caller.
 */
#pragma once

#include "mcxd/front_end/private.h"

#include <sofia-sip/nta.h>

/** Takes over irq. */
void invite_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);
