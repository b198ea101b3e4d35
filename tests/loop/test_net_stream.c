/*
 * Streams without TLS
 */
#include "mcxd/base/loop.h"
#include "mcxd/net/address.h"
#include "mcxd/net/stream.h"
#include "net_fixture.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <unistd.h>

enum { MEGABYTE = 1024 * 1024 };

/* What was sent before it is open is not lost when it is to end. */
static void ended_before_it_is_open(void **state)
{
	struct fixture *f = *state;
	const struct iovec more = { &(char){ 'x' }, 1 };

	net_listen(f, "127.0.0.1:0");
	net_connect(f, NULL);
	assert_false(f->client.is_open);
	end_send(&f->client, "bye");
	stream_end(f->client.stream);
	assert_int_equal(stream_send(f->client.stream, &more, 1), -EPIPE);
	assert_true(net_run_until_received(f, &f->server, 3));
	assert_string_equal(f->server.in.data, "bye");
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_true(net_run_until(f, &f->client.is_closed));
	assert_int_equal(f->client.reason, STREAM_ENDED);
}

static void both_ways(void **state)
{
	struct fixture *f = *state;

	net_pair(f);
	assert_false(stream_has_sent(f->client.stream));
	end_send(&f->client, "hello ");
	end_send(&f->client, "you");
	assert_int_equal(stream_n_unsent(f->client.stream), 9);
	assert_true(net_run_until_received(f, &f->server, 9));
	assert_string_equal(f->server.in.data, "hello you");
	assert_int_equal(f->server.n_calls, 1); /* one write for both */
	assert_true(stream_has_sent(f->client.stream));
	end_send(&f->server, "hi");
	assert_true(net_run_until_received(f, &f->client, 2));
	stream_close(f->client.stream);
	f->client.stream = NULL;
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_PEER_CLOSED);
}

static void ipv6(void **state)
{
	struct fixture *f = *state;

	net_listen(f, "[::1]:0");
	net_connect(f, NULL);
	end_send(&f->client, "six"); /* before it is connected */
	assert_true(net_run_until_received(f, &f->server, 3));
	assert_string_equal(f->server.in.data, "six");
}

/* What is not consumed comes again, with what follows it. */
static void kept_bytes(void **state)
{
	struct fixture *f = *state;

	net_pair(f);
	f->server.n_consume = 0;
	end_send(&f->client, "ab");
	while (f->server.n_calls == 0)
		loop_step(f->loop, 10);
	f->server.n_consume = 3;
	end_send(&f->client, "cd");
	assert_true(net_run_until_received(f, &f->server, 3));
	assert_string_equal(f->server.in.data, "abc");
	f->server.n_consume = SIZE_MAX;
	end_send(&f->client, "e");
	assert_true(net_run_until_received(f, &f->server, 5));
	assert_string_equal(f->server.in.data, "abcde");
}

/* More than is copied for each read, and in pieces. */
static void long_kept_bytes(void **state)
{
	struct fixture *f = *state;
	char *piece = mem_memdup("", 0);

	piece = mem_realloc(piece, 30001);
	memset(piece, 'x', 30000);
	piece[30000] = '\0';
	net_pair(f);
	f->server.n_consume = 0;
	for (int i = 0; i < 2; i++) {
		size_t n_calls = f->server.n_calls;

		end_send(&f->client, piece);
		while (f->server.n_calls == n_calls)
			loop_step(f->loop, 10);
		net_run_rounds(f, 5);
	}
	f->server.n_consume = SIZE_MAX;
	end_send(&f->client, "!");
	assert_true(net_run_until_received(f, &f->server, 60001));
	assert_int_equal(f->server.in.data[60000], '!');
	assert_int_equal(f->server.in.data[59999], 'x');
	free(piece);
}

static void too_much_kept(void **state)
{
	struct fixture *f = *state;

	f->limits.max_kept = 4;
	net_pair(f);
	f->server.n_consume = 0;
	end_send(&f->client, "hello");
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_TOO_LONG);
}

static void refused(void **state)
{
	struct fixture *f = *state;

	net_listen(f, "127.0.0.1:0");
	address_set_port(&f->address, 1);
	net_connect(f, NULL);
	end_send(&f->client, "nobody reads this");
	assert_true(net_run_until(f, &f->client.is_closed));
	assert_int_equal(f->client.reason, STREAM_UNREACHABLE);
	assert_int_equal(f->client.error, ECONNREFUSED);
	assert_string_equal(f->client.problem, "cannot connect: Connection refused");
	assert_false(f->client.is_open);
}

/* A peer that does not read is not read from either, and loses nothing. */
static void backpressure(void **state)
{
	struct fixture *f = *state;
	char *block = mem_realloc(NULL, MEGABYTE + 1);

	memset(block, 'a', MEGABYTE);
	block[MEGABYTE] = '\0';
	net_pair(f);
	f->client.n_consume = 0;
	f->limits.max_kept = (size_t)MEGABYTE * 8;
	for (int i = 0; i < 6; i++)
		end_send(&f->server, block);
	f->client.n_consume = SIZE_MAX;
	/* 256 kB wait: what the client says now is not read before they have gone */
	end_send(&f->client, "me too");
	assert_int_equal(f->server.in.n, 0);
	assert_true(net_run_until_received(f, &f->client, 6 * (size_t)MEGABYTE));
	assert_true(net_run_until_received(f, &f->server, 6));
	free(block);
}

static void too_much_unsent(void **state)
{
	struct fixture *f = *state;
	struct iovec piece = { mem_no_const("12345678"), 8 };

	f->limits.max_unsent = 20;
	net_pair(f);
	assert_int_equal(stream_send(f->server.stream, &piece, 1), 0);
	assert_int_equal(stream_send(f->server.stream, &piece, 1), 0);
	assert_int_equal(stream_send(f->server.stream, &piece, 1), -ENOBUFS);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_UNREAD);
}

/* ---- the end ---- */

static void last_words_are_read(void **state)
{
	struct fixture *f = *state;

	net_pair(f);
	/* unread input would make the kernel send RST, which can destroy the last answer */
	end_send(&f->client, "a question that is never read");
	end_send(&f->server, "goodbye");
	stream_end(f->server.stream);
	assert_true(stream_is_ending(f->server.stream));
	assert_int_equal(stream_send(f->server.stream, &(struct iovec){ mem_no_const("x"), 1 }, 1),
			 -EPIPE);
	assert_true(net_run_until(f, &f->client.is_closed));
	assert_string_equal(f->client.in.data, "goodbye");
	assert_int_equal(f->client.reason, STREAM_PEER_CLOSED);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_ENDED);
}

static void lingering_ends(void **state)
{
	struct fixture *f = *state;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	f->limits.linger_ms = 50;
	net_listen(f, "127.0.0.1:0");
	assert_int_equal(connect(fd, &f->address.any, address_length(&f->address)), 0);
	while (!f->server.stream)
		loop_step(f->loop, 10);
	stream_end(f->server.stream);
	assert_true(net_run_until(f, &f->server.is_closed)); /* although the peer does not close */
	assert_int_equal(f->server.reason, STREAM_ENDED);
	close(fd);
}

static void ending_before_it_is_open(void **state)
{
	struct fixture *f = *state;

	net_listen(f, "127.0.0.1:0");
	net_connect(f, NULL);
	stream_end(f->client.stream);
	assert_true(f->client.is_closed);
	assert_int_equal(f->client.reason, STREAM_ENDED);
}

static void reset_by_the_peer(void **state)
{
	struct fixture *f = *state;
	struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	net_listen(f, "127.0.0.1:0");
	assert_int_equal(connect(fd, &f->address.any, address_length(&f->address)), 0);
	while (!f->server.stream)
		loop_step(f->loop, 10);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
	close(fd);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_BROKEN);
	assert_int_equal(f->server.error, ECONNRESET);
}

/* The peer closes its side; what it is owed it gets. */
static void half_closed(void **state)
{
	struct fixture *f = *state;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char answer[8] = "";

	net_listen(f, "127.0.0.1:0");
	assert_int_equal(connect(fd, &f->address.any, address_length(&f->address)), 0);
	while (!f->server.stream)
		loop_step(f->loop, 10);
	end_send(&f->server, "answer");
	shutdown(fd, SHUT_WR);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(recv(fd, answer, sizeof(answer), 0), 6);
	assert_string_equal(answer, "answer");
	close(fd);
}

/* ---- deadlines ---- */

static void no_message_in_time(void **state)
{
	struct fixture *f = *state;

	f->limits.message_ms = 50;
	net_pair(f);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_MESSAGE_TIMEOUT);
	assert_string_equal(f->server.problem, "no complete message within the time limit");
}

/* The first whole message ends the first deadline, and the next one begins with the first byte of another. */
static void half_a_message(void **state)
{
	struct fixture *f = *state;

	f->limits.message_ms = 200;
	net_pair(f);
	end_send(&f->client, "whole");
	assert_true(net_run_until_received(f, &f->server, 5));
	stream_heard(f->server.stream);
	for (int i = 0; i < 30 && !f->server.is_closed; i++)
		loop_step(f->loop, 10);
	assert_false(f->server.is_closed);
	f->server.n_consume = 0;
	end_send(&f->client, "ha");
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_MESSAGE_TIMEOUT);
}

static void idle(void **state)
{
	struct fixture *f = *state;

	f->limits.idle_ms = 50;
	net_pair(f);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_IDLE);
}

static void unread(void **state)
{
	struct fixture *f = *state;
	char *block = mem_realloc(NULL, MEGABYTE + 1);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(block, 'a', MEGABYTE);
	block[MEGABYTE] = '\0';
	f->limits.unread_ms = 100;
	net_listen(f, "127.0.0.1:0");
	assert_int_equal(connect(fd, &f->address.any, address_length(&f->address)), 0);
	while (!f->server.stream)
		loop_step(f->loop, 10);
	for (int i = 0; i < 7; i++)
		end_send(&f->server, block);
	assert_true(net_run_until(f, &f->server.is_closed));
	assert_int_equal(f->server.reason, STREAM_UNREAD);
	close(fd);
	free(block);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, net_set_up, net_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(both_ways),
		TEST(ended_before_it_is_open),
		TEST(ipv6),
		TEST(kept_bytes),
		TEST(long_kept_bytes),
		TEST(too_much_kept),
		TEST(refused),
		TEST(backpressure),
		TEST(too_much_unsent),
		TEST(last_words_are_read),
		TEST(lingering_ends),
		TEST(ending_before_it_is_open),
		TEST(reset_by_the_peer),
		TEST(half_closed),
		TEST(no_message_in_time),
		TEST(half_a_message),
		TEST(idle),
		TEST(unread),
	};

	return cmocka_run_group_tests_name("net_stream", tests, NULL, NULL);
}
