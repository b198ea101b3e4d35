/*
 * SIP leg: offers and answers within its dialog
 *
 * re-INVITE (RFC 3261, 14) and UPDATE (RFC 3311) of the other end: a new session, a new target, or both. Who may make an
 * offer when is as in RFC 3264, 4: there is one at a time. So those that come while one of ours waits for its
 * answer get 491, and those that come while one of theirs waits for ours get 500 with Retry-After.
 */
#pragma once

#include "mcxd/front_end/leg.h"

#include <sofia-sip/nta.h>

void sip_offer_on_invite(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);
void sip_offer_on_update(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);

/** Refuse what may not come now. An UPDATE without an offer always may. False: it was not refused. */
bool sip_offer_refuse(struct sip_leg *l, nta_incoming_t *irq, bool is_offer);

/** A re-INVITE was answered 200: keep its transaction until the ACK comes. */
void sip_offer_await_ack(struct sip_leg *l, nta_incoming_t *irq);

/** The 200 to an INVITE has been acknowledged. If it had our offer, the ACK has the answer. False if it does not accept a
 *  session. */
bool sip_offer_settled(struct sip_leg *l, const sip_t *ack);
