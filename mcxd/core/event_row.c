/*
 * Event row
 */
#include "mcxd/core/event_row.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"

/* Messages get their numbers before anything of them is stored: as many as this may be under way. */
enum { MESSAGES_AHEAD = 1000 };

/* Names, because the numbers of the enumeration change. */
static const char *const kinds[N_EVENT_KINDS] = {
	[EVENT_INVITATION_STARTED] = "invitation-started",
	[EVENT_INVITATION_UPDATED] = "invitation-updated",
	[EVENT_INVITATION_COMPLETED] = "invitation-completed",
	[EVENT_CONVERSATION_ADDED] = "conversation-added",
	[EVENT_CONVERSATION_UPDATED] = "conversation-updated",
	[EVENT_CONVERSATION_DELETED] = "conversation-deleted",
	[EVENT_LOCAL_ADDED] = "local-added",
	[EVENT_LOCAL_DELETED] = "local-deleted",
	[EVENT_PARTICIPANT_ADDED] = "participant-added",
	[EVENT_PARTICIPANT_UPDATED] = "participant-updated",
	[EVENT_PARTICIPANT_DELETED] = "participant-deleted",
	[EVENT_LOCAL_MESSAGING] = "local-messaging",
	[EVENT_PARTICIPANT_MESSAGING] = "participant-messaging",
	[EVENT_LOCAL_MESSAGING_DELETED] = "local-messaging-deleted",
	[EVENT_PARTICIPANT_MESSAGING_DELETED] = "participant-messaging-deleted",
	[EVENT_MESSAGING_UPDATED] = "messaging-updated",
	[EVENT_MESSAGE_COMPLETED] = "message-completed",
	[EVENT_TYPING_ADDED] = "typing-added",
	[EVENT_TYPING_DELETED] = "typing-deleted",
	[EVENT_MISSED_UPDATED] = "missed-updated",
	[EVENT_COMMUNICATION] = "communication",
	[EVENT_ME] = "me",
	[EVENT_MY_PRESENCE] = "my-presence",
	[EVENT_MY_NOTE] = "my-note",
	[EVENT_MY_LOCATION] = "my-location",
	[EVENT_WATCH_ADDED] = "watch-added",
	[EVENT_WATCH_UPDATED] = "watch-updated",
	[EVENT_WATCH_DELETED] = "watch-deleted",
	[EVENT_CONTACT_ADDED] = "contact-added",
	[EVENT_CONTACT_DELETED] = "contact-deleted",
	[EVENT_CONTACT_PRESENCE] = "contact-presence",
	[EVENT_CONTACT_NOTE] = "contact-note",
	[EVENT_CONTACT_LOCATION] = "contact-location",
	[EVENT_CONTACT_MODALITIES] = "contact-modalities",
	[EVENT_LIST_UPDATED] = "list-updated",
	[EVENT_LIST_JOINED] = "list-joined",
	[EVENT_LIST_LEFT] = "list-left",
};

const char *event_row_kind(enum event_kind kind)
{
	return kinds[kind];
}

static struct phone *phone_of(struct event_queue *q)
{
	return LIST_ENTRY(q, struct phone, events);
}

/* ---- saving ---- */

static void save(struct phone *p, struct event *object, bool reserved, store_done_h *done,
		 void *magic)
{
	struct core *c = p->user->core;

	if (!object->row)
		object->row = ++c->last_event;
	if (!c->is_snapshot)
		object->stored_packet = object->packet;
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_EVENT,
			  .id = object->row,
			  .reserved = reserved,
			  .event = { .phone = p->id,
				     .kind = kinds[object->kind],
				     STORE_EVENT_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  done, magic);
}

void event_row_save(struct phone *p, struct event *object, store_done_h *done, void *magic)
{
	save(p, object, false, done, magic);
}

static void save_queue(struct phone *p, store_done_h *done, void *magic)
{
	const struct event_queue *object = &p->events;
	struct core *c = p->user->core;

	core_save(c,
		  &(struct store_row){
			  .kind = STORE_QUEUE,
			  .id = p->id,
			  .reserved = true,
			  .queue = { .last_message = p->last_message +
						     (c->is_snapshot ? 0 : MESSAGES_AHEAD),
				     STORE_QUEUE_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  done, magic);
}

void event_row_save_packet(struct phone *p, store_done_h *done, void *magic)
{
	list_for_each (node, &p->events.events) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (!e->row || e->packet != e->stored_packet)
			save(p, e, true, NULL, NULL);
	}
	save_queue(p, done, magic);
}

/* A row that is there and was not removed must not be taken for one that the phone has not seen. */
void event_row_acknowledged(struct phone *p)
{
	const struct event_queue *q = &p->events;

	if (core_is_durable(p->user->core) && !list_empty(&q->recent) &&
	    LIST_ENTRY(q->recent.prev, struct event, of_queue)->packet + 1 == q->packet)
		save_queue(p, NULL, NULL);
}

static void save_new(void *magic)
{
	struct phone *p = magic;

	p->saves_events = false;
	list_for_each (node, &p->events.events) {
		struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (!e->row)
			event_row_save(p, e, NULL, NULL);
	}
}

void event_row_save_all(struct phone *p)
{
	const struct list *lists[] = { &p->events.recent, &p->events.events };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		list_for_each (node, lists[i])
			event_row_save(p, LIST_ENTRY(node, struct event, of_queue), NULL, NULL);
	save_queue(p, NULL, NULL);
}

void event_row_flush(struct phone *p)
{
	if (!p->saves_events)
		return;
	loop_undefer(p->user->core->loop, save_new, p);
	save_new(p);
}

static void on_added(struct event_queue *q)
{
	struct phone *p = phone_of(q);

	p->user->core->n_written++; /* as good as */
	if (p->saves_events)
		return;
	p->saves_events = true;
	loop_defer(p->user->core->loop, save_new, p);
}

static void on_replaced(struct event_queue *q)
{
	event_row_flush(phone_of(q));
}

static void on_dropped(struct event_queue *q, const struct event *e)
{
	if (e->row)
		core_remove(phone_of(q)->user->core, STORE_EVENT, e->row, NULL, NULL);
}

void event_row_begin(struct phone *p)
{
	if (!core_is_durable(p->user->core))
		return;
	p->events.on_added = on_added;
	p->events.on_replaced = on_replaced;
	p->events.on_dropped = on_dropped;
}

void event_row_end(struct phone *p)
{
	struct core *c = p->user->core;

	if (p->saves_events)
		loop_undefer(c->loop, save_new, p);
	p->saves_events = false;
	p->events.on_added = NULL;
	p->events.on_replaced = NULL;
	if (core_is_durable(c))
		core_remove(c, STORE_QUEUE, p->id, NULL, NULL);
}

/* ---- bringing back ---- */

static void fill(struct event *object, const struct event_row *row)
{
	STORE_EVENT_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

bool event_row_restore(struct core *c, const struct store_row *row)
{
	struct phone *p = phone_get(c, row->event.phone);
	struct event *e;

	for (int kind = 0; p && kind < N_EVENT_KINDS; kind++) {
		if (!row->event.kind || !kinds[kind] || strcmp(row->event.kind, kinds[kind]) != 0)
			continue;
		e = event_restore(&p->events, (enum event_kind)kind, row->event.number);
		fill(e, &row->event);
		e->row = row->id;
		e->stored_packet = e->packet;
		if (e->packet > p->events.packet)
			e->packet =
				0; /* the packet could not be stored as a whole, so it was not sent */
		if (row->id > c->last_event)
			c->last_event = row->id;
		if (e->message > p->last_message)
			p->last_message = e->message;
		if (e->packet && e->packet < p->events.packet)
			event_acknowledge(&p->events, e);
		else if (!e->packet && kind == EVENT_TYPING_ADDED)
			event_drop(&p->events, e); /* nothing would end it */
		return true;
	}
	return false;
}

static void fill_queue(struct event_queue *object, const struct queue_row *row)
{
	STORE_QUEUE_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

bool event_row_restore_queue(struct core *c, const struct store_row *row)
{
	struct phone *p = phone_get(c, row->id);

	if (!p)
		return false;
	fill_queue(&p->events, &row->queue);
	p->last_message = row->queue.last_message;
	return true;
}
