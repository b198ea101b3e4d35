/*
 * Metrics
 *
 * Counters and gauges, each with a sentence. A room declares its metrics as one list; a struct with a member for
 * each is made of the list, and registered:
 *
 *	#define EDGE_METRICS(X) \
 *		X(forwarded_total, METRIC_COUNTER, "Messages sent on to the next hop") \
 *		X(pending, METRIC_GAUGE, "Messages under way")
 *	METRICS_STRUCT(edge_metrics, EDGE_METRICS);
 *
 *	e->metrics = (struct edge_metrics)METRICS_INIT(EDGE_METRICS);
 *	METRICS_ADD(set, "edge", &e->metrics);         (as edge_forwarded_total and edge_pending)
 *	metric_inc(&e->metrics.forwarded_total);
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

struct metric {
	const char *name; /* snake_case; a counter's ends in _total */
	const char *help; /* one sentence */
	enum metric_kind kind;
	int64_t value;
	struct metric *next; /* in the set, in the order of registration */
};

/* What METRICS_STRUCT and METRICS_INIT make of a row. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a member, a term of a sum and an initialiser */
#define METRIC_MEMBER(name_, kind_, help_) struct metric name_;
#define METRIC_ONE(name_, kind_, help_)    +1
#define METRIC_ROW(name_, kind_, help_)    { .name = #name_, .kind = (kind_), .help = (help_) },
/* NOLINTEND(bugprone-macro-parentheses) */

#define METRICS_STRUCT(tag, LIST)                                                                  \
	struct tag {                                                                               \
		union {                                                                            \
			struct {                                                                   \
				LIST(METRIC_MEMBER)                                                \
			};                                                                         \
			struct metric rows[0 LIST(METRIC_ONE)];                                    \
		};                                                                                 \
	}
#define METRICS_INIT(LIST)                                                                         \
	{                                                                                          \
		.rows = { LIST(METRIC_ROW) }                                                       \
	}
#define METRICS_ADD(set, prefix, metrics)                                                          \
	metrics_add_named(set, prefix, (metrics)->rows,                                            \
			  sizeof((metrics)->rows) / sizeof(struct metric))

struct metrics;

struct metrics *metrics_new(void);
struct metrics *metrics_free(struct metrics *set); /* does not touch the rows */

/** Register n rows, which belong to the caller, with "prefix_" before each name, dashes replaced by underscores; see
 *  METRICS_ADD. The names must be new, and live as long as the set. A set of NULL is fine. */
void metrics_add_named(struct metrics *set, const char *prefix, struct metric *rows, size_t n);
const struct metric *metrics_first(const struct metrics *set);
const struct metric *metrics_find(const struct metrics *set, const char *name);

/** NULL is fine, so that a module under test needs no metrics. */
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
