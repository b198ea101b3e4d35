/*
 * Trickle
 */
#include "mcxd/base/trickle.h"

#include "mcxd/base/loop.h"
#include "proto/text/text.h"

static int64_t due_ms(const struct trickle *t, int piece)
{
	return t->ms / (TRICKLE_PIECES - 1) * piece +
	       t->ms % (TRICKLE_PIECES - 1) * piece / (TRICKLE_PIECES - 1);
}

static size_t n_due(const struct trickle *t)
{
	return t->bytes.n / TRICKLE_PIECES * (size_t)t->n_pieces +
	       t->bytes.n % TRICKLE_PIECES * (size_t)t->n_pieces / TRICKLE_PIECES;
}

void trickle_offer(struct trickle *t)
{
	size_t n = n_due(t);

	if (n > t->n_taken)
		t->n_taken += t->ops->write(t->magic, t->bytes.data + t->n_taken, n - t->n_taken);
	if (t->n_pieces == TRICKLE_PIECES && t->n_taken == t->bytes.n)
		t->ops->on_done(t->magic);
}

static void on_time(void *magic);

static void wait_for_next(struct trickle *t)
{
	int64_t ms = t->began_ms + due_ms(t, t->n_pieces) - loop_now_ms(t->loop);

	loop_timer_set(t->loop, &t->timer, ms > 0 ? ms : 0, on_time, t);
}

static void on_time(void *magic)
{
	struct trickle *t = magic;

	if (++t->n_pieces < TRICKLE_PIECES)
		wait_for_next(t);
	trickle_offer(t);
}

void trickle_init(struct trickle *t, struct loop *l, int64_t ms, const struct trickle_ops *ops,
		  void *magic)
{
	*t = (struct trickle){ .loop = l, .ms = ms, .ops = ops, .magic = magic };
	t->began_ms = loop_now_ms(l);
	wait_for_next(t);
}

void trickle_deinit(struct trickle *t)
{
	loop_timer_stop(&t->timer);
	text_deinit(&t->bytes);
}

void trickle_add(struct trickle *t, const void *p, size_t n)
{
	text_add_bytes(&t->bytes, p, n);
}

size_t trickle_n_left(const struct trickle *t)
{
	return t->bytes.n - t->n_taken;
}

void trickle_flush(struct trickle *t)
{
	loop_timer_stop(&t->timer);
	t->n_pieces = TRICKLE_PIECES;
	trickle_offer(t);
}
