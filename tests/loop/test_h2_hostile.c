/*
 * HTTP/2: what hostile clients do. After each of them the server serves.
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/h2_fixture.h"
#include "tests/loop/raw.h"
#include "web/http/h2/server.h"

#include <sys/socket.h>

static int64_t count_of(const struct metric *m)
{
	return m->value;
}

/* As many frames as it takes until the server ends the connection. */
static void flood(struct h2_fixture *f, const struct text *once, int times)
{
	for (int i = 0; i < times && !f->client.closed; i++) {
		raw_send(&f->client, once->data, once->n);
		if (i % 50 == 0) {
			loop_step(f->loop, 0);
			raw_poll(&f->client);
		}
	}
}

static void test_rapid_reset(void **state)
{
	struct h2_fixture *f = *state;

	h2_start(f);
	h2_connect(f);
	for (unsigned stream = 1; stream < 400; stream += 2) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT, fields = TEXT_INIT;

		add_request(&fields, "POST", "/");
		add_frame(&t, FRAME_HEADERS, END_HEADERS, stream, fields.data, fields.n);
		add_frame(&t, FRAME_RST_STREAM, 0, stream, "\0\0\0\10", 4);
		raw_send(&f->client, t.data, t.n);
		loop_step(f->loop, 1);
	}
	expect_code(f, FRAME_GOAWAY, 0);
	assert_true(raw_wait_closed(&f->client));
	assert_true(count_of(&h2_server_metrics(f->server)->resets_total) < 100);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->floods_total), 1);
	expect_alive(f);
}

static void flood_with(struct h2_fixture *f, enum h2_frame_type type, uint8_t flags,
		       unsigned stream, const void *payload, size_t n)
{
	CLEANUP(text_deinit) struct text frame = TEXT_INIT;
	int64_t before = count_of(&h2_server_metrics(f->server)->floods_total);

	add_frame(&frame, type, flags, stream, payload, n);
	flood(f, &frame, 2000);
	assert_true(raw_wait_closed(&f->client));
	assert_int_equal(count_of(&h2_server_metrics(f->server)->floods_total), before + 1);
	expect_alive(f);
}

static void test_floods(void **state)
{
	struct h2_fixture *f = *state;

	h2_start(f);
	h2_connect(f);
	flood_with(f, FRAME_PING, 0, 0, "12345678", 8);
	h2_reconnect(f);
	flood_with(f, FRAME_SETTINGS, 0, 0, NULL, 0);
	h2_reconnect(f);
	flood_with(f, FRAME_PRIORITY, 0, 5, "\0\0\0\0\1", 5);
	h2_reconnect(f);
	flood_with(f, FRAME_WINDOW_UPDATE, 0, 0, "\0\0\0\1", 4);
	h2_reconnect(f);
	flood_with(f, (enum h2_frame_type)0x50, 0, 1, "x", 1);
	h2_reconnect(f);
	send_request(f, 1, 0);
	flood_with(f, FRAME_DATA, 0, 1, NULL, 0);
	h2_reconnect(f);
	send_request(f, 1, 0);
	flood_with(f, FRAME_DATA, PADDED, 1, "\0", 1);
}

static void test_large_settings(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(text_deinit) struct text entries = TEXT_INIT;

	for (int i = 0; i < 100; i++)
		text_add_bytes(&entries, "\0\3\0\0\0\144", 6);
	h2_start(f);
	h2_connect(f);
	send_frame(f, FRAME_SETTINGS, 0, 0, entries.data, entries.n);
	assert_int_equal(expect_code(f, FRAME_GOAWAY, 0), ENHANCE_YOUR_CALM);
	assert_true(raw_wait_closed(&f->client));
	expect_alive(f);
}

/* Each field is small enough, all of them together are not. */
static void test_large_header_list(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	char value[1001];

	memset(value, 'x', 1000);
	value[1000] = '\0';
	h2_start(f);
	h2_connect(f);
	add_request(&t, "POST", "/");
	for (int i = 0; i < 9; i++)
		add_field(&t, "x-more", value);
	send_frame(f, FRAME_HEADERS, END_HEADERS | END_STREAM, 1, t.data, t.n);
	assert_int_equal(expect_code(f, FRAME_RST_STREAM, 1), INTERNAL_ERROR);
	assert_int_equal(f->n_requests, 0);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->large_headers_total), 1);
	/* Its connection goes on. */
	send_request(f, 3, END_STREAM);
	expect_answer(f, 3);
}

/* A field of 3,900 bytes is put into the table once, and then named by one byte each time. */
static void test_hpack_bomb(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(text_deinit) struct text t = TEXT_INIT, field = TEXT_INIT;
	char value[3901];

	memset(value, 'x', 3900);
	value[3900] = '\0';
	h2_start(f);
	h2_connect(f);
	add_request(&t, "POST", "/");
	add_field(&field, "x-bomb", value);
	field.data[0] = 0x40; /* with incremental indexing (RFC 7541, 6.2.1) */
	text_add_bytes(&t, field.data, field.n);
	for (int i = 0; i < 10000; i++)
		text_add_bytes(&t, "\xBE", 1); /* index 62, the first of the dynamic table */
	send_frame(f, FRAME_HEADERS, END_HEADERS | END_STREAM, 1, t.data, t.n);
	assert_int_equal(expect_code(f, FRAME_RST_STREAM, 1), INTERNAL_ERROR);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->large_headers_total), 1);
	assert_int_equal(f->n_requests, 0);
	expect_alive(f);
}

static void test_continuations(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(text_deinit) struct text t = TEXT_INIT, frame = TEXT_INIT;

	h2_start(f);
	h2_connect(f);
	add_request(&t, "POST", "/");
	send_frame(f, FRAME_HEADERS, 0, 1, t.data, t.n);
	add_frame(&frame, FRAME_CONTINUATION, 0, 1, NULL, 0);
	flood(f, &frame, 2000);
	assert_true(raw_wait_closed(&f->client));
	assert_int_equal(count_of(&h2_server_metrics(f->server)->floods_total), 1);
	expect_alive(f);
}

static void test_too_many_streams(void **state)
{
	struct h2_fixture *f = *state;

	h2_start(f);
	h2_connect(f);
	for (unsigned i = 0; i <= 10; i++)
		send_request(f, 2 * i + 1, 0);
	assert_int_equal(expect_code(f, FRAME_RST_STREAM, 21), REFUSED_STREAM);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->refused_streams_total), 1);
	/* One of the ten is finished, and makes room. */
	send_frame(f, FRAME_DATA, END_STREAM, 1, "x", 1);
	expect_answer(f, 1);
	send_request(f, 23, END_STREAM);
	expect_answer(f, 23);
}

/* It opens its windows wide, asks and asks, and reads none of the answers. */
static void test_unread(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	CLEANUP(mem_free_string) char *answer = mem_zalloc(60001);
	const struct h2_metrics *metrics;
	int64_t end;

	memset(answer, 'x', 60000);
	f->answer = answer;
	f->config.unread_timeout_ms = 200;
	h2_start(f);
	metrics = h2_server_metrics(f->server);
	h2_connect(f);
	send_frame(f, FRAME_SETTINGS, 0, 0, "\0\4\x7F\xFF\xFF\xFF", 6);
	send_frame(f, FRAME_WINDOW_UPDATE, 0, 0, "\x7F\xFF\0\0", 4);
	end = loop_real_ms(f->loop) + 5000;
	for (unsigned stream = 1; !metrics->unread_total.value && loop_real_ms(f->loop) < end;
	     stream += 2) {
		CLEANUP(text_deinit) struct text fields = TEXT_INIT;

		text_reset(&t);
		add_request(&fields, "GET", "/");
		add_frame(&t, FRAME_HEADERS, END_HEADERS | END_STREAM, stream, fields.data,
			  fields.n);
		/* What the server does not read any more stays here: this never blocks. */
		if (send(f->client.fd, t.data, t.n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			stream -= 2;
		loop_step(f->loop, 1);
	}
	assert_int_equal(metrics->unread_total.value, 1);
	assert_int_equal(metrics->connections.value, 0);
	f->answer = NULL;
	expect_alive(f);
}

static void test_garbage(void **state)
{
	struct h2_fixture *f = *state;

	h2_start(f);
	raw_tcp(&f->client, f->loop, h2_server_listen(f->server));
	raw_sendf(&f->client, "GET / HTTP/1.1\nHost: lab.test\n\n");
	assert_true(raw_wait_closed(&f->client));
	assert_int_equal(strncmp(text_str(&f->client.in), "HTTP/1.1 505 ", 13), 0);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->malformed_total), 1);
	h2_reconnect(f);
	raw_send(&f->client, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12);
	assert_true(raw_wait_closed(&f->client));
	assert_int_equal(count_of(&h2_server_metrics(f->server)->malformed_total), 2);
	expect_alive(f);
}

/* Requests that break the rules of HTTP are reset, and no handler sees them (RFC 9113, 8.1.1). */
static void test_malformed_requests(void **state)
{
	static const struct {
		const char *name, *value;
	} fields[] = {
		{ "Upper", "case" },       { "x-value", "a\r\nb: c" },         { "x-na\nme", "a" },
		{ "content-length", "7" }, { "content-length", "-1" },         { ":status", "200" },
		{ "connection", "close" }, { "transfer-encoding", "chunked" }, { "te", "gzip" },
	};
	struct h2_fixture *f = *state;
	unsigned stream = 1;

	h2_start(f);
	h2_connect(f);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++, stream += 2) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;

		add_request(&t, "POST", "/");
		add_field(&t, fields[i].name, fields[i].value);
		send_frame(f, FRAME_HEADERS, END_HEADERS | END_STREAM, stream, t.data, t.n);
		assert_int_equal(expect_code(f, FRAME_RST_STREAM, stream), PROTOCOL_ERROR);
		assert_int_equal(count_of(&h2_server_metrics(f->server)->bad_requests_total),
				 i + 1);
	}
	assert_int_equal(f->n_requests, 0);
	send_request(f, stream, END_STREAM);
	expect_answer(f, stream);
}

static void test_malformed_heads(void **state)
{
	static const char *const without[] = { ":method", ":scheme", ":path" };
	struct h2_fixture *f = *state;
	unsigned stream = 1;

	h2_start(f);
	h2_connect(f);
	for (size_t i = 0; i < ARRAY_SIZE(without); i++, stream += 2) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;

		for (size_t j = 0; j < ARRAY_SIZE(without); j++)
			if (i != j)
				add_field(&t, without[j], j == 0 ? "POST" : j == 1 ? "http" : "/");
		send_frame(f, FRAME_HEADERS, END_HEADERS | END_STREAM, stream, t.data, t.n);
		assert_int_equal(expect_code(f, FRAME_RST_STREAM, stream), PROTOCOL_ERROR);
	}
	for (size_t i = 0; i < ARRAY_SIZE(without); i++, stream += 2) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;

		add_request(&t, "POST", "/");
		add_field(&t, without[i], "/"); /* twice, and behind the others */
		send_frame(f, FRAME_HEADERS, END_HEADERS | END_STREAM, stream, t.data, t.n);
		assert_int_equal(expect_code(f, FRAME_RST_STREAM, stream), PROTOCOL_ERROR);
	}
	assert_int_equal(f->n_requests, 0);
	/* A body that is shorter than its length. */
	send_request(f, stream, 0);
	send_frame(f, FRAME_DATA, END_STREAM, stream, "x", 1);
	expect_answer(f, stream);
}

/* Frames where they must not be end the connection (RFC 9113, 5.1 and 6). */
static void test_misplaced_frames(void **state)
{
	static const struct {
		enum h2_frame_type type;
		unsigned stream;
		const char *payload;
		size_t n;
	} frames[] = {
		{ FRAME_DATA, 0, "x", 1 },
		{ FRAME_DATA, 7, "x", 1 },
		{ FRAME_HEADERS, 0, "", 0 },
		{ FRAME_HEADERS, 2, "", 0 },
		{ FRAME_RST_STREAM, 9, "\0\0\0\0", 4 },
		{ FRAME_SETTINGS, 1, "", 0 },
		{ FRAME_SETTINGS, 0, "x", 1 },
		{ FRAME_PING, 0, "x", 1 },
		{ FRAME_PING, 1, "12345678", 8 },
		{ FRAME_PUSH_PROMISE, 1, "\0\0\0\2", 4 },
		{ FRAME_WINDOW_UPDATE, 0, "\0\0\0\0", 4 },
		{ FRAME_CONTINUATION, 1, "", 0 },
		{ FRAME_GOAWAY, 1, "\0\0\0\0\0\0\0\0", 8 },
	};
	struct h2_fixture *f = *state;

	h2_start(f);
	h2_connect(f);
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		send_frame(f, frames[i].type, END_HEADERS, frames[i].stream, frames[i].payload,
			   frames[i].n);
		assert_true(raw_wait_closed(&f->client));
		assert_int_equal(count_of(&h2_server_metrics(f->server)->malformed_total), i + 1);
		h2_reconnect(f);
	}
	assert_int_equal(f->n_requests, 0);
	expect_alive(f);
}

/* A body without end: it is answered and reset at once, what still comes is dropped, and other requests go on. */
static void test_endless_body(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(mem_free_string) char *bytes = mem_zalloc(16384);

	h2_start(f);
	h2_connect(f);
	send_request(f, 1, 0);
	/* The server opens its windows as it takes the bytes in, until it has had enough. */
	for (int i = 0; i < 18; i++) {
		send_frame(f, FRAME_DATA, 0, 1, bytes, 16384);
		run_rounds(f->loop, 3);
	}
	expect_answer(f, 1);
	assert_int_equal(expect_code(f, FRAME_RST_STREAM, 1), NO_ERROR);
	assert_true(f->was_cut);
	assert_true(f->body.n <= 4096);
	for (unsigned stream = 3; stream < 33; stream += 2) {
		send_frame(f, FRAME_DATA, 0, 1, bytes, 4096);
		send_request(f, stream, END_STREAM);
		expect_answer(f, stream);
	}
	assert_int_equal(f->n_requests, 16);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->large_bodies_total), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, h2_set_up, h2_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rapid_reset),      TEST(test_floods),
		TEST(test_large_settings),   TEST(test_large_header_list),
		TEST(test_hpack_bomb),       TEST(test_continuations),
		TEST(test_too_many_streams), TEST(test_unread),
		TEST(test_garbage),          TEST(test_malformed_requests),
		TEST(test_malformed_heads),  TEST(test_misplaced_frames),
		TEST(test_endless_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
