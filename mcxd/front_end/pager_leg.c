/*
 * Pager leg
 */
#include "mcxd/front_end/pager_leg.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/conversation_row.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/pager_request.h"
#include "mcxd/front_end/pager_text.h"
#include "mcxd/front_end/private.h"
#include "proto/diag.h"
#include "proto/sip/im.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

/* A message of ours. */
struct said {
	struct list of_leg;
	struct pager_leg *leg;
	struct pager_sending *sending;
	pager_said_h *then;
};

/* ---- life ---- */

static char *key_of(const char *self, const char *peer)
{
	return text_concat(self, " ", peer);
}

/* The newest conversation of two is the one that goes on. */
void pager_leg_enter(struct pager_leg *l)
{
	struct strtab *pagers = l->front_end->pagers;

	l->key = key_of(l->self, l->peer);
	strtab_remove(pagers, l->key);
	strtab_add(pagers, l->key, l);
}

void pager_leg_leave(struct pager_leg *l)
{
	struct strtab *pagers = l->front_end->pagers;

	if (l->key && strtab_get(pagers, l->key) == l)
		strtab_remove(pagers, l->key);
	mem_set_string(&l->key, NULL);
}

struct pager_leg *pager_leg_new(struct front_end *s, const struct leg_ops *ops)
{
	struct pager_leg *l = MEM_NEW(struct pager_leg);

	l->leg.ops = ops;
	l->front_end = s;
	list_init(&l->waiting);
	list_init(&l->sending);
	list_append(&s->pager_legs, &l->of_front_end);
	return l;
}

static void forget_said(struct said *m)
{
	list_remove(&m->of_leg);
	free(m);
}

void pager_leg_refuse_waiting(struct pager_leg *l, const struct diag *why)
{
	list_for_each_safe (node, &l->waiting)
		pager_request_refuse(LIST_ENTRY(node, struct pager_request, of_leg), why);
}

/* What is stored stays so, whatever becomes of the conversation. */
static void answer_waiting(struct pager_leg *l)
{
	const struct diag ended = diag_make(DIAG_CONVERSATION_ENDED);

	list_for_each_safe (node, &l->waiting) {
		struct pager_request *r = LIST_ENTRY(node, struct pager_request, of_leg);

		if (loop_timer_is_set(&r->patience))
			pager_request_accept(r, 202);
		else if (l->front_end->core->freeing)
			pager_request_leave(r);
		else
			pager_request_refuse(r, &ended);
	}
}

void pager_leg_op_free(struct leg *leg)
{
	struct pager_leg *l = pager_leg_of(leg);

	pager_leg_leave(l);
	answer_waiting(l);
	list_for_each_safe (node, &l->sending) {
		struct said *m = LIST_ENTRY(node, struct said, of_leg);

		pager_text_forget(m->sending);
		forget_said(m);
	}
	loop_timer_stop(&l->idle);
	loop_timer_stop(&l->deadline);
	loop_unpost(l->front_end->loop, l->post);
	list_remove(&l->of_front_end);
	free(l->self);
	free(l->self_name);
	free(l->peer);
	free(l->peer_name);
	free(l->route);
	free(l->stored);
	free(l->known);
	free(l);
}

static void on_idle(void *magic)
{
	struct pager_leg *l = magic;

	pager_leg_leave(l);
	leg_on_ended(&l->leg);
}

/* Before an answer it is the conversation's timeout that counts. */
void pager_leg_touch(struct pager_leg *l)
{
	const struct conversation *v = l->leg.conversation;

	if (v && conversation_is_connected(v))
		loop_timer_set(l->front_end->loop, &l->idle,
			       l->front_end->core->config->pager_idle_ms, on_idle, l);
}

/* ---- what the client says ---- */

struct pager_leg *pager_leg_find(const struct front_end *s, const char *self, const char *peer)
{
	CLEANUP(mem_free_string) char *key = key_of(self, peer);

	return strtab_get(s->pagers, key);
}

void pager_leg_wait_for(struct pager_leg *l, struct pager_request *r, uint64_t im)
{
	r->im = im;
	list_append(&l->waiting, &r->of_leg);
}

struct pager_request *pager_leg_waiting(const struct pager_leg *l, uint64_t im)
{
	list_for_each (node, &l->waiting) {
		struct pager_request *r = LIST_ENTRY(node, struct pager_request, of_leg);

		if (r->im == im)
			return r;
	}
	return NULL;
}

void pager_leg_stored(struct pager_leg *l, uint64_t im)
{
	struct pager_request *r = pager_leg_waiting(l, im);

	if (!r || loop_timer_is_set(&r->patience))
		return;
	l->n_stored++;
	pager_request_stored(r);
}

/* A client repeats a request for half a minute. */
void pager_leg_storing(struct pager_leg *l, const struct pager_request *r)
{
	enum { MAX_STORED = 32, N_IDENTITY = sizeof(r->identity) };
	const char *before = l->stored ? l->stored : "";
	char *stored;

	if (strstr(before, r->identity))
		return;
	if (strlen(before) >= (size_t)MAX_STORED * N_IDENTITY)
		before += N_IDENTITY;
	stored = text_concat(before, r->identity, " ");
	free(l->stored);
	l->stored = stored;
}

bool pager_leg_knows(const struct pager_leg *l, const struct pager_request *r)
{
	return l->known && strstr(l->known, r->identity);
}

bool pager_leg_has_promised(const struct pager_leg *l)
{
	uint64_t n_waiting = 0;

	list_for_each (node, &l->waiting)
		n_waiting += loop_timer_is_set(
			&LIST_ENTRY(node, struct pager_request, of_leg)->patience);
	return l->n_stored > n_waiting;
}

/* Behind a proxy several clients share a connection, and which of them it was nobody knows. */
void pager_leg_set_route(struct pager_leg *l, const char *route)
{
	const struct user *u = user_find(l->front_end->core, l->peer);
	unsigned n = 0;

	mem_set_string(&l->route, route);
	l->binding = 0;
	if (u)
		list_for_each (node, &u->bindings) {
			const struct binding *b = LIST_ENTRY(node, struct binding, of_user);

			if (b->route && !strcmp(b->route, route))
				l->binding = n++ ? 0 : b->id;
		}
}

void pager_leg_op_save(struct leg *leg)
{
	const struct pager_leg *object = pager_leg_of(leg);
	struct core *c = object->front_end->core;

	if (!core_is_durable(c))
		return;
	core_save(c,
		  &(struct store_row){
			  .kind = STORE_PAGER,
			  .id = conversation_row_of(c, leg, STORE_PAGER),
			  .pager = { .conversation = leg->conversation->id,
				     .caller = leg->caller,
				     STORE_PAGER_COLUMNS(STORE_SAVE, STORE_SKIP) },
		  },
		  NULL, NULL);
}

void pager_leg_come_in(struct pager_leg *l)
{
	const struct binding *b = binding_get(l->front_end->core, l->binding);
	const struct user *u = user_find(l->front_end->core, l->peer);

	leg_on_answered(&l->leg,
			&(struct party){ .aor = l->peer,
					 .display_name = u ? u->display_name : l->peer_name,
					 .epid = b ? b->epid : NULL,
					 .user_agent = b ? b->user_agent : NULL });
	pager_leg_touch(l);
}

void pager_leg_hear(struct pager_leg *l, const char *route, const struct sip_im_body *body,
		    struct pager_request *r)
{
	const struct conversation *v = l->leg.conversation;

	pager_leg_set_route(l, route);
	/* Somebody is there after all. */
	if (v && !l->leg.caller && !conversation_is_connected(v))
		pager_leg_come_in(l);
	pager_leg_touch(l);
	pager_leg_wait_for(l, r, ++l->last_im);
	leg_on_said(&l->leg, &(struct im){ .id = r->im,
					   .content_type = body->content_type,
					   .body = body->p,
					   .n_body = body->n });
}

void pager_leg_op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome)
{
	struct pager_request *r = pager_leg_waiting(pager_leg_of(leg), im_id);

	if (outcome->code == DIAG_SUCCESS)
		pager_leg_stored(pager_leg_of(leg), im_id);
	else if (r && !loop_timer_is_set(&r->patience))
		pager_request_refuse(r, outcome);
}

void pager_leg_op_storing(struct leg *leg, uint64_t im_id)
{
	const struct pager_request *r = pager_leg_waiting(pager_leg_of(leg), im_id);

	if (!r || !leg->row)
		return;
	pager_leg_storing(pager_leg_of(leg), r);
	pager_leg_op_save(leg);
}

void pager_leg_op_acknowledged(struct leg *leg, uint64_t im_id)
{
	struct pager_request *r = pager_leg_waiting(pager_leg_of(leg), im_id);

	if (r)
		pager_request_accept(r, 200);
}

/* ---- what we say ---- */

static void on_sent(void *magic, uint64_t id, const struct diag *outcome)
{
	struct said *m = magic;
	struct pager_leg *l = m->leg;
	pager_said_h *then = m->then;

	forget_said(m);
	then(l, id, outcome);
}

static void on_said(struct pager_leg *l, uint64_t id, const struct diag *outcome)
{
	leg_on_delivered(&l->leg, id, outcome);
}

bool pager_leg_send(struct pager_leg *l, const struct im *im, pager_said_h *then)
{
	CLEANUP(text_deinit) struct text converted = TEXT_INIT;
	struct message_text fit = { im->content_type, im->body, im->n_body };
	struct said *m = MEM_NEW(struct said);

	message_format_fit(&fit, MESSAGE_PLAIN, &converted);
	m->leg = l;
	m->then = then;
	m->sending = pager_text_send(l->front_end,
				     &(struct pager_text){ .self = l->self,
							   .self_name = l->self_name,
							   .peer = l->peer,
							   .route = l->route,
							   .binding = l->binding,
							   .key = l->leg.conversation->key,
							   .type = "text/plain; charset=UTF-8",
							   .body = fit.p,
							   .n = fit.n },
				     im->id, on_sent, m);
	if (!m->sending) {
		free(m);
		return false;
	}
	list_append(&l->sending, &m->of_leg);
	return true;
}

void pager_leg_op_say(struct leg *leg, const struct im *im)
{
	struct pager_leg *l = pager_leg_of(leg);
	const struct diag gone = diag_make(DIAG_NOT_REGISTERED);

	pager_leg_touch(l);
	if (!pager_leg_send(l, im, on_said))
		leg_on_delivered(leg, im->id, &gone);
}

void pager_leg_op_typing(struct leg *leg, bool active)
{
	(void)leg;
	(void)active;
}

void pager_leg_op_end(struct leg *leg)
{
	struct pager_leg *l = pager_leg_of(leg);

	pager_leg_leave(l);
	loop_timer_stop(&l->idle);
}

/* ---- after a restart ---- */

static void fill(struct pager_leg *object, const struct pager_row *row)
{
	STORE_PAGER_COLUMNS(STORE_RESTORE, STORE_SKIP)
}

struct leg *pager_leg_restore(struct front_end *s, const struct store_row *row,
			      const struct leg_ops *ops)
{
	struct pager_leg *l;

	if (!row->pager.self || !row->pager.peer)
		return NULL;
	l = pager_leg_new(s, ops);
	fill(l, &row->pager);
	l->known = mem_strdup(l->stored);
	l->n_stored = 1; /* at least the one that it began with */
	pager_leg_enter(l);
	loop_timer_set(s->loop, &l->idle, s->core->config->pager_idle_ms, on_idle, l);
	return &l->leg;
}
