/*
 * Interests
 */
#include "mcxd/front_end/presence/interest.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"

void interests_init(struct interests *all)
{
	strtab_init(&all->watched);
	strtab_init(&all->watchers);
}

void interests_deinit(struct interests *all)
{
	strtab_deinit(&all->watched);
	strtab_deinit(&all->watchers);
}

static struct watched *watched_meet(struct interests *all, const char *aor)
{
	struct watched *w = strtab_get(&all->watched, aor);

	if (w)
		return w;
	w = MEM_NEW(struct watched);
	w->aor = mem_strdup(aor);
	list_init(&w->interests);
	strtab_add(&all->watched, aor, w);
	return w;
}

static void watched_rest(struct interests *all, struct watched *w)
{
	if (!list_empty(&w->interests))
		return;
	strtab_remove(&all->watched, w->aor);
	free(w->aor);
	free(w);
}

struct watcher *watcher_meet(struct interests *all, const char *aor, int64_t max)
{
	struct watcher *w = strtab_get(&all->watchers, aor);

	if (!w) {
		w = MEM_NEW(struct watcher);
		w->aor = mem_strdup(aor);
		strtab_add(&all->watchers, aor, w);
	}
	w->interests.max = max;
	return w;
}

void watcher_rest(struct interests *all, struct watcher *w)
{
	if (w->interests.used)
		return;
	strtab_remove(&all->watchers, w->aor);
	free(w->aor);
	free(w);
}

struct interest *interest_new(struct interests *all, struct watcher *by, const char *aor)
{
	struct interest *i;

	if (!budget_take(&by->interests, 1))
		return NULL;
	i = MEM_NEW(struct interest);
	i->watcher = by;
	i->watched = watched_meet(all, aor);
	i->news = true;
	list_append(&i->watched->interests, &i->of_watched);
	return i;
}

void interest_free(struct interests *all, struct interest *i)
{
	list_remove(&i->of_watched);
	list_remove(&i->of_subscription);
	watched_rest(all, i->watched);
	budget_give(&i->watcher->interests, 1);
	free(i);
}

const struct list *interests_in(const struct interests *all, const char *aor)
{
	const struct watched *w = strtab_get(&all->watched, aor);

	return w ? &w->interests : NULL;
}
