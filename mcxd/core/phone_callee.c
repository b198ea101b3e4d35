/*
 * Phone leg: a phone that is called
 */
#include "mcxd/core/phone_callee.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/phone_report.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

enum { OFFER_EVENTS = 4 };

static void party_of(const struct phone *p, struct party *ret)
{
	*ret = (struct party){
		.aor = p->user->aor,
		.display_name = p->user->display_name,
		.epid = p->epid,
		.gruu_token = p->gruu_token,
		.user_agent = phone_agent(p),
		.is_phone = true,
	};
}

/* ---- operations ---- */

static void op_offer(struct leg *leg, const struct invitation *inv)
{
	struct phone_leg *l = phone_leg_of(leg);
	struct event *e;
	struct party party;

	(void)inv; /* it is that of the conversation */
	phone_leg_begin(l, leg->conversation, PHONE_LEG_ON_OFFERED);
	if (l->is_notice) {
		party_of(l->phone, &party);
		leg_on_ringing(leg, &party);
		delivery_tell(l->phone, &l->delivery);
		return;
	}
	e = phone_leg_add_invitation(l, EVENT_INVITATION_STARTED);
	l->started = e->number;
	phone_leg_add_state(l, EVENT_CONVERSATION_ADDED, "Incoming");
	phone_leg_add_event(l, EVENT_LOCAL_ADDED, true);
	phone_leg_add_event(l, EVENT_PARTICIPANT_ADDED, true);
	party_of(l->phone, &party);
	leg_on_ringing(leg, &party);
	delivery_wake(l->phone);
	delivery_announce(l->phone, &l->delivery, e);
}

static enum diag_code code_of(enum leg_cancel why)
{
	switch (why) {
	case LEG_CANCEL_CALLER: return DIAG_CANCELLED;
	case LEG_CANCEL_TIMEOUT: return DIAG_INVITE_TIMEOUT;
	case LEG_CANCEL_ELSEWHERE: return DIAG_ELSEWHERE;
	case LEG_CANCEL_DECLINED: return DIAG_DECLINED_ELSEWHERE;
	case LEG_CANCEL_SHUTDOWN: return DIAG_SHUTDOWN;
	case LEG_CANCEL_RESTART: break;
	}
	return DIAG_RESTARTED;
}

static void add_failure(struct phone_leg *l, enum diag_code code)
{
	const struct diag why = diag_make(code);

	phone_leg_add_end(l, PHONE_LEG_OFFERED);
	phone_leg_add_completed(l, &why);
}

/* Of a message without a session: what its sender has said since, a line each. He was told that it is stored. */
static void add_held(const struct phone_leg *l, struct text *ret)
{
	list_for_each (node, &l->phone->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);
		CLEANUP(mem_free_string) char *plain = NULL;

		if (!e->held || e->conversation != l->conversation)
			continue;
		plain = message_format_plain(e->content_type, e->text, strlen(e->text));
		text_add_all(ret, ret->n ? "\n" : "", plain);
	}
}

/* Not of an invitation that was never delivered; it shows up among the missed conversations. */
static void report_end(struct phone_leg *l, enum diag_code code)
{
	struct phone *p = l->phone;

	event_queue_drop_held(&p->events, l->conversation);
	if (delivery_is_away(p) && l->started > p->events.last_sent)
		event_queue_forget(&p->events, l->conversation);
	else
		add_failure(l, code);
}

/* Somebody has decided, so that the toast invites to nothing. A toast that nobody has seen stays: it says what was missed. */
static bool is_withdrawn(enum leg_cancel why)
{
	return why == LEG_CANCEL_CALLER || why == LEG_CANCEL_ELSEWHERE ||
	       why == LEG_CANCEL_DECLINED;
}

static void op_cancel(struct leg *leg, enum leg_cancel why)
{
	struct phone_leg *l = phone_leg_of(leg);
	struct phone *p = l->phone;
	CLEANUP(text_deinit) struct text later = TEXT_INIT;

	fsm_feed(&l->fsm, PHONE_LEG_ON_OVER, NULL);
	if (!p)
		return;
	add_held(l, &later);
	if (!l->is_notice)
		report_end(l, code_of(why));
	if (why != LEG_CANCEL_ELSEWHERE && why != LEG_CANCEL_DECLINED &&
	    missed_add(p, leg->conversation, text_str(&later)))
		delivery_gather(p);
	if (is_withdrawn(why))
		delivery_withdraw(p, &l->delivery);
}

static const struct leg_ops ops = {
	PHONE_LEG_OPS,
	.offer = op_offer,
	.cancel = op_cancel,
};

/* The reference shows an operation id on incoming invitations, too; no client has chosen theirs. */
struct leg *phone_callee_new(struct phone *p)
{
	struct phone_leg *l;
	char hex[33];

	if (!event_queue_has_room(&p->events, OFFER_EVENTS)) {
		metric_inc(&p->user->core->metrics.limits_total);
		return NULL;
	}
	l = phone_leg_new(p, &ops);
	random_hex(16, hex);
	l->operation_id = mem_strdup(hex);
	return &l->leg;
}

struct leg *phone_callee_restore(struct phone *p)
{
	return &phone_leg_new(p, &ops)->leg;
}

/* ---- the phone's side ---- */

static struct phone_leg *offered_leg(const struct phone *p, uint64_t conversation,
				     enum phone_result *ret)
{
	struct phone_leg *l = phone_leg_find(p, conversation);

	*ret = !l ? PHONE_NOT_FOUND
		  : (l->fsm.state == PHONE_LEG_OFFERED ? PHONE_OK : PHONE_CONFLICT);
	return *ret == PHONE_OK ? l : NULL;
}

/* The app learns why, too. */
static void refuse(struct phone_leg *l, enum diag_code code)
{
	const struct diag why = diag_make(code);

	fsm_feed(&l->fsm, PHONE_LEG_ON_OVER, NULL);
	add_failure(l, code);
	leg_on_refused(&l->leg, &why);
}

/* The user takes the call at another telephone: with that the invitation has succeeded, and the rest happens elsewhere. */
static void accept_call(struct phone_leg *l)
{
	const struct user *u = l->phone->user;
	CLEANUP(mem_free_string) char *number = user_outside_voice(u);

	if (!number) {
		refuse(l, u->policy.no_outside_voice ? DIAG_OUTSIDE_VOICE_OFF : DIAG_NO_NUMBER);
		return;
	}
	fsm_feed(&l->fsm, PHONE_LEG_ON_OVER, NULL);
	phone_leg_add_completed(l, NULL);
	phone_leg_add_end(l, PHONE_LEG_OFFERED);
	leg_on_redirected(&l->leg, number);
}

static void accept_messages(struct phone *p, struct phone_leg *l)
{
	struct party party;

	fsm_feed(&l->fsm, PHONE_LEG_ON_ANSWERED, NULL);
	party_of(p, &party);
	leg_on_answered(&l->leg, &party);
	phone_leg_add_invitation(l, EVENT_INVITATION_UPDATED);
	phone_leg_add_state(l, EVENT_MESSAGING_UPDATED, "Connected");
	phone_leg_add_state(l, EVENT_CONVERSATION_UPDATED, "Connected");
	phone_leg_add_event(l, EVENT_LOCAL_MESSAGING, true);
	phone_leg_add_event(l, EVENT_PARTICIPANT_MESSAGING, true);
	phone_leg_add_event(l, EVENT_PARTICIPANT_UPDATED, true);
	phone_leg_add_completed(l, NULL);
	phone_leg_add_first_message(l);
	event_queue_release(&p->events, l->conversation);
	delivery_gather(p);
}

enum phone_result phone_callee_accept(struct phone *p, uint64_t conversation)
{
	enum phone_result result;
	struct phone_leg *l = offered_leg(p, conversation, &result);

	if (!l)
		return result;
	presence_touch(p->user);
	switch (l->what) {
	case INVITATION_MESSAGING: accept_messages(p, l); break;
	case INVITATION_PHONE_AUDIO: accept_call(l); break;
	case INVITATION_MEETING: refuse(l, DIAG_NO_MEETINGS); break;
	}
	return PHONE_OK;
}

static enum phone_result decline(struct phone *p, uint64_t conversation, enum diag_code code)
{
	enum phone_result result;
	struct phone_leg *l = offered_leg(p, conversation, &result);
	const struct diag why = diag_make(code);

	if (!l)
		return result;
	presence_touch(p->user);
	fsm_feed(&l->fsm, PHONE_LEG_ON_OVER, NULL);
	event_queue_drop_held(&p->events, conversation);
	add_failure(l, DIAG_DECLINED_HERE);
	leg_on_refused(&l->leg, &why);
	return PHONE_OK;
}

enum phone_result phone_callee_decline(struct phone *p, uint64_t conversation)
{
	return decline(p, conversation, DIAG_DECLINED);
}

enum phone_result phone_callee_decline_here(struct phone *p, uint64_t conversation)
{
	return decline(p, conversation, DIAG_DECLINED_AT_ENDPOINT);
}
