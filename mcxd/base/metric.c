/*
 * Metrics
 */
#include "mcxd/base/metric.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <assert.h>

struct metrics {
	struct metric *first;
	struct metric **end; /* where the next row is linked */
	char **names;        /* with their prefixes */
	size_t n_names;
};

struct metrics *metrics_new(void)
{
	struct metrics *set = MEM_NEW(struct metrics);

	set->end = &set->first;
	return set;
}

struct metrics *metrics_free(struct metrics *set)
{
	if (!set)
		return NULL;
	for (size_t i = 0; i < set->n_names; i++)
		free(set->names[i]);
	free(set->names);
	free(set);
	return NULL;
}

static void append(struct metrics *set, struct metric *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert(!metrics_find(set, rows[i].name));
		rows[i].next = NULL;
		*set->end = &rows[i];
		set->end = &rows[i].next;
	}
}

void metrics_add_named(struct metrics *set, const char *prefix, struct metric *rows, size_t n)
{
	if (!set)
		return;
	set->names = mem_realloc(set->names, (set->n_names + n) * sizeof(*set->names));
	for (size_t i = 0; i < n; i++) {
		char *name = text_format("%s_%s", prefix, rows[i].name);

		for (char *dash = name; (dash = strchr(dash, '-'));)
			*dash = '_';
		set->names[set->n_names++] = name;
		rows[i].name = name;
	}
	append(set, rows, n);
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
