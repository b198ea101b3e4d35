/*
 * Stream: how it ends
 */
#include "mcxd/net/stream_private.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/net/buffer.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "mcxd/net/tls.h"
#include "proto/text/text.h"

#include <unistd.h>

static const char *const problems[N_STREAM_REASONS] = {
	[STREAM_PEER_CLOSED] = "the peer closed the connection",
	[STREAM_BROKEN] = "the connection broke",
	[STREAM_UNREACHABLE] = "cannot connect",
	[STREAM_HANDSHAKE_FAILED] = "the TLS handshake failed",
	[STREAM_HANDSHAKE_TIMEOUT] = "not connected within the time limit",
	[STREAM_MESSAGE_TIMEOUT] = "no complete message within the time limit",
	[STREAM_UNREAD] = "the peer does not read what it is sent",
	[STREAM_IDLE] = "idle for too long",
	[STREAM_TOO_LONG] = "received too much that is not a message",
	[STREAM_ENDED] = "closed from this side",
};

int64_t stream_now_ms(const struct stream *s)
{
	return loop_real_ms(net_loop(s->net));
}

static void release(struct stream *s)
{
	s->state = CLOSED;
	loop_timer_stop(&s->timer);
	loop_unpost(net_loop(s->net), s->read_post);
	s->read_post = 0;
	net_write_never(&s->output);
	s->watch = loop_fd_free(s->watch);
	s->tls = tls_session_free(s->tls);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	buffer_deinit(&s->in);
	buffer_deinit(&s->out);
}

void stream_enter(struct stream *s)
{
	s->n_calls++;
}

void stream_leave(struct stream *s)
{
	if (--s->n_calls == 0 && s->state == CLOSED)
		free(s);
}

struct stream *stream_close(struct stream *s)
{
	if (!s || s->state == CLOSED)
		return NULL;
	stream_enter(s);
	release(s);
	stream_leave(s);
	return NULL;
}

struct stream *stream_reset(struct stream *s)
{
	if (s && s->fd >= 0)
		net_reset(s->fd);
	return stream_close(s);
}

/* The owner may look at the stream in on_closed: it is released afterwards. */
void stream_end_with(struct stream *s, enum stream_reason reason, int error, const char *problem)
{
	char text[256];

	if (s->state == CLOSED)
		return;
	if (!problem && error) {
		text_join(text, sizeof(text), problems[reason], ": ", strerror(error));
		problem = text;
	}
	stream_enter(s);
	s->handlers->on_closed(s->magic, &(struct stream_end){
						 .reason = reason,
						 .error = error,
						 .problem = problem ? problem : problems[reason],
					 });
	if (s->state != CLOSED)
		release(s);
	stream_leave(s);
}

/* With TLS 1.3 the side that connects is done with the handshake before the other has looked at its certificate, and may have
 * sent something; if the other then refuses it, the alert comes in place of an answer (RFC 8446 4.4.2.4 and 4.4.4). */
static bool is_refused(const struct stream *s)
{
	return s->tls && !s->accepted && !s->has_heard && tls_session_is_refused(s->tls);
}

void stream_end_broken(struct stream *s, int error)
{
	const char *problem = s->tls ? tls_session_problem(s->tls) : "";

	if (s->state == CLOSED)
		return;
	if (is_refused(s))
		stream_end_with(s, STREAM_HANDSHAKE_FAILED, 0, problem);
	else
		stream_end_with(s, STREAM_BROKEN, error, *problem ? problem : NULL);
}

void stream_set_events(struct stream *s, unsigned events)
{
	if (s->watch && events != s->events && !loop_fd_set_events(s->watch, events))
		s->events = events;
}

void stream_update_events(struct stream *s)
{
	bool waits = buffer_length(&s->out) > 0 && !list_linked(&s->output.of_net);
	bool reads = s->state == LINGERING || (s->state == OPEN && !s->paused);

	if (s->state >= OPEN)
		stream_set_events(s, LOOP_HUP | (reads ? LOOP_IN : 0) | (waits ? LOOP_OUT : 0));
}
