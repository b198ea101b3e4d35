/*
 * Core
 */
#include "mcxd/core/core.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "proto/text/mem.h"

void core_init(struct core *c, const struct core_args *args)
{
	*c = (struct core){
		.loop = args->loop,
		.journal = args->journal,
		.config = args->config,
		.ports = *args->ports,
		.metrics = METRICS_INIT(CORE_METRICS),
		.fsm_env = { .loop = args->loop,
			     .journal = args->journal,
			     .unexpected = &c->metrics.unexpected_events_total },
	};
	METRICS_ADD(args->metrics, "core", &c->metrics);
	strtab_init(&c->users);
	strtab_init(&c->domains);
	idtab_init(&c->phones);
	strtab_init(&c->phones_by_app);
	idtab_init(&c->bindings);
	idtab_init(&c->conversations);
	idtab_init(&c->cseqs);
	idtab_init(&c->pushes);
	list_init(&c->history);
	list_init(&c->push_log);
	list_init(&c->answered_pushes);
	list_init(&c->registrations);
	list_init(&c->sign_ins);
	list_init(&c->waits);
	list_init(&c->resting);
	c->open_credentials = ++c->last_credentials;
}

bool core_is_durable(const struct core *c)
{
	return c->ports.store->durable;
}

/* ---- waiting for the store ---- */

struct core_wait {
	struct list of_core;
	struct core *core;
	core_wait_h *fn;
	uint64_t ids[N_CORE_WAIT_IDS];
};

struct core_wait *core_wait_new(struct core *c, core_wait_h *fn,
				const uint64_t ids[N_CORE_WAIT_IDS])
{
	struct core_wait *w = MEM_NEW(struct core_wait);

	*w = (struct core_wait){ .core = c, .fn = fn };
	memcpy(w->ids, ids, sizeof(w->ids));
	list_append(&c->waits, &w->of_core);
	return w;
}

static void wait_free(struct core_wait *w)
{
	list_remove(&w->of_core);
	free(w);
}

void core_on_stored(void *magic, int err)
{
	struct core_wait *w = magic;

	w->fn(w->core, w->ids, err);
	wait_free(w);
}

/* ---- its end ---- */

void core_deinit(struct core *c)
{
	list_for_each_safe (node, &c->waits)
		wait_free(LIST_ENTRY(node, struct core_wait, of_core));
	loop_unpost(c->loop, c->rest_post);
	idtab_deinit(&c->pushes);
	idtab_deinit(&c->cseqs);
	idtab_deinit(&c->conversations);
	idtab_deinit(&c->bindings);
	strtab_deinit(&c->phones_by_app);
	idtab_deinit(&c->phones);
	strtab_deinit(&c->domains);
	strtab_deinit(&c->users);
}

void core_set_poll_port(struct core *c, const struct poll_port *port, void *adapter)
{
	c->ports.poll = port;
	c->ports.poll_adapter = adapter;
}

void core_sync(struct core *c, store_done_h *done, void *magic)
{
	c->ports.store->sync(c->ports.store_adapter, done, magic);
}

bool core_store_is_failing(const struct core *c)
{
	return c->ports.store->is_failing && c->ports.store->is_failing(c->ports.store_adapter);
}

void core_save(struct core *c, const struct store_row *row, store_done_h *done, void *magic)
{
	if (c->freeing)
		return;
	c->n_written++;
	c->ports.store->save(c->ports.store_adapter, row, done, magic);
}

void core_remove(struct core *c, enum store_kind kind, uint64_t id, store_done_h *done, void *magic)
{
	if (c->freeing)
		return;
	c->n_written++;
	c->ports.store->remove(c->ports.store_adapter, kind, id, done, magic);
}
