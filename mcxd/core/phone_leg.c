/*
 * Phone leg
 */
#include "mcxd/core/phone_leg.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/conversation_row.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/event_row.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_report.h"
#include "mcxd/core/phone_sending.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

enum { TYPING_LASTS_MS = 10000 };

/* ---- operations ---- */

/* Also one that has ended, or whose phone is gone. */
static struct leg *leg_of(const struct core *c, uint64_t conversation, uint64_t phone_id)
{
	const struct conversation *v = conversation_find(c, conversation);

	if (!v)
		return NULL;
	list_for_each (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (leg->ops->say == phone_leg_op_say && phone_leg_of(leg)->phone_id == phone_id)
			return leg;
	}
	return NULL;
}

/* Only what is on the disk has been delivered. What is not, the sender will send again: so it is dropped here. */
static void on_stored(struct core *c, const uint64_t ids[N_CORE_WAIT_IDS], int err)
{
	struct phone *p = phone_get(c, ids[0]);
	struct leg *leg = leg_of(c, ids[1], ids[0]);
	struct event *e = p && err ? event_find(&p->events, ids[3]) : NULL;
	const struct diag outcome = diag_make(err ? DIAG_NOT_STORED : DIAG_SUCCESS);

	if (e)
		event_drop(&p->events, e);
	if (leg)
		leg_on_delivered(leg, ids[2], &outcome);
}

void phone_leg_op_say(struct leg *leg, const struct im *im)
{
	struct phone_leg *l = phone_leg_of(leg);
	struct diag outcome = diag_make(DIAG_SUCCESS);
	struct event *e;
	struct core *c;

	phone_leg_add_typing_end(l); /* RFC 3994, 3.3: a message ends it */
	e = phone_leg_add_event(l, EVENT_MESSAGE_COMPLETED, false);
	if (!e)
		outcome = diag_make(DIAG_LIMIT);
	if (e) {
		e->message = ++l->phone->last_message;
		e->said_as = im->id;
		e->held = l->fsm.state == PHONE_LEG_OFFERED;
		e->success = true;
		e->content_type = mem_strdup(im->content_type);
		e->text = mem_memdup(im->body, im->n_body);
		delivery_announce(l->phone, &l->delivery, e);
		c = l->phone->user->core;
		if (core_is_durable(c)) {
			event_row_save(l->phone, e, core_on_stored,
				       core_wait_new(c, on_stored,
						     (uint64_t[]){ l->phone->id, l->conversation,
								   im->id, e->number }));
			leg_on_storing(leg, im->id);
			return;
		}
	}
	leg_on_delivered(leg, im->id, &outcome);
}

static void forget_sending(struct phone_leg *l)
{
	list_for_each_safe (node, &l->sending)
		phone_sending_free(l, LIST_ENTRY(node, struct phone_sending, of_leg));
}

static void add_outcome(struct phone_leg *l, const struct phone_sending *m, enum diag_code code)
{
	struct event *e = phone_leg_add_event(l, EVENT_MESSAGE_COMPLETED, true);

	if (!e)
		return;
	e->message = m->id;
	e->outgoing = true;
	e->operation_id = mem_strdup(m->operation_id);
	e->success = code == DIAG_SUCCESS;
	if (!e->success)
		e->reason = mem_strdup(diag_row(code)->reason);
}

static void settle(struct phone_leg *l, struct phone_sending *m, enum diag_code code)
{
	if (!m->is_first || code != DIAG_SUCCESS)
		add_outcome(l, m, code);
	phone_sending_free(l, m);
}

void phone_leg_op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome)
{
	struct phone_leg *l = phone_leg_of(leg);
	struct phone_sending *m = phone_sending_find(l, im_id);

	if (m)
		settle(l, m, outcome->code);
}

void phone_leg_op_typing(struct leg *leg, bool active)
{
	struct phone_leg *l = phone_leg_of(leg);

	if (active)
		phone_leg_add_typing(l);
	else
		phone_leg_add_typing_end(l);
}

static void end(struct phone_leg *l)
{
	list_for_each_safe (node, &l->sending)
		settle(l, LIST_ENTRY(node, struct phone_sending, of_leg), DIAG_CONVERSATION_ENDED);
	fsm_feed(&l->fsm, PHONE_LEG_ON_OVER, NULL);
	phone_leg_add_end(l, PHONE_LEG_CONNECTED);
}

void phone_leg_op_end(struct leg *leg)
{
	struct phone_leg *l = phone_leg_of(leg);

	l->is_ending = !list_empty(&l->sending);
	if (!l->is_ending)
		end(l);
}

void phone_leg_op_settled(struct leg *leg)
{
	struct phone_leg *l = phone_leg_of(leg);

	if (l->is_ending && l->fsm.state != PHONE_LEG_OVER)
		end(l);
}

void phone_leg_op_free(struct leg *leg)
{
	struct phone_leg *l = phone_leg_of(leg);

	forget_sending(l);
	delivery_remove(&l->delivery);
	list_remove(&l->of_phone);
	loop_timer_stop(&l->typing_timer);
	fsm_deinit(&l->fsm);
	free(l->operation_id);
	free(l);
}

/* ---- machine ---- */

static void act_connected(void *object, void *data)
{
	struct phone_leg *l = object;

	(void)data;
	l->delivery.offered = false;
}

static void act_over(void *object, void *data)
{
	struct phone_leg *l = object;

	(void)data;
	loop_timer_stop(&l->typing_timer);
	delivery_remove(&l->delivery);
	forget_sending(l);
	if (l->phone)
		conversation_row_forget(l->phone->user->core, &l->leg);
}

static const struct fsm_state states[] = {
	[PHONE_LEG_NEW] = { .name = "NEW", .timeout_event = -1 },
	[PHONE_LEG_OFFERED] = { .name = "OFFERED", .timeout_event = -1 },
	[PHONE_LEG_CALLING] = { .name = "CALLING", .timeout_event = -1 },
	[PHONE_LEG_CONNECTED] = { .name = "CONNECTED", .timeout_event = -1 },
	[PHONE_LEG_OVER] = { .name = "OVER", .final = true, .timeout_event = -1 },
};

static const char *const events[] = {
	[PHONE_LEG_ON_OFFERED] = "offered",
	[PHONE_LEG_ON_CALLS] = "calls",
	[PHONE_LEG_ON_ANSWERED] = "answered",
	[PHONE_LEG_ON_OVER] = "over",
};

static const struct fsm_row rows[] = {
	{ PHONE_LEG_NEW, PHONE_LEG_ON_OFFERED, PHONE_LEG_OFFERED, NULL },
	{ PHONE_LEG_NEW, PHONE_LEG_ON_CALLS, PHONE_LEG_CALLING, NULL },
	{ PHONE_LEG_OFFERED, PHONE_LEG_ON_ANSWERED, PHONE_LEG_CONNECTED, act_connected },
	{ PHONE_LEG_OFFERED, PHONE_LEG_ON_OVER, PHONE_LEG_OVER, act_over },
	{ PHONE_LEG_CALLING, PHONE_LEG_ON_ANSWERED, PHONE_LEG_CONNECTED, NULL },
	{ PHONE_LEG_CALLING, PHONE_LEG_ON_OVER, PHONE_LEG_OVER, act_over },
	{ PHONE_LEG_CONNECTED, PHONE_LEG_ON_OVER, PHONE_LEG_OVER, act_over },
};

const struct fsm_table phone_leg_fsm = FSM_TABLE("phone-leg", NULL);

/* ---- the phone's side ---- */

struct phone_leg *phone_leg_new(struct phone *p, const struct leg_ops *ops)
{
	struct phone_leg *l = MEM_NEW(struct phone_leg);

	l->leg.ops = ops;
	l->leg.reads = p->media.formats;
	l->phone = p;
	l->phone_id = p->id;
	list_init(&l->sending);
	list_append(&p->legs, &l->of_phone);
	return l;
}

void phone_leg_op_save(struct leg *leg)
{
	struct phone_leg *object = phone_leg_of(leg);
	struct core *c = object->phone ? object->phone->user->core : NULL;

	if (!c || !core_is_durable(c))
		return;
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_PHONE_LEG,
			  .id = conversation_row_of(c, leg, STORE_PHONE_LEG),
			  .phone_leg = { .conversation = object->conversation,
					 .phone = object->phone->id,
					 .caller = leg->caller,
					 .connected = leg->conversation->answered_wall_us,
					 STORE_PHONE_LEG_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  NULL, NULL);
}

static void begin(struct phone_leg *l, enum phone_leg_event event)
{
	struct phone *p = l->phone;

	delivery_add(p, &l->delivery, &l->leg);
	l->delivery.offered = event == PHONE_LEG_ON_OFFERED;
	fsm_init(&l->fsm, &phone_leg_fsm, &p->user->core->fsm_env, l, p->id,
		 l->leg.conversation->key);
	fsm_feed(&l->fsm, event, NULL);
}

/* Calls are told to an app that takes them, and to the others' owners by push only. */
static void set_what(struct phone_leg *l, const struct conversation *v)
{
	l->what = conversation_what(v);
	l->is_notice = l->what == INVITATION_PHONE_AUDIO && !phone_takes_calls(l->phone);
}

void phone_leg_restore(struct phone_leg *l, bool connected)
{
	l->conversation = l->leg.conversation->id;
	set_what(l, l->leg.conversation);
	begin(l, l->leg.caller ? PHONE_LEG_ON_CALLS : PHONE_LEG_ON_OFFERED);
	if (connected)
		fsm_feed(&l->fsm, PHONE_LEG_ON_ANSWERED, NULL);
}

void phone_leg_begin(struct phone_leg *l, const struct conversation *v, enum phone_leg_event event)
{
	l->conversation = v->id;
	set_what(l, v);
	begin(l, event);
	phone_leg_op_save(&l->leg);
}

struct phone_leg *phone_leg_next(const struct phone *p, const struct phone_leg *after)
{
	struct list *node = after ? after->of_phone.next : p->legs.next;

	for (; node != &p->legs; node = node->next) {
		struct phone_leg *l = LIST_ENTRY(node, struct phone_leg, of_phone);

		if (l->conversation && !l->is_notice && l->fsm.state != PHONE_LEG_OVER)
			return l;
	}
	return NULL;
}

struct phone_leg *phone_leg_find(const struct phone *p, uint64_t conversation)
{
	struct phone_leg *l = NULL;

	while ((l = phone_leg_next(p, l)))
		if (l->conversation == conversation)
			return l;
	return NULL;
}

enum phone_leg_state phone_leg_get_state(const struct phone_leg *leg)
{
	return (enum phone_leg_state)leg->fsm.state;
}

bool phone_leg_peer_types(const struct phone_leg *leg)
{
	return leg->peer_types;
}

const struct conversation *phone_leg_conversation(const struct phone_leg *leg)
{
	return leg->leg.conversation;
}

static void stop_typing(void *magic)
{
	struct phone_leg *l = magic;

	loop_timer_stop(&l->typing_timer);
	if (!l->typing)
		return;
	l->typing = false;
	leg_on_typing(&l->leg, false);
}

static struct phone_leg *connected_leg(const struct phone *p, uint64_t conversation,
				       enum phone_result *ret)
{
	struct phone_leg *l = phone_leg_find(p, conversation);

	*ret = !l || l->is_ending
		       ? PHONE_NOT_FOUND
		       : (l->fsm.state == PHONE_LEG_CONNECTED ? PHONE_OK : PHONE_CONFLICT);
	return *ret == PHONE_OK ? l : NULL;
}

/* Each message under way will queue an event with its outcome, too. */
bool phone_leg_has_room(const struct phone *p)
{
	return event_queue_has_room(&p->events, p->n_sending + 1);
}

enum phone_result phone_leg_say(struct phone *p, uint64_t conversation, const struct im *im,
				uint64_t *ret_message)
{
	enum phone_result result;
	struct phone_leg *l = connected_leg(p, conversation, &result);
	struct im mine = *im;

	if (!l)
		return result;
	if (im->n_body > (size_t)p->user->core->config->max_message_bytes)
		return PHONE_TOO_LARGE;
	if (!phone_leg_has_room(p))
		return PHONE_FULL;
	presence_touch(p->user);
	mine.id = *ret_message = phone_sending_expect(l, im->operation_id, false);
	stop_typing(l);
	leg_on_said(&l->leg, &mine);
	return PHONE_OK;
}

enum phone_result phone_leg_typing(struct phone *p, uint64_t conversation)
{
	enum phone_result result;
	struct phone_leg *l = connected_leg(p, conversation, &result);

	if (!l)
		return result;
	presence_touch(p->user);
	loop_timer_set(p->user->core->loop, &l->typing_timer, TYPING_LASTS_MS, stop_typing, l);
	if (!l->typing) {
		l->typing = true;
		leg_on_typing(&l->leg, true);
	}
	return PHONE_OK;
}

enum phone_result phone_leg_terminate(struct phone *p, uint64_t conversation)
{
	enum phone_result result;
	struct phone_leg *l = connected_leg(p, conversation, &result);

	if (!l)
		return result;
	phone_leg_op_end(&l->leg);
	leg_on_ended(&l->leg);
	return PHONE_OK;
}

static void drop(struct phone_leg *l, int state)
{
	struct diag why = diag_make(DIAG_NOT_REGISTERED);

	switch (state) {
	case PHONE_LEG_OFFERED: leg_on_refused(&l->leg, &why); return;
	case PHONE_LEG_CALLING: leg_on_cancelled(&l->leg); return;
	case PHONE_LEG_CONNECTED: leg_on_ended(&l->leg); return;
	default: return;
	}
}

void phone_leg_drop_all(struct phone *p)
{
	list_for_each_safe (node, &p->legs) {
		struct phone_leg *l = LIST_ENTRY(node, struct phone_leg, of_phone);
		int state = l->fsm.state;

		if (l->conversation && state != PHONE_LEG_OVER)
			fsm_feed(&l->fsm, PHONE_LEG_ON_OVER, NULL);
		list_remove(&l->of_phone);
		l->phone = NULL;
		drop(l, state);
	}
}
