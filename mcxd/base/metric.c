/*
 * Metrics
 */
#include "mcxd/base/metric.h"

#include "proto/text/mem.h"

#include <assert.h>

struct metrics {
	struct metric *first;
	struct metric **end; /* where the next row is linked */
};

struct metrics *metrics_new(void)
{
	struct metrics *set = MEM_NEW(struct metrics);

	set->end = &set->first;
	return set;
}

struct metrics *metrics_free(struct metrics *set)
{
	free(set);
	return NULL;
}

void metrics_add(struct metrics *set, struct metric *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert(!metrics_find(set, rows[i].name));
		rows[i].next = NULL;
		*set->end = &rows[i];
		set->end = &rows[i].next;
	}
}

const struct metric *metrics_first(const struct metrics *set)
{
	return set->first;
}

const struct metric *metrics_find(const struct metrics *set, const char *name)
{
	const struct metric *m = set->first;

	while (m && strcmp(m->name, name) != 0)
		m = m->next;
	return m;
}
