/*
 * What a phone says
 */
#include "mcxd/core/phone_sending.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"

struct phone_sending *phone_sending_new(struct phone_leg *l, uint64_t id)
{
	struct phone_sending *m = MEM_NEW(struct phone_sending);

	m->id = id;
	list_append(&l->sending, &m->of_leg);
	l->phone->n_sending++;
	return m;
}

struct phone_sending *phone_sending_find(const struct phone_leg *l, uint64_t id)
{
	list_for_each (node, &l->sending) {
		struct phone_sending *m = LIST_ENTRY(node, struct phone_sending, of_leg);

		if (m->id == id)
			return m;
	}
	return NULL;
}

static void fill(struct phone_sending *object, const struct sending_row *row)
{
	STORE_SENDING_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

void phone_sending_restore(struct phone_leg *l, const struct store_row *row)
{
	struct core *c = l->phone->user->core;
	struct phone_sending *m = phone_sending_new(l, row->sending.message);

	fill(m, &row->sending);
	m->row = row->id;
	if (row->id > c->last_sending)
		c->last_sending = row->id;
}

void phone_sending_save(const struct phone_leg *l, struct phone_sending *object)
{
	struct core *c = l->phone->user->core;

	if (!core_is_durable(c))
		return;
	if (!object->row)
		object->row = ++c->last_sending;
	core_save(
		c,
		&(struct store_row){ .kind = STORE_SENDING,
				     .id = object->row,
				     .sending = { .phone = l->phone->id,
						  .conversation = l->conversation,
						  STORE_SENDING_COLUMNS(STORE_SAVE, STORE_SKIP) } },
		NULL, NULL);
}

void phone_sending_free(struct phone_leg *l, struct phone_sending *m)
{
	if (m->row)
		core_remove(l->phone->user->core, STORE_SENDING, m->row, NULL, NULL);
	list_remove(&m->of_leg);
	free(m->operation_id);
	free(m);
	l->phone->n_sending--;
}

uint64_t phone_sending_expect(struct phone_leg *l, const char *operation_id, bool is_first)
{
	struct phone_sending *m = phone_sending_new(l, ++l->phone->last_message);

	m->is_first = is_first;
	m->operation_id = mem_strdup(operation_id);
	m->wall_us = loop_wall_us(l->phone->user->core->loop);
	phone_sending_save(l, m);
	return m->id;
}
