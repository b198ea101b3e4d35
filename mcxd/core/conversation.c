/*
 * Conversation
 */
#include "mcxd/core/conversation_private.h"

#include "mcxd/core/metrics.h"
#include "mcxd/core/note.h"
#include "mcxd/core/route.h"
#include "mcxd/core/summary.h"

static void conversation_free(struct conversation *v)
{
	list_for_each_safe (node, &v->legs) {
		struct leg *leg = LIST_ENTRY(node, struct leg, of_conversation);

		list_remove(&leg->of_conversation);
		leg->conversation = NULL;
		leg->ops->free(leg);
	}
	fsm_deinit(&v->fsm);
	idtab_remove(v->core->conversations, v->id);
	metric_add(&v->core->metrics->conversations, -1);
	free(v->from);
	free(v->from_name);
	free(v->to);
	free(v->subject);
	free(v->importance);
	free(v->thread_id);
	free(v->first_line);
	free(v->first_line_type);
	free(v->outcome_info);
	free(v->obstacle);
	free(v);
}

void conversation_on_free_posted(void *magic)
{
	conversation_free(magic);
}

static struct conversation *make(struct core *c, const struct invitation *inv)
{
	struct conversation *v = MEM_NEW(struct conversation);

	v->core = c;
	v->id = idtab_add(c->conversations, v);
	note_conversation_key(v->key, v->id);
	v->from = mem_strdup(inv->from);
	v->from_name = mem_strdup(inv->from_name);
	v->to = mem_strdup(inv->to);
	v->subject = mem_strdup(inv->subject);
	v->importance = mem_strdup(inv->importance);
	v->thread_id = mem_strdup(inv->thread_id);
	v->first_line = mem_strdup(inv->first_line);
	v->first_line_type = mem_strdup(inv->first_line_type);
	v->hops = inv->hops;
	v->began_wall_us = loop_wall_us(c->loop);
	list_init(&v->legs);
	metric_inc(&c->metrics->invitations_total);
	metric_inc(&c->metrics->conversations);
	return v;
}

/* Charges both sides, unless one of them is at its limit. */
static struct diag charge(struct conversation *v, struct user *caller, struct user *callee)
{
	if (!budget_take(&callee->conversations, 1))
		return diag_because(DIAG_LIMIT, "The callee has too many conversations "
						"(core.max_conversations)");
	v->callee = callee;
	if (caller && !budget_take(&caller->conversations, 1))
		return diag_because(DIAG_LIMIT, "The caller has too many conversations "
						"(core.max_conversations)");
	v->caller = caller;
	return diag_make(DIAG_SUCCESS);
}

static void refuse_with(struct conversation *v, const struct diag *why)
{
	v->outcome = *why;
	mem_set_string(&v->outcome_info, why->info);
	fsm_feed(&v->fsm, ON_REFUSED, NULL);
}

static struct diag ring(struct conversation *v)
{
	struct core *c = v->core;
	struct user *callee = user_find(c, v->to);
	struct diag outcome;

	if (c->stopping)
		return diag_make(DIAG_SHUTDOWN);
	if (!callee)
		return diag_make(DIAG_USER_UNKNOWN);
	outcome = charge(v, user_find(c, v->from), callee);
	return outcome.code == DIAG_SUCCESS ? route_ring(v) : outcome;
}

uint64_t conversation_new(struct core *c, struct leg *caller, const struct invitation *inv)
{
	struct conversation *v = make(c, inv);
	uint64_t id = v->id;
	struct diag outcome;

	caller->caller = true;
	caller->conversation = v;
	v->caller_leg = caller;
	list_append(&v->legs, &caller->of_conversation);
	note_add(c,
		 &(struct note){ .kind = "conversation",
				 .user = v->to,
				 .key = v->key,
				 .link = inv->key,
				 .fields = { { "state", "invited" }, { "caller", v->from } } },
		 "%s invites %s%s%s", v->from, v->to, v->first_line ? ": " : "",
		 v->first_line ? v->first_line : "");
	fsm_init(&v->fsm, &conversation_fsm, &c->fsm_env, v, v->id, v->key);
	outcome = ring(v);
	if (outcome.code != DIAG_SUCCESS)
		refuse_with(v, &outcome);
	return id;
}

void conversation_add_leg(struct conversation *v, struct leg *leg)
{
	const struct invitation inv = {
		.from = v->from,
		.from_name = v->from_name,
		.to = v->to,
		.subject = v->subject,
		.importance = v->importance,
		.thread_id = v->thread_id,
		.first_line = v->first_line,
		.first_line_type = v->first_line_type,
		.key = v->key,
		.hops = v->hops,
	};

	leg->conversation = v;
	list_append(&v->legs, &leg->of_conversation);
	leg->ops->offer(leg, &inv);
}

void conversation_set_obstacle(struct conversation *v, const char *obstacle)
{
	if (!v->pushed)
		mem_set_string(&v->obstacle, obstacle);
}

void conversation_set_pushed(struct conversation *v)
{
	v->pushed = true;
	mem_set_string(&v->obstacle, NULL);
}

struct leg *conversation_peer(const struct conversation *v, const struct leg *leg)
{
	return leg == v->caller_leg ? v->callee_leg : v->caller_leg;
}

void conversations_of_removed(struct user *u)
{
	struct diag unknown = diag_make(DIAG_USER_UNKNOWN);
	struct conversation *v;
	uint64_t cursor = 0;

	while ((v = conversation_next(u->core, &cursor))) {
		if (v->caller != u && v->callee != u)
			continue;
		if (v->fsm.state == ALERTING)
			refuse_with(v, &unknown);
		else
			fsm_feed(&v->fsm, ON_HUNG_UP, NULL);
	}
}

void conversations_shut_down(struct core *c)
{
	struct conversation *v;
	uint64_t cursor = 0;

	c->stopping = true;
	while ((v = conversation_next(c, &cursor)))
		if (v->fsm.state != ENDED)
			fsm_feed(&v->fsm, ON_SHUTDOWN, NULL);
}

void conversations_forget(struct core *c)
{
	struct conversation *v;
	uint64_t cursor = 0;

	while ((v = conversation_next(c, &cursor))) {
		loop_unpost(c->loop, v->free_post);
		conversation_free(v);
	}
	summaries_forget(c);
}

struct conversation *conversation_find(const struct core *c, uint64_t id)
{
	return idtab_get(c->conversations, id);
}

struct conversation *conversation_next(const struct core *c, uint64_t *cursor)
{
	return idtab_next(c->conversations, cursor);
}
