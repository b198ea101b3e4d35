/*
 * Resume
 */
#include "mcxd/core/resume.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_caller.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/phone_sending.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"

bool resume_counter(struct core *c, const struct store_row *row)
{
	switch (row->id) {
	case COUNTER_OF_CONVERSATIONS:
		c->ids_until = row->counter.value;
		c->conversations.last = row->counter.value;
		return true;
	case COUNTER_OF_PUSHES:
		/* Answers to those before may be on their way. */
		if (c->pushes.last < row->counter.value)
			c->pushes.last = row->counter.value;
		return true;
	default: return false;
	}
}

static struct user *charge(struct core *c, bool charges, const char *aor)
{
	struct user *u = charges ? user_meet(c, aor, true) : NULL;

	return u && budget_take(&u->conversations, 1) ? u : NULL;
}

static void fill(struct conversation *object, const struct conversation_row *row)
{
	STORE_CONVERSATION_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

bool resume_conversation(struct core *c, const struct store_row *row)
{
	const struct conversation_row *r = &row->conversation;
	struct conversation *v;

	if (!r->from_user || !r->to_user || conversation_find(c, row->id))
		return false;
	v = conversation_restore(c, row->id,
				 &(struct invitation){ .from = r->from_user,
						       .to = r->to_user,
						       .thread_id = r->thread_id,
						       .first_line = r->first_line,
						       .first_line_type = r->first_line_type,
						       .paged = r->paged });
	fill(v, r);
	v->caller = charge(c, r->charges_caller, v->from);
	v->callee = charge(c, r->charges_callee, v->to);
	return true;
}

static void add_leg(struct conversation *v, struct leg *leg, const struct store_row *row,
		    bool caller)
{
	struct core *c = v->core;

	leg->row = row->id;
	leg->row_kind = row->kind;
	if (row->id > c->last_leg)
		c->last_leg = row->id;
	conversation_restore_leg(v, leg, caller);
}

static void fill_phone_leg(struct phone_leg *object, const struct phone_leg_row *row)
{
	STORE_PHONE_LEG_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

bool resume_phone_leg(struct core *c, const struct store_row *row)
{
	const struct phone_leg_row *r = &row->phone_leg;
	struct conversation *v = conversation_find(c, r->conversation);
	struct phone *p = phone_get(c, r->phone);
	struct leg *leg;

	if (!v || !p || (r->caller && v->caller_leg))
		return false;
	leg = r->caller ? phone_caller_new(p, NULL) : phone_callee_restore(p);
	fill_phone_leg(phone_leg_of(leg), r);
	add_leg(v, leg, row, r->caller);
	phone_leg_restore(phone_leg_of(leg), r->connected);
	return true;
}

bool resume_sending(struct core *c, const struct store_row *row)
{
	const struct phone *p = phone_get(c, row->sending.phone);
	struct phone_leg *l = p ? phone_leg_find(p, row->sending.conversation) : NULL;

	if (l)
		phone_sending_restore(l, row);
	return l;
}

/* Until its dialog comes. */
bool resume_cseq(struct core *c, const struct store_row *row)
{
	idtab_add_as(&c->cseqs, row->id, store_row_copy(row));
	return true;
}

static void drop_cseq(struct core *c, struct store_row *cseq)
{
	idtab_remove(&c->cseqs, cseq->id);
	free(cseq);
}

bool resume_dialog(struct core *c, const struct store_row *row)
{
	const struct dialog_row *r = &row->dialog;
	struct store_row *cseq = idtab_get(&c->cseqs, row->id);
	struct conversation *v = conversation_find(c, r->conversation);
	struct leg *leg = NULL;

	if (v && cseq && c->ports.dial && c->ports.dial->restore && !(r->caller && v->caller_leg))
		leg = c->ports.dial->restore(c->ports.dial_adapter, row, cseq);
	if (!leg)
		return false;
	add_leg(v, leg, row, r->caller);
	drop_cseq(c, cseq);
	return true;
}

bool resume_pager(struct core *c, const struct store_row *row)
{
	const struct pager_row *r = &row->pager;
	struct conversation *v = conversation_find(c, r->conversation);
	struct leg *leg = NULL;

	if (v && c->ports.dial && c->ports.dial->restore_pager && !(r->caller && v->caller_leg))
		leg = c->ports.dial->restore_pager(c->ports.dial_adapter, row);
	if (leg)
		add_leg(v, leg, row, r->caller);
	return leg;
}

/* Their dialogs have not come back. */
static void remove_cseqs(struct core *c)
{
	struct store_row *cseq;
	uint64_t cursor = 0;

	while ((cseq = idtab_next(&c->cseqs, &cursor))) {
		core_remove(c, STORE_CSEQ, cseq->id, NULL, NULL);
		drop_cseq(c, cseq);
	}
}

/* A message to another phone is stored together with its sender's wait for the outcome, and that wait is over before the
 * message can leave the store. */
static bool has_come(const struct phone_leg *from, uint64_t message)
{
	list_for_each (node, &from->leg.conversation->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		if (leg != &from->leg && leg->ops->say == phone_leg_op_say &&
		    event_has_come(&phone_leg_of(leg)->phone->events, from->conversation, message))
			return true;
	}
	return false;
}

/* What became of a message to a SIP endpoint nobody will learn, so it counts as failed. */
static void settle_sent(struct phone_leg *l)
{
	list_for_each_safe (node, &l->sending) {
		uint64_t id = LIST_ENTRY(node, struct phone_sending, of_leg)->id;
		const struct diag outcome =
			diag_make(has_come(l, id) ? DIAG_SUCCESS : DIAG_RESTARTED);

		phone_leg_op_said(&l->leg, id, &outcome);
	}
}

static void settle_all_sent(struct phone *p)
{
	struct phone_leg *l = NULL;

	while ((l = phone_leg_next(p, l)))
		settle_sent(l);
}

void resume_all(struct core *c)
{
	struct conversation *v;
	struct phone *p;
	uint64_t cursor = 0;

	remove_cseqs(c);
	while ((p = idtab_next(&c->phones, &cursor)))
		settle_all_sent(p);
	cursor = 0;
	while ((v = conversation_next(c, &cursor)))
		conversation_resume(v);
}
