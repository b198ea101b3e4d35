/*
 * Binding
 */
#include "mcxd/core/binding.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/note.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"

/* A REGISTER that waits for the store. */
struct registration {
	struct list of_core;
	struct core *core;
	uint64_t post; /* the posted call that counts as one of n_pending */
	char *aor;
	unsigned n_pending;
	int err;
	enum register_result result;
	register_done_h *done;
	void *magic;
};

static void registration_free(struct registration *r)
{
	list_remove(&r->of_core);
	loop_unpost(r->core->loop, r->post);
	free(r->aor);
	free(r);
}

void binding_drop_registrations(struct core *c)
{
	list_for_each_safe (node, &c->registrations)
		registration_free(LIST_ENTRY(node, struct registration, of_core));
}

static void registration_end(struct registration *r)
{
	struct core *c = r->core;
	enum register_result result = r->result;
	/* An open user whose last contact has gone may have gone, too. */
	const struct user *u = user_meet(c, r->aor, result == REGISTER_OK);

	if (result == REGISTER_OK && r->err)
		result = REGISTER_FAILED;
	if (result == REGISTER_OK && !u)
		result = REGISTER_UNKNOWN_USER;
	metric_inc(result == REGISTER_OK ? &c->metrics.registers_total
					 : &c->metrics.registers_refused_total);
	r->done(r->magic, result, u);
	registration_free(r);
}

static void on_stored(void *magic, int err)
{
	struct registration *r = magic;

	if (err && !r->err)
		r->err = err;
	if (--r->n_pending == 0)
		registration_end(r);
}

static void on_end_posted(void *magic)
{
	struct registration *r = magic;

	r->post = 0;
	on_stored(r, 0);
}

void binding_save(const struct binding *object, store_done_h *done, void *magic)
{
	struct core *c = object->user->core;

	core_save(c,
		  &(struct store_row){
			  .kind = STORE_BINDING,
			  .id = object->id,
			  .binding = { .user = object->user->aor,
				       .expires_wall_us = (loop_now_ms(c->loop) +
							   loop_timer_left_ms(&object->expiry) +
							   loop_calendar_ms(c->loop)) *
							  1000,
				       STORE_BINDING_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  done, magic);
}

static void binding_free(struct binding *b)
{
	struct core *c = b->user->core;

	loop_timer_stop(&b->expiry);
	list_remove(&b->of_user);
	idtab_remove(&c->bindings, b->id);
	budget_give(&b->user->endpoints, 1);
	metric_add(&c->metrics.bindings, -1);
	free(b->contact);
	free(b->route);
	free(b->call_id);
	free(b->epid);
	free(b->instance);
	free(b->gruu);
	free(b->user_agent);
	free(b);
}

static void unregister(struct binding *b, const char *reason, store_done_h *done, void *magic)
{
	struct user *u = b->user;
	struct core *c = u->core;

	note_add(c,
		 &(struct note){ .kind = "user",
				 .users = { u->aor },
				 .fields = { { "action", reason }, { "contact", b->contact } } },
		 "%s is no longer registered at %s (%s)", u->aor, b->contact, reason);
	core_remove(c, STORE_BINDING, b->id, done, magic);
	binding_free(b);
	presence_refresh(u);
	user_rest(u);
}

void binding_remove(struct binding *b)
{
	unregister(b, "removed", NULL, NULL);
}

void binding_lost(struct core *c, uint64_t id, uint64_t n_registers)
{
	struct binding *b = idtab_get(&c->bindings, id);

	if (b && b->n_registers == n_registers)
		unregister(b, "unreachable", NULL, NULL);
}

void binding_expire(struct binding *b)
{
	const struct ports *ports = &b->user->core->ports;
	uint64_t id = b->id;

	unregister(b, "expired", NULL, NULL);
	if (ports->dial && ports->dial->expired)
		ports->dial->expired(ports->dial_adapter, id);
}

static void on_expiry(void *magic)
{
	binding_expire(magic);
}

struct binding *binding_get(const struct core *c, uint64_t id)
{
	return idtab_get(&c->bindings, id);
}

static struct binding *binding_new(struct user *u, uint64_t id)
{
	struct core *c = u->core;
	struct binding *b;

	if (!budget_take(&u->endpoints, 1))
		return NULL;
	b = MEM_NEW(struct binding);
	b->user = u;
	if (id)
		idtab_add_as(&c->bindings, id, b);
	else
		id = idtab_add(&c->bindings, b);
	b->id = id;
	list_append(&u->bindings, &b->of_user);
	metric_add(&c->metrics.bindings, 1);
	return b;
}

/* Two REGISTERs mean the same binding if they name the same URI or the same instance: a client that comes back
 * from another port is still the same client (RFC 5626, 6). */
static struct binding *binding_find(const struct user *u, const struct register_contact *contact)
{
	list_for_each (node, &u->bindings) {
		struct binding *b = LIST_ENTRY(node, struct binding, of_user);

		/* The analyzer does not see that a binding leaves this list when it is freed. */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		if (!strcmp(b->contact, contact->uri))
			return b;
		if (b->instance && contact->instance && !strcmp(b->instance, contact->instance))
			return b;
	}
	return NULL;
}

/* Seconds that a contact asks for, within the limits; -1: too brief. */
static int64_t wanted_expires_s(const struct core_config *config, const struct register_request *r,
				const struct register_contact *contact)
{
	int64_t s = contact->expires_s >= 0 ? contact->expires_s : r->expires_s;

	if (s < 0)
		s = config->default_expires_s;
	if (s > config->max_expires_s)
		s = config->max_expires_s;
	return s > 0 && s < config->min_expires_s ? -1 : s;
}

static bool is_stale(const struct binding *b, const struct register_request *r)
{
	return !strcmp(b->call_id, r->call_id) && r->cseq <= b->cseq;
}

/* Checks everything before anything is changed: a REGISTER applies as a whole or not at all (RFC 3261, 10.3,
 * step 7). */
static enum register_result check_contacts(const struct user *u, const struct register_request *r)
{
	int64_t n_new = 0;

	for (size_t i = 0; i < r->n_contacts; i++) {
		const struct binding *b = binding_find(u, &r->contacts[i]);
		int64_t s = wanted_expires_s(u->core->config, r, &r->contacts[i]);

		if (s < 0)
			return REGISTER_TOO_BRIEF;
		if (b && is_stale(b, r))
			return REGISTER_STALE;
		if (!b && s > 0)
			n_new++;
	}
	if (u->endpoints.max - u->endpoints.used < n_new) {
		metric_inc(&u->core->metrics.limits_total);
		return REGISTER_FULL;
	}
	return REGISTER_OK;
}

static enum register_result check_star(const struct user *u, const struct register_request *r)
{
	if (r->n_contacts || r->expires_s != 0)
		return REGISTER_BAD;
	list_for_each (node, &u->bindings)
		if (is_stale(LIST_ENTRY(node, struct binding, of_user), r))
			return REGISTER_STALE;
	return REGISTER_OK;
}

static void apply_contact(struct user *u, const struct register_request *r,
			  const struct register_contact *contact, struct registration *pending)
{
	struct core *c = u->core;
	struct binding *b = binding_find(u, contact);
	int64_t s = wanted_expires_s(c->config, r, contact);
	bool refresh = b;

	if (!s) {
		if (b) {
			pending->n_pending++;
			unregister(b, "unregistered", on_stored, pending);
		}
		return;
	}
	if (!b)
		b = binding_new(u, 0);
	if (!b)
		return; /* a contact listed twice; check_contacts() counted it */
	mem_set_string(&b->contact, contact->uri);
	mem_set_string(&b->route, r->route);
	mem_set_string(&b->call_id, r->call_id);
	mem_set_string(&b->epid, r->epid);
	mem_set_string(&b->instance, contact->instance);
	mem_set_string(&b->gruu, contact->gruu);
	mem_set_string(&b->user_agent, r->user_agent);
	b->cseq = r->cseq;
	b->n_registers++;
	loop_timer_set(c->loop, &b->expiry, s * 1000, on_expiry, b);
	pending->n_pending++;
	binding_save(b, on_stored, pending);
	note_add(c,
		 &(struct note){ .kind = "user",
				 .users = { u->aor },
				 .fields = { { "action", refresh ? "refreshed" : "registered" },
					     { "contact", b->contact } } },
		 "%s %s at %s for %lld s", u->aor, refresh ? "is still registered" : "registers",
		 b->contact, (long long)s);
	if (!refresh)
		presence_touch(u);
	presence_refresh(u);
}

static void apply_star(struct user *u, struct registration *pending)
{
	list_for_each_safe (node, &u->bindings) {
		pending->n_pending++;
		unregister(LIST_ENTRY(node, struct binding, of_user), "unregistered", on_stored,
			   pending);
	}
}

void binding_register(struct core *c, const struct register_request *r, register_done_h *done,
		      void *magic)
{
	struct user *u = user_meet(c, r->aor, r->is_local);
	struct registration *pending = MEM_NEW(struct registration);

	*pending = (struct registration){ .core = c, .n_pending = 1, .done = done, .magic = magic };
	list_append(&c->registrations, &pending->of_core);
	pending->aor = mem_strdup(u ? u->aor : r->aor);
	if (!u)
		pending->result = REGISTER_UNKNOWN_USER;
	else
		pending->result = r->star ? check_star(u, r) : check_contacts(u, r);
	if (pending->result == REGISTER_OK && r->star)
		apply_star(u, pending);
	else if (pending->result == REGISTER_OK)
		for (size_t i = 0; i < r->n_contacts; i++)
			apply_contact(u, r, &r->contacts[i], pending);
	pending->post = loop_post(c->loop, on_end_posted, pending);
}

int64_t binding_expires_s(const struct binding *b)
{
	int64_t ms = loop_timer_left_ms(&b->expiry);

	return ms < 0 ? 0 : (ms + 999) / 1000;
}

static void fill(struct binding *object, const struct binding_row *row)
{
	STORE_BINDING_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

bool binding_restore(struct core *c, const struct store_row *row)
{
	int64_t left_ms = (row->binding.expires_wall_us - loop_wall_us(c->loop) + 999) / 1000;
	struct user *u = user_meet(c, row->binding.user, true);
	struct binding *b;

	if (!u || left_ms <= 0 || !row->binding.contact || !row->binding.route ||
	    !row->binding.call_id)
		return false;
	b = binding_new(u, row->id);
	if (!b)
		return false;
	fill(b, &row->binding);
	loop_timer_set(c->loop, &b->expiry, left_ms, on_expiry, b);
	presence_restore(u);
	return true;
}
