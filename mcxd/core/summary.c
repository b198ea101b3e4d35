/*
 * Summary
 */
#include "mcxd/core/summary.h"

static void summary_free(struct core *c, struct conversation_summary *s)
{
	list_remove(&s->of_history);
	c->n_history--;
	free(s->from);
	free(s->to);
	free(s->first_line);
	free(s->reason);
	free(s);
}

static void drop_oldest(struct core *c, int64_t n_left)
{
	list_for_each_safe (node, &c->history) {
		if (c->n_history <= n_left)
			break;
		summary_free(c, LIST_ENTRY(node, struct conversation_summary, of_history));
	}
}

void summary_add(struct core *c, const struct conversation *v)
{
	struct conversation_summary *s;

	if (c->config->max_history <= 0)
		return;
	drop_oldest(c, c->config->max_history - 1);
	s = MEM_NEW(struct conversation_summary);
	s->id = v->id;
	s->from = mem_strdup(v->from);
	s->to = mem_strdup(v->to);
	s->first_line = mem_strdup(v->first_line);
	s->sip_status = v->outcome.sip_status;
	s->reason =
		mem_strdup(v->outcome_info ? v->outcome_info : diag_row(v->outcome.code)->reason);
	s->began_wall_us = v->began_wall_us;
	s->answered_wall_us = v->answered_wall_us;
	s->ended_wall_us = v->ended_wall_us;
	s->n_messages = v->n_messages;
	list_append(&c->history, &s->of_history);
	c->n_history++;
}

void summaries_forget(struct core *c)
{
	drop_oldest(c, 0);
}
