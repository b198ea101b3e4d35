/*
 * HTTP server: parked requests and streams
 */
#include "http_fixture.h"
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"
#include "web/http/http.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(struct site *s, uint64_t id, const char *body)
{
	struct http_request *r = http_parked(s->http, id);

	assert_non_null(r);
	http_answer(r, 200, "text/plain", body, strlen(body));
	assert_null(http_parked(s->http, id));
}

static void answers_later(void **state)
{
	struct reply r;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (int i = 0; i < 3; i++) {
		site_send(&s, "GET", "/park", NULL, &r);
		RUN_UNTIL(s.loop, s.n_waiting == (size_t)i + 1);
		run_rounds(s.loop, 3);
		assert_false(r.done);
		assert_int_equal(site_metric(&s, "parked"), 1);
		answer(&s, s.waiting[i], "at last");
		assert_int_equal(site_metric(&s, "parked"), 0);
		RUN_UNTIL(s.loop, r.done);
		assert_int_equal(r.status, 200);
		assert_string_equal(r.body, "at last");
		reply_deinit(&r);
	}
	assert_int_equal(s.n_gone, 0);
	assert_int_equal(site_metric(&s, "connections"), 1);
	assert_null(http_parked(s.http, s.waiting[0]));
	assert_null(http_parked(s.http, 4711));
	site_close(&s);
}

static void idle_timeout_leaves_parked_alone(void **state)
{
	struct raw raw;
	struct site s;
	int64_t start_ms;

	(void)state;
	site_open(&s, &(struct http_config){ .idle_timeout_ms = 30 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /park HTTP/1.1\nHost: x\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	start_ms = loop_real_ms(s.loop);
	RUN_UNTIL(s.loop, loop_real_ms(s.loop) > start_ms + 100);
	answer(&s, s.waiting[0], "done");
	free(raw_expect(&raw, "HTTP/1.1 200 "));
	/* Then the connection is idle again. */
	assert_true(raw_wait_closed(&raw));
	assert_int_equal(site_metric(&s, "timeouts_total"), 1);
	raw_close(&raw);
	site_close(&s);
}

static void notices_hang_ups(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /park HTTP/1.1\nHost: x\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	raw_close(&raw);
	RUN_UNTIL(s.loop, s.n_gone == 1);
	assert_int_equal(s.last_gone, s.waiting[0]);
	assert_int_equal(site_metric(&s, "hangups_total"), 1);
	assert_int_equal(site_metric(&s, "parked"), 0);
	RUN_UNTIL(s.loop, s.n_contexts == 0 && site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	assert_string_equal(text_str(&s.after), "");
	site_close(&s);
}

/* The next request is in the socket already, and then the end of the input: the server must neither take
 * that request for a hang-up nor overlook the end. */
static void notices_hang_ups_after_input(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /park HTTP/1.1\nHost: x\n\nGET /hello HTTP/1.1\nHost: x\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	raw_sendf(&raw, "GET /hello HTTP/1.1\nHost: x\n\n");
	run_rounds(s.loop, 5);
	assert_int_equal(s.n_gone, 0);
	raw_close(&raw);
	RUN_UNTIL(s.loop, s.n_gone == 1);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "requests_total"), 1);
	site_close(&s);
}

/* The end of the input may be reported before the request that came with it is parked. */
static void notices_hang_ups_of_old_connections(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /park HTTP/1.1\nHost: x\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	answer(&s, s.waiting[0], "at last");
	free(raw_expect(&raw, "HTTP/1.1 200 "));
	raw_sendf(&raw, "GET /park HTTP/1.1\nHost: x\n\n");
	shutdown(raw.fd, SHUT_WR);
	RUN_UNTIL(s.loop, s.n_waiting == 2);
	RUN_UNTIL(s.loop, s.n_gone == 1);
	assert_int_equal(s.last_gone, s.waiting[1]);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	raw_close(&raw);
	site_close(&s);
}

static void pipelined_requests_wait(void **state)
{
	CLEANUP(mem_free_string) char *large = text_format("%020000d", 1);
	struct raw raw;
	struct site s;
	char *got;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw,
		  "GET /park HTTP/1.1\nHost: x\n\n"
		  "POST /body HTTP/1.1\nHost: x\nContent-Length: 20000\n\n%s",
		  large);
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	raw_expect_silence(&raw, 5);
	answer(&s, s.waiting[0], "first");
	got = raw_expect(&raw, "HTTP/1.1 200 ");
	assert_non_null(strstr(got, "\r\n\r\nfirst"));
	free(got);
	got = raw_expect(&raw, "HTTP/1.1 200 ");
	assert_non_null(strstr(got, large));
	free(got);
	raw_close(&raw);
	site_close(&s);
}

static void answers_one_of_many(void **state)
{
	enum { MANY = 200 };
	static struct reply replies[MANY];
	size_t n_done = 0;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ .parked_per_shard = 50 }, NULL);
	for (size_t i = 0; i < MANY; i++)
		site_send(&s, "POST", "/park", "x", &replies[i]);
	RUN_UNTIL(s.loop, s.n_waiting == MANY);
	assert_int_equal(site_metric(&s, "parked"), MANY);
	answer(&s, s.waiting[77], "you");
	RUN_UNTIL(s.loop, site_metric(&s, "parked") == MANY - 1);
	for (int rounds = 0; rounds < 5; rounds++)
		loop_step(s.loop, 1);
	for (size_t i = 0; i < MANY; i++)
		n_done += replies[i].done;
	assert_int_equal(n_done, 1);
	/* All the others in one round. */
	for (size_t i = 0; i < MANY; i++) {
		if (i != 77)
			answer(&s, s.waiting[i], "all");
	}
	for (size_t i = 0; i < MANY; i++) {
		RUN_UNTIL(s.loop, replies[i].done);
		assert_int_equal(replies[i].status, 200);
		reply_deinit(&replies[i]);
	}
	site_close(&s);
}

static void ends_all_when_freed(void **state)
{
	struct raw parked[3], stream;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ .parked_per_shard = 1 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(parked); i++) {
		raw_tcp(&parked[i], s.loop, http_listen(s.http));
		raw_sendf(&parked[i], "GET /park HTTP/1.1\nHost: x\n\n"
				      "GET /park HTTP/1.1\nHost: x\n\n");
	}
	raw_tcp(&stream, s.loop, http_listen(s.http));
	raw_sendf(&stream, "GET /stream HTTP/1.1\nHost: x\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 4);
	s.closed = true;
	s.http = http_free(s.http);
	assert_int_equal(s.n_gone, 4);
	assert_int_equal(s.n_contexts, 0);
	for (size_t i = 0; i < ARRAY_SIZE(parked); i++) {
		free(raw_expect(&parked[i], "HTTP/1.1 503 "));
		raw_close(&parked[i]);
	}
	assert_true(raw_wait_closed(&stream));
	assert_non_null(strstr(text_str(&stream.in), "\r\n\r\n0\r\n\r\n"));
	raw_close(&stream);
	site_close(&s);
}

/* ---- streams ---- */

static void expect_chunk(struct raw *raw, const char *chunk)
{
	int64_t until_ms = loop_real_ms(raw->loop) + 5000;
	char buf[4096];

	while (!strstr(text_str(&raw->in), chunk)) {
		ssize_t n = recv(raw->fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n > 0)
			text_add_bytes(&raw->in, buf, (size_t)n);
		else if (loop_real_ms(raw->loop) > until_ms)
			fail_msg("wanted \"%s\", got \"%s\"", chunk, text_str(&raw->in));
		loop_step(raw->loop, 1);
	}
	text_reset(&raw->in);
}

static void streams(void **state)
{
	struct raw raw;
	struct site s;
	uint64_t id;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /stream HTTP/1.1\nHost: x\n\n");
	expect_chunk(&raw, "\r\nTransfer-Encoding: chunked\r\n\r\n");
	id = s.waiting[0];
	assert_int_equal(site_metric(&s, "streams"), 1);
	assert_null(http_parked(s.http, id));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(http_stream_write(s.http, id, "{}\n", 3), 0);
		expect_chunk(&raw, "3\r\n{}\n\r\n");
	}
	http_stream_write(s.http, id, "a\n", 2);
	http_stream_write(s.http, id, "b\n", 2);
	http_stream_end(s.http, id);
	assert_int_equal(site_metric(&s, "streams"), 0);
	assert_int_equal(http_stream_write(s.http, id, "c\n", 2), -EPIPE);
	http_stream_end(s.http, id);
	expect_chunk(&raw, "4\r\na\nb\n\r\n0\r\n\r\n");
	raw_sendf(&raw, "GET /hello HTTP/1.1\nHost: x\n\n");
	expect_chunk(&raw, "hello");
	assert_int_equal(s.n_gone, 0);
	assert_string_equal(text_str(&s.after), "GET /stream 200;GET /hello 200;");
	raw_close(&raw);
	site_close(&s);
}

static void streams_from_parked(void **state)
{
	struct http_request *r;
	struct raw raw;
	struct site s;
	uint64_t id;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /park HTTP/1.0\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	r = http_parked(s.http, s.waiting[0]);
	id = http_stream(r, 200, "text/plain", NULL, NULL);
	assert_int_not_equal(id, 0);
	assert_int_equal(site_metric(&s, "parked"), 0);
	assert_int_equal(site_metric(&s, "streams"), 1);
	http_stream_write(s.http, id, "once", 4);
	expect_chunk(&raw, "\r\n\r\nonce");
	http_stream_write(s.http, id, "more", 4);
	expect_chunk(&raw, "more");
	http_stream_end(s.http, id);
	/* In HTTP/1.0 only the end of the connection ends the stream. */
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	site_close(&s);
}

static void streams_notice_hang_ups(void **state)
{
	struct reply r;
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /stream HTTP/1.1\nHost: x\n\n");
	expect_chunk(&raw, "chunked\r\n\r\n");
	http_stream_write(s.http, s.waiting[0], "{}\n", 3);
	expect_chunk(&raw, "{}\n");
	raw_close(&raw);
	RUN_UNTIL(s.loop, s.n_gone == 1);
	assert_int_equal(http_stream_write(s.http, s.waiting[0], "{}\n", 3), -EPIPE);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_string_equal(text_str(&s.after), "GET /stream 200;");
	/* The answer to HEAD is complete at once. */
	site_get(&s, "HEAD", "/stream", NULL, &r);
	assert_int_equal(r.status, 200);
	reply_deinit(&r);
	RUN_UNTIL(s.loop, s.n_gone == 2);
	assert_int_equal(site_metric(&s, "streams"), 0);
	site_close(&s);
}

static void streams_drop_slow_readers(void **state)
{
	CLEANUP(mem_free_string) char *block = text_format("%010000d", 1);
	const struct http_config config = { .max_stream_bytes = 50000 };
	struct raw slow, other;
	struct site s;
	int err = 0;

	(void)state;
	site_open(&s, &config, NULL);
	raw_tcp(&slow, s.loop, http_listen(s.http));
	raw_sendf(&slow, "GET /stream HTTP/1.1\nHost: x\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	for (int i = 0; i < 10000 && !err; i++) {
		loop_step(s.loop, 0);
		err = http_stream_write(s.http, s.waiting[0], block, 10000);
	}
	assert_int_equal(err, -ENOBUFS);
	assert_int_equal(site_metric(&s, "slow_readers_total"), 1);
	assert_int_equal(http_stream_write(s.http, s.waiting[0], block, 10000), -EPIPE);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	/* The return value has reported it, so on_gone is not called. */
	assert_int_equal(s.n_gone, 0);
	assert_int_equal(s.n_contexts, 0);

	/* Too much, before anything could be sent. */
	raw_tcp(&other, s.loop, http_listen(s.http));
	raw_sendf(&other, "GET /stream HTTP/1.1\nHost: x\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 2);
	for (err = 0; !err;)
		err = http_stream_write(s.http, s.waiting[1], block, 10000);
	assert_int_equal(err, -ENOBUFS);
	assert_true(raw_wait_closed(&other));
	raw_close(&slow);
	raw_close(&other);
	site_close(&s);
}

/* With a window, as used by a sender that knows how much the other side has read. */
static void streams_much(void **state)
{
	enum { BLOCKS = 300, BLOCK = 9973, WINDOW = 200000 };
	CLEANUP(mem_free_string) char *block = mem_zalloc(BLOCK + 1);
	size_t n_sent = 0, n_got = 0;
	char buf[65536];
	struct raw raw;
	struct site s;

	(void)state;
	memset(block, '*', BLOCK);
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /stream HTTP/1.1\nHost: x\nConnection: close\n\n");
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	for (int rounds = 0; n_got < (size_t)BLOCKS * BLOCK; rounds++) {
		ssize_t n = recv(raw.fd, buf, sizeof(buf), MSG_DONTWAIT);

		for (ssize_t i = 0; i < n; i++)
			n_got += buf[i] == '*';
		if (n_sent < BLOCKS && n_sent * BLOCK < n_got + WINDOW) {
			assert_int_equal(http_stream_write(s.http, s.waiting[0], block, BLOCK), 0);
			n_sent++;
		}
		loop_step(s.loop, 0);
		assert_true(rounds < 1000000);
	}
	http_stream_end(s.http, s.waiting[0]);
	assert_true(raw_wait_closed(&raw));
	assert_int_equal(n_got, (size_t)BLOCKS * BLOCK);
	raw_close(&raw);
	site_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_later),
		cmocka_unit_test(idle_timeout_leaves_parked_alone),
		cmocka_unit_test(notices_hang_ups),
		cmocka_unit_test(notices_hang_ups_after_input),
		cmocka_unit_test(notices_hang_ups_of_old_connections),
		cmocka_unit_test(pipelined_requests_wait),
		cmocka_unit_test(answers_one_of_many),
		cmocka_unit_test(ends_all_when_freed),
		cmocka_unit_test(streams),
		cmocka_unit_test(streams_from_parked),
		cmocka_unit_test(streams_notice_hang_ups),
		cmocka_unit_test(streams_drop_slow_readers),
		cmocka_unit_test(streams_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
