/*
 * Stream: input
 */
#include "mcxd/net/stream_private.h"

#include "mcxd/base/loop.h"
#include "mcxd/net/buffer.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "mcxd/net/tls.h"

#include <errno.h>
#include <string.h>

enum {
	MAX_ROUND = 64 * 1024, /* bytes of one stream in a round: the others get their turn */
	MAX_COPIED =
		16 * 1024, /* of a kept beginning, with each read; a longer one stays in place */
};

/* Reads behind what was kept: in the buffer of all streams, or where it is if that is long. Returns as recv(). */
static ssize_t read_some(struct stream *s, char **ret_p, size_t *ret_n)
{
	size_t n_kept = buffer_length(&s->in), room = NET_READ_SIZE - n_kept;
	char *p = net_read_buffer(s->net);
	ssize_t n;

	if (n_kept > MAX_COPIED) {
		room = n_kept;
		p = buffer_reserve(&s->in, room) - n_kept;
	} else if (n_kept > 0) {
		memcpy(p, buffer_data(&s->in), n_kept);
	}
	do
		n = s->tls ? tls_read(s->tls, p + n_kept, room) : recv(s->fd, p + n_kept, room, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0 && n_kept > MAX_COPIED)
		buffer_commit(&s->in, (size_t)n);
	*ret_p = p;
	*ret_n = n_kept + (n > 0 ? (size_t)n : 0);
	return n;
}

static void keep(struct stream *s, const char *p, size_t n, size_t n_consumed)
{
	bool in_place = buffer_length(&s->in) > MAX_COPIED;

	if (in_place) {
		buffer_consume(&s->in, n_consumed);
	} else {
		buffer_reset(&s->in);
		buffer_add(&s->in, p + n_consumed, n - n_consumed);
	}
	if (buffer_length(&s->in) == 0)
		buffer_deinit(&s->in);
}

/* Hand it to the owner. Returns false when the stream does not go on reading. */
static bool deliver(struct stream *s, const char *p, size_t n)
{
	size_t n_consumed;

	s->has_heard = true;
	s->heard_ms = stream_now_ms(s);
	n_consumed = s->handlers->on_bytes(s->magic, p, n);
	if (s->state != OPEN)
		return false;
	keep(s, p, n, n_consumed < n ? n_consumed : n);
	if (buffer_length(&s->in) > s->limits->max_kept) {
		stream_end_with(s, STREAM_TOO_LONG, 0, NULL);
		return false;
	}
	if (buffer_length(&s->in) == 0 && s->has_heard_whole)
		s->message_ms = 0;
	else if (s->message_ms == 0)
		s->message_ms = s->heard_ms;
	return !s->paused;
}

/* A peer that has closed its side gets what waits for it. With TLS 1.2 it does not: an alert that closes is to be answered by one,
 * and what waits is discarded (RFC 5246 7.2.1). */
static void on_eof(struct stream *s)
{
	if (buffer_length(&s->out) > 0 && !s->tls) {
		s->state = ENDING;
		stream_update_events(s);
		stream_write_soon(s);
		return;
	}
	stream_end_with(s, STREAM_PEER_CLOSED, 0, NULL);
}

static void on_read_post(void *magic);

void stream_read_in(struct stream *s)
{
	for (ssize_t n, n_round = 0; n_round < MAX_ROUND; n_round += n) {
		char *p;
		size_t total;

		n = read_some(s, &p, &total);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			stream_end_broken(s, errno);
			return;
		}
		if (n == 0) {
			on_eof(s);
			return;
		}
		if (!deliver(s, p, total))
			return;
		if (!s->tls && (size_t)n < NET_READ_SIZE / 2)
			break; /* that was all, or the loop will say so */
	}
	if (s->tls && tls_has_pending(s->tls) && !s->read_post)
		s->read_post = loop_post(net_loop(s->net), on_read_post, s);
	stream_watch_deadline(s);
}

static void on_read_post(void *magic)
{
	struct stream *s = magic;

	s->read_post = 0;
	stream_enter(s);
	if (s->state == OPEN && !s->paused)
		stream_read_in(s);
	stream_leave(s);
}

void stream_drain(struct stream *s)
{
	char *p = net_read_buffer(s->net);

	for (ssize_t n, n_round = 0; n_round < MAX_ROUND; n_round += n) {
		n = recv(s->fd, p, NET_READ_SIZE, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			stream_end_with(s, STREAM_ENDED, 0, NULL);
			return;
		}
	}
}
