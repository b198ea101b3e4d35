/*
 * Delivery
 */
#include "mcxd/core/delivery.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/event_row.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/note.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/push.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/push/queue.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

enum { AWAY, HELD, LINGERING };
enum { ON_POLL, ON_PACKET, ON_DROPPED, ON_POLL_TIMEOUT, ON_LINGERED };

/* ---- by push ---- */

unsigned delivery_count_tile(const struct phone *p)
{
	unsigned n = (unsigned)p->n_unread;

	list_for_each (node, &p->deliveries)
		n += LIST_ENTRY(node, struct delivery, of_phone)->offered;
	return n;
}

/* Why no push is sent. The caller reads it in the 408, unless a push is sent later. */
static void say_no_push(struct phone *p, struct conversation *v, const char *state,
			const char *reason)
{
	conversation_set_timeout_reason(v, reason);
	note_add(p->user->core,
		 &(struct note){ .kind = "push",
				 .users = { p->user->aor },
				 .phone = p->app_id,
				 .key = v->key,
				 .fields = { { "state", state }, { "reason", reason } } },
		 "no push: %s", reason);
}

/* One push for everything up to the newest event. */
static void push_newest(struct phone *p, struct delivery *d)
{
	struct conversation *v = d->leg->conversation;
	const char *reason = push_obstacle(p);

	if (!v || d->pushed >= d->newest)
		return;
	if (reason) {
		say_no_push(p, v, "none", reason);
		return;
	}
	d->pushed = d->newest;
	d->push = push_send(p, d->leg, d->text, delivery_count_tile(p));
}

static void say_held_back(struct phone *p, struct conversation *v)
{
	int64_t left_ms = loop_timer_left_ms(&p->fsm.timer);
	CLEANUP(mem_free_string)
	char *reason = text_format("the phone counts as in the foreground for another %lld.%03d s",
				   (long long)(left_ms / 1000), (int)(left_ms % 1000));

	say_no_push(p, v, "held-back", reason);
}

/* The app does not learn of it, so that nothing it asks for makes the push superfluous. */
void delivery_tell(struct phone *p, struct delivery *d)
{
	d->newest = UINT64_MAX;
	if (delivery_is_away(p))
		push_newest(p, d);
	else if (p->fsm.state == LINGERING)
		say_held_back(p, d->leg->conversation);
	else
		say_no_push(p, d->leg->conversation, "none",
			    "the app is in the foreground, and cannot take calls");
}

void delivery_withdraw(struct phone *p, struct delivery *d)
{
	uint64_t push = d->push;

	d->push = 0;
	if (push && p->user->core->config->withdraw_pushes && delivery_is_away(p) &&
	    !push_obstacle(p))
		push_withdraw(p, d->leg, push, delivery_count_tile(p));
}

void delivery_add(struct phone *p, struct delivery *d, struct leg *leg)
{
	d->leg = leg;
	list_append(&p->deliveries, &d->of_phone);
}

void delivery_remove(struct delivery *d)
{
	list_remove(&d->of_phone);
	mem_set_string(&d->text, NULL);
}

void delivery_announce(struct phone *p, struct delivery *d, const struct event *e)
{
	d->newest = e->number;
	free(d->text);
	d->text = message_format_plain(e->content_type, e->text, e->text ? strlen(e->text) : 0);
	if (delivery_is_away(p))
		push_newest(p, d);
	else if (p->fsm.state == LINGERING && d->leg->conversation)
		say_held_back(p, d->leg->conversation);
}

void delivery_on_away(struct phone *p)
{
	list_for_each (node, &p->deliveries) {
		struct delivery *d = LIST_ENTRY(node, struct delivery, of_phone);

		if (d->newest > p->events.last_acked)
			push_newest(p, d);
	}
}

/* The app that is back gets the events themselves; if it goes away without having acknowledged them, they are pushed. */
static void forget_waiting(struct phone *p)
{
	if (!p->pushes.n_waiting)
		return;
	list_for_each (node, &p->deliveries) {
		struct delivery *d = LIST_ENTRY(node, struct delivery, of_phone);
		const struct push *push = d->push ? push_find(p->user->core, d->push) : NULL;

		if (push && !strcmp(push->state, "waiting"))
			d->push = d->pushed = 0;
	}
	push_drop_waiting(p, "The app has come to the foreground");
}

/* ---- over the held event request ---- */

void delivery_release(struct core *c, uint64_t poll_id)
{
	if (poll_id)
		c->ports.poll->wake(c->ports.poll_adapter, poll_id);
}

static void on_packet_stored(struct core *c, const uint64_t ids[N_CORE_WAIT_IDS], int err)
{
	struct phone *p = phone_get(c, ids[0]);

	if (!p || p->packing != ids[1])
		return;
	p->packing = 0;
	if (p->poll_id != ids[1])
		return;
	p->packing_failed = err != 0;
	delivery_release(c, p->poll_id);
}

/* Answer the held request. What a packet holds is on the disk before its first byte is sent, so that after a restart it can
 * be sent again as it was. */
static void send_packet(struct phone *p)
{
	struct core *c = p->user->core;

	if (!p->poll_id || p->packing == p->poll_id)
		return;
	if (!core_is_durable(c)) {
		delivery_release(c, p->poll_id);
		return;
	}
	p->packing = p->poll_id;
	p->packing_failed = false;
	event_queue_pack(&p->events);
	event_row_save_packet(p, core_on_stored,
			      core_wait_new(c, on_packet_stored,
					    (uint64_t[N_CORE_WAIT_IDS]){ p->id, p->poll_id }));
}

static int64_t delay_ms(const struct phone *p, enum event_urgency urgency)
{
	const struct core_config *config = p->user->core->config;
	const int64_t delays[N_URGENCIES] = { [URGENCY_HIGH] = config->event_delay_ms,
					      [URGENCY_MEDIUM] = config->medium_delay_ms,
					      [URGENCY_LOW] = config->low_delay_ms };

	return p->delays_ms[urgency] ? p->delays_ms[urgency] : delays[urgency];
}

/* How long this event may still wait for others. */
static int64_t event_left_ms(const struct phone *p, const struct event *e, int64_t now)
{
	int64_t left;

	if (e->at_once)
		return 0;
	left = e->queued_ms + delay_ms(p, event_urgency(e->kind)) - now;
	return left > 0 ? left : 0;
}

/* The same of the queue; -1: it is empty. A packet that was sent is sent again at once, even if it is empty. */
static int64_t queue_left_ms(const struct phone *p)
{
	int64_t least = -1, now;

	if (!p->events.owed)
		return 0;
	now = loop_now_ms(p->user->core->loop);
	list_for_each (node, &p->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);
		int64_t left = e->held ? -1 : event_left_ms(p, e, now);

		if (left < 0)
			continue;
		if (least < 0 || left < least)
			least = left;
	}
	return least;
}

static void arm(struct phone *p);

/* An event that is due takes along all that are queued. */
static void release_if_due(struct phone *p)
{
	if (queue_left_ms(p) == 0)
		send_packet(p);
	else
		arm(p);
}

static void on_gathered(void *magic)
{
	release_if_due(magic);
}

static void on_wake_posted(void *magic)
{
	struct phone *p = magic;

	p->wake_post = 0;
	release_if_due(p);
}

/* What is due at once is posted, so that everything that happens at once goes out in one packet. */
static void arm(struct phone *p)
{
	struct loop *l = p->user->core->loop;
	int64_t left;

	loop_timer_stop(&p->gathering);
	/* The queue of a phone that does not ask can be long. */
	if (!p->poll_id || p->wake_post)
		return;
	left = queue_left_ms(p);
	if (left > 0)
		loop_timer_set(l, &p->gathering, left, on_gathered, p);
	else if (left == 0)
		p->wake_post = loop_post(l, on_wake_posted, p);
}

/* Newest first: those that this has seen already stand together at the front. Returns how long the others may wait at most. */
static int64_t stamp(struct phone *p)
{
	int64_t now = loop_now_ms(p->user->core->loop), least = INT64_MAX, left;

	for (struct list *node = p->events.events.prev; node != &p->events.events;
	     node = node->prev) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->queued_ms)
			return least;
		e->queued_ms = now;
		left = delay_ms(p, event_urgency(e->kind));
		if (left < least)
			least = left;
	}
	return least;
}

void delivery_gather(struct phone *p)
{
	int64_t left = stamp(p);

	/* What was queued before is mostly due first. */
	if (!loop_timer_is_set(&p->gathering) || loop_timer_left_ms(&p->gathering) > left)
		arm(p);
}

void delivery_wake(struct phone *p)
{
	struct list *last = p->events.events.prev;

	stamp(p);
	if (last != &p->events.events)
		LIST_ENTRY(last, struct event, of_queue)->at_once = true;
	arm(p);
}

void delivery_set_delays(struct phone *p, int64_t medium_ms, int64_t low_ms)
{
	if (medium_ms > 0)
		p->delays_ms[URGENCY_MEDIUM] = medium_ms;
	if (low_ms > 0)
		p->delays_ms[URGENCY_LOW] = low_ms;
}

enum poll_result delivery_poll(struct phone *p, uint64_t packet, uint64_t poll_id,
			       int64_t timeout_ms)
{
	struct core *c = p->user->core;
	uint64_t replaced = p->poll_id;
	enum event_ack ack;

	phone_touch(p);
	p->asked_ms = loop_now_ms(c->loop);
	ack = event_queue_ack(&p->events, packet);
	if (ack == EVENT_ACK_WRONG)
		return POLL_WRONG_ACK;
	if (ack == EVENT_ACK_NEXT)
		event_row_acknowledged(p);
	p->poll_id = poll_id;
	p->poll_timeout_ms = timeout_ms > 0 ? timeout_ms : c->config->poll_timeout_ms;
	fsm_feed(&p->fsm, ON_POLL, NULL);
	delivery_release(c, replaced);
	if (queue_left_ms(p) != 0) {
		arm(p);
		return POLL_HELD;
	}
	if (!core_is_durable(c))
		return POLL_READY;
	send_packet(p);
	return POLL_HELD;
}

enum poll_end delivery_take(struct core *c, uint64_t phone_id, uint64_t poll_id,
			    uint64_t *ret_packet)
{
	struct phone *p = phone_get(c, phone_id);

	if (!p)
		return POLL_GONE;
	if (p->poll_id != poll_id)
		return POLL_REPLACED;
	p->poll_id = 0;
	p->hung_up = false;
	p->asked_ms = loop_now_ms(c->loop);
	if (p->packing_failed) {
		p->packing_failed = false;
		fsm_feed(&p->fsm, ON_DROPPED, NULL);
		return POLL_NOT_STORED;
	}
	fsm_feed(&p->fsm, ON_PACKET, NULL);
	*ret_packet = core_is_durable(c) ? p->events.packet : event_queue_pack(&p->events);
	return POLL_PACKET;
}

void delivery_drop(struct core *c, uint64_t phone_id, uint64_t poll_id)
{
	struct phone *p = phone_get(c, phone_id);

	if (!p || p->poll_id != poll_id)
		return;
	p->poll_id = 0;
	p->hung_up = true;
	p->asked_ms = loop_now_ms(c->loop);
	fsm_feed(&p->fsm, ON_DROPPED, NULL);
}

/* ---- the machine ---- */

static void act_away(void *object, void *data)
{
	(void)data;
	delivery_on_away(object);
}

static void act_back(void *object, void *data)
{
	(void)data;
	forget_waiting(object);
}

static void act_poll_timeout(void *object, void *data)
{
	(void)data;
	send_packet(object);
}

static int64_t held_ms(const void *object)
{
	return ((const struct phone *)object)->poll_timeout_ms;
}

static int64_t linger_ms(const void *object)
{
	const struct phone *p = object;
	const struct core_config *config = p->user->core->config;

	return p->hung_up ? config->hang_up_linger_ms : config->phone_linger_ms;
}

/* An event request is held in HELD and in no other state. */
static bool invariant(const void *object)
{
	const struct phone *p = object;

	return (p->fsm.state == HELD) == (p->poll_id != 0);
}

static const struct fsm_state states[] = {
	[AWAY] = { .name = "AWAY", .timeout_event = -1 },
	[HELD] = { .name = "HELD", .timeout_event = ON_POLL_TIMEOUT, .timeout_ms = held_ms },
	[LINGERING] = { .name = "LINGERING",
			.timeout_event = ON_LINGERED,
			.timeout_ms = linger_ms },
};

static const char *const events[] = {
	[ON_POLL] = "poll",         [ON_PACKET] = "packet",
	[ON_DROPPED] = "dropped",   [ON_POLL_TIMEOUT] = "poll-timeout",
	[ON_LINGERED] = "lingered",
};

static const struct fsm_row rows[] = {
	{ AWAY, ON_POLL, HELD, act_back },
	{ HELD, ON_POLL, HELD, NULL },
	{ HELD, ON_PACKET, LINGERING, NULL },
	{ HELD, ON_DROPPED, LINGERING, NULL },
	{ HELD, ON_POLL_TIMEOUT, HELD, act_poll_timeout },
	{ LINGERING, ON_POLL, HELD, NULL },
	{ LINGERING, ON_LINGERED, AWAY, act_away },
};

/* The journal and the drawing name the machine after its object. */
const struct fsm_table delivery_fsm = FSM_TABLE("phone", invariant);

bool delivery_is_away(const struct phone *p)
{
	return p->fsm.state == AWAY;
}

static void on_acked(void *magic, const struct event *e)
{
	struct phone *p = magic;

	if (e->kind != EVENT_INVITATION_STARTED &&
	    (e->kind != EVENT_MESSAGE_COMPLETED || e->outgoing))
		return;
	list_for_each (node, &p->deliveries) {
		const struct leg *leg = LIST_ENTRY(node, struct delivery, of_phone)->leg;

		if (leg->conversation && leg->conversation->id == e->conversation)
			leg_on_acknowledged(leg, e->said_as);
	}
}

void delivery_begin(struct phone *p)
{
	char key[40];

	text_join(key, sizeof(key), "app:", p->app_id);
	fsm_init(&p->fsm, &delivery_fsm, &p->user->core->fsm_env, p, p->id, key);
	p->events.on_acked = on_acked;
	p->events.magic = p;
	event_row_begin(p);
}

void delivery_end(struct phone *p)
{
	loop_unpost(p->user->core->loop, p->wake_post);
	loop_timer_stop(&p->gathering);
	event_row_end(p);
	fsm_deinit(&p->fsm);
}
