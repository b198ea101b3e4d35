/*
 * Metrics
 *
 * Counters and gauges with a sentence each. Rooms declare theirs as arrays of rows and register
 * them in the set; the set prints itself.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

struct metric {
	const char *name; /* snake_case, counters end in _total */
	const char *help; /* one sentence */
	enum metric_kind kind;
	int64_t value;
	struct metric *next; /* in the set, by order of registration */
};

struct metrics;

struct metrics *metrics_new(void);
struct metrics *metrics_free(struct metrics *set); /* does not touch the rows */

/** Put n rows of the caller's, which outlive the set, into it. Names must be new. */
void metrics_add(struct metrics *set, struct metric *rows, size_t n);
const struct metric *metrics_first(const struct metrics *set);
const struct metric *metrics_find(const struct metrics *set, const char *name);

/** Both tolerate NULL, so that a module under test needs no set. */
static inline void metric_inc(struct metric *m)
{
	if (m)
		m->value++;
}

static inline void metric_add(struct metric *m, int64_t by)
{
	if (m)
		m->value += by;
}
