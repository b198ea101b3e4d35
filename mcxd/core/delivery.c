/*
 * Delivery
 */
#include "mcxd/core/delivery.h"

#include "mcxd/core/push.h"

/* One push for everything up to the newest event; why there is none is what a 408 will say. */
static void push_newest(struct phone_leg *l)
{
	struct conversation *v = l->leg.conversation;
	const char *obstacle = push_obstacle(l->phone);

	if (!v || l->pushed >= l->newest)
		return;
	if (obstacle) {
		conversation_set_obstacle(v, obstacle);
		return;
	}
	l->pushed = l->newest;
	push_send(l->phone, v, l->newest_text);
}

void delivery_announce(struct phone_leg *l)
{
	struct phone *p = l->phone;

	if (phone_is_away(p))
		push_newest(l);
}

void delivery_on_away(struct phone *p)
{
	struct phone_leg *l = NULL;

	while ((l = phone_leg_next(p, l)))
		if (l->newest > p->events.last_acked)
			push_newest(l);
}
