/*
 * Leg: what legs have to say to their conversation
 */
#include "mcxd/core/conversation_private.h"

#include "mcxd/core/metrics.h"

void leg_on_ringing(struct leg *leg, const struct party *callee)
{
	struct conversation *v = leg->conversation;

	if (v && v->fsm.state == ALERTING && !v->caller_leg->done)
		v->caller_leg->ops->ring(v->caller_leg, callee);
}

void leg_on_answered(struct leg *leg, const struct party *callee)
{
	struct conversation *v = leg->conversation;
	struct party party = *callee;

	if (!v || leg->done)
		return;
	if (v->fsm.state == ALERTING)
		v->callee_leg = leg;
	fsm_feed(&v->fsm, ON_ANSWERED, &party);
}

static bool callees_left(const struct conversation *v)
{
	list_for_each (node, &v->legs) {
		const struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (!leg->caller && !leg->done)
			return true;
	}
	return false;
}

/* Which of two refusals to pass on (RFC 3261, 16.7, step 6): 6xx before all, else the lowest class.
 */
static bool is_better(const struct diag *a, const struct diag *b)
{
	int class_a = a->sip_status / 100, class_b = b->sip_status / 100;

	if (class_b == 0 || class_a == 6)
		return true;
	return class_b != 6 && class_a < class_b;
}

void leg_on_refused(struct leg *leg, const struct diag *why)
{
	struct conversation *v = leg->conversation;

	if (!v || leg->done)
		return;
	leg->done = true;
	if (v->fsm.state != ALERTING)
		return;
	if (is_better(why, &v->outcome)) {
		v->outcome = *why;
		mem_set_string(&v->outcome_info, why->info);
	}
	if (why->sip_status / 100 == 6 || !callees_left(v))
		fsm_feed(&v->fsm, ON_REFUSED, NULL);
}

void leg_on_cancelled(struct leg *leg)
{
	struct conversation *v = leg->conversation;

	if (v && !leg->done)
		fsm_feed(&v->fsm, ON_CANCELLED, NULL);
}

/* The first line comes again as the first MESSAGE from senders that do not read in the 200 that it
 * was taken. Only at once: somebody who types the same again later says it again. */
static bool is_repeat(struct conversation *v, const struct leg *leg, const struct im *im)
{
	bool possible = v->repeat_possible;

	if (!leg->caller)
		return false;
	v->repeat_possible = false;
	return possible && loop_now_ms(v->core->loop) <= v->repeat_until_ms &&
	       strlen(v->first_line) == im->n_body && !memcmp(v->first_line, im->body, im->n_body);
}

void leg_on_said(struct leg *leg, const struct im *im)
{
	struct conversation *v = leg->conversation;
	struct diag outcome = diag_make(DIAG_NOT_CONNECTED);
	struct leg *peer;

	if (!v || v->fsm.state != CONNECTED || leg->done) {
		leg->ops->said(leg, im->id, &outcome);
		return;
	}
	if (is_repeat(v, leg, im)) {
		metric_inc(&v->core->metrics->repeats_total);
		outcome = diag_make(DIAG_SUCCESS);
		leg->ops->said(leg, im->id, &outcome);
		return;
	}
	metric_inc(&v->core->metrics->messages_total);
	v->n_messages++;
	peer = conversation_peer(v, leg);
	peer->ops->say(peer, im);
}

void leg_on_delivered(struct leg *leg, uint64_t im_id, const struct diag *outcome)
{
	struct conversation *v = leg->conversation;
	struct leg *peer = v ? conversation_peer(v, leg) : NULL;

	if (peer)
		peer->ops->said(peer, im_id, outcome);
}

void leg_on_typing(struct leg *leg, bool active)
{
	struct conversation *v = leg->conversation;
	struct leg *peer;

	if (!v || v->fsm.state != CONNECTED)
		return;
	peer = conversation_peer(v, leg);
	if (!peer->done)
		peer->ops->typing(peer, active);
}

void leg_on_ended(struct leg *leg)
{
	struct conversation *v = leg->conversation;
	struct diag gone = diag_make(DIAG_NOT_REGISTERED);

	if (!v || leg->done)
		return;
	if (v->fsm.state == ALERTING) {
		if (leg->caller)
			leg_on_cancelled(leg);
		else
			leg_on_refused(leg, &gone);
		return;
	}
	leg->done = true;
	fsm_feed(&v->fsm, ON_HUNG_UP, leg);
}
