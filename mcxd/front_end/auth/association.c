/*
 * Security associations
 */
#include "mcxd/front_end/auth/association.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"

enum { WINDOW = 64 /* messages, as far as one may be late */ };

struct association_owner {
	char *aor;
	struct list associations; /* the oldest first */
	int64_t n;
};

struct associations {
	struct strtab *by_opaque, *owners;
	int64_t max_per_user;
};

struct associations *associations_new(int64_t max_per_user)
{
	struct associations *a = MEM_NEW(struct associations);

	a->by_opaque = strtab_new();
	a->owners = strtab_new();
	a->max_per_user = max_per_user;
	return a;
}

struct associations *associations_free(struct associations *a)
{
	void *cursor = NULL;
	struct association *s;

	if (!a)
		return NULL;
	while ((s = strtab_next(a->by_opaque, &cursor)))
		association_drop(a, s);
	strtab_free(a->by_opaque);
	strtab_free(a->owners);
	free(a);
	return NULL;
}

void association_drop(struct associations *a, struct association *s)
{
	struct association_owner *o = s->owner;

	strtab_remove(a->by_opaque, s->opaque);
	list_remove(&s->of_owner);
	explicit_bzero(&s->keys, sizeof(s->keys));
	free(s);
	if (--o->n > 0)
		return;
	strtab_remove(a->owners, o->aor);
	free(o->aor);
	free(o);
}

static struct association_owner *owner_of(struct associations *a, const char *aor)
{
	struct association_owner *o = strtab_get(a->owners, aor);

	if (o)
		return o;
	o = MEM_NEW(struct association_owner);
	o->aor = mem_strdup(aor);
	list_init(&o->associations);
	strtab_add(a->owners, aor, o);
	return o;
}

/* Of the user's, the one that the new one replaces; NULL: there is room for another. */
static struct association *find_old(const struct associations *a, const char *aor, const char *epid)
{
	const struct association_owner *o = strtab_get(a->owners, aor);

	if (!o)
		return NULL;
	list_for_each (node, &o->associations) {
		struct association *s = LIST_ENTRY(node, struct association, of_owner);

		if (*epid && !strcmp(s->epid, epid))
			return s;
	}
	if (o->n < a->max_per_user)
		return NULL;
	return LIST_ENTRY(o->associations.next, struct association, of_owner);
}

struct association *association_new(struct associations *a, const char *aor, const char *epid,
				    const char *opaque)
{
	struct association *s = find_old(a, aor, epid);

	if (s)
		association_drop(a, s);
	s = MEM_NEW(struct association);
	s->owner = owner_of(a, aor);
	s->owner->n++;
	list_append(&s->owner->associations, &s->of_owner);
	snprintf(s->opaque, sizeof(s->opaque), "%s", opaque);
	snprintf(s->epid, sizeof(s->epid), "%s", epid);
	strtab_add(a->by_opaque, s->opaque, s);
	return s;
}

struct association *association_find(const struct associations *a, const char *opaque)
{
	return strtab_get(a->by_opaque, opaque);
}

struct association *association_of_client(const struct associations *a, const char *aor,
					  const char *epid, uint64_t peer)
{
	const struct association_owner *o = strtab_get(a->owners, aor);

	if (!o)
		return NULL;
	list_for_each (node, &o->associations) {
		struct association *s = LIST_ENTRY(node, struct association, of_owner);

		if (*epid ? !strcmp(s->epid, epid) : s->peer == peer)
			return s;
	}
	return NULL;
}

const char *association_aor(const struct association *s)
{
	return s->owner->aor;
}

bool association_count(struct association *s, uint32_t count)
{
	uint32_t distance;

	if (count > s->count_max) {
		distance = count - s->count_max;
		s->seen = distance < WINDOW ? s->seen << distance : 0;
		s->seen |= 1;
		s->count_max = count;
		return true;
	}
	distance = s->count_max - count;
	if (distance >= WINDOW || s->seen & UINT64_C(1) << distance)
		return false;
	s->seen |= UINT64_C(1) << distance;
	return true;
}

size_t associations_count(const struct associations *a)
{
	return strtab_count(a->by_opaque);
}
