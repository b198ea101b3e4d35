/*
 * Route
 */
#include "mcxd/core/route.h"

#include "mcxd/core/binding.h"
#include "mcxd/core/phone_leg.h"

static struct leg *dial(struct core *c, const struct binding *b)
{
	return c->ports.dial ? c->ports.dial->dial(c->ports.dial_adapter, b) : NULL;
}

/* Offers can end the conversation only from the loop, so both lists stay as they are meanwhile. */
struct diag route_ring(struct conversation *v)
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
		struct leg *leg = p->available ? phone_leg_new(p, v) : NULL;

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
