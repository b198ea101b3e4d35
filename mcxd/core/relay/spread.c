/*
 * Spread
 */
#include "mcxd/core/relay/spread.h"

#include "mcxd/base/list.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

static void spread_free(struct spread *m)
{
	list_remove(&m->of_conversation);
	free(m);
}

void spread_add(struct list *all, uint64_t im, unsigned n)
{
	struct spread *m = MEM_NEW(struct spread);

	m->im = im;
	m->n_open = n;
	list_append(all, &m->of_conversation);
}

struct spread *spread_find(const struct list *all, uint64_t im)
{
	list_for_each (node, all) {
		struct spread *m = LIST_ENTRY(node, struct spread, of_conversation);

		if (m->im == im)
			return m;
	}
	return NULL;
}

bool spread_decides(struct spread *m, const struct diag *outcome)
{
	bool is_success = outcome->code == DIAG_SUCCESS;
	bool decides = !m->is_taken && (is_success || m->n_open == 1);

	m->is_taken = m->is_taken || is_success;
	if (--m->n_open == 0)
		spread_free(m);
	return decides;
}

void spread_free_all(struct list *all)
{
	list_for_each_safe (node, all)
		spread_free(LIST_ENTRY(node, struct spread, of_conversation));
}
