/*
 * Route
 */
#include "mcxd/core/route.h"

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"

/* Charges both users, unless one of them is at the limit. */
static struct diag charge(struct conversation *v, struct user *caller, struct user *callee)
{
	if (!budget_take(&callee->conversations, 1))
		return diag_because(DIAG_LIMIT, "The callee has too many conversations "
						"(core.max_conversations)");
	v->callee = callee;
	if (caller && !budget_take(&caller->conversations, 1))
		return diag_because(DIAG_LIMIT, "The caller has too many conversations "
						"(core.max_conversations)");
	v->caller = caller;
	return diag_make(DIAG_SUCCESS);
}

static struct leg *dial(struct core *c, const struct binding *b)
{
	return c->ports.dial ? c->ports.dial->dial(c->ports.dial_adapter, b) : NULL;
}

/* An offer can end the conversation only from the loop, so both lists stay as they are. */
static struct diag ring_endpoints(struct conversation *v)
{
	struct user *u = v->callee;
	unsigned n = 0, n_full = 0;

	list_for_each (node, &u->bindings) {
		struct leg *leg = dial(v->core, LIST_ENTRY(node, struct binding, of_user));

		if (!leg)
			continue;
		conversation_add_leg(v, leg);
		n++;
	}
	list_for_each (node, &u->phones) {
		struct phone *p = LIST_ENTRY(node, struct phone, of_user);
		struct leg *leg = p->available ? phone_callee_new(p) : NULL;

		n_full += p->available && !leg;
		if (!leg)
			continue;
		conversation_add_leg(v, leg);
		n++;
	}
	if (n)
		return diag_make(DIAG_SUCCESS);
	if (n_full)
		return diag_because(DIAG_LIMIT,
				    "The phone has too many events to read (core.max_events)");
	return diag_make(DIAG_NOT_REGISTERED);
}

static struct diag ring(struct conversation *v)
{
	struct core *c = v->core;
	struct user *callee = user_find(c, v->to);
	struct diag outcome;

	if (c->stopping)
		return diag_make(DIAG_SHUTDOWN);
	if (!callee)
		return diag_make(DIAG_USER_UNKNOWN);
	outcome = charge(v, user_find(c, v->from), callee);
	return outcome.code == DIAG_SUCCESS ? ring_endpoints(v) : outcome;
}

uint64_t route_invite(struct core *c, struct leg *caller, const struct invitation *inv)
{
	struct conversation *v = conversation_new(c, caller, inv);
	struct diag outcome = ring(v);

	if (outcome.code != DIAG_SUCCESS)
		conversation_end(v, &outcome);
	return v->id;
}
