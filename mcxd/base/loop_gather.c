/*
 * Loop: gathering
 *
 * To be woken, to ask what has happened, and to tell a peer costs nearly the same for one event as for twenty.
 * A loop with much to do lets events gather for a moment before it looks again; one with little to do looks
 * at once. At 1,000 conversations a second, 4 ms save a tenth of the processor's time.
 */
#include "mcxd/base/loop_priv.h"

#include <time.h>

/* What flows in is one drop for each event, and one flows out every millisecond: the level is that of how many
 * events have lately come beyond 1,000 a second. */
#define BUSY_LEVEL_US (INT64_C(32) * US_PER_MS)
#define MAX_LEVEL_US  (INT64_C(64) * US_PER_MS)
#define US_PER_S      1000000

static bool is_busy(struct gather *g, uint64_t n_calls, int64_t now_us)
{
	int64_t level = g->level_us + (int64_t)(n_calls - g->n_calls) * US_PER_MS;

	level -= now_us - g->counted_us;
	level = level < 0 ? 0 : level;
	g->level_us = level > MAX_LEVEL_US ? MAX_LEVEL_US : level;
	g->n_calls = n_calls;
	g->counted_us = now_us;
	return g->level_us > BUSY_LEVEL_US;
}

void gather_events(struct loop *l)
{
	struct gather *g = &l->gather;
	int64_t now_us, left_us;
	struct timespec rest;

	if (g->delay_us == 0)
		return;
	now_us = loop_real_us();
	left_us = g->looked_us + g->delay_us - now_us;
	g->looked_us = now_us;
	if (!is_busy(g, l->n_calls, now_us) || left_us <= 0)
		return;
	rest = (struct timespec){ .tv_sec = left_us / US_PER_S,
				  .tv_nsec = left_us % US_PER_S * 1000 };
	/* A signal that ends it is on its descriptor. */
	nanosleep(&rest, NULL);
	g->looked_us = loop_real_us();
}

void loop_set_busy_delay(struct loop *l, int64_t ms)
{
	l->gather.delay_us = ms * US_PER_MS;
}
