/*
 * SIP leg: its machine and its life
 */
#include "mcxd/front_end/leg.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/leg.h"
#include "mcxd/front_end/answer.h"
#include "mcxd/front_end/echo.h"
#include "mcxd/front_end/endpoint.h"
#include "mcxd/front_end/merged.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/way.h"
#include "proto/text/mem.h"

#include <assert.h>

/* ---- machine ---- */

static void act_bye(void *object, void *data)
{
	(void)data;
	sip_way_bye(object);
}

static const struct fsm_state states[] = {
	[SIP_LEG_EARLY] = { .name = "EARLY", .timeout_event = -1 },
	[SIP_LEG_CANCELLING] = { .name = "CANCELLING", .timeout_event = -1 },
	[SIP_LEG_ANSWERED] = { .name = "ANSWERED", .timeout_event = -1 },
	[SIP_LEG_ENDING] = { .name = "ENDING", .timeout_event = -1 },
	[SIP_LEG_CONFIRMED] = { .name = "CONFIRMED", .timeout_event = -1 },
	[SIP_LEG_OVER] = { .name = "OVER", .final = true, .timeout_event = -1 },
};

static const char *const events[] = {
	[SIP_LEG_ON_ANSWERED] = "answered", [SIP_LEG_ON_CONFIRMED] = "confirmed",
	[SIP_LEG_ON_REFUSED] = "refused",   [SIP_LEG_ON_CANCEL] = "cancel",
	[SIP_LEG_ON_HANG_UP] = "hang-up",   [SIP_LEG_ON_GONE] = "gone",
	[SIP_LEG_ON_LOST] = "ack-lost",
};

static const struct fsm_row rows[] = {
	{ SIP_LEG_EARLY, SIP_LEG_ON_ANSWERED, SIP_LEG_ANSWERED, NULL },
	{ SIP_LEG_EARLY, SIP_LEG_ON_CONFIRMED, SIP_LEG_CONFIRMED, NULL },
	{ SIP_LEG_EARLY, SIP_LEG_ON_REFUSED, SIP_LEG_OVER, NULL },
	{ SIP_LEG_EARLY, SIP_LEG_ON_CANCEL, SIP_LEG_CANCELLING, NULL },
	{ SIP_LEG_CANCELLING, SIP_LEG_ON_REFUSED, SIP_LEG_OVER, NULL },
	{ SIP_LEG_CANCELLING, SIP_LEG_ON_CONFIRMED, SIP_LEG_OVER, act_bye },
	{ SIP_LEG_ANSWERED, SIP_LEG_ON_CONFIRMED, SIP_LEG_CONFIRMED, NULL },
	{ SIP_LEG_ANSWERED, SIP_LEG_ON_HANG_UP, SIP_LEG_ENDING, NULL },
	{ SIP_LEG_ANSWERED, SIP_LEG_ON_GONE, SIP_LEG_OVER, NULL },
	{ SIP_LEG_ANSWERED, SIP_LEG_ON_LOST, SIP_LEG_OVER, act_bye },
	{ SIP_LEG_ENDING, SIP_LEG_ON_CONFIRMED, SIP_LEG_OVER, act_bye },
	{ SIP_LEG_ENDING, SIP_LEG_ON_LOST, SIP_LEG_OVER, act_bye },
	{ SIP_LEG_ENDING, SIP_LEG_ON_GONE, SIP_LEG_OVER, NULL },
	{ SIP_LEG_CONFIRMED, SIP_LEG_ON_HANG_UP, SIP_LEG_OVER, act_bye },
	{ SIP_LEG_CONFIRMED, SIP_LEG_ON_GONE, SIP_LEG_OVER, NULL },
};

/* CANCELLING has the transaction that brings the final, ANSWERED and ENDING the one that brings the ACK. */
static bool invariant(const void *object)
{
	const struct sip_leg *l = object;

	switch (l->fsm.state) {
	case SIP_LEG_CANCELLING: return l->calling;
	case SIP_LEG_ANSWERED:
	case SIP_LEG_ENDING: return l->invite;
	default: return true;
	}
}

const struct fsm_table sip_leg_fsm = FSM_TABLE("dialog", invariant);

/* ---- life ---- */

struct sip_leg *sip_leg_new(struct front_end *s, const struct leg_ops *ops)
{
	struct sip_leg *l = MEM_NEW(struct sip_leg);

	l->leg.ops = ops;
	l->front_end = s;
	list_init(&l->held);
	list_init(&l->sending);
	list_init(&l->pass_asked);
	list_init(&l->pass_asking);
	list_append(&s->legs, &l->of_front_end);
	fsm_init(&l->fsm, &sip_leg_fsm, &s->fsm_env, l, ++s->last_leg, NULL);
	metric_inc(&s->metrics.dialogs);
	return l;
}

/* Messages that waited for core were answered when it released the leg; core may be gone by now. */
static void sip_leg_destroy(struct sip_leg *l)
{
	assert(list_empty(&l->held) && list_empty(&l->sending));
	assert(list_empty(&l->pass_asked) && list_empty(&l->pass_asking));
	loop_unpost(l->front_end->loop, l->end_post);
	loop_timer_stop(&l->typing);
	loop_timer_stop(&l->due);
	if (l->asking)
		nta_outgoing_destroy(l->asking);
	sip_answer_drop(l);
	sip_endpoint_leave(l);
	sip_way_heard(l);
	merged_remove(l);
	if (l->invite)
		nta_incoming_destroy(l->invite);
	if (l->offering)
		nta_incoming_destroy(l->offering);
	if (l->calling)
		nta_outgoing_destroy(l->calling);
	nta_leg_destroy(l->dialog);
	fsm_deinit(&l->fsm);
	list_remove(&l->of_front_end);
	metric_add(&l->front_end->metrics.dialogs, -1);
	sip_echo_deinit(&l->echo);
	free(l->route);
	free(l->target);
	free(l->outline);
	free(l->self);
	free(l->contact);
	free(l->aor);
	free(l->display_name);
	free(l->epid);
	free(l->call_id);
	free(l->local);
	free(l->remote);
	free(l);
}

void sip_leg_break(struct sip_leg *l)
{
	if (fsm_allows(&l->fsm, SIP_LEG_ON_HANG_UP))
		fsm_feed(&l->fsm, SIP_LEG_ON_HANG_UP, NULL);
	leg_on_ended(&l->leg);
}

void sip_leg_settle(struct sip_leg *l)
{
	if (l->released && l->fsm.state == SIP_LEG_OVER)
		sip_leg_destroy(l);
}

void sip_leg_forget_all(struct front_end *s)
{
	list_for_each_safe (node, &s->legs) {
		sip_leg_destroy(LIST_ENTRY(node, struct sip_leg, of_front_end));
	}
}
