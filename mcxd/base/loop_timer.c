/*
 * Loop: timers
 *
 * Two heaps, one for each clock. A guest has timers of its own, on the lab clock: they and ours run in the order of their times, also
 * when an advance has made several of them due at once, because the guest is run up to the next timer of ours only.
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/loop_private.h"
#include "mcxd/base/timer_heap.h"

#include <assert.h>

static int64_t now_us(const struct loop *l, bool real)
{
	return real ? loop_real_us() : loop_now_us(l);
}

static struct timer_heap *heap_of(struct loop *l, bool real)
{
	return real ? &l->real : &l->lab;
}

/* ---- setting ---- */

static void timer_set(struct loop *l, bool real, struct loop_timer *t, const struct loop_timer *to,
		      int64_t delay_ms)
{
	assert(delay_ms >= 0);
	loop_timer_stop(t);
	*t = *to;
	t->loop = l;
	t->due_us = now_us(l, real) + delay_ms * US_PER_MS;
	t->order = l->n_timers_set++;
	t->real = real;
	timer_heap_put(heap_of(l, real), t);
}

void loop_timer_set(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_h *on_expiry,
		    void *magic)
{
	timer_set(l, false, t, &(struct loop_timer){ .on_expiry = on_expiry, .magic = magic },
		  delay_ms);
}

void loop_timer_set_real(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_h *on_expiry,
			 void *magic)
{
	timer_set(l, true, t, &(struct loop_timer){ .on_expiry = on_expiry, .magic = magic },
		  delay_ms);
}

void loop_timer_hasten(struct loop_timer *t)
{
	const struct loop_timer same = { .on_expiry = t->on_expiry, .magic = t->magic };

	if (t->loop)
		timer_set(t->loop, t->real, t, &same, 0);
}

void loop_timer_stop(struct loop_timer *t)
{
	struct loop *l = t->loop;

	if (!l)
		return;
	timer_heap_take(heap_of(l, t->real), t);
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
	left_us = t->due_us - now_us(t->loop, t->real);
	return left_us > 0 ? (left_us + US_PER_MS - 1) / US_PER_MS : 0;
}

int64_t loop_timer_due_wall_us(const struct loop_timer *t)
{
	return t->loop ? t->due_us + t->loop->calendar_us : 0;
}

/* ---- running ---- */

/* The first timer if it is due and was set before this pass. */
static struct loop_timer *due_timer(struct loop *l, bool real, uint64_t n_set, int64_t real_us)
{
	int64_t now = real ? real_us : loop_now_us_at(l, real_us);
	struct loop_timer *t = timer_heap_top(heap_of(l, real));

	return t && t->order < n_set && t->due_us <= now ? t : NULL;
}

static void expire(struct loop *l, struct loop_timer *t)
{
	loop_timer_stop(t);
	l->n_calls++;
	t->on_expiry(t->magic);
}

static int64_t guest_due_us(const struct loop *l)
{
	int64_t due_ms = l->guest ? l->guest->due_ms(l->guest->magic) : INT64_MAX;

	return due_ms < INT64_MAX / US_PER_MS ? due_ms * US_PER_MS : INT64_MAX;
}

static void run_guest(struct loop *l, int64_t until_us)
{
	if (guest_due_us(l) > until_us)
		return;
	l->n_calls++;
	l->guest->run(l->guest->magic, until_us / US_PER_MS);
}

/* Time passes while handlers run, so the clock is read again after each; mostly none is due, and it is read once. */
void loop_run_timers(struct loop *l)
{
	uint64_t n_set = l->n_timers_set;
	int64_t real_us = loop_real_us();
	struct loop_timer *t;

	for (; (t = due_timer(l, true, n_set, real_us)); real_us = loop_real_us())
		expire(l, t);
	for (; (t = due_timer(l, false, n_set, real_us)); real_us = loop_real_us()) {
		int64_t due_us = t->due_us;

		run_guest(l, due_us);
		/* the guest may have stopped it */
		t = due_timer(l, false, n_set, real_us);
		if (t)
			expire(l, t);
	}
	run_guest(l, loop_now_us_at(l, real_us));
}

/* ---- what is next ---- */

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t until(int64_t due_us, int64_t now)
{
	if (due_us == INT64_MAX)
		return INT64_MAX;
	return due_us > now ? due_us - now : 0;
}

static int64_t top_due_us(const struct timer_heap *h)
{
	const struct loop_timer *t = timer_heap_top(h);

	return t ? t->due_us : INT64_MAX;
}

static int64_t lab_due_us(const struct loop *l, int64_t real_us)
{
	return until(sooner(top_due_us(&l->lab), guest_due_us(l)), loop_now_us_at(l, real_us));
}

int64_t loop_lab_due_us(const struct loop *l)
{
	return lab_due_us(l, loop_real_us());
}

/* While the clock stands still, what is not due does not become so. */
static int64_t wait_lab_us(const struct loop *l, int64_t real_us)
{
	int64_t due_us = lab_due_us(l, real_us);

	return loop_is_frozen(l) && due_us > 0 ? INT64_MAX : due_us;
}

int64_t loop_any_due_us(const struct loop *l)
{
	int64_t real_us = loop_real_us();

	return sooner(wait_lab_us(l, real_us), until(top_due_us(&l->real), real_us));
}

void loop_jump(struct loop *l, int64_t ms)
{
	assert(ms >= 0);
	l->advanced_ms += ms;
}

void loop_set_guest(struct loop *l, struct loop_guest *guest)
{
	assert(!guest || !l->guest);
	l->guest = guest;
}
