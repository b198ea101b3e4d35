/*
 * Route
 */
#include "mcxd/core/route.h"

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_caller.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"

/* RFC 3261, 8.1.1.6 */
enum { CALL_HOPS = 70 };

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

static struct leg *dial(const struct conversation *v, const struct binding *b)
{
	const struct dial_port *port = v->core->ports.dial;
	bool is_paged = v->media == MEDIA_TEXT && b->flaws & BINDING_NO_SESSIONS &&
			!(b->flaws & BINDING_NO_MESSAGES);

	if (!port)
		return NULL;
	return (is_paged && port->page ? port->page : port->dial)(v->core->ports.dial_adapter, b);
}

/* Of a call, and of an invitation to a conference, every phone in use is told. */
static bool takes(const struct phone *p, enum media media, bool conference)
{
	if (conference)
		return p->available;
	switch (media) {
	case MEDIA_TEXT: return phone_takes_messages(p);
	case MEDIA_AUDIO:
	case MEDIA_VIDEO: return p->available;
	case MEDIA_OTHER: break;
	}
	return false;
}

static bool rings(const struct phone *p, const struct conversation *v, const struct phone *calling)
{
	return p != calling && takes(p, v->media, v->conference) &&
	       (!v->only_phone || p->id == v->only_phone);
}

static bool rings_contacts(const struct conversation *v)
{
	return !v->only_phone && !list_empty(&v->callee->bindings);
}

/* A phone alone is not proxied to: the mobility service answers for it. */
static bool is_proxied(const struct conversation *v, const struct phone *calling)
{
	unsigned n = 0;

	list_for_each (node, &v->callee->phones)
		n += rings(LIST_ENTRY(node, struct phone, of_user), v, calling);
	return n > 1 || rings_contacts(v);
}

static bool has_phone(const struct user *u)
{
	list_for_each (node, &u->phones)
		if (LIST_ENTRY(node, struct phone, of_user)->available)
			return true;
	return false;
}

/* An offer can end the conversation only from the loop, so both lists stay as they are. calling: the phone that
 * calls, if it is a phone. */
static struct diag ring_endpoints(struct conversation *v, const struct phone *calling)
{
	struct user *u = v->callee;
	unsigned n = 0, n_full = 0;

	v->is_proxied = is_proxied(v, calling);
	list_for_each (node, &u->bindings) {
		struct leg *leg = v->paged || v->only_phone
					  ? NULL
					  : dial(v, LIST_ENTRY(node, struct binding, of_user));

		if (!leg)
			continue;
		conversation_add_leg(v, leg);
		n++;
	}
	list_for_each (node, &u->phones) {
		struct phone *p = LIST_ENTRY(node, struct phone, of_user);
		bool is_rung = rings(p, v, calling);
		struct leg *leg = is_rung ? phone_callee_new(p) : NULL;

		n_full += is_rung && !leg;
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
	if (v->media == MEDIA_OTHER && has_phone(u))
		return diag_because(DIAG_BAD_MODALITY,
				    "The session is not a session of instant messages");
	return diag_make(DIAG_NOT_REGISTERED);
}

/* The callee is not there: an open user of whom nothing is known has no endpoint, either. */
static enum diag_code absent(const struct core *c, const char *aor, bool is_local)
{
	if (user_is_open(c, aor, is_local))
		return DIAG_NOT_REGISTERED;
	return user_domain_is_ours(c, aor) ? DIAG_USER_UNKNOWN : DIAG_NO_ROUTE;
}

static bool takes_messages(const struct user *u)
{
	list_for_each (node, &u->phones)
		if (phone_takes_messages(LIST_ENTRY(node, struct phone, of_user)))
			return true;
	return false;
}

enum diag_code route_check(const struct core *c, const char *aor, bool is_local)
{
	const struct user *u = user_find(c, aor);

	if (c->stopping)
		return DIAG_SHUTDOWN;
	if (!u)
		return absent(c, aor, is_local);
	if (u->conversations.used >= u->conversations.max)
		return DIAG_LIMIT;
	return list_empty(&u->bindings) && !takes_messages(u) ? DIAG_NOT_REGISTERED : DIAG_SUCCESS;
}

static struct diag ring(struct conversation *v, struct user *caller, const struct phone *calling,
			bool is_local)
{
	struct core *c = v->core;
	struct user *callee = user_find(c, v->to);
	struct diag outcome;

	if (c->stopping)
		return diag_make(DIAG_SHUTDOWN);
	if (!callee)
		return diag_make(absent(c, v->to, is_local));
	outcome = charge(v, caller, callee);
	return outcome.code == DIAG_SUCCESS ? ring_endpoints(v, calling) : outcome;
}

uint64_t route_invite(struct core *c, struct leg *caller, const struct invitation *inv)
{
	struct conversation *v = conversation_new(c, caller, inv);
	struct diag outcome;

	v->offer = inv->offer;
	outcome = ring(v, user_meet(c, v->from, inv->is_local), NULL, inv->is_local);
	v->offer = NULL;
	if (outcome.code != DIAG_SUCCESS)
		conversation_end(v, &outcome);
	return v->id;
}

/* ---- a phone calls ---- */

static bool is_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

enum phone_result route_check_call(const struct phone *p, const struct route_call *call)
{
	const struct budget *budget = &p->user->conversations;
	const struct phone_leg *l = NULL;
	enum phone_result result = PHONE_OK;

	while ((l = phone_leg_next(p, l))) {
		const struct conversation *v = phone_leg_conversation(l);

		if (is_same(call->operation_id, l->operation_id))
			return PHONE_EXISTS;
		if (v && is_same(call->thread_id, v->thread_id))
			return PHONE_THREAD_EXISTS;
	}
	if (budget->used >= budget->max)
		result = PHONE_BUSY;
	else if (!phone_caller_has_room(p))
		result = PHONE_FULL;
	if (result != PHONE_OK)
		metric_inc(&p->user->core->metrics.limits_total);
	return result;
}

static struct invitation invitation_of(const struct phone *p, const struct route_call *call)
{
	return (struct invitation){
		.from = p->user->aor,
		.from_name = p->user->display_name,
		.to = call->to,
		.subject = call->subject,
		.importance = call->importance,
		.thread_id = call->thread_id,
		.first_line = call->first_line,
		.first_line_type = call->first_line_type,
		.key = call->key,
		.hops = CALL_HOPS,
		.timeout_ms = p->user->core->config->call_timeout_ms,
	};
}

enum phone_result route_call(struct phone *p, const struct route_call *call, uint64_t *ret_id)
{
	const struct invitation inv = invitation_of(p, call);
	enum phone_result result = route_check_call(p, call);
	struct conversation *v;
	struct diag outcome;
	struct leg *leg;

	if (result != PHONE_OK)
		return result;
	leg = phone_caller_new(p, call->operation_id);
	v = conversation_new(p->user->core, leg, &inv);
	*ret_id = v->id;
	phone_caller_begin(leg);
	outcome = ring(v, p->user, p, false);
	if (outcome.code != DIAG_SUCCESS)
		conversation_end(v, &outcome);
	return PHONE_OK;
}
