/*
 * Stream: what its files share
 *
 * A file uses only what stands before it in this list: stream_life, stream_deadline, stream_out, stream_in, stream.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/net/address.h"
#include "mcxd/net/buffer.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"

enum stream_state { CONNECTING, HANDSHAKING, OPEN, ENDING, LINGERING, CLOSED };

struct stream {
	struct net *net;
	const struct stream_limits *limits;
	const struct stream_handlers *handlers;
	void *magic;
	enum stream_state state;
	bool accepted, paused, has_sent, has_heard, has_heard_whole, is_overrun;
	bool ends_when_open; /* stream_end() came before */
	unsigned n_calls; /* of functions here that are under way with it: it must not be freed */
	int fd;
	struct address peer;
	struct loop_fd *watch;
	unsigned events;
	struct tls_session *tls;
	struct buffer in, out;
	struct net_output output;
	uint64_t read_post; /* TLS has bytes that the descriptor does not tell of */
	struct loop_timer timer;
	int64_t since_ms;   /* of its state */
	int64_t heard_ms;   /* a byte came */
	int64_t message_ms; /* the message that is coming has begun; 0: none is */
	int64_t drained_ms; /* the kernel took something, or output began to wait */
};

/* Real time. */
int64_t stream_now_ms(const struct stream *s);

/* ---- stream_life.c ---- */

/* Around everything that may call a handler: a stream that is closed meanwhile is freed by the last to leave. */
void stream_enter(struct stream *s);
void stream_leave(struct stream *s);

/* Tell the owner, then let go of everything. error: an errno or 0; problem: NULL for the usual words. */
void stream_end_with(struct stream *s, enum stream_reason reason, int error, const char *problem);

/* The same for a connection that broke in the middle of something; it may have ended already. */
void stream_end_broken(struct stream *s, int error);

void stream_set_events(struct stream *s, unsigned events);
/* To those that its state asks for. */
void stream_update_events(struct stream *s);

/* ---- stream_deadline.c ---- */

/* See to it that the next deadline is noticed. */
void stream_watch_deadline(struct stream *s);

/* ---- stream_out.c ---- */

/* Returns 0, or an errno when the connection takes no more. */
int stream_write_out(struct stream *s);
/* At the end of this round. */
void stream_write_soon(struct stream *s);

/* ---- stream_in.c ---- */

void stream_read_in(struct stream *s);
/* After our last byte: throw away what still comes, until the peer closes. */
void stream_drain(struct stream *s);
