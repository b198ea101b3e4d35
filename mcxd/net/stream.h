/*
 * Stream
 *
 * A TCP connection, with TLS over it or without, that reads, writes and ends by itself:
 *
 *   CONNECTING ---> HANDSHAKING ---> OPEN ---> ENDING ---> LINGERING ---> closed
 *        |  without TLS ------------>^  |        |             |            ^
 *        +------------------------------+--------+-------------+------------+
 *
 * What comes is read into the buffer of all streams; only what its owner did not consume is kept with the stream. What is
 * sent is gathered and written at the end of the round. A peer that we accepted and that does not read what it is sent is not
 * read from until it does (two ends that both did so would wait for each other). ENDING writes what waits, LINGERING gives
 * the peer time to read it: closing a socket with unread input sends RST, which can destroy the last answer on its way.
 */
#pragma once

#include "mcxd/net/address.h"

#include <sys/uio.h>

struct net;
struct stream;
struct tls_context;
struct tls_session;

enum stream_reason {
	STREAM_PEER_CLOSED,      /* the peer has ended it in order */
	STREAM_BROKEN,           /* an error of the connection, see error */
	STREAM_UNREACHABLE,      /* it could not be connected, see error */
	STREAM_HANDSHAKE_FAILED, /* TLS; see problem. Also of an open stream that has brought nothing */
	STREAM_HANDSHAKE_TIMEOUT, /* neither connected nor shaken hands in time */
	STREAM_MESSAGE_TIMEOUT,   /* no whole message in time */
	STREAM_UNREAD,            /* the peer does not read what it is sent */
	STREAM_IDLE,              /* nothing came for long */
	STREAM_TOO_LONG,          /* more than may be kept, and nothing consumed */
	STREAM_ENDED,             /* stream_end() has done its work */
	N_STREAM_REASONS
};

struct stream_end {
	enum stream_reason reason;
	int error;           /* an errno, 0 if there is none */
	const char *problem; /* a sentence for people, never NULL; valid during the call */
};

struct stream_handlers {
	/** It is connected, and with TLS the handshake is done. May be NULL. */
	void (*on_open)(void *magic);
	/** All that has come and was not consumed. Returns how many bytes are consumed; the others come again with what follows
	 *  them. May call stream_end() and stream_close(): the return value does not matter then. */
	size_t (*on_bytes)(void *magic, const char *bytes, size_t n);
	/** It has ended, for a reason other than stream_close(); the stream is gone when this returns. */
	void (*on_closed)(void *magic, const struct stream_end *end);
};

/* Times in milliseconds of the machine's clock; 0 is no limit. */
struct stream_limits {
	size_t max_kept;      /* bytes that the owner may leave unconsumed */
	size_t max_unsent;    /* bytes that may wait to be written; with more it ends */
	size_t pause_unsent;  /* with more than this waiting, an accepted stream is not read from */
	int64_t handshake_ms; /* to be connected and to have shaken hands */
	int64_t message_ms; /* for a whole message: from the accept for the first, then from its first byte */
	int64_t unread_ms; /* without the peer reading any of what waits */
	int64_t idle_ms;   /* without a byte from the peer */
	int64_t linger_ms; /* for the peer to close after our last byte */
};

struct stream_args {
	struct net *net;
	struct tls_context *tls;                /* NULL: none */
	const struct stream_limits *limits;     /* outlive the stream */
	const struct stream_handlers *handlers; /* as well */
	void *magic;
};

/** Take over an accepted descriptor, also when this fails. NULL if it cannot be watched or TLS cannot begin. */
struct stream *stream_accept(const struct stream_args *args, int fd, const struct address *peer);

/** Connect. name: whom TLS expects and SNI names. Failures that are not known at once come by on_closed. Returns 0 or a negative
 *  errno. */
int stream_connect(const struct stream_args *args, const struct address *peer, const char *name,
		   struct stream **ret_stream);

/** Queue for the end of this round. Returns 0; -EPIPE if it has ended; or -ENOBUFS at the limit of what may wait: the stream then
 *  ends by itself (STREAM_UNREAD). */
int stream_send(struct stream *s, const struct iovec *pieces, size_t n_pieces);

/** A whole message has come: the deadlines begin anew. */
void stream_heard(struct stream *s);

/** Write what waits, then let the peer close; on_closed says when it is over. Nothing is read any more. */
void stream_end(struct stream *s);

/** Close at once and forget it; no handler is called any more. NULL is fine. */
struct stream *stream_close(struct stream *s);

/** The same, with RST. */
struct stream *stream_reset(struct stream *s);

/** stream_end() was called, or it is over. */
bool stream_is_ending(const struct stream *s);

/** Whether its client has shown a certificate that is for this name (NULL: for any); see tls_session_client_has(). */
bool stream_client_has(const struct stream *s, const char *name);

/** The name on the list that it was let in for; see tls_session_client_name(). */
const char *stream_client_name(const struct stream *s);

/** The address of this end. False: the kernel does not tell. */
bool stream_local(const struct stream *s, struct address *ret);

/** Bytes that wait to be written, and whether the kernel has ever taken any. */
size_t stream_n_unsent(const struct stream *s);
bool stream_has_sent(const struct stream *s);
