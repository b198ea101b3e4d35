/*
 * Missed conversation
 */
#include "mcxd/core/missed.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static struct missed *missed_new(struct phone *p, uint64_t id)
{
	struct missed *m = MEM_NEW(struct missed);

	m->phone = p;
	m->id = id;
	list_append(&p->missed, &m->of_phone);
	p->n_missed++;
	p->n_unread++;
	return m;
}

static void missed_free(struct missed *m)
{
	list_remove(&m->of_phone);
	m->phone->n_missed--;
	m->phone->n_unread -= !m->is_read;
	free(m->from);
	free(m->from_name);
	free(m->subject);
	free(m->importance);
	free(m->thread_id);
	free(m->first_line);
	free(m->reason);
	free(m);
}

void missed_save(const struct missed *object)
{
	core_save(object->phone->user->core,
		  &(struct store_row){
			  .kind = STORE_MISSED,
			  .id = object->id,
			  .missed = { .phone = object->phone->id,
				      STORE_MISSED_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  NULL, NULL);
}

/* The event names a resource that holds the count, so one event that was not sent yet is enough. */
static void add_event(struct phone *p)
{
	if (!event_queue_has(&p->events, EVENT_MISSED_UPDATED, NULL))
		event_add(&p->events, EVENT_MISSED_UPDATED, true);
}

static void drop(struct missed *m)
{
	core_remove(m->phone->user->core, STORE_MISSED, m->id, NULL, NULL);
	missed_free(m);
}

bool missed_add(struct phone *p, const struct conversation *v, const char *later)
{
	struct core *c = p->user->core;
	struct missed *m;

	if (c->config->max_missed <= 0)
		return false;
	list_for_each_safe (node, &p->missed) {
		if (p->n_missed < c->config->max_missed)
			break;
		drop(LIST_ENTRY(node, struct missed, of_phone));
	}
	m = missed_new(p, ++c->last_missed);
	m->conversation = v->id;
	m->from = mem_strdup(v->from);
	m->from_name = mem_strdup(v->from_name);
	m->subject = mem_strdup(v->subject);
	m->importance = mem_strdup(v->importance);
	m->thread_id = mem_strdup(v->thread_id);
	m->first_line = *later ? text_concat(v->preview ? v->preview : "", "\n", later)
			       : mem_strdup(v->preview);
	m->reason = mem_strdup(conversation_reason(v));
	m->wall_us = loop_wall_us(c->loop);
	missed_save(m);
	metric_inc(&c->metrics.missed_total);
	add_event(p);
	return true;
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

void missed_read(struct missed *m)
{
	if (m->is_read)
		return;
	m->is_read = true;
	m->phone->n_unread--;
	missed_save(m);
	add_event(m->phone);
}

void missed_remove(struct missed *m)
{
	struct phone *p = m->phone;

	drop(m);
	add_event(p);
}

void missed_clear(struct phone *p)
{
	list_for_each_safe (node, &p->missed)
		drop(LIST_ENTRY(node, struct missed, of_phone));
}

static void fill(struct missed *object, const struct missed_row *row)
{
	STORE_MISSED_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

bool missed_restore(struct core *c, const struct store_row *row)
{
	struct phone *p = phone_get(c, row->missed.phone);
	struct missed *m;

	if (!p)
		return false;
	m = missed_new(p, row->id);
	fill(m, &row->missed);
	p->n_unread -= m->is_read;
	if (row->id > c->last_missed)
		c->last_missed = row->id;
	return true;
}
