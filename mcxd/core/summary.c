/*
 * Summary
 */
#include "mcxd/core/summary.h"

#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "proto/text/mem.h"

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

struct conversation_summary *summary_add(struct core *c)
{
	struct conversation_summary *s;

	if (c->config->max_history <= 0)
		return NULL;
	drop_oldest(c, c->config->max_history - 1);
	s = MEM_NEW(struct conversation_summary);
	list_append(&c->history, &s->of_history);
	c->n_history++;
	return s;
}

void summary_forget(struct core *c, const char *aor)
{
	list_for_each_safe (node, &c->history) {
		struct conversation_summary *s =
			LIST_ENTRY(node, struct conversation_summary, of_history);

		if (!aor || !strcmp(s->from, aor) || !strcmp(s->to, aor))
			summary_free(c, s);
	}
}

void summary_free_all(struct core *c)
{
	drop_oldest(c, 0);
}
