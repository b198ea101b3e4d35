/*
 * SIP leg: messages both ways
 *
 * MESSAGE and INFO within the dialog.
 */
#pragma once

#include "mcxd/front_end/leg.h"

struct diag;
struct im;
struct leg;

/** Operations of the leg (core/leg.h). */
void sip_messages_op_say(struct leg *leg, const struct im *im);
void sip_messages_op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome);
void sip_messages_op_storing(struct leg *leg, uint64_t im_id);
void sip_messages_op_typing(struct leg *leg, bool active);

void sip_messages_on_message(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);
void sip_messages_on_info(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);

/** Answer nothing that waits for core, because the dialog outlives this process. */
void sip_messages_leave(struct sip_leg *l);

/** Refuse those of the other end that wait for core, and forget ours. */
void sip_messages_drop(struct sip_leg *l);
