/*
 * Clearing house: outbox
 */
#include "mcxd/clearing_house/outbox.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "proto/text/mem.h"

#include <assert.h>

struct outbox {
	const struct outbox_limits *limits;
	struct strtab hosts, channels;
	struct list ready; /* hosts of which a channel is READY */
	size_t n_items;
};

struct host {
	struct outbox *outbox;
	struct list node;  /* in the outbox's ready */
	struct list ready; /* channels */
	int64_t n_items;
	int64_t n_active; /* channels */
	char *name;
};

enum channel_state { CHANNEL_READY, CHANNEL_ACTIVE, CHANNEL_PAUSED };

struct outbox_channel {
	struct host *host;
	struct list node;  /* in the host's ready */
	struct list items; /* the first is the one that the state is about */
	int64_t n_items;
	char *name;
	enum channel_state state;
};

struct outbox *outbox_new(const struct outbox_limits *limits)
{
	struct outbox *o = MEM_NEW(struct outbox);

	o->limits = limits;
	strtab_init(&o->hosts);
	strtab_init(&o->channels);
	list_init(&o->ready);
	return o;
}

struct outbox *outbox_free(struct outbox *o)
{
	if (!o)
		return NULL;
	strtab_deinit(&o->channels);
	strtab_deinit(&o->hosts);
	free(o);
	return NULL;
}

/* ---- hosts and channels: they exist while they have notifications ---- */

static struct host *host_get(struct outbox *o, const char *name)
{
	struct host *h = strtab_get(&o->hosts, name);

	if (h)
		return h;
	h = MEM_NEW(struct host);
	h->outbox = o;
	h->name = mem_strdup(name);
	list_init(&h->ready);
	strtab_add(&o->hosts, name, h);
	return h;
}

static void host_drop_if_empty(struct host *h)
{
	if (h->n_items > 0)
		return;
	assert(h->n_active == 0);
	strtab_remove(&h->outbox->hosts, h->name);
	free(h->name);
	free(h);
}

static struct outbox_channel *channel_new(struct host *h, const char *name)
{
	struct outbox_channel *c = MEM_NEW(struct outbox_channel);

	c->host = h;
	c->name = mem_strdup(name);
	list_init(&c->items);
	strtab_add(&h->outbox->channels, name, c);
	return c;
}

static void channel_free(struct outbox_channel *c)
{
	strtab_remove(&c->host->outbox->channels, c->name);
	free(c->name);
	free(c);
}

/* The one function that moves a channel, also into and out of its host's count and list. */
static void channel_become(struct outbox_channel *c, enum channel_state state)
{
	struct host *h = c->host;

	if (c->state == CHANNEL_ACTIVE)
		h->n_active--;
	list_remove(&c->node);
	if (list_empty(&h->ready))
		list_remove(&h->node);
	c->state = state;
	if (state == CHANNEL_ACTIVE)
		h->n_active++;
	if (state != CHANNEL_READY)
		return;
	list_append(&h->ready, &c->node);
	if (!list_linked(&h->node))
		list_append(&h->outbox->ready, &h->node);
}

static bool is_first(const struct outbox_item *item)
{
	return item->channel->items.next == &item->node;
}

/* ---- notifications ---- */

enum outbox_answer outbox_add(struct outbox *o, const char *host, const char *channel,
			      struct outbox_item *item)
{
	struct outbox_channel *c = strtab_get(&o->channels, channel);
	const struct host *known = strtab_get(&o->hosts, host);

	if (known && known->n_items >= o->limits->per_host)
		return OUTBOX_HOST_FULL;
	if (c && c->n_items >= o->limits->per_channel)
		return OUTBOX_CHANNEL_FULL;
	if (!c) {
		c = channel_new(host_get(o, host), channel);
		channel_become(c, CHANNEL_READY);
	}
	item->channel = c;
	list_append(&c->items, &item->node);
	c->n_items++;
	c->host->n_items++;
	o->n_items++;
	return OUTBOX_TAKEN;
}

/* Hosts whose requests are all under way are passed over; each is looked at once. */
struct outbox_item *outbox_next(struct outbox *o)
{
	list_for_each (node, &o->ready) {
		struct host *h = LIST_ENTRY(node, struct host, node);
		struct outbox_channel *c;

		if (h->n_active >= o->limits->requests)
			continue;
		c = LIST_ENTRY(h->ready.next, struct outbox_channel, node);
		list_remove(&h->node);
		list_append(&o->ready, &h->node);
		channel_become(c, CHANNEL_ACTIVE);
		return LIST_ENTRY(c->items.next, struct outbox_item, node);
	}
	return NULL;
}

void outbox_pause(struct outbox_item *item)
{
	assert(is_first(item) && item->channel->state == CHANNEL_ACTIVE);
	channel_become(item->channel, CHANNEL_PAUSED);
}

void outbox_resume(struct outbox_item *item)
{
	assert(is_first(item) && item->channel->state == CHANNEL_PAUSED);
	channel_become(item->channel, CHANNEL_READY);
}

void outbox_end(struct outbox_item *item)
{
	struct outbox_channel *c = item->channel;
	struct host *h;

	if (!c)
		return;
	h = c->host;
	/* The state was about this one, not about the one behind it. */
	if (is_first(item))
		channel_become(c, c->n_items > 1 ? CHANNEL_READY : CHANNEL_PAUSED);
	list_remove(&item->node);
	item->channel = NULL;
	h->n_items--;
	h->outbox->n_items--;
	if (--c->n_items == 0)
		channel_free(c);
	host_drop_if_empty(h);
}

struct outbox_item *outbox_first(const struct outbox_item *item)
{
	if (!item->channel)
		return NULL;
	return LIST_ENTRY(item->channel->items.next, struct outbox_item, node);
}

struct outbox_item *outbox_behind(const struct outbox_item *item)
{
	struct list *next = item->node.next;

	if (!item->channel || next == &item->channel->items)
		return NULL;
	return LIST_ENTRY(next, struct outbox_item, node);
}

size_t outbox_count(const struct outbox *o)
{
	return o->n_items;
}

size_t outbox_count_of(const struct outbox *o, const char *host)
{
	const struct host *h = strtab_get(&o->hosts, host);

	return h ? (size_t)h->n_items : 0;
}
