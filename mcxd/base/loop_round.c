/*
 * Loop: one round
 *
 *   posted calls -> timers that are due -> deferred calls -> wait, serve descriptors -> timers -> deferred calls
 *
 * What was deferred is called before the loop sleeps, and again when the descriptors are served.
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_private.h"
#include "proto/text/mem.h"

#include <limits.h>

#define POSTS_MIN_SIZE    64
#define DEFERRED_MIN_SIZE 8

/* ---- posted calls ---- */

static struct post *post_slot(const struct post_queue *q, uint64_t id)
{
	return &q->slots[id & (q->size - 1)];
}

static void posts_grow(struct post_queue *q)
{
	struct post_queue bigger = *q;

	bigger.size = q->size ? 2 * q->size : POSTS_MIN_SIZE;
	bigger.slots = mem_zalloc(bigger.size * sizeof(*bigger.slots));
	for (uint64_t id = q->first; id < q->end; id++)
		*post_slot(&bigger, id) = *post_slot(q, id);
	free(q->slots);
	*q = bigger;
}

uint64_t loop_post(struct loop *l, loop_h *fn, void *magic)
{
	struct post_queue *q = &l->posts;
	uint64_t id = q->end;

	if (q->end - q->first == q->size)
		posts_grow(q);
	*post_slot(q, id) = (struct post){ fn, magic };
	q->end++;
	q->n_live++;
	return id;
}

void loop_unpost(struct loop *l, uint64_t id)
{
	struct post_queue *q = &l->posts;
	struct post *p;

	if (id < q->first || id >= q->end)
		return;
	p = post_slot(q, id);
	if (!p->fn)
		return;
	p->fn = NULL;
	q->n_live--;
}

static void run_posts(struct loop *l)
{
	struct post_queue *q = &l->posts;
	uint64_t end = q->end;

	while (q->first < end) {
		struct post p = *post_slot(q, q->first);

		q->first++;
		if (!p.fn)
			continue;
		q->n_live--;
		l->n_calls++;
		p.fn(p.magic);
	}
}

/* ---- deferred calls ---- */

void loop_defer(struct loop *l, loop_h *fn, void *magic)
{
	if (l->n_deferred == l->max_deferred) {
		l->max_deferred = l->max_deferred ? 2 * l->max_deferred : DEFERRED_MIN_SIZE;
		l->deferred = mem_realloc(l->deferred, l->max_deferred * sizeof(*l->deferred));
	}
	l->deferred[l->n_deferred++] = (struct post){ fn, magic };
}

void loop_undefer(struct loop *l, loop_h *fn, void *magic)
{
	for (size_t i = 0; i < l->n_deferred; i++)
		if (l->deferred[i].fn == fn && l->deferred[i].magic == magic)
			l->deferred[i].fn = NULL;
}

/* A deferred call may defer another: it is made in the same go. */
static void run_deferred(struct loop *l)
{
	for (size_t i = 0; i < l->n_deferred; i++) {
		struct post p = l->deferred[i];

		l->deferred[i].fn = NULL;
		if (p.fn)
			p.fn(p.magic);
	}
	l->n_deferred = 0;
}

/* ---- the round ---- */

/* Timers count microseconds and epoll milliseconds: rounded up, or the loop would spin through the rest. */
static int wait_ms(const struct loop *l, int timeout_ms)
{
	int64_t due_us = loop_any_due_us(l), due_ms;

	if (due_us == INT64_MAX)
		return timeout_ms;
	due_ms = (due_us + US_PER_MS - 1) / US_PER_MS;
	if (due_ms > INT_MAX)
		due_ms = INT_MAX;
	return timeout_ms < 0 || due_ms < timeout_ms ? (int)due_ms : timeout_ms;
}

bool loop_round(struct loop *l, int timeout_ms)
{
	uint64_t n_calls = l->n_calls;

	run_posts(l);
	loop_run_timers(l);
	run_deferred(l);
	if (l->n_calls != n_calls || l->posts.n_live > 0 || l->stopped)
		timeout_ms = 0;
	loop_serve(l, wait_ms(l, timeout_ms));
	loop_run_timers(l);
	run_deferred(l);
	return l->n_calls != n_calls;
}
