/*
 * Registrar
 *
 * REGISTER (RFC 3261, 10.3; MS-SIPRE 3.1 for what Lync clients want in the answer).
 */
#pragma once

#include "mcxd/front_end/private.h"

void registrar_register(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);

/** Drop what waits for core, which will not answer any more. */
void registrar_forget(struct front_end *s);
