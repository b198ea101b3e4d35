/*
 * SIP leg: answers to the caller
 *
 * Those for a phone in MCX's name, those for a SIP client in its own.
 */
#pragma once

#include "mcxd/core/party.h"
#include "mcxd/front_end/leg.h"

struct diag;

/** Answer 180, or 200 with the session. Returns 0 or a negative errno. */
int sip_answer_party(struct sip_leg *l, int status, const struct party *callee);
int sip_answer_refuse(struct sip_leg *l, const struct diag *why);

/** Answer a re-INVITE with the same session. */
int sip_answer_again(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);
