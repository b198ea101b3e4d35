/*
 * Registrar
 *
 * REGISTER (RFC 3261, 10.3; [MS-SIPRE] 3.1 for what Lync clients expect in the answer).
 */
#pragma once

#include "mcxd/front_end/private.h"

#include <sofia-sip/nta.h>

/** Takes over irq. */
void registrar_on_request(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);

/** Drop the requests that wait for core, which will not answer them. */
void registrar_forget(struct front_end *s);
