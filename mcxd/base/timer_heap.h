/*
 * Timer heap
 *
 * The timers of one clock, ordered by the time at which they are due. Only the loop uses it.
 */
#pragma once

#include "mcxd/base/loop.h"

/** What is compared stands here, because the timers lie all over the memory: with 60,000 of them, looking it up there
 *  was the dearest step of a timeout. */
struct timer_slot {
	int64_t due_us;
	uint64_t order; /* of those that are due at once */
	struct loop_timer *timer;
};

struct timer_heap {
	struct timer_slot *slots;
	size_t n;
	size_t size;
};

/** Free the memory; asserts that no timer is set. */
void timer_heap_deinit(struct timer_heap *h);

/** Enter a timer with its due_us and order set. */
void timer_heap_put(struct timer_heap *h, struct loop_timer *t);

/** Take out a timer, which must be in the heap. */
void timer_heap_take(struct timer_heap *h, struct loop_timer *t);

/** The timer that is due first, or NULL. */
static inline struct loop_timer *timer_heap_top(const struct timer_heap *h)
{
	return h->n ? h->slots[0].timer : NULL;
}
