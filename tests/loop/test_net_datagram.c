/*
 * Datagrams and listeners
 */
#include "net_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/datagram.h"
#include "mcxd/net/listener.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

struct peer {
	struct datagram_socket *socket;
	struct address from; /* of what came last */
	struct text in;
	size_t n;
	int error;
	struct address error_of;
};

static void on_datagram(void *magic, const struct address *from, const char *bytes, size_t n)
{
	struct peer *p = magic;

	p->from = *from;
	p->n++;
	text_add_bytes(&p->in, bytes, n);
}

static void on_error(void *magic, const struct address *to, int error)
{
	struct peer *p = magic;

	p->error = error;
	p->error_of = *to;
}

static const struct datagram_handlers handlers = { .on_datagram = on_datagram,
						   .on_error = on_error };

static void open_peer(struct fixture *f, struct peer *p, const char *address)
{
	struct datagram_args args = { .net = f->net, .handlers = &handlers, .magic = p };

	*p = (struct peer){ 0 };
	assert_true(address_read(address, &args.local));
	args.receive_buffer_bytes = INT64_C(1) << 20;
	assert_int_equal(datagram_open(&args, &p->socket), 0);
}

static void close_peer(struct peer *p)
{
	datagram_close(p->socket);
	text_deinit(&p->in);
}

static int send_text(struct peer *p, const struct address *to, const char *s, size_t n)
{
	struct iovec pieces[2] = { { mem_no_const(s), n / 2 },
				   { mem_no_const(s + n / 2), n - n / 2 } };

	return datagram_send(p->socket, to, pieces, 2);
}

static void wait_for(struct fixture *f, const struct peer *p, size_t n)
{
	for (int i = 0; i < 5000 && p->n < n; i++)
		loop_step(f->loop, 1);
	assert_int_equal(p->n, n);
}

static void talk(struct fixture *f, const char *address)
{
	struct peer a, b;

	open_peer(f, &a, address);
	open_peer(f, &b, address);
	assert_int_equal(send_text(&a, datagram_local(b.socket), "hello", 5), 0);
	wait_for(f, &b, 1);
	assert_string_equal(b.in.data, "hello");
	assert_true(address_equal(&b.from, datagram_local(a.socket)));
	assert_int_equal(send_text(&b, &b.from, "", 0), 0); /* an empty one is one */
	wait_for(f, &a, 1);
	assert_int_equal(a.in.n, 0);
	close_peer(&a);
	close_peer(&b);
}

static void both_ways(void **state)
{
	talk(*state, "127.0.0.1:0");
	talk(*state, "[::1]:0");
}

/* More than go with one system call, and more bytes than wait in one buffer. */
static void many(void **state)
{
	struct fixture *f = *state;
	struct peer a, b;
	char block[1000];

	memset(block, 'x', sizeof(block));
	open_peer(f, &a, "127.0.0.1:0");
	open_peer(f, &b, "127.0.0.1:0");
	for (int i = 0; i < 300; i++)
		assert_int_equal(send_text(&a, datagram_local(b.socket), block, sizeof(block)), 0);
	wait_for(f, &b, 300);
	assert_int_equal(b.in.n, 300 * sizeof(block));
	close_peer(&a);
	close_peer(&b);
}

static void too_long(void **state)
{
	struct fixture *f = *state;
	struct peer a;
	char *block = mem_zalloc(70000);
	struct address v6;

	open_peer(f, &a, "127.0.0.1:0");
	assert_int_equal(send_text(&a, datagram_local(a.socket), block, 65536), -EMSGSIZE);
	assert_int_equal(send_text(&a, datagram_local(a.socket), block, 60000), 0);
	wait_for(f, &a, 1);
	assert_int_equal(a.in.n, 60000);
	assert_true(address_read("[::1]:1", &v6));
	assert_int_equal(send_text(&a, &v6, "x", 1), -EAFNOSUPPORT);
	close_peer(&a);
	free(block);
}

/* The error names the peer that it is about, and what follows for others goes out. */
static void nobody_there(void **state)
{
	struct fixture *f = *state;
	struct peer a, b;
	struct address nobody;

	open_peer(f, &a, "127.0.0.1:0");
	open_peer(f, &b, "127.0.0.1:0");
	assert_true(address_read("127.0.0.1:1", &nobody));
	assert_int_equal(send_text(&a, &nobody, "x", 1), 0);
	for (int i = 0; i < 5000 && !a.error; i++)
		loop_step(f->loop, 1);
	assert_int_equal(a.error, ECONNREFUSED);
	assert_true(address_equal(&a.error_of, &nobody));
	assert_int_equal(send_text(&a, &nobody, "x", 1), 0);
	assert_int_equal(send_text(&a, datagram_local(b.socket), "y", 1), 0);
	wait_for(f, &b, 1);
	close_peer(&a);
	close_peer(&b);
}

/* What waits goes out when the socket is closed. */
static void last_words(void **state)
{
	struct fixture *f = *state;
	struct peer a, b;

	open_peer(f, &a, "127.0.0.1:0");
	open_peer(f, &b, "127.0.0.1:0");
	assert_int_equal(send_text(&a, datagram_local(b.socket), "bye", 3), 0);
	close_peer(&a);
	wait_for(f, &b, 1);
	close_peer(&b);
}

static void taken_port(void **state)
{
	struct fixture *f = *state;
	struct datagram_args args = { .net = f->net, .handlers = &handlers };
	struct datagram_socket *s = NULL;
	struct peer a;

	open_peer(f, &a, "127.0.0.1:0");
	args.local = *datagram_local(a.socket);
	assert_int_equal(datagram_open(&args, &s), -EADDRINUSE);
	assert_null(s);
	close_peer(&a);
}

/* ---- listeners ---- */

static void listener_at_a_taken_port(void **state)
{
	struct fixture *f = *state;
	struct listener_args args = { .net = f->net };
	struct listener *l = NULL;

	net_listen(f, "127.0.0.1:0");
	args.local = f->address;
	assert_int_equal(listener_open(&args, &l), -EADDRINUSE);
	assert_null(l);
}

/* Out of descriptors it pauses, which leaves the loop idle, and accepts again when there are some. */
static void out_of_descriptors(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, none;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	const struct metric *pauses = &f->pauses;

	net_listen(f, "127.0.0.1:0");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = (rlim_t)fd + 1, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_true(connect(fd, &f->address.any, address_length(&f->address)) == 0 ||
		    errno == EINPROGRESS);
	for (int i = 0; i < 5000 && pauses->value == 0; i++)
		loop_step(f->loop, 1);
	assert_int_equal(pauses->value, 1);
	for (int i = 0; i < 20; i++)
		loop_step(f->loop, 1);
	assert_in_range(pauses->value, 1, 2);
	assert_null(f->server.stream);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	for (int i = 0; i < 5000 && !f->server.stream; i++)
		loop_step(f->loop, 1);
	assert_non_null(f->server.stream);
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, net_set_up, net_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(both_ways),
		TEST(many),
		TEST(too_long),
		TEST(nobody_there),
		TEST(last_words),
		TEST(taken_port),
		TEST(listener_at_a_taken_port),
		TEST(out_of_descriptors),
	};

	return cmocka_run_group_tests_name("net_datagram", tests, NULL, NULL);
}
