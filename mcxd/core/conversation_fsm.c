/*
 * Conversation: its machine
 */
#include "mcxd/core/conversation_private.h"

#include "mcxd/core/metrics.h"
#include "mcxd/core/note.h"
#include "mcxd/core/summary.h"

static void cancel_callees(struct conversation *v, enum leg_cancel why)
{
	list_for_each (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (leg->caller || leg->done || leg == v->callee_leg)
			continue;
		leg->done = true;
		leg->ops->cancel(leg, why);
	}
}

static void refuse_caller(struct conversation *v)
{
	struct diag why = v->outcome;

	if (v->caller_leg->done)
		return;
	why.info = v->outcome_info;
	v->caller_leg->done = true;
	v->caller_leg->ops->refuse(v->caller_leg, &why);
}

static void end_leg(struct leg *leg)
{
	if (!leg || leg->done)
		return;
	leg->done = true;
	leg->ops->end(leg);
}

static void give_back_budgets(struct conversation *v)
{
	if (v->callee)
		budget_give(&v->callee->conversations, 1);
	if (v->caller)
		budget_give(&v->caller->conversations, 1);
	v->callee = v->caller = NULL;
}

/* Legs may still be in the middle of the call that brought the end: they are freed from the loop.
 */
static void conversation_over(struct conversation *v)
{
	struct core *c = v->core;

	v->ended_wall_us = loop_wall_us(c->loop);
	summary_add(c, v);
	give_back_budgets(v);
	v->free_post = loop_post(c->loop, conversation_on_free_posted, v);
}

/* ---- actions ---- */

static void set_outcome(struct conversation *v, enum diag_code code, const char *info)
{
	v->outcome = diag_make(code);
	mem_set_string(&v->outcome_info, info);
}

static void act_answered(void *object, void *data)
{
	struct conversation *v = object;
	const struct party *callee = data;
	struct core *c = v->core;

	metric_inc(&c->metrics->answered_total);
	v->answered_wall_us = loop_wall_us(c->loop);
	set_outcome(v, DIAG_SUCCESS, NULL);
	if (v->first_line) {
		v->repeat_possible = true;
		v->repeat_until_ms = loop_now_ms(c->loop) + c->config->repeat_window_ms;
	}
	note_add(c,
		 &(struct note){ .kind = "conversation",
				 .user = v->to,
				 .key = v->key,
				 .fields = { { "state", "answered" }, { "status", "200" } } },
		 "%s answers", callee->aor);
	v->caller_leg->ops->answer(v->caller_leg, callee);
	cancel_callees(v, LEG_CANCEL_ELSEWHERE);
}

static void note_failure(struct conversation *v)
{
	char status[12];

	snprintf(status, sizeof(status), "%d", v->outcome.sip_status);
	note_add(v->core,
		 &(struct note){ .kind = "conversation",
				 .user = v->to,
				 .key = v->key,
				 .fields = { { "state", "failed" },
					     { "status", status },
					     { "info", v->outcome_info } } },
		 "%s %s%s%s", status, diag_row(v->outcome.code)->reason,
		 v->outcome_info ? ": " : "", v->outcome_info ? v->outcome_info : "");
}

static void act_refused(void *object, void *data)
{
	struct conversation *v = object;

	(void)data;
	metric_inc(&v->core->metrics->refused_total);
	note_failure(v);
	refuse_caller(v);
	cancel_callees(v, LEG_CANCEL_ELSEWHERE);
	conversation_over(v);
}

static void act_timeout(void *object, void *data)
{
	struct conversation *v = object;

	(void)data;
	metric_inc(&v->core->metrics->timeouts_total);
	set_outcome(v, DIAG_INVITE_TIMEOUT, v->obstacle);
	note_failure(v);
	refuse_caller(v);
	cancel_callees(v, LEG_CANCEL_TIMEOUT);
	conversation_over(v);
}

static void act_cancelled(void *object, void *data)
{
	struct conversation *v = object;

	(void)data;
	metric_inc(&v->core->metrics->cancelled_total);
	set_outcome(v, DIAG_CANCELLED, NULL);
	note_failure(v);
	refuse_caller(v);
	cancel_callees(v, LEG_CANCEL_CALLER);
	conversation_over(v);
}

static void act_shut_down(void *object, void *data)
{
	struct conversation *v = object;

	(void)data;
	set_outcome(v, DIAG_SHUTDOWN, NULL);
	refuse_caller(v);
	cancel_callees(v, LEG_CANCEL_SHUTDOWN);
	conversation_over(v);
}

static void act_hung_up(void *object, void *data)
{
	struct conversation *v = object;
	const struct leg *by = data;

	note_add(v->core,
		 &(struct note){ .kind = "conversation",
				 .user = v->to,
				 .key = v->key,
				 .fields = { { "state", "ended" } } },
		 "ended by %s after %u messages",
		 !by ? "the server" : (by->caller ? v->from : v->to), v->n_messages);
	end_leg(v->caller_leg);
	end_leg(v->callee_leg);
	conversation_over(v);
}

static int64_t invite_timeout_ms(const void *object)
{
	return ((const struct conversation *)object)->core->config->invite_timeout_ms;
}

/* Whoever is connected has two ends that were not told to end; whoever is not has none that
 * answered. A final has gone to the caller in every state but the first. */
static bool invariant(const void *object)
{
	const struct conversation *v = object;

	switch (v->fsm.state) {
	case ALERTING: return !v->callee_leg && !v->free_post;
	case CONNECTED: return v->callee_leg && !v->free_post;
	default: return v->free_post;
	}
}

static const struct fsm_state states[] = {
	[ALERTING] = { .name = "ALERTING",
		       .timeout_event = ON_TIMEOUT,
		       .timeout_ms = invite_timeout_ms },
	[CONNECTED] = { .name = "CONNECTED", .timeout_event = -1 },
	[ENDED] = { .name = "ENDED", .final = true, .timeout_event = -1 },
};

static const char *const events[] = {
	[ON_ANSWERED] = "answered",   [ON_REFUSED] = "refused", [ON_TIMEOUT] = "timeout",
	[ON_CANCELLED] = "cancelled", [ON_HUNG_UP] = "hung-up", [ON_SHUTDOWN] = "shutdown",
};

static const struct fsm_row rows[] = {
	{ ALERTING, ON_ANSWERED, CONNECTED, act_answered },
	{ ALERTING, ON_REFUSED, ENDED, act_refused },
	{ ALERTING, ON_TIMEOUT, ENDED, act_timeout },
	{ ALERTING, ON_CANCELLED, ENDED, act_cancelled },
	{ ALERTING, ON_SHUTDOWN, ENDED, act_shut_down },
	{ CONNECTED, ON_HUNG_UP, ENDED, act_hung_up },
	{ CONNECTED, ON_SHUTDOWN, ENDED, act_hung_up },
};

const struct fsm_table conversation_fsm = FSM_TABLE("conv", invariant);
