/*
 * Stream: how it begins, and what happens to it
 */
#include "mcxd/net/stream.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/net/address.h"
#include "mcxd/net/buffer.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream_private.h"
#include "mcxd/net/tls.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

static void become_open(struct stream *s)
{
	s->state = OPEN;
	s->since_ms = s->heard_ms = stream_now_ms(s);
	s->message_ms = s->accepted ? s->since_ms : 0;
	s->drained_ms = s->since_ms;
	stream_update_events(s);
	stream_watch_deadline(s);
	if (buffer_length(&s->out) > 0)
		stream_write_soon(s);
	if (s->handlers->on_open)
		s->handlers->on_open(s->magic);
	if (s->ends_when_open)
		stream_end(s);
	/* The first record may have come with the last of the handshake. */
	if (s->state == OPEN && s->tls)
		stream_read_in(s);
}

static void go_on_handshake(struct stream *s)
{
	bool wants_output = false;
	int r = tls_handshake(s->tls, &wants_output);

	if (r < 0)
		stream_end_with(s, STREAM_HANDSHAKE_FAILED, 0, tls_session_problem(s->tls));
	else if (r > 0)
		become_open(s);
	else
		stream_set_events(s, LOOP_HUP | (wants_output ? LOOP_OUT : LOOP_IN));
}

static void on_connected(struct stream *s)
{
	int error = 0;
	socklen_t n = sizeof(error);

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n);
	if (error) {
		stream_end_with(s, STREAM_UNREACHABLE, error, NULL);
	} else if (s->tls) {
		s->state = HANDSHAKING;
		go_on_handshake(s);
	} else {
		become_open(s);
	}
}

/* What the peer said before it went is heard first: it may be the answer, or why it went. */
static void write_out(struct stream *s)
{
	int error = stream_write_out(s);

	if (error && s->state == OPEN && !s->paused)
		stream_read_in(s);
	if (error)
		stream_end_broken(s, error);
}

static void on_write(struct net_output *o)
{
	struct stream *s = LIST_ENTRY(o, struct stream, output);

	stream_enter(s);
	if (s->state == OPEN || s->state == ENDING)
		write_out(s);
	stream_leave(s);
}

static void on_open_event(struct stream *s, unsigned events)
{
	if (events & LOOP_OUT)
		write_out(s);
	if ((events & LOOP_HUP) && (s->state == ENDING || (s->state == OPEN && s->paused)))
		stream_end_with(s, STREAM_BROKEN, ECONNRESET, NULL);
	else if (s->state == OPEN && (events & (LOOP_IN | LOOP_HUP)))
		stream_read_in(s);
}

static void on_event(void *magic, int fd, unsigned events)
{
	struct stream *s = magic;

	(void)fd;
	stream_enter(s);
	switch (s->state) {
	case CONNECTING: on_connected(s); break;
	case HANDSHAKING: go_on_handshake(s); break;
	case OPEN:
	case ENDING: on_open_event(s, events); break;
	case LINGERING: stream_drain(s); break;
	case CLOSED: break;
	}
	stream_leave(s);
}

/* NULL with errno set if it cannot be watched. */
static struct stream *stream_new(const struct stream_args *args, int fd, const struct address *peer,
				 bool accepted)
{
	struct stream *s = MEM_NEW(struct stream);
	const int on = 1;
	int err;

	s->net = args->net;
	s->limits = args->limits;
	s->handlers = args->handlers;
	s->magic = args->magic;
	s->fd = fd;
	s->peer = *peer;
	s->accepted = accepted;
	s->output.write = on_write;
	s->since_ms = s->heard_ms = stream_now_ms(s);
	s->events = accepted ? LOOP_IN | LOOP_HUP : LOOP_OUT | LOOP_HUP;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	err = loop_fd_add(net_loop(s->net), fd, s->events, on_event, s, &s->watch);
	if (err) {
		stream_close(s);
		errno = -err;
		return NULL;
	}
	return s;
}

struct stream *stream_accept(const struct stream_args *args, int fd, const struct address *peer)
{
	struct stream *s = stream_new(args, fd, peer, true);

	if (!s)
		return NULL;
	if (args->tls) {
		s->tls = tls_accept(args->tls, fd);
		if (!s->tls)
			return stream_close(s);
		s->state = HANDSHAKING;
	} else {
		s->state = OPEN;
		s->message_ms = s->since_ms;
	}
	stream_watch_deadline(s);
	return s;
}

int stream_connect(const struct stream_args *args, const struct address *peer, const char *name,
		   struct stream **ret_stream)
{
	int fd = socket(peer->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct stream *s;

	if (fd < 0)
		return -errno;
	if (connect(fd, &peer->any, address_length(peer)) < 0 && errno != EINPROGRESS) {
		int error = errno;

		close(fd);
		return -error;
	}
	s = stream_new(args, fd, peer, false);
	if (!s)
		return -errno;
	if (args->tls) {
		s->tls = tls_connect(args->tls, fd, name);
		if (!s->tls) {
			stream_close(s);
			return -EINVAL;
		}
	}
	stream_watch_deadline(s);
	*ret_stream = s;
	return 0;
}

/* ---- questions ---- */

bool stream_is_ending(const struct stream *s)
{
	return s->state >= ENDING || s->ends_when_open;
}

bool stream_client_has(const struct stream *s, const char *name)
{
	return s->tls && tls_session_client_has(s->tls, name);
}

size_t stream_n_unsent(const struct stream *s)
{
	return buffer_length(&s->out);
}

bool stream_has_sent(const struct stream *s)
{
	return s->has_sent;
}

const char *stream_client_name(const struct stream *s)
{
	return s->tls ? tls_session_client_name(s->tls) : NULL;
}

bool stream_local(const struct stream *s, struct address *ret)
{
	socklen_t n = sizeof(*ret);

	*ret = (struct address){ 0 };
	return getsockname(s->fd, &ret->any, &n) == 0;
}
