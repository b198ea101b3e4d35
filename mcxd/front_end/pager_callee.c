/*
 * Pager leg: a client that is invited
 */
#include "mcxd/front_end/pager_callee.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/conversation_legs.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/pager_leg.h"
#include "mcxd/front_end/private.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

static void on_deadline(void *magic)
{
	pager_leg_come_in(magic);
}

static void settle_for(struct pager_leg *l)
{
	const struct conversation *v = l->leg.conversation;
	int64_t left_ms;

	if (!l->has_taken || !v)
		return;
	if (conversation_is_alone(v)) {
		pager_leg_come_in(l);
		return;
	}
	/* Before the conversation itself gives up. */
	left_ms = loop_timer_left_ms(&v->fsm.timer) - 1;
	loop_timer_set(l->front_end->loop, &l->deadline, left_ms > 0 ? left_ms : 0, on_deadline, l);
}

static void on_taken(struct pager_leg *l, uint64_t id, const struct diag *outcome)
{
	(void)id;
	l->has_taken = outcome->code == DIAG_SUCCESS;
	if (l->has_taken)
		settle_for(l);
	else
		leg_on_refused(&l->leg, outcome);
}

static void on_nothing_to_say(void *magic)
{
	struct pager_leg *l = magic;

	l->post = 0;
	l->has_taken = true;
	settle_for(l);
}

static void on_unreachable(void *magic)
{
	struct pager_leg *l = magic;
	const struct diag gone = diag_make(DIAG_NOT_REGISTERED);

	l->post = 0;
	leg_on_refused(&l->leg, &gone);
}

static void op_offer(struct leg *leg, const struct invitation *inv)
{
	struct pager_leg *l = pager_leg_of(leg);
	struct loop *loop = l->front_end->loop;

	l->self = mem_strdup(inv->from);
	l->self_name = mem_strdup(inv->from_name);
	pager_leg_enter(l);
	if (!inv->first_line) {
		l->post = loop_post(loop, on_nothing_to_say, l);
		return;
	}
	if (!pager_leg_send(l,
			    &(struct im){ .id = LEG_FIRST_LINE,
					  .content_type = inv->first_line_type,
					  .body = inv->first_line,
					  .n_body = strlen(inv->first_line) },
			    on_taken))
		l->post = loop_post(loop, on_unreachable, l);
}

static void op_cancel(struct leg *leg, enum leg_cancel why)
{
	struct pager_leg *l = pager_leg_of(leg);

	(void)why;
	pager_leg_leave(l);
	loop_timer_stop(&l->deadline);
}

static void op_alone(struct leg *leg)
{
	settle_for(pager_leg_of(leg));
}

static const struct leg_ops ops = {
	PAGER_LEG_OPS,
	.offer = op_offer,
	.cancel = op_cancel,
	.alone = op_alone,
};

struct leg *pager_callee_dial(struct front_end *s, const struct binding *b)
{
	struct pager_leg *l;

	if (!b->contact || !b->route || !*b->route)
		return NULL;
	l = pager_leg_new(s, &ops);
	l->peer = mem_strdup(b->user->aor);
	l->binding = b->id;
	return &l->leg;
}

struct leg *pager_callee_restore(struct front_end *s, const struct store_row *row)
{
	return pager_leg_restore(s, row, &ops);
}
