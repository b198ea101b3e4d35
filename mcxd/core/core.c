/*
 * Core
 */
#include "mcxd/core/core.h"

#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push.h"

struct core *core_new(const struct core_args *args)
{
	struct core *c = MEM_NEW(struct core);

	c->loop = args->loop;
	c->journal = args->journal;
	c->config = args->config;
	c->ports = *args->ports;
	c->metrics = MEM_NEW(struct core_metrics);
	*c->metrics = (struct core_metrics)METRICS_INIT(CORE_METRICS);
	METRICS_ADD(args->metrics, "core", c->metrics);
	c->fsm_env = (struct fsm_env){
		.loop = c->loop,
		.journal = c->journal,
		.unexpected = &c->metrics->unexpected_events_total,
	};
	c->users = strtab_new();
	c->phones = idtab_new();
	c->phones_by_app = strtab_new();
	c->bindings = idtab_new();
	c->conversations = idtab_new();
	c->pushes = idtab_new();
	list_init(&c->history);
	list_init(&c->push_log);
	list_init(&c->registrations);
	list_init(&c->sign_ins);
	return c;
}

struct core *core_free(struct core *c)
{
	void *cursor = NULL;
	struct user *u;

	if (!c)
		return NULL;
	conversations_shut_down(c);
	c->freeing = true;
	registrations_forget(c);
	sign_ins_forget(c);
	while ((u = user_next(c, &cursor)))
		user_remove(u);
	conversations_forget(c);
	pushes_forget(c);
	idtab_free(c->pushes);
	idtab_free(c->conversations);
	idtab_free(c->bindings);
	strtab_free(c->phones_by_app);
	idtab_free(c->phones);
	strtab_free(c->users);
	free(c->metrics);
	free(c);
	return NULL;
}

void core_set_poll_port(struct core *c, const struct poll_port *port, void *adapter)
{
	c->ports.poll = port;
	c->ports.poll_adapter = adapter;
}

void core_save(struct core *c, const struct store_row *row, store_done_h *done, void *magic)
{
	c->ports.store->save(c->ports.store_adapter, row, done, magic);
}

void core_remove(struct core *c, enum store_kind kind, uint64_t id, store_done_h *done, void *magic)
{
	if (!c->freeing)
		c->ports.store->remove(c->ports.store_adapter, kind, id, done, magic);
}

/* A load under way. */
struct load {
	struct core *core;
	store_done_h *done;
	void *magic;
};

static void on_row(void *magic, const struct store_row *row)
{
	const struct load *load = magic;

	switch (row->kind) {
	case STORE_BINDING: binding_restore(load->core, row); break;
	case STORE_PHONE: phone_restore(load->core, row); break;
	case STORE_MISSED: missed_restore(load->core, row); break;
	case N_STORE_KINDS: break;
	}
}

static void on_loaded(void *magic, int err)
{
	struct load *load = magic;

	load->done(load->magic, err);
	free(load);
}

void core_load(struct core *c, store_done_h *done, void *magic)
{
	struct load *load = MEM_NEW(struct load);

	*load = (struct load){ .core = c, .done = done, .magic = magic };
	c->ports.store->load(c->ports.store_adapter, on_row, on_loaded, load);
}
