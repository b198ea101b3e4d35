/*
 * Sockets of mcxd/net between themselves and plain ones, on 127.0.0.1 and ::1
 */
#pragma once

#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/stream.h"
#include "proto/text/text.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct listener;
struct loop;
struct tls_context;

/* One end that records what happens to it. */
struct end {
	struct stream *stream;
	struct text in;
	size_t n_consume; /* of what comes; SIZE_MAX: all */
	bool is_open, is_closed;
	enum stream_reason reason;
	int error;
	char problem[256];
	size_t n_calls;
};

struct fixture {
	struct loop *loop;
	struct net *net;
	struct listener *listener;
	struct stream_limits limits;
	struct tls_context *server_tls, *client_tls;
	struct end server, client;
	struct address address; /* of the listener */
	struct metric pauses;   /* as well */
};

int net_set_up(void **state);
int net_tear_down(void **state);

/** Listen at an address; what is accepted becomes f->server. */
void net_listen(struct fixture *f, const char *address);
/** Connect f->client to the listener; name: for TLS. */
void net_connect(struct fixture *f, const char *name);
/** Both, and wait until both are open. */
void net_pair(struct fixture *f);

void end_send(struct end *e, const char *s);

/** Run the loop until *flag, for at most five seconds. */
bool net_run_until(struct fixture *f, const bool *flag);
/** Run the loop until an end has received so many bytes, for at most five seconds. */
bool net_run_until_received(struct fixture *f, const struct end *e, size_t n);
void net_run_rounds(struct fixture *f, int rounds);
