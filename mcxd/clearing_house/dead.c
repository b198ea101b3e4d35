/*
 * Clearing house: dead channels
 */
#include "mcxd/clearing_house/dead.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"

struct dead {
	const struct dead_limits *limits;
	struct strtab channels;
	struct list by_age; /* the oldest first */
};

struct grave {
	struct list node;
	int64_t since_ms;
	char *channel;
	char *user; /* NULL: unknown */
};

struct dead *dead_new(const struct dead_limits *limits)
{
	struct dead *d = MEM_NEW(struct dead);

	d->limits = limits;
	strtab_init(&d->channels);
	list_init(&d->by_age);
	return d;
}

static void forget(struct dead *d, struct grave *g)
{
	strtab_remove(&d->channels, g->channel);
	list_remove(&g->node);
	free(g->channel);
	free(g->user);
	free(g);
}

static struct grave *oldest(struct dead *d)
{
	return list_empty(&d->by_age) ? NULL : LIST_ENTRY(d->by_age.next, struct grave, node);
}

void dead_forget(struct dead *d, const char *user)
{
	list_for_each_safe (node, &d->by_age) {
		struct grave *g = LIST_ENTRY(node, struct grave, node);

		if (!user || (g->user && !strcmp(g->user, user)))
			forget(d, g);
	}
}

struct dead *dead_free(struct dead *d)
{
	if (!d)
		return NULL;
	dead_forget(d, NULL);
	strtab_deinit(&d->channels);
	free(d);
	return NULL;
}

static void expire(struct dead *d, int64_t now_ms)
{
	struct grave *g;

	while ((g = oldest(d)) && (now_ms - g->since_ms >= d->limits->memory_ms ||
				   (int64_t)dead_count(d) > d->limits->max))
		forget(d, g);
}

void dead_add(struct dead *d, const char *channel, const char *user, int64_t now_ms)
{
	struct grave *g = strtab_get(&d->channels, channel);

	if (g)
		forget(d, g);
	g = MEM_NEW(struct grave);
	g->since_ms = now_ms;
	g->channel = mem_strdup(channel);
	g->user = mem_strdup(user);
	strtab_add(&d->channels, channel, g);
	list_append(&d->by_age, &g->node);
	expire(d, now_ms);
}

bool dead_has(struct dead *d, const char *channel, int64_t now_ms)
{
	expire(d, now_ms);
	return strtab_get(&d->channels, channel) != NULL;
}

void dead_revive(struct dead *d, const char *channel)
{
	struct grave *g = strtab_get(&d->channels, channel);

	if (g)
		forget(d, g);
}

size_t dead_count(const struct dead *d)
{
	return strtab_count(&d->channels);
}
