/*
 * Push queue
 */
#include "mcxd/core/push/queue.h"

#include "mcxd/base/list.h"
#include "mcxd/core/ports.h"
#include "proto/text/mem.h"

void push_queue_init(struct push_queue *q)
{
	*q = (struct push_queue){ 0 };
	list_init(&q->waiting);
}

bool push_queue_is_busy(const struct push_queue *q)
{
	return q->under_way || q->n_waiting;
}

static const char *keep(struct queued_push *e, const char *s)
{
	char *copy = mem_strdup(s);

	e->strings[e->n_strings++] = copy;
	return copy;
}

void push_queue_add(struct push_queue *q, const struct push_message *m)
{
	struct queued_push *e = MEM_NEW(struct queued_push);

	e->message = (struct push_message){
		.id = m->id,
		.conversation = m->conversation,
		.from_user = keep(e, m->from_user),
		.from_name = keep(e, m->from_name),
		.withdraws = keep(e, m->withdraws),
		.thread = keep(e, m->thread),
		.modality = m->modality,
		.importance = keep(e, m->importance),
		.conference = m->conference,
		.missed = m->missed,
		.next_hop = keep(e, m->next_hop),
	};
	list_append(&q->waiting, &e->of_queue);
	q->n_waiting++;
}

static struct queued_push *find(const struct push_queue *q, uint64_t id)
{
	list_for_each (node, &q->waiting) {
		struct queued_push *e = LIST_ENTRY(node, struct queued_push, of_queue);

		if (!id || e->message.id == id)
			return e;
	}
	return NULL;
}

struct queued_push *push_queue_take(struct push_queue *q, uint64_t id)
{
	struct queued_push *e = find(q, id);

	if (!e)
		return NULL;
	list_remove(&e->of_queue);
	q->n_waiting--;
	return e;
}

void queued_push_free(struct queued_push *e)
{
	for (int i = 0; i < e->n_strings; i++)
		free(e->strings[i]);
	free(e);
}

void push_queue_deinit(struct push_queue *q)
{
	list_for_each_safe (node, &q->waiting)
		queued_push_free(LIST_ENTRY(node, struct queued_push, of_queue));
	push_queue_init(q);
}
