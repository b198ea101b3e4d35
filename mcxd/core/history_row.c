/*
 * History row
 */
#include "mcxd/core/history_row.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/push.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/summary.h"
#include "proto/text/mem.h"

#include <limits.h>

enum { MAX_STATUS = 699 };

/* ---- conversations that have ended ---- */

static void save_ended(struct core *c, const struct conversation_summary *object, uint64_t id)
{
	core_save(c,
		  &(struct store_row){ .kind = STORE_ENDED,
				       .id = id,
				       .ended = { STORE_ENDED_COLUMNS(STORE_SAVE, STORE_SKIP) } },
		  NULL, NULL);
}

static void fill_ended(struct conversation_summary *object, const struct ended_row *row)
{
	STORE_ENDED_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

/* Ids of conversations that are under way are higher, or will be. */
bool history_row_restore_ended(struct core *c, const struct store_row *row)
{
	const struct ended_row *r = &row->ended;
	struct conversation_summary *s;

	if (!r->conversation || !r->from_user || !r->to_user || r->status > MAX_STATUS ||
	    r->messages > UINT_MAX)
		return false;
	if (c->conversations.last < r->conversation)
		c->conversations.last = r->conversation;
	s = summary_add(c);
	if (s)
		fill_ended(s, r);
	return true;
}

/* ---- what was said ---- */

void history_row_save_said(struct conversation *object)
{
	core_save(object->core,
		  &(struct store_row){ .kind = STORE_SAID,
				       .id = object->id,
				       .said = { STORE_SAID_COLUMNS(STORE_SAVE, STORE_SKIP) } },
		  NULL, NULL);
}

bool history_row_restore_said(struct core *c, const struct store_row *r)
{
	const struct said_row *row = &r->said;
	struct conversation *object = conversation_find(c, r->id);

	if (!object || row->messages > UINT_MAX)
		return false;
	STORE_SAID_COLUMNS(STORE_RESTORE, STORE_SKIP)
	return true;
}

/* ---- pushes ---- */

static const char *const states[] = { "accepted", "refused", "unanswered",
				      "dropped",  "sent",    "waiting" };

static void save_push(struct core *c, const struct push *object)
{
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_PUSH,
			  .id = object->id,
			  .push = { .state = object->state,
				    .latency_us = object->answered_wall_us
							  ? (uint64_t)(object->answered_us -
								       object->sent_us)
							  : 0,
				    STORE_PUSH_COLUMNS(STORE_SAVE, STORE_SKIP) } },
		  NULL, NULL);
}

static const char *state_of(const struct push_row *row)
{
	for (size_t i = 0; row->state && i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i], row->state))
			return states[i];
	return NULL;
}

static void fill_push(struct push *object, const struct push_row *row)
{
	STORE_PUSH_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

static void give_up_answer(struct push *push, int64_t now_us)
{
	push->state = "unanswered";
	push->answered_wall_us = now_us;
	mem_set_string(&push->reason, "The lab was imported before the answer came");
}

bool history_row_restore_push(struct core *c, const struct store_row *row)
{
	const struct push_row *r = &row->push;
	const char *state = state_of(r);
	struct push *push;

	if (!state || r->status > MAX_STATUS || r->diag > INT_MAX || !row->id ||
	    push_find(c, row->id))
		return false;
	push = push_restore(c, row->id);
	push->state = state;
	push->answered_us = (int64_t)r->latency_us;
	fill_push(push, r);
	if (!push->answered_wall_us)
		give_up_answer(push, loop_wall_us(c->loop));
	return true;
}

void history_row_save_all(struct core *c)
{
	uint64_t n = 0;

	list_for_each (node, &c->history)
		save_ended(c, LIST_ENTRY(node, struct conversation_summary, of_history), ++n);
	list_for_each (other, &c->push_log)
		save_push(c, LIST_ENTRY(other, struct push, of_log));
}
