/*
 * SIP leg: answers to the caller
 *
 * Those for a phone in MCX's name, those for a SIP client in its own.
 */
#pragma once

#include "mcxd/core/party.h"
#include "mcxd/front_end/leg.h"

#include <sofia-sip/nta.h>

struct diag;
struct foreign;
struct front_end;
struct text;

/** Answer 180, or 200 with the session. The 200 of a leg that is kept in the store waits until it is there, because with it
 *  the caller has a dialog. Returns 0 or a negative errno. */
int sip_answer_party(struct sip_leg *l, int status, const struct party *callee);
/** as: in the words of a client that has refused; NULL: in MCX's name. */
int sip_answer_refuse(struct sip_leg *l, const struct diag *why, const struct foreign *as);

/** Send it now, if one waits: something of ours is to follow it. */
void sip_answer_flush(struct sip_leg *l);

/** The leg is going. */
void sip_answer_drop(struct sip_leg *l);
/** This request's transaction is going. */
void sip_answer_drop_one(struct sip_leg *l, const nta_incoming_t *irq);

/** Forget those that wait, at the end of the front end. */
void sip_answer_forget_all(struct front_end *s);

/** Answer 200 to a re-INVITE or an UPDATE, with this session description, which may be empty; that of a dialog that is kept waits
 *  until what has changed is in the store. The transaction of an UPDATE is then destroyed. Returns 0, or a negative errno and leaves
 *  the transaction alone. */
int sip_answer_again(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip,
		     const struct text *sdp);

/** Answer a request in the dialog in the other client's words; the 2xx to a re-INVITE or an UPDATE waits as above. The transaction is
 *  destroyed after a final, but for the 2xx to a re-INVITE. Returns 0, or a negative errno and leaves the transaction alone. */
int sip_answer_foreign(struct sip_leg *l, nta_incoming_t *irq, int status,
		       const struct foreign *words);
