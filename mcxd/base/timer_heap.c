/*
 * Timer heap
 */
#include "mcxd/base/timer_heap.h"

#include "mcxd/base/loop.h"
#include "proto/text/mem.h"

#include <assert.h>

/* Four children per node: half as deep as a binary heap, and siblings lie side by side. */
#define HEAP_ARITY    4
#define HEAP_MIN_SIZE 64

void timer_heap_deinit(struct timer_heap *h)
{
	assert(h->n == 0);
	free(h->slots);
	*h = (struct timer_heap){ 0 };
}

static bool is_before(const struct timer_slot *a, const struct timer_slot *b)
{
	if (a->due_us != b->due_us)
		return a->due_us < b->due_us;
	return a->order < b->order;
}

static void place(struct timer_heap *h, size_t slot, struct timer_slot t)
{
	h->slots[slot] = t;
	t.timer->slot = slot;
}

static void sift_up(struct timer_heap *h, size_t slot, struct timer_slot t)
{
	while (slot > 0) {
		size_t parent = (slot - 1) / HEAP_ARITY;

		if (!is_before(&t, &h->slots[parent]))
			break;
		place(h, slot, h->slots[parent]);
		slot = parent;
	}
	place(h, slot, t);
}

/* The child of slot that is due first, or n when it has none. */
static size_t first_child(const struct timer_heap *h, size_t slot)
{
	size_t first = slot * HEAP_ARITY + 1;
	size_t best = first;

	if (first >= h->n)
		return h->n;
	for (size_t i = first + 1; i < first + HEAP_ARITY && i < h->n; i++)
		if (is_before(&h->slots[i], &h->slots[best]))
			best = i;
	return best;
}

static void sift_down(struct timer_heap *h, size_t slot, struct timer_slot t)
{
	for (;;) {
		size_t child = first_child(h, slot);

		if (child == h->n || !is_before(&h->slots[child], &t))
			break;
		place(h, slot, h->slots[child]);
		slot = child;
	}
	place(h, slot, t);
}

void timer_heap_put(struct timer_heap *h, struct loop_timer *t)
{
	if (h->n == h->size) {
		h->size = h->size ? 2 * h->size : HEAP_MIN_SIZE;
		h->slots = mem_realloc(h->slots, h->size * sizeof(*h->slots));
	}
	h->n++;
	sift_up(h, h->n - 1,
		(struct timer_slot){ .due_us = t->due_us, .order = t->order, .timer = t });
}

void timer_heap_take(struct timer_heap *h, struct loop_timer *t)
{
	size_t slot = t->slot;
	struct timer_slot last;

	assert(slot < h->n && h->slots[slot].timer == t);
	last = h->slots[--h->n];
	if (last.timer == t)
		return;
	if (is_before(&last, &h->slots[slot]))
		sift_up(h, slot, last);
	else
		sift_down(h, slot, last);
}
