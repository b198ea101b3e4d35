/*
 * Conversation
 */
#include "mcxd/core/conversation.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation_legs.h"
#include "mcxd/core/conversation_make.h"
#include "mcxd/core/conversation_note.h"
#include "mcxd/core/conversation_outcome.h"
#include "mcxd/core/conversation_row.h"
#include "mcxd/core/core.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

enum { ALERTING, CONNECTED, CLOSING, ENDED };

/* Longer than a SIP transaction (timer F, RFC 3261, 17.1.2.2), which gives every message an outcome. */
enum { CLOSING_MS = 40000 };

enum {
	ON_ANSWERED,
	ON_REFUSED,
	ON_TIMEOUT,
	ON_CANCELLED,
	ON_HUNG_UP,
	ON_SHUTDOWN,
	ON_RESTORED,
	ON_RESTARTED,
	ON_CLOSED, /* hung up, with messages under way */
	ON_SETTLED
};

/* ---- the end ---- */

static void give_back_budgets(struct conversation *v)
{
	struct user *const charged[] = { v->callee, v->caller };

	for (size_t i = 0; i < ARRAY_SIZE(charged); i++)
		if (charged[i]) {
			budget_give(&charged[i]->conversations, 1);
			user_rest(charged[i]);
		}
	v->callee = v->caller = NULL;
}

void conversation_free(struct conversation *v)
{
	loop_unpost(v->core->loop, v->free_post);
	give_back_budgets(v);
	list_for_each_safe (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		list_remove(&leg->of_conversation);
		leg->conversation = NULL;
		leg->ops->free(leg);
	}
	fsm_deinit(&v->fsm);
	conversation_unmake(v);
}

static void on_free_posted(void *magic)
{
	conversation_free(magic);
}

/* A leg may be in the middle of the call that brought the end, so all are freed from the loop. */
static void conversation_over(struct conversation *v)
{
	v->ended_wall_us = loop_wall_us(v->core->loop);
	conversation_row_remove(v);
	conversation_summarize(v);
	give_back_budgets(v);
	v->free_post = loop_post(v->core->loop, on_free_posted, v);
}

/* ---- the machine's actions ---- */

static void act_answered(void *object, void *data)
{
	struct conversation *v = object;
	const struct party *callee = data;
	const struct diag success = diag_make(DIAG_SUCCESS);
	struct core *c = v->core;

	metric_inc(&c->metrics.answered_total);
	v->answered_wall_us = loop_wall_us(c->loop);
	conversation_set_outcome(v, &success, NULL);
	if (v->first_line && v->may_repeat && !callee->needs_first_line) {
		v->repeat_possible = true;
		v->repeat_until_ms = loop_now_ms(c->loop) + c->config->repeat_window_ms;
	}
	conversation_note_answered(v, callee->aor);
	conversation_row_save(v);
	v->caller_leg->ops->answer(v->caller_leg, callee);
	conversation_cancel_callees(v, LEG_CANCEL_ELSEWHERE);
}

/* The outcome is there already. */
static void fail(struct conversation *v, struct metric *count, enum leg_cancel why)
{
	metric_inc(count);
	conversation_note_failed(v);
	conversation_refuse_caller(v);
	conversation_cancel_callees(v, why);
	conversation_over(v);
}

static void act_refused(void *object, void *data)
{
	struct conversation *v = object;
	enum leg_cancel why = LEG_CANCEL_CALLER;

	(void)data;
	if (v->outcome.sip_status / 100 == 6)
		why = LEG_CANCEL_DECLINED;
	else if (v->outcome.sip_status / 100 == 3)
		why = LEG_CANCEL_ELSEWHERE;
	fail(v, &v->core->metrics.refused_total, why);
}

static void act_timeout(void *object, void *data)
{
	struct conversation *v = object;
	const struct diag timeout = diag_because(DIAG_INVITE_TIMEOUT, v->timeout_reason);

	(void)data;
	conversation_set_outcome(v, &timeout, NULL);
	fail(v, &v->core->metrics.timeouts_total, LEG_CANCEL_TIMEOUT);
}

static void act_cancelled(void *object, void *data)
{
	struct conversation *v = object;
	const struct diag cancelled = diag_make(DIAG_CANCELLED);

	(void)data;
	conversation_set_outcome(v, &cancelled, NULL);
	fail(v, &v->core->metrics.cancelled_total, LEG_CANCEL_CALLER);
}

static void act_shut_down(void *object, void *data)
{
	struct conversation *v = object;
	const struct diag shutdown = diag_make(DIAG_SHUTDOWN);

	(void)data;
	conversation_set_outcome(v, &shutdown, NULL);
	conversation_refuse_caller(v);
	conversation_cancel_callees(v, LEG_CANCEL_SHUTDOWN);
	conversation_over(v);
}

/* Its caller has lost the transaction, and may call again. */
static void act_restarted(void *object, void *data)
{
	struct conversation *v = object;
	const struct diag restarted = diag_make(DIAG_RESTARTED);

	(void)data;
	conversation_set_outcome(v, &restarted, NULL);
	fail(v, &v->core->metrics.refused_total, LEG_CANCEL_RESTART);
}

static void act_closing(void *object, void *data)
{
	struct conversation *v = object;
	const struct leg *by = data;

	conversation_note_ended(v, by);
	conversation_end_leg(v->caller_leg);
	conversation_end_leg(v->callee_leg);
	conversation_row_forget_ended(v);
}

static void act_hung_up(void *object, void *data)
{
	act_closing(object, data);
	conversation_over(object);
}

static void act_settled(void *object, void *data)
{
	struct conversation *v = object;

	(void)data;
	conversation_settle_legs(v);
	conversation_over(v);
}

/* ---- the machine ---- */

static int64_t invite_timeout_ms(const void *object)
{
	return ((const struct conversation *)object)->timeout_ms;
}

static int64_t closing_timeout_ms(const void *object)
{
	(void)object;
	return CLOSING_MS;
}

/* ALERTING: no callee leg has answered. CONNECTED: both legs are live. Only ENDED is about to be freed. */
static bool invariant(const void *object)
{
	const struct conversation *v = object;

	switch (v->fsm.state) {
	case ALERTING: return !v->callee_leg && !v->free_post;
	case CONNECTED:
	case CLOSING: return v->callee_leg && !v->free_post;
	default: return v->free_post;
	}
}

static const struct fsm_state states[] = {
	[ALERTING] = { .name = "ALERTING",
		       .timeout_event = ON_TIMEOUT,
		       .timeout_ms = invite_timeout_ms },
	[CONNECTED] = { .name = "CONNECTED", .timeout_event = -1 },
	[CLOSING] = { .name = "CLOSING",
		      .timeout_event = ON_TIMEOUT,
		      .timeout_ms = closing_timeout_ms },
	[ENDED] = { .name = "ENDED", .final = true, .timeout_event = -1 },
};

static const char *const events[] = {
	[ON_ANSWERED] = "answered",   [ON_REFUSED] = "refused",     [ON_TIMEOUT] = "timeout",
	[ON_CANCELLED] = "cancelled", [ON_HUNG_UP] = "hung-up",     [ON_SHUTDOWN] = "shutdown",
	[ON_RESTORED] = "restored",   [ON_RESTARTED] = "restarted", [ON_CLOSED] = "closed",
	[ON_SETTLED] = "settled",
};

static const struct fsm_row rows[] = {
	{ ALERTING, ON_ANSWERED, CONNECTED, act_answered },
	{ ALERTING, ON_REFUSED, ENDED, act_refused },
	{ ALERTING, ON_TIMEOUT, ENDED, act_timeout },
	{ ALERTING, ON_CANCELLED, ENDED, act_cancelled },
	{ ALERTING, ON_SHUTDOWN, ENDED, act_shut_down },
	{ ALERTING, ON_RESTORED, CONNECTED, NULL },
	{ ALERTING, ON_RESTARTED, ENDED, act_restarted },
	{ CONNECTED, ON_HUNG_UP, ENDED, act_hung_up },
	{ CONNECTED, ON_SHUTDOWN, ENDED, act_hung_up },
	{ CONNECTED, ON_CLOSED, CLOSING, act_closing },
	{ CLOSING, ON_SETTLED, ENDED, act_settled },
	{ CLOSING, ON_TIMEOUT, ENDED, act_settled },
	{ CLOSING, ON_SHUTDOWN, ENDED, act_settled },
};

const struct fsm_table conversation_fsm = FSM_TABLE("conv", invariant);

/* ---- making one ---- */

struct conversation *conversation_new(struct core *c, struct leg *caller,
				      const struct invitation *inv)
{
	struct conversation *v = conversation_make(c, 0, inv);

	caller->caller = true;
	caller->conversation = v;
	v->caller_leg = caller;
	list_append(&v->legs, &caller->of_conversation);
	conversation_note_invited(v, inv->key);
	fsm_init(&v->fsm, &conversation_fsm, &c->fsm_env, v, v->id, v->key);
	return v;
}

void conversation_add_leg(struct conversation *v, struct leg *leg)
{
	const struct invitation inv = {
		.from = v->from,
		.from_name = v->from_name,
		.caller = v->caller_leg,
		.to = v->to,
		.subject = v->subject,
		.importance = v->importance,
		.thread_id = v->thread_id,
		.first_line = v->first_line,
		.first_line_type = v->first_line_type,
		.key = v->key,
		.hops = v->hops,
		.media = v->media,
		.conference = v->conference,
		.offer = v->offer,
	};

	leg->conversation = v;
	if (!v->is_saved)
		conversation_row_save(v);
	list_append(&v->legs, &leg->of_conversation);
	leg->ops->offer(leg, &inv);
}

/* ---- after a restart ---- */

struct conversation *conversation_restore(struct core *c, uint64_t id, const struct invitation *inv)
{
	struct conversation *v = conversation_make(c, id, inv);

	v->is_saved = true;
	fsm_init(&v->fsm, &conversation_fsm, &c->fsm_env, v, v->id, v->key);
	return v;
}

void conversation_restore_leg(struct conversation *v, struct leg *leg, bool caller)
{
	leg->caller = caller;
	leg->conversation = v;
	if (caller)
		v->caller_leg = leg;
	list_append(&v->legs, &leg->of_conversation);
}

static struct leg *first_callee(const struct conversation *v)
{
	list_for_each (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (!leg->caller)
			return leg;
	}
	return NULL;
}

/* A leg may be missing because its owner's session has expired meanwhile. */
static void end_restored(struct conversation *v)
{
	list_for_each (node, &v->legs)
		conversation_end_leg(LIST_ENTRY(node, struct leg, of_conversation));
	fsm_feed(&v->fsm, ON_RESTARTED, NULL);
}

void conversation_resume(struct conversation *v)
{
	bool connected = v->answered_wall_us;
	struct leg *callee = connected ? first_callee(v) : NULL;

	if (connected && callee && v->caller_leg) {
		v->callee_leg = callee;
		fsm_feed(&v->fsm, ON_RESTORED, NULL);
	} else if (connected) {
		end_restored(v);
	} else if (!v->paged || !v->caller_leg || !first_callee(v)) {
		fsm_feed(&v->fsm, ON_RESTARTED, NULL);
	}
}

/* ---- what happens to it ---- */

void leg_on_ringing(struct leg *leg, const struct party *callee)
{
	struct conversation *v = leg->conversation;
	struct party party = *callee;

	if (!v || v->fsm.state != ALERTING || v->caller_leg->done)
		return;
	party.is_proxied = v->is_proxied;
	/* The caller has one early dialog with us for all of them, so that it can take the session of only one. */
	if (conversation_is_forked(v))
		party.answer = NULL;
	v->caller_leg->ops->ring(v->caller_leg, &party);
}

static void say_first(struct conversation *v)
{
	struct leg *caller = v->caller_leg;

	if (v->fsm.state == CONNECTED && !caller->done && caller->ops->say_first)
		caller->ops->say_first(caller);
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
	if (v->callee_leg == leg && party.needs_first_line)
		say_first(v);
}

void leg_on_refused_as(struct leg *leg, const struct diag *why, const struct foreign *as)
{
	struct conversation *v = leg->conversation;

	if (!v || leg->done)
		return;
	leg->done = true;
	if (v->fsm.state != ALERTING)
		return;
	conversation_weigh(v, why, as);
	if (why->sip_status / 100 == 6 || !conversation_has_callees(v))
		fsm_feed(&v->fsm, ON_REFUSED, NULL);
	else
		conversation_tell_alone(v);
}

void leg_on_refused(struct leg *leg, const struct diag *why)
{
	leg_on_refused_as(leg, why, NULL);
}

void leg_on_redirected(struct leg *leg, const char *target)
{
	const struct diag moved = diag_make(DIAG_REDIRECTED);
	struct conversation *v = leg->conversation;

	if (!v || leg->done)
		return;
	leg->done = true;
	if (v->fsm.state != ALERTING)
		return;
	conversation_set_outcome(v, &moved, &(struct foreign){ .target = target });
	fsm_feed(&v->fsm, ON_REFUSED, NULL);
}

void leg_on_cancelled(struct leg *leg)
{
	struct conversation *v = leg->conversation;

	if (v && !leg->done)
		fsm_feed(&v->fsm, ON_CANCELLED, NULL);
}

/* by NULL: the server. */
static void hang_up(struct conversation *v, struct leg *by)
{
	if (v->fsm.state == CONNECTED)
		fsm_feed(&v->fsm, v->n_under_way ? ON_CLOSED : ON_HUNG_UP, by);
}

void conversation_on_settled(struct conversation *v)
{
	if (v->fsm.state == CLOSING)
		fsm_feed(&v->fsm, ON_SETTLED, NULL);
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
	hang_up(v, leg);
}

void conversation_end(struct conversation *v, const struct diag *why)
{
	if (v->fsm.state == ALERTING) {
		conversation_set_outcome(v, why, NULL);
		fsm_feed(&v->fsm, ON_REFUSED, NULL);
	} else if (v->fsm.state == CONNECTED) {
		hang_up(v, NULL);
	}
}

bool conversation_expire(struct conversation *v)
{
	if (v->fsm.state != ALERTING)
		return false;
	return fsm_feed(&v->fsm, ON_TIMEOUT, NULL);
}

void conversation_shut_down(struct conversation *v)
{
	if ((v->fsm.state == CONNECTED || v->fsm.state == CLOSING || v->paged) &&
	    core_is_durable(v->core))
		return;
	if (v->fsm.state != ENDED)
		fsm_feed(&v->fsm, ON_SHUTDOWN, NULL);
}

bool conversation_is_connected(const struct conversation *v)
{
	return v->fsm.state == CONNECTED;
}
