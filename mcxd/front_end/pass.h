/*
 * SIP leg: requests that pass from client to client
 *
 * Of a request in the dialog that is not about the dialog itself (BYE) the other client may understand more than we do: if the
 * other leg's client speaks SIP, it gets the request as it is, and its answer goes back as it is. Otherwise the request is
 * for us.
 */
#pragma once

#include "mcxd/core/foreign.h"
#include "mcxd/front_end/leg.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>
#include <stdbool.h>

struct im;
struct leg;

/** False: it is for us. Else it has been taken over. im: what it says, if that can be read; may be NULL. */
bool sip_pass_on_request(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip,
			 const struct im *im);

/* Operations of the leg (core/leg.h). */
bool sip_pass_op_pass(struct leg *leg, const struct foreign_request *r);
void sip_pass_op_passed(struct leg *leg, const struct foreign_answer *a);
void sip_pass_op_withdraw(struct leg *leg, uint64_t id);

/** Nobody will answer what is under way: refuse theirs, forget ours. */
void sip_pass_drop(struct sip_leg *l);
/** The same without a word: they will repeat them after the restart. */
void sip_pass_leave(struct sip_leg *l);
