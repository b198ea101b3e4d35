/*
 * HTTP/2: frames that are not as they have to be, and what RFC 9113 says becomes of them
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/h2_fixture.h"
#include "tests/loop/raw.h"
#include "web/http/h2/server.h"

enum { MAX_FRAMES = 4, UNKNOWN = 0x50 };

/* A frame that the client sends. */
struct sent {
	unsigned type, flags, stream;
	const char *payload; /* NULL with n 0: the head of a request, if the frame is HEADERS */
	size_t n;
};

#define REQUEST(stream)                                                                            \
	{                                                                                          \
		FRAME_HEADERS, END_HEADERS | END_STREAM, stream, NULL, 0                           \
	}
#define REQUEST_BEGUN(stream)                                                                      \
	{                                                                                          \
		FRAME_HEADERS, END_HEADERS, stream, NULL, 0                                        \
	}
#define NO_FRAME                                                                                   \
	{                                                                                          \
		0, 0, 0, NULL, 0                                                                   \
	}

struct row {
	const char *section;
	struct sent sent[MAX_FRAMES];
	enum h2_frame_type answer;
	unsigned stream, code;
};

static void send_one(struct h2_fixture *f, const struct sent *s)
{
	CLEANUP(text_deinit) struct text head = TEXT_INIT;

	if (!s->payload && s->type == FRAME_HEADERS) {
		add_request(&head, "POST", "/");
		send_frame(f, FRAME_HEADERS, s->flags, s->stream, head.data, head.n);
	} else {
		send_frame(f, (enum h2_frame_type)s->type, s->flags, s->stream, s->payload, s->n);
	}
}

/* Each frame is read before the next one is sent. */
static void play(struct h2_fixture *f, const struct row *row)
{
	h2_reconnect(f);
	for (size_t i = 0; i < MAX_FRAMES && (row->sent[i].stream || row->sent[i].n); i++) {
		send_one(f, &row->sent[i]);
		run_rounds(f->loop, 3);
	}
}

static void check(struct h2_fixture *f, const struct row *row)
{
	unsigned code = expect_code(f, row->answer, row->stream);

	if (code != row->code)
		fail_msg("%s: the code is %u, not %u", row->section, code, row->code);
	if (row->answer == FRAME_GOAWAY && !raw_wait_closed(&f->client))
		fail_msg("%s: the connection goes on", row->section);
}

static void play_all(struct h2_fixture *f, const struct row *rows, size_t n)
{
	h2_start(f);
	h2_connect(f);
	for (size_t i = 0; i < n; i++) {
		play(f, &rows[i]);
		check(f, &rows[i]);
	}
	expect_alive(f);
}

#define FATAL(code)         FRAME_GOAWAY, 0, code
#define RESET(stream, code) FRAME_RST_STREAM, stream, code

/* Numbers of streams, and what may come on one that is closed. */
static void test_streams(void **state)
{
	static const struct row rows[] = {
		{ "5.1 idle: RST_STREAM",
		  { { FRAME_RST_STREAM, 0, 1, "\0\0\0\10", 4 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "5.1 idle: WINDOW_UPDATE",
		  { { FRAME_WINDOW_UPDATE, 0, 1, "\0\0\0\1", 4 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "5.1 idle: DATA", { { FRAME_DATA, 0, 1, "x", 1 } }, FATAL(PROTOCOL_ERROR) },
		{ "5.1 half closed: HEADERS", { REQUEST(1), REQUEST(1) }, FATAL(STREAM_CLOSED) },
		{ "5.1 closed: DATA",
		  { REQUEST(1), { FRAME_DATA, END_STREAM, 1, "x", 1 } },
		  FATAL(STREAM_CLOSED) },
		{ "5.1 closed: HEADERS, later ones since",
		  { REQUEST(1), REQUEST(3), REQUEST(1) },
		  FATAL(STREAM_CLOSED) },
		{ "5.1 closed by the client: DATA",
		  { REQUEST_BEGUN(1),
		    { FRAME_RST_STREAM, 0, 1, "\0\0\0\10", 4 },
		    { FRAME_DATA, 0, 1, "x", 1 } },
		  FATAL(STREAM_CLOSED) },
		{ "5.1 closed by the client: HEADERS",
		  { REQUEST_BEGUN(1), { FRAME_RST_STREAM, 0, 1, "\0\0\0\10", 4 }, REQUEST(1) },
		  FATAL(STREAM_CLOSED) },
		{ "5.1.1 even", { REQUEST(2) }, FATAL(PROTOCOL_ERROR) },
		{ "5.1.1 left out: HEADERS", { REQUEST(3), REQUEST(1) }, FATAL(PROTOCOL_ERROR) },
		{ "5.1.1 left out: DATA",
		  { REQUEST(7), { FRAME_DATA, 0, 5, "x", 1 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "5.1.1 left out, others reset since",
		  { REQUEST(9),
		    { FRAME_HEADERS, END_HEADERS | END_STREAM, 11, "\0\1A\1x", 5 },
		    REQUEST(5) },
		  FATAL(PROTOCOL_ERROR) },
		{ "5.3.1 HEADERS depend on themselves",
		  { { FRAME_HEADERS, END_HEADERS | END_STREAM | PRIORITY, 1, "\0\0\0\1\0\x82",
		      6 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "5.3.1 PRIORITY depends on itself",
		  { { FRAME_PRIORITY, 0, 1, "\0\0\0\1\0", 5 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "8.1 HEADERS again, without the end",
		  { REQUEST_BEGUN(1), REQUEST_BEGUN(1) },
		  RESET(1, PROTOCOL_ERROR) },
	};

	play_all(*state, rows, ARRAY_SIZE(rows));
}

/* Sizes, padding, and where the parts of a head stand. */
static void test_shapes(void **state)
{
	static const struct row rows[] = {
		{ "4.3 not HPACK",
		  { { FRAME_HEADERS, END_HEADERS | END_STREAM, 1, "\xFF\xFF", 2 } },
		  FATAL(COMPRESSION_ERROR) },
		{ "5.5 unknown inside a head",
		  { { FRAME_HEADERS, 0, 1, NULL, 0 }, { UNKNOWN, 0, 1, "x", 1 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.1 padding as long as the rest",
		  { REQUEST_BEGUN(1), { FRAME_DATA, PADDED, 1, "\5x", 2 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.2 other stream inside a head",
		  { { FRAME_HEADERS, 0, 1, NULL, 0 }, REQUEST(3) },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.2 PRIORITY inside a head",
		  { { FRAME_HEADERS, 0, 1, NULL, 0 }, { FRAME_PRIORITY, 0, 1, "\0\0\0\0\0", 5 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.2 padding",
		  { { FRAME_HEADERS, END_HEADERS | PADDED, 1, "\7\x82", 2 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.3 stream 0",
		  { { FRAME_PRIORITY, 0, 0, "\0\0\0\1\0", 5 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.3 length",
		  { { FRAME_PRIORITY, 0, 1, "\0\0\0\0", 4 } },
		  FATAL(FRAME_SIZE_ERROR) },
		{ "6.4 stream 0",
		  { { FRAME_RST_STREAM, 0, 0, "\0\0\0\10", 4 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.4 length",
		  { REQUEST_BEGUN(1), { FRAME_RST_STREAM, 0, 1, "\0\0\10", 3 } },
		  FATAL(FRAME_SIZE_ERROR) },
		{ "6.5 ACK with settings",
		  { { FRAME_SETTINGS, ACK, 0, "\0\3\0\0\0\1", 6 } },
		  FATAL(FRAME_SIZE_ERROR) },
		{ "6.5 length",
		  { { FRAME_SETTINGS, 0, 0, "\0\3\0", 3 } },
		  FATAL(FRAME_SIZE_ERROR) },
		{ "6.7 length", { { FRAME_PING, 0, 0, "123456", 6 } }, FATAL(FRAME_SIZE_ERROR) },
		{ "6.9 length",
		  { { FRAME_WINDOW_UPDATE, 0, 0, "\0\0\1", 3 } },
		  FATAL(FRAME_SIZE_ERROR) },
		{ "6.10 behind the end",
		  { REQUEST_BEGUN(1), { FRAME_CONTINUATION, END_HEADERS, 1, "\x82", 1 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.10 stream 0",
		  { { FRAME_HEADERS, 0, 1, NULL, 0 }, { FRAME_CONTINUATION, 0, 0, "\x82", 1 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "8.2 PUSH_PROMISE",
		  { REQUEST_BEGUN(1), { FRAME_PUSH_PROMISE, END_HEADERS, 1, "\0\0\0\2\x82", 5 } },
		  FATAL(PROTOCOL_ERROR) },
	};

	play_all(*state, rows, ARRAY_SIZE(rows));
}

/* Values that are out of range, and windows. */
static void test_values(void **state)
{
	static const struct row rows[] = {
		{ "6.5.2 ENABLE_PUSH",
		  { { FRAME_SETTINGS, 0, 0, "\0\2\0\0\0\2", 6 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.5.2 INITIAL_WINDOW_SIZE",
		  { { FRAME_SETTINGS, 0, 0, "\0\4\x80\0\0\0", 6 } },
		  FATAL(FLOW_CONTROL_ERROR) },
		{ "6.5.2 MAX_FRAME_SIZE, small",
		  { { FRAME_SETTINGS, 0, 0, "\0\5\0\0\x3F\xFF", 6 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.5.2 MAX_FRAME_SIZE, large",
		  { { FRAME_SETTINGS, 0, 0, "\0\5\1\0\0\0", 6 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.9 0 for a stream",
		  { REQUEST_BEGUN(1), { FRAME_WINDOW_UPDATE, 0, 1, "\0\0\0\0", 4 } },
		  FATAL(PROTOCOL_ERROR) },
		{ "6.9.1 beyond 2^31-1",
		  { { FRAME_WINDOW_UPDATE, 0, 0, "\x7F\xFF\xFF\xFF", 4 } },
		  FATAL(FLOW_CONTROL_ERROR) },
		{ "6.9.1 beyond 2^31-1 for a stream",
		  { REQUEST_BEGUN(1), { FRAME_WINDOW_UPDATE, 0, 1, "\x7F\xFF\xFF\xFF", 4 } },
		  RESET(1, FLOW_CONTROL_ERROR) },
	};

	play_all(*state, rows, ARRAY_SIZE(rows));
}

static void test_longest_frames(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(mem_free_string) char *bytes = mem_zalloc(16386);

	f->config.max_body_bytes = 100000;
	h2_start(f);
	h2_connect(f);
	send_request(f, 1, 0);
	send_frame(f, FRAME_DATA, END_STREAM, 1, bytes, 16384);
	expect_answer(f, 1);
	assert_int_equal(f->body.n, 16384);
	send_request(f, 3, 0);
	send_frame(f, FRAME_DATA, END_STREAM, 3, bytes, 16385);
	assert_int_equal(expect_code(f, FRAME_GOAWAY, 0), FRAME_SIZE_ERROR);
	h2_reconnect(f);
	send_frame(f, FRAME_HEADERS, END_HEADERS, 1, bytes, 16385);
	assert_int_equal(expect_code(f, FRAME_GOAWAY, 0), FRAME_SIZE_ERROR);
	expect_alive(f);
}

/* What has to be ignored: unknown types, flags, settings and error codes, the reserved bit, the answer to a PING that was not sent. */
static void test_ignored(void **state)
{
	struct h2_fixture *f = *state;
	struct frame pong;

	h2_start(f);
	h2_connect(f);
	send_frame(f, (enum h2_frame_type)UNKNOWN, 0xFF, 0, "whatever", 8);
	send_frame(f, (enum h2_frame_type)UNKNOWN, 0xFF, 7, NULL, 0);
	send_frame(f, FRAME_SETTINGS, 0, 0, "\0\x50\0\0\0\1", 6);
	send_frame(f, FRAME_SETTINGS, 0, 0, "\0\3\0\0\0\1\0\3\0\0\0\2", 12);
	send_frame(f, FRAME_PING, ACK, 0, "unasked.", 8);
	send_frame(f, FRAME_PING, 0x16, 0x80000000, "question", 8);
	assert_true(next_frame(f, FRAME_PING, &pong));
	assert_int_equal(pong.flags, ACK);
	assert_memory_equal(text_str(&pong.payload), "question", 8);
	frame_deinit(&pong);
	send_request(f, 1, 0);
	send_frame(f, FRAME_RST_STREAM, 0, 1, "\0\0\0\x50", 4);
	/* Between two requests, and in pieces. */
	send_frame(f, (enum h2_frame_type)UNKNOWN, 0, 1, "x", 1);
	send_request(f, 3, END_STREAM);
	expect_answer(f, 3);
	assert_int_equal(h2_server_metrics(f->server)->unknown_frames_total.value, 3);
	assert_int_equal(h2_server_metrics(f->server)->malformed_total.value, 0);
	send_frame(f, FRAME_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\x50", 8);
	assert_true(raw_wait_closed(&f->client));
}

/* What was under way when we reset a stream may still come. */
static void test_late_frames(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(text_deinit) struct text bad = TEXT_INIT;

	f->config.max_streams = 1;
	h2_start(f);
	h2_connect(f);
	add_request(&bad, "POST", "/");
	add_field(&bad, "Upper", "case");
	send_frame(f, FRAME_HEADERS, END_HEADERS, 1, bad.data, bad.n);
	assert_int_equal(expect_code(f, FRAME_RST_STREAM, 1), PROTOCOL_ERROR);
	send_request(f, 3, 0);
	send_request(f, 5, 0);
	/* In one piece, so that the refusal was not sent when they come. */
	send_frame(f, FRAME_DATA, END_STREAM, 5, "x", 1);
	send_frame(f, FRAME_RST_STREAM, 0, 3, "\0\0\0\10", 4);
	send_request(f, 7, END_STREAM);
	send_frame(f, FRAME_DATA, END_STREAM, 1, "x", 1);
	send_frame(f, FRAME_DATA, END_STREAM, 5, "x", 1);
	expect_answer(f, 7);
	assert_int_equal(h2_server_metrics(f->server)->malformed_total.value, 0);
}

/* Frames that arrive a byte at a time. */
static void test_trickle(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(text_deinit) struct text t = TEXT_INIT, head = TEXT_INIT;

	h2_start(f);
	h2_connect(f);
	add_request(&head, "POST", "/");
	add_frame(&t, (enum h2_frame_type)UNKNOWN, 0, 0, "xyz", 3);
	add_frame(&t, FRAME_HEADERS, END_HEADERS | END_STREAM, 3, head.data, head.n);
	add_frame(&t, FRAME_HEADERS, END_HEADERS | END_STREAM, 1, head.data, head.n);
	for (size_t i = 0; i < t.n; i++) {
		raw_send(&f->client, t.data + i, 1);
		loop_step(f->loop, 0);
	}
	expect_answer(f, 3);
	assert_int_equal(expect_code(f, FRAME_GOAWAY, 0), PROTOCOL_ERROR);
	assert_int_equal(h2_server_metrics(f->server)->unknown_frames_total.value, 1);
}

/* An answer waits for its window, also where a setting makes that smaller than nothing (RFC 9113 6.9.2). */
static void test_windows(void **state)
{
	struct h2_fixture *f = *state;
	struct frame data;

	f->answer = "abc";
	h2_start(f);
	h2_connect(f);
	send_frame(f, FRAME_SETTINGS, 0, 0, "\0\4\0\0\0\1", 6);
	send_request(f, 1, END_STREAM);
	assert_true(next_frame(f, FRAME_DATA, &data));
	assert_int_equal(data.payload.n, 1);
	frame_deinit(&data);
	send_frame(f, FRAME_SETTINGS, 0, 0, "\0\4\0\0\0\0", 6);
	send_frame(f, FRAME_WINDOW_UPDATE, 0, 1, "\0\0\0\2", 4);
	assert_true(next_frame(f, FRAME_DATA, &data));
	assert_memory_equal(text_str(&data.payload), "b", 1);
	assert_int_equal(data.payload.n, 1);
	frame_deinit(&data);
	send_frame(f, FRAME_SETTINGS, 0, 0, "\0\4\0\0\0\2", 6);
	assert_true(next_frame(f, FRAME_DATA, &data));
	assert_memory_equal(text_str(&data.payload), "c", 1);
	assert_int_equal(data.flags, END_STREAM);
	frame_deinit(&data);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, h2_set_up, h2_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_streams),        TEST(test_shapes),  TEST(test_values),
		TEST(test_longest_frames), TEST(test_ignored), TEST(test_late_frames),
		TEST(test_trickle),        TEST(test_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
