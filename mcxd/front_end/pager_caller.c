/*
 * Pager leg: a client that begins
 */
#include "mcxd/front_end/pager_caller.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/route.h"
#include "mcxd/front_end/pager_leg.h"
#include "mcxd/front_end/pager_request.h"
#include "mcxd/front_end/private.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <string.h>

static void op_ring(struct leg *leg, const struct party *callee)
{
	(void)leg;
	(void)callee;
}

static void op_answer(struct leg *leg, const struct party *callee)
{
	struct pager_leg *l = pager_leg_of(leg);

	mem_set_string(&l->self_name, callee->display_name);
	pager_leg_touch(l);
}

static void on_told(struct pager_leg *l, uint64_t id, const struct diag *outcome)
{
	(void)l;
	(void)id;
	(void)outcome;
}

/* What was answered with 202 can be refused by a message only. What nobody has answered in time is among the missed ones. */
static void tell_of_promised(struct pager_leg *l, const struct diag *why)
{
	CLEANUP(mem_free_string) char *words = NULL;

	if (why->code == DIAG_INVITE_TIMEOUT || why->code == DIAG_SHUTDOWN ||
	    !pager_leg_has_promised(l))
		return;
	words = text_concat("Not delivered: ", why->info ? why->info : diag_row(why->code)->reason);
	pager_leg_send(l,
		       &(struct im){ .content_type = "text/plain",
				     .body = words,
				     .n_body = strlen(words) },
		       on_told);
}

static void op_refuse(struct leg *leg, const struct diag *why, const struct foreign *as)
{
	struct pager_leg *l = pager_leg_of(leg);

	(void)as;
	pager_leg_leave(l);
	tell_of_promised(l, why);
	pager_leg_refuse_waiting(l, why);
}

static const struct leg_ops ops = {
	PAGER_LEG_OPS,
	.ring = op_ring,
	.answer = op_answer,
	.refuse = op_refuse,
};

/* The first line is on the disk with the invitation that has it. */
static void on_begun(struct core *c, const uint64_t ids[N_CORE_WAIT_IDS], int err)
{
	const struct conversation *v = conversation_find(c, ids[0]);
	const struct diag failed = diag_make(DIAG_NOT_STORED);
	struct pager_request *r;

	if (!v || !v->caller_leg || v->caller_leg->ops->ring != op_ring)
		return;
	r = pager_leg_waiting(pager_leg_of(v->caller_leg), LEG_FIRST_LINE);
	if (r && err)
		pager_request_refuse(r, &failed);
	else if (r)
		pager_leg_stored(pager_leg_of(v->caller_leg), LEG_FIRST_LINE);
}

void pager_caller_begin(struct front_end *s, const struct pager_ends *ends,
			const struct invitation *inv, struct pager_request *r)
{
	struct pager_leg *l = pager_leg_new(s, &ops);
	struct core *c = s->core;
	uint64_t id;

	l->self = mem_strdup(ends->self);
	l->peer = mem_strdup(ends->peer);
	l->peer_name = mem_strdup(ends->peer_name);
	pager_leg_set_route(l, ends->route);
	pager_leg_wait_for(l, r, LEG_FIRST_LINE);
	pager_leg_enter(l);
	id = route_invite(c, &l->leg, inv);
	if (l->leg.done)
		return;
	pager_leg_storing(l, r);
	pager_leg_op_save(&l->leg);
	core_sync(c, core_on_stored, core_wait_new(c, on_begun, (uint64_t[N_CORE_WAIT_IDS]){ id }));
}

struct leg *pager_caller_restore(struct front_end *s, const struct store_row *row)
{
	return pager_leg_restore(s, row, &ops);
}
