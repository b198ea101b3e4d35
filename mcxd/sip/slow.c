/*
 * Slow
 */
#include "mcxd/sip/slow.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/trickle.h"
#include "mcxd/net/stream.h"
#include "proto/text/mem.h"

#include <errno.h>

struct slow {
	struct slow **place;
	struct stream *stream;
	struct trickle trickle;
	struct fault_hold hold;
};

/* When the stream has ended its owner is told by itself. */
static size_t write_piece(void *magic, const char *p, size_t n)
{
	struct slow *s = magic;
	const struct iovec piece = { mem_no_const(p), n };

	stream_send(s->stream, &piece, 1);
	return n;
}

static void on_done(void *magic)
{
	struct slow *s = magic;

	*s->place = NULL;
	slow_free(s);
}

static void on_over(void *magic, enum fault_over how)
{
	(void)how;
	slow_finish(magic);
}

void slow_start(struct slow **place, struct loop *l, struct faults *f,
		const struct fault_strike *strike, struct stream *stream)
{
	static const struct trickle_ops ops = { write_piece, on_done };
	struct slow *s = MEM_NEW(struct slow);

	s->place = place;
	s->stream = stream;
	trickle_init(&s->trickle, l, strike->ms, &ops, s);
	faults_hold(f, &s->hold, strike, 0, on_over, s);
	*place = s;
}

int slow_send(struct slow *s, const struct iovec *pieces, size_t n_pieces, size_t max)
{
	size_t n = trickle_n_left(&s->trickle);

	for (size_t i = 0; i < n_pieces; i++)
		n += pieces[i].iov_len;
	if (n > max)
		return ENOBUFS;
	for (size_t i = 0; i < n_pieces; i++)
		trickle_add(&s->trickle, pieces[i].iov_base, pieces[i].iov_len);
	return 0;
}

void slow_finish(struct slow *s)
{
	trickle_flush(&s->trickle);
}

struct slow *slow_free(struct slow *s)
{
	if (!s)
		return NULL;
	trickle_deinit(&s->trickle);
	fault_hold_end(&s->hold);
	free(s);
	return NULL;
}
