/*
 * Phone leg: a phone that calls
 */
#include "mcxd/core/phone_caller.h"

#include "mcxd/base/fsm.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/phone_report.h"
#include "mcxd/core/phone_sending.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/relay.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

/* Of the beginning. Those of the end are queued in any case. */
enum { CALL_EVENTS = 4 };

/* ---- operations ---- */

/* An invitation stays Connecting while it rings (messagingInvitation), so there is nothing to report. */
static void op_ring(struct leg *leg, const struct party *callee)
{
	(void)leg;
	(void)callee;
}

static void op_answer(struct leg *leg, const struct party *callee)
{
	struct phone_leg *l = phone_leg_of(leg);

	(void)callee;
	if (!l->phone)
		return;
	fsm_feed(&l->fsm, PHONE_LEG_ON_ANSWERED, NULL);
	phone_leg_op_save(leg);
	phone_leg_add_state(l, EVENT_CONVERSATION_UPDATED, "Connected");
	phone_leg_add_event(l, EVENT_PARTICIPANT_ADDED, true);
	phone_leg_add_event(l, EVENT_PARTICIPANT_MESSAGING, true);
	phone_leg_add_event(l, EVENT_LOCAL_MESSAGING, true);
	phone_leg_add_state(l, EVENT_MESSAGING_UPDATED, "Connected");
	phone_leg_add_completed(l, NULL);
	delivery_wake(l->phone);
}

/* A phone that has signed out has cancelled its call before that. */
static void op_refuse(struct leg *leg, const struct diag *why, const struct foreign *as)
{
	const struct diag cancelled = diag_make(DIAG_CANCELLED_HERE);
	struct phone_leg *l = phone_leg_of(leg);

	(void)as;
	if (!l->phone)
		return;
	fsm_feed(&l->fsm, PHONE_LEG_ON_OVER, NULL);
	phone_leg_add_end(l, PHONE_LEG_CALLING);
	phone_leg_add_completed(l, l->cancels ? &cancelled : why);
	delivery_wake(l->phone);
}

/* To the phone the first line went with its invitation, so it hears of it again only if it was lost. */
static void op_say_first(struct leg *leg)
{
	struct phone_leg *l = phone_leg_of(leg);

	if (l->phone)
		leg_on_said_first(leg, phone_sending_expect(l, NULL, true));
}

static const struct leg_ops ops = {
	PHONE_LEG_OPS,       .ring = op_ring,           .answer = op_answer,
	.refuse = op_refuse, .say_first = op_say_first,
};

bool phone_caller_has_room(const struct phone *p)
{
	return event_queue_has_room(&p->events, CALL_EVENTS);
}

struct leg *phone_caller_new(struct phone *p, const char *operation_id)
{
	struct phone_leg *l = phone_leg_new(p, &ops);

	presence_touch(p->user);
	l->leg.epid = p->epid;
	l->leg.agent = phone_agent(p);
	l->operation_id = mem_strdup(operation_id);
	return &l->leg;
}

/* ---- the phone's side ---- */

void phone_caller_begin(struct leg *leg)
{
	struct phone_leg *l = phone_leg_of(leg);
	const struct conversation *v = leg->conversation;
	struct event *e;

	phone_leg_begin(l, v, PHONE_LEG_ON_CALLS);
	e = phone_leg_add_invitation(l, EVENT_INVITATION_STARTED);
	l->started = e->number;
	phone_leg_add_state(l, EVENT_CONVERSATION_ADDED, "Connecting");
	phone_leg_add_event(l, EVENT_LOCAL_ADDED, true);
	phone_leg_add_state(l, EVENT_MESSAGING_UPDATED, "Connecting");
	delivery_wake(l->phone);
}

enum phone_result phone_caller_cancel(struct phone *p, uint64_t conversation)
{
	struct phone_leg *l = phone_leg_find(p, conversation);

	if (!l)
		return PHONE_NOT_FOUND;
	if (l->fsm.state != PHONE_LEG_CALLING)
		return PHONE_CONFLICT;
	l->cancels = true;
	leg_on_cancelled(&l->leg);
	return PHONE_OK;
}
