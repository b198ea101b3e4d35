/*
 * SIP leg: the registration of its other end
 */
#include "mcxd/front_end/endpoint.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "proto/text/mem.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/url.h>
#include <strings.h>

enum { MAX_URI_BYTES = 512 };

/* The legs of a binding. They refer to it by its id, because it may go first. */
struct endpoint {
	struct list legs; /* struct sip_leg.of_endpoint */
};

void sip_endpoint_leave(struct sip_leg *l)
{
	struct endpoint *e;

	if (!list_linked(&l->of_endpoint))
		return;
	list_remove(&l->of_endpoint);
	e = idtab_get(&l->front_end->endpoints, l->binding);
	if (!list_empty(&e->legs))
		return;
	idtab_remove(&l->front_end->endpoints, l->binding);
	free(e);
}

void sip_endpoint_join(struct sip_leg *l, uint64_t binding)
{
	struct idtab *endpoints = &l->front_end->endpoints;
	struct endpoint *e = idtab_get(endpoints, binding);

	if (!e) {
		e = MEM_NEW(struct endpoint);
		list_init(&e->legs);
		idtab_add_as(endpoints, binding, e);
	}
	l->binding = binding;
	list_append(&e->legs, &l->of_endpoint);
}

static bool is_same(const char *a, const char *b)
{
	return a && b && strcasecmp(a, b) == 0;
}

/* How sure it is that it is this one. */
enum likeness { NONE, SAME_ROUTE, SAME_CONTACT, SAME_EPID, SAME_GRUU };

static enum likeness likeness_of(const struct binding *b, const struct sip_leg *l,
				 const char *target)
{
	if (is_same(b->gruu, target))
		return SAME_GRUU;
	if (is_same(b->epid, l->epid))
		return SAME_EPID;
	if (is_same(b->contact, target))
		return SAME_CONTACT;
	return is_same(b->route, l->route) && !(b->epid && l->epid) ? SAME_ROUTE : NONE;
}

/* Behind a proxy many clients have one route, so it tells something only of one that has it alone. */
static const struct binding *find_of(const struct user *u, const struct sip_leg *l,
				     const char *target)
{
	const struct binding *best = NULL;
	enum likeness most = NONE;
	unsigned n_routes = 0;

	list_for_each (node, &u->bindings) {
		const struct binding *b = LIST_ENTRY(node, struct binding, of_user);
		enum likeness likeness = likeness_of(b, l, target);

		n_routes += is_same(b->route, l->route);
		if (likeness > most) {
			best = b;
			most = likeness;
		}
	}
	return most == SAME_ROUTE && n_routes > 1 ? NULL : best;
}

static const struct binding *find(const struct sip_leg *l)
{
	const struct user *u = user_find(l->front_end->core, l->aor);
	const sip_contact_t *contact = NULL;
	char target[MAX_URI_BYTES] = "";

	nta_leg_get_route(l->dialog, NULL, &contact);
	if (contact && url_e(target, sizeof(target), contact->m_url) >= (issize_t)sizeof(target))
		*target = '\0';
	return u ? find_of(u, l, target) : NULL;
}

const struct binding *sip_endpoint_binding(struct sip_leg *l)
{
	const struct binding *b;

	if (list_linked(&l->of_endpoint)) {
		b = binding_get(l->front_end->core, l->binding);
		if (b)
			return b;
		sip_endpoint_leave(l);
	}
	b = find(l);
	if (b)
		sip_endpoint_join(l, b->id);
	return b;
}

struct sip_leg *sip_endpoint_take(struct front_end *s, uint64_t binding)
{
	const struct endpoint *e = idtab_get(&s->endpoints, binding);
	struct sip_leg *l;

	if (!e)
		return NULL;
	l = LIST_ENTRY(e->legs.next, struct sip_leg, of_endpoint);
	sip_endpoint_leave(l);
	return l;
}
