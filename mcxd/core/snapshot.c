/*
 * Snapshot
 */
#include "mcxd/core/snapshot.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/conversation_row.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event_row.h"
#include "mcxd/core/history_row.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/life.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/phone_sending.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/push.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/summary.h"
#include "mcxd/core/user.h"
#include "mcxd/core/watch.h"
#include "proto/sip/uri.h"

/* ---- taking one: what is saved goes to the caller for a moment ---- */

struct taking {
	store_row_h *on_row;
	void *magic;
};

static void take(void *adapter, const struct store_row *row, store_done_h *done, void *magic)
{
	const struct taking *t = adapter;

	(void)done;
	(void)magic;
	t->on_row(t->magic, row);
}

static void take_nothing(void *adapter, const struct store_row *row, store_done_h *done,
			 void *magic)
{
	(void)adapter;
	(void)row;
	(void)done;
	(void)magic;
}

static void take_no_removal(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
			    void *magic)
{
	(void)adapter;
	(void)kind;
	(void)id;
	(void)done;
	(void)magic;
}

static const struct store_port taking_port = { .save = take,
					       .remove = take_no_removal,
					       .durable = true };

static void save_phone(struct phone *p)
{
	struct phone_leg *l = NULL;

	phone_store(p, NULL, NULL);
	event_row_save_all(p);
	list_for_each (node, &p->missed)
		missed_save(LIST_ENTRY(node, struct missed, of_phone));
	list_for_each (node, &p->watches)
		watch_save(LIST_ENTRY(node, struct watch, of_phone));
	while ((l = phone_leg_next(p, l)))
		list_for_each (node, &l->sending)
			phone_sending_save(l, LIST_ENTRY(node, struct phone_sending, of_leg));
}

static void save_user(struct user *u)
{
	list_for_each (node, &u->bindings)
		binding_save(LIST_ENTRY(node, struct binding, of_user), NULL, NULL);
	list_for_each (node, &u->phones)
		save_phone(LIST_ENTRY(node, struct phone, of_user));
	presence_save(u);
}

/* Of an invitation that rings, the phones alone are told what becomes of it. */
static void save_conversation(struct conversation *v)
{
	bool rings = conversation_deadline_us(v) && !conversation_is_connected(v);

	if (!rings && !conversation_is_connected(v))
		return;
	conversation_row_save(v);
	if (!rings)
		history_row_save_said(v);
	list_for_each (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (rings && !strcmp(leg->ops->name, "phone") && leg->ops->save)
			leg->ops->save(leg);
	}
}

static void save_counter(struct core *c, uint64_t id, uint64_t value)
{
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_COUNTER, .id = id, .counter = { .value = value } },
		  NULL, NULL);
}

static void save_all(struct core *c)
{
	struct conversation *v;
	uint64_t cursor = 0;
	void *user_cursor = NULL;
	struct user *u;

	while ((u = user_next(c, &user_cursor)))
		save_user(u);
	if (c->ports.poll && c->ports.poll->save_tokens)
		c->ports.poll->save_tokens(c->ports.poll_adapter);
	save_counter(c, COUNTER_OF_CONVERSATIONS, c->conversations.last);
	save_counter(c, COUNTER_OF_PUSHES, c->pushes.last);
	while ((v = conversation_next(c, &cursor)))
		save_conversation(v);
	history_row_save_all(c);
}

void snapshot_take(struct core *c, store_row_h *on_row, void *magic)
{
	struct taking t = { on_row, magic };
	const struct ports ports = c->ports;
	uint64_t cursor = 0;
	struct phone *p;

	while ((p = idtab_next(&c->phones, &cursor)))
		event_row_flush(p);
	c->ports.store = &taking_port;
	c->ports.store_adapter = &t;
	c->is_snapshot = true;
	save_all(c);
	c->is_snapshot = false;
	c->ports.store = ports.store;
	c->ports.store_adapter = ports.store_adapter;
}

/* ---- loading one ---- */

bool snapshot_has_room(const struct core *c)
{
	return idtab_count(&c->phones) == 0 && idtab_count(&c->bindings) == 0 &&
	       idtab_count(&c->conversations) == 0;
}

static enum user_origin origin_of(const struct user *known)
{
	return known && known->origin == USER_OF_FILE ? USER_OF_FILE : USER_ADDED;
}

size_t snapshot_added_users(const struct core *c, const struct snapshot *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_users; i++)
		n += origin_of(user_find(c, s->users[i].aor)) == USER_ADDED;
	return n;
}

static void load_users(struct core *c, const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_users; i++) {
		struct user *known = user_find(c, s->users[i].aor);
		struct user_spec spec = s->users[i];

		spec.origin = origin_of(known);
		if (known)
			user_update(known, &spec);
		else
			user_join(c, &spec, NULL);
	}
}

static const struct store_row *load_rows(struct core *c, const struct snapshot *s)
{
	const struct store_row *bad = NULL;

	c->is_imported = true;
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct store_row *row = &s->rows[i];

		bool is_stored = row->kind < N_STORE_KINDS;

		if (is_stored)
			core_save(c, row, NULL, NULL);
		if (core_restore(c, row))
			continue;
		if (is_stored)
			core_remove(c, row->kind, row->id, NULL, NULL);
		bad = bad ? bad : row;
	}
	c->is_imported = false;
	return bad;
}

const struct store_row *snapshot_load(struct core *c, const struct snapshot *s)
{
	const struct store_row *bad;
	uint64_t cursor = 0;
	struct phone *p;

	summary_forget(c, NULL);
	push_forget(c, NULL);
	load_users(c, s);
	bad = load_rows(c, s);
	core_resume(c);
	/* What a store has to know beforehand. */
	while (core_is_durable(c) && (p = idtab_next(&c->phones, &cursor)))
		event_row_save_packet(p, NULL, NULL);
	return bad;
}

/* ---- trying one: in a core that reaches nobody ---- */

static void push_nowhere(void *adapter, const struct push_message *message)
{
	(void)adapter;
	(void)message;
}

static void wake_nobody(void *adapter, uint64_t poll_id)
{
	(void)adapter;
	(void)poll_id;
}

/* Those of the trial are nobody's. */
static bool check_token(const struct core *c, struct core *trial, const struct store_row *row)
{
	const struct poll_port *poll = c->ports.poll;

	return poll && poll->can_restore_token &&
	       poll->can_restore_token(c->ports.poll_adapter, row) &&
	       user_meet(trial, row->token.user, true);
}

/* A dialog cannot be made for a trial: that would be known to the stack. */
static bool check_dialog(const struct core *c, struct core *trial, const struct store_row *row)
{
	const struct dial_port *dial = c->ports.dial;

	return dial && dial->can_restore && dial->can_restore(c->ports.dial_adapter, row) &&
	       conversation_find(trial, row->dialog.conversation) &&
	       idtab_get(&trial->cseqs, row->id);
}

/* Nor can a leg be made that has none. */
static bool check_pager(const struct core *trial, const struct store_row *row)
{
	return uri_is_aor(row->pager.self) && uri_is_aor(row->pager.peer) &&
	       conversation_find(trial, row->pager.conversation);
}

static void add_users_of_file(const struct core *from, struct core *to)
{
	void *cursor = NULL;
	const struct user *u;

	while ((u = user_next(from, &cursor))) {
		const struct user_spec spec = user_spec_of(u);

		if (u->origin == USER_OF_FILE)
			user_add(to, &spec, NULL);
	}
}

bool snapshot_has_user(const struct core *c, const struct snapshot *s, const char *aor)
{
	const struct user *known = user_find(c, aor);
	char one[URI_MAX_AOR + 1], other[URI_MAX_AOR + 1];

	if ((known && known->origin == USER_OF_FILE) || user_is_open(c, aor, true))
		return true;
	for (size_t i = 0; i < s->n_users; i++)
		if (uri_aor(aor, one, NULL) >= 0 && uri_aor(s->users[i].aor, other, NULL) >= 0 &&
		    !strcmp(one, other))
			return true;
	return false;
}

static bool try_row(const struct core *c, struct core *trial, const struct store_row *row)
{
	if (row->kind == STORE_TOKEN)
		return check_token(c, trial, row);
	if (row->kind == STORE_DIALOG)
		return check_dialog(c, trial, row);
	if (row->kind == STORE_PAGER)
		return check_pager(trial, row);
	return core_restore(trial, row);
}

static const struct store_row *try_rows(const struct core *c, struct core *trial,
					const struct snapshot *s)
{
	const struct store_row *bad = NULL;

	trial->is_imported = true;
	for (size_t i = 0; i < s->n_rows && !bad; i++) {
		const struct store_row *row = &s->rows[i];

		if (!try_row(c, trial, row))
			bad = row;
	}
	core_resume(trial);
	return bad;
}

const struct store_row *snapshot_check(const struct core *c, const struct snapshot *s)
{
	static const struct push_port push = { .send = push_nowhere };
	static const struct poll_port poll = { .wake = wake_nobody };
	static const struct store_port store = { .save = take_nothing, .remove = take_no_removal };
	const struct ports ports = { .push = &push, .store = &store };
	struct core *trial = core_new(
		&(struct core_args){ .loop = c->loop, .config = c->config, .ports = &ports });
	const struct store_row *bad;

	core_set_poll_port(trial, &poll, trial);
	add_users_of_file(c, trial);
	load_users(trial, s);
	bad = try_rows(c, trial, s);
	core_free(trial);
	return bad;
}
