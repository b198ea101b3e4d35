/*
 * Timer heap
 *
 * The timers of one clock by the time at which they are due. For the loop alone.
 */
#pragma once

#include "mcxd/base/loop.h"

struct timer_heap {
	struct loop_timer **slots;
	size_t n;
	size_t size;
};

/** Frees the memory; asserts that no timer is set any more. */
void timer_heap_deinit(struct timer_heap *h);

/** Enter a timer with its due_us and order set. */
void timer_heap_put(struct timer_heap *h, struct loop_timer *t);

/** Take out a timer that is in the heap. */
void timer_heap_take(struct timer_heap *h, struct loop_timer *t);

/** The timer that is due first, or NULL. */
static inline struct loop_timer *timer_heap_top(const struct timer_heap *h)
{
	return h->n ? h->slots[0] : NULL;
}
