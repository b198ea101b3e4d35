/*
 * Refusals
 *
 * Answers to requests that core never hears of.
 */
#pragma once

#include "mcxd/front_end/private.h"
#include "proto/diag.h"

#include <sofia-sip/nta.h>
#include <stdbool.h>

/** Refuse with the status and the diagnostics of this code, and destroy the transaction. info (the cause, see
 *  diag_because()) and headers (lines, see agent_answer()) may be NULL. */
void front_end_refuse(struct front_end *s, nta_incoming_t *irq, enum diag_code code,
		      const char *info, const char *headers);

/** Refuse a request within a dialog that is too large, or while there are too many, or that is beyond the dialog's share; but never
 *  one that ends something. False: it is none of these. */
bool front_end_refuse_beyond(struct front_end *s, nta_incoming_t *irq, const sip_t *sip,
			     bool is_beyond);

/** Refuse a request that requires an extension which we do not have (RFC 3261, 8.2.2.3), whatever its method: but for ACK and
 *  CANCEL. False: it requires none. */
bool front_end_refuse_required(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);

/** Refuse a request whose body has a content coding: we support none (RFC 3261, 8.2.3). False: it has none. */
bool front_end_refuse_coding(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);
