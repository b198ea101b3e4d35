/*
 * Missed conversation
 */
#include "mcxd/core/missed.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/metrics.h"

/* The strings of a store row. */
enum { ROW_FROM, ROW_FROM_NAME, ROW_SUBJECT, ROW_IMPORTANCE, ROW_THREAD_ID, ROW_FIRST_LINE };

static struct missed *missed_link(struct phone *p, struct missed *m)
{
	m->phone = p;
	list_append(&p->missed, &m->of_phone);
	p->n_missed++;
	return m;
}

static void missed_free(struct missed *m)
{
	list_remove(&m->of_phone);
	m->phone->n_missed--;
	free(m->from);
	free(m->from_name);
	free(m->subject);
	free(m->importance);
	free(m->thread_id);
	free(m->first_line);
	free(m);
}

static void store_missed(const struct missed *m)
{
	struct core *c = m->phone->user->core;

	core_save(c,
		  &(struct store_row){
			  .kind = STORE_MISSED,
			  .id = m->id,
			  .owner = m->phone->id,
			  .number = m->conversation,
			  .wall_us = m->wall_us,
			  .user = m->phone->user->aor,
			  .strings = { m->from, m->from_name, m->subject, m->importance,
				       m->thread_id, m->first_line },
		  },
		  NULL, NULL);
}

/* The count is in the resource that the event names: one event that has not gone out yet is enough.
 */
static void tell(struct phone *p)
{
	list_for_each (node, &p->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->kind == EVENT_MISSED_UPDATED && !e->packet)
			return;
	}
	event_add(&p->events, EVENT_MISSED_UPDATED, true);
	phone_gather(p);
}

void missed_add(struct phone *p, const struct conversation *v)
{
	struct core *c = p->user->core;
	struct missed *m;

	if (c->config->max_missed <= 0)
		return;
	list_for_each_safe (node, &p->missed) {
		if (p->n_missed < c->config->max_missed)
			break;
		missed_remove(LIST_ENTRY(node, struct missed, of_phone));
	}
	m = missed_link(p, MEM_NEW(struct missed));
	m->id = ++c->last_missed;
	m->conversation = v->id;
	m->from = mem_strdup(v->from);
	m->from_name = mem_strdup(v->from_name);
	m->subject = mem_strdup(v->subject);
	m->importance = mem_strdup(v->importance);
	m->thread_id = mem_strdup(v->thread_id);
	m->first_line = mem_strdup(v->first_line);
	m->wall_us = loop_wall_us(c->loop);
	store_missed(m);
	metric_inc(&c->metrics->missed_total);
	tell(p);
}

struct missed *missed_find(const struct phone *p, uint64_t conversation)
{
	list_for_each (node, &p->missed) {
		struct missed *m = LIST_ENTRY(node, struct missed, of_phone);

		if (m->conversation == conversation)
			return m;
	}
	return NULL;
}

void missed_remove(struct missed *m)
{
	struct core *c = m->phone->user->core;

	core_remove(c, STORE_MISSED, m->id, NULL, NULL);
	missed_free(m);
}

void missed_clear(struct phone *p)
{
	list_for_each_safe (node, &p->missed)
		missed_remove(LIST_ENTRY(node, struct missed, of_phone));
}

void missed_restore(struct core *c, const struct store_row *row)
{
	struct phone *p = phone_get(c, row->owner);
	struct missed *m;

	if (!p)
		return;
	m = missed_link(p, MEM_NEW(struct missed));
	m->id = row->id;
	if (row->id > c->last_missed)
		c->last_missed = row->id;
	m->conversation = row->number;
	m->from = mem_strdup(row->strings[ROW_FROM]);
	m->from_name = mem_strdup(row->strings[ROW_FROM_NAME]);
	m->subject = mem_strdup(row->strings[ROW_SUBJECT]);
	m->importance = mem_strdup(row->strings[ROW_IMPORTANCE]);
	m->thread_id = mem_strdup(row->strings[ROW_THREAD_ID]);
	m->first_line = mem_strdup(row->strings[ROW_FIRST_LINE]);
	m->wall_us = row->wall_us;
}
