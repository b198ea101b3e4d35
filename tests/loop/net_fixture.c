/*
 * Sockets of mcxd/net between themselves and plain ones, on 127.0.0.1 and ::1
 */
#include "net_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/net/address.h"
#include "mcxd/net/listener.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "mcxd/net/tls.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <signal.h>

enum { PATIENCE_MS = 5000 };

static void on_open(void *magic)
{
	struct end *e = magic;

	assert_false(e->is_open);
	e->is_open = true;
}

static size_t on_bytes(void *magic, const char *bytes, size_t n)
{
	struct end *e = magic;
	size_t n_taken = n < e->n_consume ? n : e->n_consume;

	e->n_calls++;
	text_add_bytes(&e->in, bytes, n_taken);
	return n_taken;
}

static void on_closed(void *magic, const struct stream_end *end)
{
	struct end *e = magic;

	assert_false(e->is_closed);
	e->is_closed = true;
	e->stream = NULL;
	e->reason = end->reason;
	e->error = end->error;
	assert_non_null(end->problem);
	text_join(e->problem, sizeof(e->problem), end->problem);
}

static const struct stream_handlers handlers = { .on_open = on_open,
						 .on_bytes = on_bytes,
						 .on_closed = on_closed };

static struct stream_args args_of(struct fixture *f, struct end *e, struct tls_context *tls)
{
	return (struct stream_args){
		.net = f->net, .tls = tls, .limits = &f->limits, .handlers = &handlers, .magic = e
	};
}

static void on_accept(void *magic, int fd, const struct address *peer)
{
	struct fixture *f = magic;
	struct stream_args args = args_of(f, &f->server, f->server_tls);

	assert_null(f->server.stream);
	f->server.stream = stream_accept(&args, fd, peer);
	assert_non_null(f->server.stream);
}

int net_set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(loop_new(&f->loop), 0);
	f->net = net_new(f->loop);
	f->limits = (struct stream_limits){ .max_kept = 65536,
					    .max_unsent = (size_t)8 << 20,
					    .pause_unsent = (size_t)256 << 10,
					    .linger_ms = 1000 };
	f->server.n_consume = f->client.n_consume = SIZE_MAX;
	*state = f;
	return 0;
}

int net_tear_down(void **state)
{
	struct fixture *f = *state;

	stream_close(f->server.stream);
	stream_close(f->client.stream);
	listener_close(f->listener);
	text_deinit(&f->server.in);
	text_deinit(&f->client.in);
	tls_context_free(f->server_tls);
	tls_context_free(f->client_tls);
	net_free(f->net);
	loop_free(f->loop);
	free(f);
	return 0;
}

void net_listen(struct fixture *f, const char *address)
{
	struct listener_args args = {
		.net = f->net, .on_accept = on_accept, .magic = f, .pauses = &f->pauses
	};

	assert_true(address_read(address, &args.local));
	assert_int_equal(listener_open(&args, &f->listener), 0);
	f->address = *listener_local(f->listener);
	assert_int_not_equal(address_port(&f->address), 0);
}

void net_connect(struct fixture *f, const char *name)
{
	struct stream_args args = args_of(f, &f->client, f->client_tls);

	assert_int_equal(stream_connect(&args, &f->address, name, &f->client.stream), 0);
}

void net_pair(struct fixture *f)
{
	net_listen(f, "127.0.0.1:0");
	net_connect(f, "lab.test");
	assert_true(net_run_until(f, &f->client.is_open));
	for (int i = 0; i < PATIENCE_MS && !f->server.stream; i++)
		loop_step(f->loop, 1);
	assert_non_null(f->server.stream);
}

void end_send(struct end *e, const char *s)
{
	struct iovec piece = { mem_no_const(s), strlen(s) };

	assert_int_equal(stream_send(e->stream, &piece, 1), 0);
}

bool net_run_until(struct fixture *f, const bool *flag)
{
	int64_t end_ms = loop_real_ms(f->loop) + PATIENCE_MS;

	while (!*flag && loop_real_ms(f->loop) < end_ms)
		loop_step(f->loop, 10);
	return *flag;
}

bool net_run_until_received(struct fixture *f, const struct end *e, size_t n)
{
	int64_t end_ms = loop_real_ms(f->loop) + PATIENCE_MS;

	while (e->in.n < n && loop_real_ms(f->loop) < end_ms)
		loop_step(f->loop, 10);
	return e->in.n >= n;
}

void net_run_rounds(struct fixture *f, int rounds)
{
	while (rounds-- > 0)
		loop_step(f->loop, 1);
}
