/*
 * Stream: deadlines
 */
#include "mcxd/net/stream_private.h"

#include "mcxd/base/loop.h"
#include "mcxd/net/buffer.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "proto/text/mem.h"

struct deadline {
	enum stream_reason reason;
	bool applies;
	int64_t begin_ms, limit_ms; /* limit 0: none */
};

/* The next one; due_ms 0: none. */
static struct deadline next_deadline(const struct stream *s, int64_t *ret_due_ms)
{
	const struct stream_limits *l = s->limits;
	const bool is_open = s->state == OPEN, reads = is_open && !s->paused;
	const bool waits = (is_open || s->state == ENDING) && buffer_length(&s->out) > 0;
	const struct deadline all[] = {
		{ STREAM_HANDSHAKE_TIMEOUT, s->state < OPEN, s->since_ms, l->handshake_ms },
		{ STREAM_MESSAGE_TIMEOUT, reads && s->message_ms, s->message_ms, l->message_ms },
		{ STREAM_UNREAD, waits, s->drained_ms, l->unread_ms },
		{ STREAM_UNREAD, s->is_overrun, s->since_ms, 1 },
		{ STREAM_IDLE, reads, s->heard_ms, l->idle_ms },
		{ STREAM_ENDED, s->state == LINGERING, s->since_ms, l->linger_ms },
	};
	struct deadline next = { 0 };

	*ret_due_ms = 0;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		int64_t due_ms = all[i].begin_ms + all[i].limit_ms;

		if (!all[i].applies || !all[i].limit_ms || (*ret_due_ms && *ret_due_ms <= due_ms))
			continue;
		*ret_due_ms = due_ms;
		next = all[i];
	}
	return next;
}

static void on_timer(void *magic)
{
	struct stream *s = magic;
	int64_t due_ms;
	struct deadline next = next_deadline(s, &due_ms);

	if (due_ms && due_ms <= stream_now_ms(s))
		stream_end_with(s, next.reason, 0, NULL);
	else
		stream_watch_deadline(s);
}

/* Deadlines move later with every message; the timer stays where it is and looks again when it expires. */
void stream_watch_deadline(struct stream *s)
{
	int64_t due_ms, left_ms;

	next_deadline(s, &due_ms);
	if (!due_ms)
		return;
	left_ms = due_ms - stream_now_ms(s);
	if (left_ms < 0)
		left_ms = 0;
	if (!loop_timer_is_set(&s->timer) || loop_timer_left_ms(&s->timer) > left_ms)
		loop_timer_set_real(net_loop(s->net), &s->timer, left_ms, on_timer, s);
}

void stream_heard(struct stream *s)
{
	s->has_heard_whole = true;
	s->message_ms = 0;
	s->heard_ms = stream_now_ms(s);
}
