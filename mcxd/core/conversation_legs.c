/*
 * Conversation: what it asks of its legs
 */
#include "mcxd/core/conversation_legs.h"

#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/leg.h"

void conversation_cancel_callees(struct conversation *v, enum leg_cancel why)
{
	list_for_each (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (leg->caller || leg->done || leg == v->callee_leg)
			continue;
		leg->done = true;
		leg->ops->cancel(leg, why);
	}
}

void conversation_refuse_caller(struct conversation *v)
{
	if (!v->caller_leg || v->caller_leg->done)
		return;
	v->caller_leg->done = true;
	v->caller_leg->ops->refuse(v->caller_leg, &v->outcome, v->outcome_as);
}

void conversation_end_leg(struct leg *leg)
{
	if (!leg || leg->done)
		return;
	leg->done = true;
	leg->ops->end(leg);
}

void conversation_settle_legs(struct conversation *v)
{
	list_for_each (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (leg->ops->settled)
			leg->ops->settled(leg);
	}
}

bool conversation_is_alone(const struct conversation *v)
{
	list_for_each (node, &v->legs) {
		const struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (!leg->caller && !leg->done && !leg->ops->alone)
			return false;
	}
	return true;
}

void conversation_tell_alone(struct conversation *v)
{
	if (!conversation_is_alone(v))
		return;
	list_for_each (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (!leg->caller && !leg->done && !v->callee_leg)
			leg->ops->alone(leg);
	}
}

bool conversation_has_callees(const struct conversation *v)
{
	list_for_each (node, &v->legs) {
		const struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (!leg->caller && !leg->done)
			return true;
	}
	return false;
}

bool conversation_is_forked(const struct conversation *v)
{
	unsigned n = 0;

	list_for_each (node, &v->legs)
		n += !LIST_ENTRY(node, struct leg, of_conversation)->caller;
	return n > 1;
}
