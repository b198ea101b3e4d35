/*
 * Stream: output
 */
#include "mcxd/net/stream_private.h"

#include "mcxd/base/loop.h"
#include "mcxd/net/buffer.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "mcxd/net/tls.h"

#include <errno.h>

static void linger(struct stream *s)
{
	s->state = LINGERING;
	s->since_ms = stream_now_ms(s);
	s->tls = tls_session_free(s->tls);
	buffer_deinit(&s->in);
	shutdown(s->fd, SHUT_WR);
	stream_update_events(s);
	stream_watch_deadline(s);
}

static ssize_t write_some(struct stream *s)
{
	const char *p = buffer_data(&s->out);
	size_t n = buffer_length(&s->out);
	ssize_t written;

	do
		written = s->tls ? tls_write(s->tls, p, n) : send(s->fd, p, n, MSG_NOSIGNAL);
	while (written < 0 && errno == EINTR);
	return written;
}

/* What the peer could not say while nobody listened is not held against it. */
static void resume(struct stream *s)
{
	s->paused = false;
	s->heard_ms = stream_now_ms(s);
	if (s->message_ms)
		s->message_ms = s->heard_ms;
}

int stream_write_out(struct stream *s)
{
	while (buffer_length(&s->out) > 0) {
		ssize_t n = write_some(s);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0)
			return n < 0 ? errno : EPIPE;
		buffer_consume(&s->out, (size_t)n);
		s->has_sent = true;
		s->drained_ms = stream_now_ms(s);
	}
	if (buffer_length(&s->out) == 0) {
		buffer_deinit(&s->out);
		if (s->state == ENDING) {
			linger(s);
			return 0;
		}
	}
	if (s->paused && buffer_length(&s->out) <= s->limits->pause_unsent)
		resume(s);
	stream_update_events(s);
	stream_watch_deadline(s);
	return 0;
}

/* While EPOLLOUT is awaited there is no use in trying earlier. */
void stream_write_soon(struct stream *s)
{
	if ((s->state == OPEN || s->state == ENDING) && !(s->events & LOOP_OUT))
		net_write_later(s->net, &s->output);
}

int stream_send(struct stream *s, const struct iovec *pieces, size_t n_pieces)
{
	size_t n = 0;

	if (s->state >= ENDING || s->ends_when_open)
		return -EPIPE;
	for (size_t i = 0; i < n_pieces; i++)
		n += pieces[i].iov_len;
	if (buffer_length(&s->out) + n > s->limits->max_unsent) {
		s->is_overrun = true;
		stream_watch_deadline(s);
		return -ENOBUFS;
	}
	if (buffer_length(&s->out) == 0)
		s->drained_ms = stream_now_ms(s);
	for (size_t i = 0; i < n_pieces; i++)
		buffer_add(&s->out, pieces[i].iov_base, pieces[i].iov_len);
	if (s->accepted && !s->paused && buffer_length(&s->out) > s->limits->pause_unsent) {
		s->paused = true;
		stream_update_events(s);
	}
	stream_write_soon(s);
	return 0;
}

void stream_end(struct stream *s)
{
	if (s->state >= ENDING)
		return;
	if (s->state < OPEN) {
		s->ends_when_open = true;
		if (buffer_length(&s->out) == 0)
			stream_end_with(s, STREAM_ENDED, 0, NULL);
		return;
	}
	s->state = ENDING;
	stream_update_events(s);
	net_write_later(s->net, &s->output);
}
