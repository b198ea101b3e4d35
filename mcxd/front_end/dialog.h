/*
 * SIP leg: requests within its dialog
 *
 * Limits what one dialog may cost, and hands each request to its handler.
 */
#pragma once

#include <sofia-sip/nta.h>

/** An nta_request_f, with the leg as magic. */
int sip_dialog_on_request(nta_leg_magic_t *magic, nta_leg_t *dialog, nta_incoming_t *irq,
			  const sip_t *sip);
