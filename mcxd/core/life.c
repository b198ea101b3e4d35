/*
 * Life
 */
#include "mcxd/core/life.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/contact_list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/event_row.h"
#include "mcxd/core/history_row.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/push.h"
#include "mcxd/core/resume.h"
#include "mcxd/core/session.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/summary.h"
#include "mcxd/core/user.h"
#include "mcxd/core/user_row.h"
#include "mcxd/core/watch.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

/* ---- a user ---- */

static void end_conversations(struct user *u, const struct diag *why)
{
	struct conversation *v;
	uint64_t cursor = 0;

	while ((v = conversation_next(u->core, &cursor)))
		if (v->caller == u || v->callee == u)
			conversation_end(v, why);
}

static void sign_out_phones(struct user *u)
{
	list_for_each_safe (node, &u->phones)
		session_sign_out(LIST_ENTRY(node, struct phone, of_user));
}

static void remove_endpoints(struct user *u)
{
	sign_out_phones(u);
	list_for_each_safe (node, &u->bindings)
		binding_remove(LIST_ENTRY(node, struct binding, of_user));
}

static void forget_tokens(const struct user *u)
{
	const struct poll_port *port = u->core->ports.poll;

	if (!u->core->freeing && port && port->forget_tokens)
		port->forget_tokens(u->core->ports.poll_adapter, u->aor);
}

void user_update(struct user *u, const struct user_spec *spec)
{
	user_set(u, spec);
	user_row_save(u);
	if (!u->policy.enable_mobility)
		sign_out_phones(u);
}

int user_join(struct core *c, const struct user_spec *spec, struct user **ret_user)
{
	struct user *u;
	int result = user_add(c, spec, &u);

	if (result != 0)
		return result;
	user_row_save(u);
	contact_list_tell(u, true);
	if (ret_user)
		*ret_user = u;
	return 0;
}

static void forget_presence(const struct user *u)
{
	const struct ports *ports = &u->core->ports;

	if (ports->presence)
		ports->presence->forgotten(ports->presence_adapter, u->aor, true);
}

void user_remove(struct user *u)
{
	const struct diag unknown = diag_make(DIAG_USER_UNKNOWN);

	if (!u->core->freeing && u->origin != USER_OPEN)
		contact_list_tell(u, false);
	if (!u->core->freeing)
		forget_presence(u);
	end_conversations(u, &unknown);
	remove_endpoints(u);
	forget_tokens(u);
	presence_free(u);
	user_row_remove(u);
	user_free(u);
}

void user_reset(struct user *u)
{
	const struct diag reset = diag_because(DIAG_NOT_REGISTERED, "The lab has been reset");

	end_conversations(u, &reset);
	remove_endpoints(u);
	forget_tokens(u);
	presence_clear(u);
	summary_forget(u->core, u->aor);
	push_forget(u->core, u->aor);
}

/* ---- core ---- */

struct core *core_new(const struct core_args *args)
{
	struct core *c = MEM_NEW(struct core);

	core_init(c, args);
	return c;
}

void core_apply_config(struct core *c)
{
	uint64_t phone_cursor = 0;
	void *cursor = NULL;
	struct phone *p;
	struct user *u;

	while ((u = user_next(c, &cursor)))
		user_apply_config(u);
	while ((p = idtab_next(&c->phones, &phone_cursor)))
		event_queue_limit(&p->events, c->config->max_events, c->config->max_recent);
}

/* Conversations between strangers have no user of ours to end with. */
static void end_all_conversations(struct core *c)
{
	const struct diag reset = diag_because(DIAG_NOT_REGISTERED, "The lab has been reset");
	struct conversation *v;
	uint64_t cursor = 0;

	while ((v = conversation_next(c, &cursor)))
		conversation_end(v, &reset);
}

void core_reset(struct core *c)
{
	void *cursor = NULL;
	struct user *u;

	end_all_conversations(c);
	while ((u = user_next(c, &cursor)))
		if (u->origin == USER_OF_FILE)
			user_reset(u);
		else
			user_remove(u);
	summary_forget(c, NULL);
	push_forget(c, NULL);
}

void core_stop(struct core *c)
{
	struct conversation *v;
	uint64_t cursor = 0;

	c->stopping = true;
	while ((v = conversation_next(c, &cursor)))
		conversation_shut_down(v);
}

/* A message without an outcome would be told to have failed after the restart, though it may arrive. */
static bool can_rest(const struct conversation *v)
{
	return core_is_durable(v->core) && (conversation_is_connected(v) || v->paged) &&
	       !v->n_under_way;
}

bool core_is_idle(const struct core *c)
{
	const struct conversation *v;
	uint64_t cursor = 0;

	while ((v = conversation_next(c, &cursor)))
		if (!can_rest(v))
			return false;
	return list_empty(&c->waits) && list_empty(&c->sign_ins) && list_empty(&c->registrations);
}

static void free_conversations(struct core *c)
{
	struct conversation *v;
	uint64_t cursor = 0;

	while ((v = conversation_next(c, &cursor)))
		conversation_free(v);
}

struct core *core_free(struct core *c)
{
	void *cursor = NULL;
	struct user *u;

	if (!c)
		return NULL;
	core_stop(c);
	c->freeing = true;
	binding_drop_registrations(c);
	session_drop_sign_ins(c);
	free_conversations(c);
	while ((u = user_next(c, &cursor)))
		user_remove(u);
	summary_free_all(c);
	push_free_all(c);
	core_deinit(c);
	free(c);
	return NULL;
}

/* ---- what the store brings back ---- */

static bool restore_token(struct core *c, const struct store_row *row)
{
	const struct poll_port *port = c->ports.poll;

	return port && port->restore_token && port->restore_token(c->ports.poll_adapter, row);
}

bool core_restore(struct core *c, const struct store_row *row)
{
	switch (row->kind) {
	case STORE_USER: return user_row_restore(c, row);
	case STORE_BINDING: return binding_restore(c, row);
	case STORE_PHONE: return session_restore(c, row);
	case STORE_QUEUE: return event_row_restore_queue(c, row);
	case STORE_EVENT: return event_row_restore(c, row);
	case STORE_TOKEN: return restore_token(c, row);
	case STORE_MISSED: return missed_restore(c, row);
	case STORE_COUNTER: return resume_counter(c, row);
	case STORE_CONVERSATION: return resume_conversation(c, row);
	case STORE_PHONE_LEG: return resume_phone_leg(c, row);
	case STORE_SENDING: return resume_sending(c, row);
	case STORE_CSEQ: return resume_cseq(c, row);
	case STORE_DIALOG: return resume_dialog(c, row);
	case STORE_PAGER: return resume_pager(c, row);
	case STORE_PRESENCE: return presence_restore_row(c, row);
	case STORE_WATCH: return watch_restore(c, row);
	case STORE_ENDED: return history_row_restore_ended(c, row);
	case STORE_PUSH: return history_row_restore_push(c, row);
	case STORE_SAID: return history_row_restore_said(c, row);
	case N_ROW_KINDS: break;
	}
	return false;
}

static void on_row(void *magic, const struct store_row *row)
{
	if (!core_restore(magic, row))
		core_remove(magic, row->kind, row->id, NULL, NULL);
}

void core_resume(struct core *c)
{
	resume_all(c);
}

int core_load(struct core *c)
{
	int err = c->ports.store->load(c->ports.store_adapter, on_row, c);

	core_resume(c);
	return err;
}
