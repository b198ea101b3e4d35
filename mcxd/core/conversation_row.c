/*
 * Conversation row
 */
#include "mcxd/core/conversation_row.h"

#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/store_row.h"

/* Ids are in paths that clients keep, so none may be given twice. Not each of them is written down: a restart leaves
 * some of these out. */
enum { IDS_AHEAD = 1000 };

static void save_counter(struct core *c, uint64_t id)
{
	if (id < c->ids_until || c->is_snapshot)
		return;
	c->ids_until = id + IDS_AHEAD;
	core_save(c,
		  &(struct store_row){ .kind = STORE_COUNTER,
				       .id = COUNTER_OF_CONVERSATIONS,
				       .counter = { .value = c->ids_until } },
		  NULL, NULL);
}

static void save_leg(struct leg *leg)
{
	if (leg->ops->save)
		leg->ops->save(leg);
}

void conversation_row_save(struct conversation *object)
{
	struct core *c = object->core;

	if (!core_is_durable(c))
		return;
	save_counter(c, object->id);
	object->is_saved = true;
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_CONVERSATION,
			  .id = object->id,
			  .conversation = { .charges_caller = object->caller,
					    .charges_callee = object->callee,
					    STORE_CONVERSATION_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  NULL, NULL);
	if (!object->answered_wall_us)
		return;
	save_leg(object->caller_leg);
	save_leg(object->callee_leg);
}

void conversation_row_remove(struct conversation *v)
{
	if (!v->is_saved)
		return;
	core_remove(v->core, STORE_CONVERSATION, v->id, NULL, NULL);
	list_for_each (node, &v->legs)
		conversation_row_forget(v->core, LIST_ENTRY(node, struct leg, of_conversation));
}

uint64_t conversation_row_of(struct core *c, struct leg *leg, enum store_kind kind)
{
	if (!leg->row)
		leg->row = ++c->last_leg;
	leg->row_kind = kind;
	return leg->row;
}

void conversation_row_forget(struct core *c, struct leg *leg)
{
	if (!leg->row)
		return;
	core_remove(c, leg->row_kind, leg->row, NULL, NULL);
	if (leg->row_kind == STORE_DIALOG)
		core_remove(c, STORE_CSEQ, leg->row, NULL, NULL);
	leg->row = 0;
}

void conversation_row_forget_ended(struct conversation *v)
{
	list_for_each (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (!leg->ops->settled)
			conversation_row_forget(v->core, leg);
	}
}
