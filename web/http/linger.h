/*
 * HTTP server: lingering
 *
 * libmicrohttpd closes a connection as soon as it has sent its refusal. If the client is still
 * sending, for instance a body that is too large, our kernel answers the unread bytes with a reset,
 * and at the reset the client's kernel throws away what it has received and not yet delivered: the
 * refusal. So a copy of the descriptor stays open for a moment, its sending side shut down, and what
 * arrives is read and dropped. A lingering socket counts toward the server's connection limit.
 */
#pragma once

#include "mcxd/base/list.h"

#include <stdint.h>

struct loop;

struct http_linger {
	struct loop *loop;
	int64_t length_ms;
	struct list sockets;
	int64_t n_sockets;
};

/** length_ms: how long a socket may linger, in real time. */
void http_linger_init(struct http_linger *l, struct loop *loop, int64_t length_ms);
/** Close all sockets that linger. */
void http_linger_deinit(struct http_linger *l);

/** Keep a copy of fd open and drop its input, until the client closes it or the time is over. The
 *  caller goes on to close fd. */
void http_linger_add(struct http_linger *l, int fd);
