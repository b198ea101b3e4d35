/*
 * Loop: timers
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_priv.h"
#include "mcxd/base/timer_heap.h"
#include "proto/text/mem.h"

#include <assert.h>

#define NOT_DRIVEN (INT64_MAX / US_PER_MS)

static int64_t queue_now_us(const struct timer_queue *q)
{
	return q->real ? loop_real_us() : loop_now_us(q->loop);
}

static void on_driver(struct loop *l, su_timer_t *driver, struct timer_queue *q);

/* sofia counts whole milliseconds, and no timer may expire early: the driver is set to the first millisecond
 * that begins after the timer is due. A timer that is due already keeps its place among sofia's own.
 *
 * The driver of real timers runs on lab time, too, so that an advance lets it expire early: on_driver() then
 * finds nothing due and comes back here. */
static void queue_drive(struct timer_queue *q)
{
	const struct loop_timer *top = timer_heap_top(&q->heap);
	int64_t at_ms;

	if (!top || q->expiring || q->driven_at_ms * US_PER_MS <= top->due_us)
		return;
	at_ms = top->due_us / US_PER_MS;
	if (top->due_us > queue_now_us(q) && top->due_us % US_PER_MS)
		at_ms++;
	if (q->driven_at_ms <= at_ms)
		return;
	q->driven_at_ms = at_ms;
	if (q->real)
		at_ms += LAB_BASE_MS + q->loop->offset_ms;
	if (su_timer_set_at(q->driver, on_driver, q, loop_su_time(q->loop, at_ms)) < 0)
		mem_check(NULL);
}

/* The clock was moved. */
static void queue_on_jump(struct timer_queue *q)
{
	q->driven_at_ms = NOT_DRIVEN;
	queue_drive(q);
}

static void timer_expire(struct timer_queue *q, struct loop_timer *t)
{
	timer_heap_take(&q->heap, t);
	t->loop = NULL;
	q->loop->n_calls++;
	t->on_expiry(t->magic);
}

/* Runs the timers of one millisecond only, so that sofia's own timers that are due before the next of ours run
 * in between. Timers that are set meanwhile wait until the driver expires again. */
static void on_driver(struct loop *l, su_timer_t *driver, struct timer_queue *q)
{
	struct loop_timer *t = timer_heap_top(&q->heap);
	uint64_t n_set = l->n_timers_set;
	int64_t now_us = queue_now_us(q);
	int64_t ms = t ? t->due_us / US_PER_MS : 0;

	(void)driver;
	q->driven_at_ms = NOT_DRIVEN;
	q->expiring = true;
	while (t && t->due_us <= now_us && t->due_us / US_PER_MS == ms && t->order < n_set) {
		timer_expire(q, t);
		t = timer_heap_top(&q->heap);
	}
	q->expiring = false;
	queue_drive(q);
}

static void timer_set(struct timer_queue *q, struct loop_timer *t, int64_t delay_ms,
		      loop_h *on_expiry, void *magic)
{
	assert(delay_ms >= 0);
	loop_timer_stop(t);
	*t = (struct loop_timer){
		.loop = q->loop,
		.on_expiry = on_expiry,
		.magic = magic,
		.due_us = queue_now_us(q) + delay_ms * US_PER_MS,
		.order = q->loop->n_timers_set++,
		.real = q->real,
	};
	timer_heap_put(&q->heap, t);
	queue_drive(q);
}

void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_h *on_expiry,
		    void *magic)
{
	timer_set(&l->lab, t, delay_ms, on_expiry, magic);
}

void loop_timer_set_real(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_h *on_expiry,
			 void *magic)
{
	timer_set(&l->real, t, delay_ms, on_expiry, magic);
}

void loop_timer_stop(struct loop_timer *t)
{
	struct loop *l = t->loop;

	if (!l)
		return;
	timer_heap_take(t->real ? &l->real.heap : &l->lab.heap, t);
	t->loop = NULL;
}

bool loop_timer_is_set(const struct loop_timer *t)
{
	return t->loop != NULL;
}

int64_t loop_timer_left_ms(const struct loop_timer *t)
{
	int64_t left_us;

	if (!t->loop)
		return -1;
	left_us = t->due_us - queue_now_us(t->real ? &t->loop->real : &t->loop->lab);
	return left_us > 0 ? (left_us + US_PER_MS - 1) / US_PER_MS : 0;
}

void timer_queue_init(struct timer_queue *q, struct loop *l, bool real)
{
	q->loop = l;
	q->real = real;
	q->driven_at_ms = NOT_DRIVEN;
	q->driver = mem_check(su_timer_create(su_root_task(l->root), 0));
}

void timer_queue_deinit(struct timer_queue *q)
{
	timer_heap_deinit(&q->heap);
	su_timer_destroy(q->driver);
}

void loop_jump(struct loop *l, int64_t ms)
{
	assert(ms >= 0);
	l->offset_ms += ms;
	queue_on_jump(&l->lab);
	queue_on_jump(&l->real);
	loop_wake(l);
}
