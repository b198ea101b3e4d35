/*
 * SIP leg: its end from core's side
 */
#include "mcxd/front_end/release.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/log.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/front_end/endpoint.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/messages.h"
#include "mcxd/front_end/pass.h"
#include "mcxd/front_end/private.h"

void sip_leg_op_end(struct leg *leg)
{
	struct sip_leg *l = sip_leg_of(leg);

	if (l->fsm.state != SIP_LEG_OVER)
		fsm_feed(&l->fsm, SIP_LEG_ON_HANG_UP, NULL);
}

/* The process ends and the dialog does not: it goes on after the restart. */
static bool is_kept_for_later(const struct sip_leg *l)
{
	return l->leg.row && l->front_end->core->freeing && !l->leg.done &&
	       (l->fsm.state == SIP_LEG_CONFIRMED || l->fsm.state == SIP_LEG_ANSWERED);
}

/* A leg that core frees in an early state was never offered, or gets sofia's 500 as its final. */
void sip_leg_op_free(struct leg *leg)
{
	struct sip_leg *l = sip_leg_of(leg);

	l->released = true;
	if (is_kept_for_later(l)) {
		sip_messages_leave(l);
		sip_pass_leave(l);
		fsm_feed(&l->fsm, SIP_LEG_ON_GONE, NULL);
		sip_leg_settle(l);
		return;
	}
	sip_messages_drop(l);
	sip_pass_drop(l);
	if (l->fsm.state == SIP_LEG_EARLY)
		fsm_feed(&l->fsm, SIP_LEG_ON_REFUSED, NULL);
	else if (l->fsm.state == SIP_LEG_CONFIRMED || l->fsm.state == SIP_LEG_ANSWERED)
		fsm_feed(&l->fsm, SIP_LEG_ON_HANG_UP, NULL);
	sip_leg_settle(l);
}

/* An invitation that rings has a caller who waits, and an end of its own. */
void sip_leg_registration_expired(void *adapter, uint64_t binding)
{
	struct sip_leg *l;

	while ((l = sip_endpoint_take(adapter, binding))) {
		if (l->fsm.state != SIP_LEG_CONFIRMED && l->fsm.state != SIP_LEG_ANSWERED)
			continue;
		log_info("front_end", fsm_label(&l->fsm), "the registration of %s has expired",
			 l->aor);
		sip_leg_break(l);
	}
}
