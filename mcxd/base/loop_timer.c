/*
 * Loop: timers
 */
#include "mcxd/base/loop_priv.h"

#include <assert.h>

static int64_t queue_now_ms(const struct timer_queue *q)
{
	return q->real ? loop_real_ms(q->loop) : loop_now_ms(q->loop);
}

static void on_driver(struct loop *l, su_timer_t *driver, struct timer_queue *q);

/* The driver runs on lab time, which an advance makes come early: on_driver() then finds no real
 * timer due and comes back here. */
static void queue_drive(struct timer_queue *q)
{
	const struct loop_timer *top = timer_heap_top(&q->heap);
	int64_t lab_ms;

	if (!top || q->expiring || q->driven_at_ms <= top->due_ms)
		return;
	lab_ms = q->real ? top->due_ms + LAB_BASE_MS + q->loop->offset_ms : top->due_ms;
	q->driven_at_ms = top->due_ms;
	if (su_timer_set_at(q->driver, on_driver, q, loop_su_time(q->loop, lab_ms)) < 0)
		mem_check(NULL);
}

static void timer_expire(struct timer_queue *q, struct loop_timer *t)
{
	timer_heap_take(&q->heap, t);
	t->loop = NULL;
	q->loop->n_calls++;
	t->on_expiry(t->magic);
}

/* Runs the timers of one millisecond only: sofia's own timers that are due before the next of ours
 * get their turn in between. Those set meanwhile wait for the driver to come back. */
static void on_driver(struct loop *l, su_timer_t *driver, struct timer_queue *q)
{
	struct loop_timer *t = timer_heap_top(&q->heap);
	uint64_t n_set = l->n_timers_set;
	int64_t due_ms = t ? t->due_ms : 0;

	(void)driver;
	q->driven_at_ms = INT64_MAX;
	q->expiring = true;
	if (due_ms <= queue_now_ms(q))
		while (t && t->due_ms == due_ms && t->order < n_set) {
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
		.due_ms = queue_now_ms(q) + delay_ms,
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
	int64_t left_ms;

	if (!t->loop)
		return -1;
	left_ms = t->due_ms - queue_now_ms(t->real ? &t->loop->real : &t->loop->lab);
	return left_ms > 0 ? left_ms : 0;
}

void timer_queue_init(struct timer_queue *q, struct loop *l, bool real)
{
	q->loop = l;
	q->real = real;
	q->driven_at_ms = INT64_MAX;
	q->driver = mem_check(su_timer_create(su_root_task(l->root), 0));
}

void timer_queue_deinit(struct timer_queue *q)
{
	timer_heap_deinit(&q->heap);
	su_timer_destroy(q->driver);
}
