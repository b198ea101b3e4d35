/*
 * Event
 */
#include "mcxd/core/event.h"

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"

#include <assert.h>

/* As UCWA's reference says, page by page; what is not here is high. */
static const enum event_urgency urgencies[N_EVENT_KINDS] = {
	[EVENT_COMMUNICATION] = URGENCY_MEDIUM,    [EVENT_ME] = URGENCY_MEDIUM,
	[EVENT_MY_PRESENCE] = URGENCY_MEDIUM,      [EVENT_MY_NOTE] = URGENCY_MEDIUM,
	[EVENT_MY_LOCATION] = URGENCY_MEDIUM,      [EVENT_WATCH_ADDED] = URGENCY_MEDIUM,
	[EVENT_WATCH_UPDATED] = URGENCY_MEDIUM,    [EVENT_WATCH_DELETED] = URGENCY_MEDIUM,
	[EVENT_CONTACT_ADDED] = URGENCY_MEDIUM,    [EVENT_CONTACT_DELETED] = URGENCY_MEDIUM,
	[EVENT_CONTACT_PRESENCE] = URGENCY_MEDIUM, [EVENT_CONTACT_NOTE] = URGENCY_MEDIUM,
	[EVENT_CONTACT_LOCATION] = URGENCY_MEDIUM, [EVENT_CONTACT_MODALITIES] = URGENCY_MEDIUM,
	[EVENT_LIST_UPDATED] = URGENCY_MEDIUM,
};

enum event_urgency event_urgency(enum event_kind kind)
{
	return urgencies[kind];
}

static void event_free(struct event_queue *q, struct event *e)
{
	if (q->on_dropped)
		q->on_dropped(q, e);
	list_remove(&e->of_queue);
	if (e->charged)
		budget_give(&q->budget, 1);
	free(e->reason);
	free(e->state);
	free(e->operation_id);
	free(e->peer);
	free(e->peer_name);
	free(e->content_type);
	free(e->text);
	free(e->subject);
	free(e->importance);
	free(e->thread_id);
	free(e);
}

void event_queue_init(struct event_queue *q, int64_t max, int64_t max_recent,
		      struct metric *refused)
{
	*q = (struct event_queue){ .max_recent = max_recent,
				   .budget = { .max = max, .refused = refused } };
	list_init(&q->events);
	list_init(&q->recent);
}

void event_queue_limit(struct event_queue *q, int64_t max, int64_t max_recent)
{
	q->budget.max = max;
	q->max_recent = max_recent;
}

void event_queue_deinit(struct event_queue *q)
{
	list_for_each_safe (node, &q->events)
		event_free(q, LIST_ENTRY(node, struct event, of_queue));
	list_for_each_safe (other, &q->recent)
		event_free(q, LIST_ENTRY(other, struct event, of_queue));
	assert(q->budget.used == 0);
}

static struct event *append(struct event_queue *q, enum event_kind kind, bool charged)
{
	struct event *e = MEM_NEW(struct event);

	e->charged = charged;
	e->kind = kind;
	list_append(&q->events, &e->of_queue);
	return e;
}

struct event *event_add(struct event_queue *q, enum event_kind kind, bool force)
{
	bool charged = budget_take(&q->budget, 1);
	struct event *e;

	if (!charged && !force)
		return NULL;
	e = append(q, kind, charged);
	e->number = ++q->last_number;
	if (q->on_added)
		q->on_added(q);
	return e;
}

struct event *event_restore(struct event_queue *q, enum event_kind kind, uint64_t number)
{
	struct event *e = append(q, kind, budget_take(&q->budget, 1));

	e->number = number;
	if (number > q->last_number)
		q->last_number = number;
	return e;
}

struct event *event_find(const struct event_queue *q, uint64_t number)
{
	list_for_each (node, &q->events) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->number == number)
			return e;
	}
	return NULL;
}

void event_drop(struct event_queue *q, struct event *e)
{
	event_free(q, e);
}

/* Nothing else tells of these any more. */
static bool is_kept(enum event_kind kind)
{
	return kind == EVENT_MESSAGE_COMPLETED || kind == EVENT_INVITATION_COMPLETED;
}

void event_acknowledge(struct event_queue *q, struct event *e)
{
	if (!is_kept(e->kind) || q->max_recent <= 0) {
		event_free(q, e);
		return;
	}
	if (e->charged)
		budget_give(&q->budget, 1);
	e->charged = false;
	list_remove(&e->of_queue);
	list_append(&q->recent, &e->of_queue);
	q->n_recent++;
	while (q->n_recent > q->max_recent) {
		/* The analyzer does not see that an event leaves this list when it is freed. */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		event_free(q, LIST_ENTRY(q->recent.next, struct event, of_queue));
		q->n_recent--;
	}
}

static const struct event *find_newest(const struct list *events, enum event_kind kind,
				       uint64_t conversation, uint64_t message)
{
	for (struct list *node = events->prev; node != events; node = node->prev) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->kind == kind && e->conversation == conversation &&
		    (!message || e->message == message))
			return e;
	}
	return NULL;
}

const struct event *event_recall(const struct event_queue *q, enum event_kind kind,
				 uint64_t conversation, uint64_t message)
{
	const struct event *e = find_newest(&q->events, kind, conversation, message);

	return e ? e : find_newest(&q->recent, kind, conversation, message);
}

static bool is_among(const struct list *events, uint64_t conversation, uint64_t said_as)
{
	list_for_each (node, events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->kind == EVENT_MESSAGE_COMPLETED && !e->outgoing &&
		    e->conversation == conversation && e->said_as == said_as)
			return true;
	}
	return false;
}

bool event_has_come(const struct event_queue *q, uint64_t conversation, uint64_t said_as)
{
	return is_among(&q->events, conversation, said_as) ||
	       is_among(&q->recent, conversation, said_as);
}

bool event_queue_has(const struct event_queue *q, enum event_kind kind, const char *peer)
{
	list_for_each (node, &q->events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (!e->packet && e->kind == kind && (!peer || !strcmp(e->peer, peer)))
			return true;
	}
	return false;
}

bool event_queue_has_room(const struct event_queue *q, int64_t n)
{
	return q->budget.max - q->budget.used >= n;
}

enum event_ack event_queue_ack(struct event_queue *q, uint64_t packet)
{
	if (packet == q->packet && packet)
		return EVENT_ACK_REPEAT;
	if (packet != q->packet + 1 || q->owed)
		return EVENT_ACK_WRONG;
	list_for_each_safe (node, &q->events) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (!e->packet)
			continue;
		if (q->on_acked)
			q->on_acked(q->magic, e);
		event_acknowledge(q, e);
	}
	q->last_acked = q->last_sent;
	q->packet = packet;
	q->owed = true;
	if (q->reset_sent)
		q->reset = false;
	q->reset_sent = false;
	if (q->on_room)
		q->on_room(q->magic);
	return EVENT_ACK_NEXT;
}

static const struct event *first_not_held(const struct event_queue *q)
{
	list_for_each (node, &q->events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (!e->held)
			return e;
	}
	return NULL;
}

/* An event that was sent and not acknowledged is in the packet that was asked for last. */
uint64_t event_queue_next(const struct event_queue *q)
{
	const struct event *first = first_not_held(q);

	return q->owed || (first && first->packet) ? q->packet : q->packet + 1;
}

/* The phone may have the first copy of a packet, and have sent another request for it before that arrived: what only the
 * second copy held would be acknowledged unread. */
static void fill_packet(struct event_queue *q)
{
	list_for_each (node, &q->events) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (!e->held)
			e->packet = q->packet;
	}
	q->last_sent = q->last_number;
	q->owed = false;
}

uint64_t event_queue_pack(struct event_queue *q)
{
	if (q->owed)
		fill_packet(q);
	q->reset_sent = q->reset;
	return q->packet;
}

void event_queue_forget(struct event_queue *q, uint64_t conversation)
{
	list_for_each_safe (node, &q->events) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->conversation == conversation && !e->packet)
			event_free(q, e);
	}
}

/* The strings change hands. */
static void replace(struct event_queue *q, struct event *e)
{
	struct event *new = event_add(q, e->kind, true);
	struct event moved = *e;

	moved.of_queue = new->of_queue;
	moved.number = new->number;
	moved.charged = new->charged;
	moved.queued_ms = 0;
	moved.row = moved.stored_packet = 0;
	moved.held = false;
	*new = moved;
	*e = (struct event){ .of_queue = e->of_queue,
			     .number = e->number,
			     .charged = e->charged,
			     .kind = e->kind,
			     .conversation = e->conversation,
			     .held = true,
			     .row = e->row };
}

void event_queue_release(struct event_queue *q, uint64_t conversation)
{
	const struct list *last = q->events.prev;
	bool any = false;

	for (struct list *node = q->events.next, *next; node != &q->events; node = next) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		next = node == last ? &q->events : node->next;
		if (!e->held || e->conversation != conversation)
			continue;
		replace(q, e);
		any = true;
	}
	if (any && q->on_replaced)
		q->on_replaced(q);
	event_queue_drop_held(q, conversation);
}

void event_queue_drop_held(struct event_queue *q, uint64_t conversation)
{
	list_for_each_safe (node, &q->events) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->held && e->conversation == conversation)
			event_free(q, e);
	}
}
