/*
 * Loop: advances of the clock
 *
 * An advance is a series of rounds: a step forward, then rounds until nothing has happened for a millisecond
 * (it has settled), then the next step.
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_private.h"
#include "proto/text/mem.h"

#include <assert.h>

#define STEP_MS    250
#define MAX_STEPS  256
#define FINE_STEPS 4  /* a step that stops at a timer is at least this fraction of a whole one */
#define SETTLE_MS  1  /* a step has settled after this time with nothing to do */
#define BUSY_MS    20 /* real time after which a step ends even if there is always something to do */

static int64_t at_most(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t at_least(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void loop_advance(struct loop *l, int64_t ms, loop_h *on_done, void *magic)
{
	struct advance *a = &l->advance;

	assert(ms >= 0);
	if (!a->active) {
		a->active = true;
		a->settled = false;
		a->busy_until_ms = loop_real_ms(l) + BUSY_MS;
	}
	a->left_ms += ms;
	a->step_ms = at_least(STEP_MS, (a->left_ms + MAX_STEPS - 1) / MAX_STEPS);
	if (on_done) {
		a->waiters = mem_realloc(a->waiters, (a->n_waiters + 1) * sizeof(*a->waiters));
		a->waiters[a->n_waiters++] = (struct post){ on_done, magic };
	}
}

static void advance_move(struct loop *l)
{
	struct advance *a = &l->advance;
	int64_t ms = a->step_ms, next_us = loop_lab_due_us(l);

	if (next_us < INT64_MAX)
		ms = at_most(ms, at_least((next_us + US_PER_MS - 1) / US_PER_MS,
					  a->step_ms / FINE_STEPS));
	ms = at_most(ms, a->left_ms);
	a->left_ms -= ms;
	a->settled = false;
	a->busy_until_ms = loop_real_ms(l) + BUSY_MS;
	loop_jump(l, ms);
}

/* A waiter may start the next advance, hence the copy. */
static void advance_end(struct loop *l)
{
	struct advance done = l->advance;

	l->advance = (struct advance){ 0 };
	for (size_t i = 0; i < done.n_waiters; i++) {
		l->n_calls++;
		done.waiters[i].fn(done.waiters[i].magic);
	}
	advance_deinit(&done);
}

void advance_round(struct loop *l)
{
	struct advance *a = &l->advance;

	if (a->settled)
		advance_move(l);
	if (loop_round(l, SETTLE_MS) && loop_real_ms(l) < a->busy_until_ms)
		return;
	if (a->left_ms > 0)
		a->settled = true;
	else
		advance_end(l);
}

void advance_deinit(struct advance *a)
{
	free(a->waiters);
	*a = (struct advance){ 0 };
}
