/*
 * HTTP/2: requests, answers, and the ends of connections
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/h2_fixture.h"
#include "tests/loop/raw.h"
#include "web/http/h2/request.h"
#include "web/http/h2/server.h"

static int64_t count_of(const struct metric *m)
{
	return m->value;
}

static void test_request(void **state)
{
	struct h2_fixture *f = *state;

	h2_start(f);
	h2_connect(f);
	send_request(f, 1, 0);
	send_frame(f, FRAME_DATA, 0, 1, "hello ", 6);
	send_frame(f, FRAME_DATA, END_STREAM, 1, "there", 5);
	expect_answer(f, 1);
	assert_string_equal(text_str(&f->method), "POST");
	assert_string_equal(text_str(&f->path), "/thing");
	assert_string_equal(text_str(&f->body), "hello there");
	assert_false(f->was_cut);
	send_request(f, 3, END_STREAM);
	expect_answer(f, 3);
	assert_string_equal(text_str(&f->body), "");
	assert_int_equal(count_of(&h2_server_metrics(f->server)->requests_total), 2);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->connections), 1);
}

static void test_longest_body(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(mem_free_string) char *bytes = mem_zalloc(4097);

	memset(bytes, 'x', 4097);
	h2_start(f);
	h2_connect(f);
	send_request(f, 1, 0);
	send_frame(f, FRAME_DATA, END_STREAM, 1, bytes, 4096);
	expect_answer(f, 1);
	assert_int_equal(f->body.n, 4096);
	assert_false(f->was_cut);
	send_request(f, 3, 0);
	send_frame(f, FRAME_DATA, END_STREAM, 3, bytes, 4097);
	expect_answer(f, 3);
	assert_true(f->was_cut);
	assert_int_equal(f->n_requests, 2);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->large_bodies_total), 1);
}

static void test_answered_later(void **state)
{
	struct h2_fixture *f = *state;
	struct h2_request *r;
	uint64_t first;

	f->parks = true;
	h2_start(f);
	h2_connect(f);
	send_request(f, 1, END_STREAM);
	for (int i = 0; i < 1000 && !f->parked; i++)
		loop_step(f->loop, 5);
	first = f->parked;
	send_request(f, 3, END_STREAM);
	for (int i = 0; i < 1000 && f->parked == first; i++)
		loop_step(f->loop, 5);
	/* The second is taken back; the first is answered. */
	send_frame(f, FRAME_RST_STREAM, 0, 3, "\0\0\0\10", 4);
	for (int i = 0; i < 1000 && h2_server_find(f->server, f->parked); i++)
		loop_step(f->loop, 5);
	assert_null(h2_server_find(f->server, f->parked));
	r = h2_server_find(f->server, first);
	assert_non_null(r);
	h2_answer(r, 200, NULL, 0, "late");
	assert_null(h2_server_find(f->server, first));
	expect_answer(f, 1);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->resets_total), 1);
}

static void test_fault_ends(void **state)
{
	struct h2_fixture *f = *state;

	f->parks = true;
	h2_start(f);
	h2_connect(f);
	send_request(f, 1, END_STREAM);
	for (int i = 0; i < 1000 && !f->parked; i++)
		loop_step(f->loop, 5);
	h2_end_connection(h2_server_find(f->server, f->parked), false, "garbage", 7);
	assert_true(raw_wait_closed(&f->client));
	assert_non_null(strstr(f->client.in.data + f->client.in.n - 7, "garbage"));
	f->parked = 0;
	h2_reconnect(f);
	send_request(f, 1, END_STREAM);
	for (int i = 0; i < 1000 && !f->parked; i++)
		loop_step(f->loop, 5);
	h2_end_connection(h2_server_find(f->server, f->parked), true, NULL, 0);
	assert_true(raw_wait_closed(&f->client));
	for (int i = 0; i < 1000 && h2_server_metrics(f->server)->connections.value; i++)
		loop_step(f->loop, 5);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->connections), 0);
}

static void test_idle(void **state)
{
	struct h2_fixture *f = *state;
	struct frame goaway;

	f->config.idle_timeout_ms = 50;
	h2_start(f);
	h2_connect(f);
	assert_true(next_frame(f, FRAME_GOAWAY, &goaway));
	assert_int_equal(goaway.payload.n, 12);
	assert_memory_equal(goaway.payload.data + 8, "idle", 4);
	frame_deinit(&goaway);
	assert_true(raw_wait_closed(&f->client));
	assert_int_equal(count_of(&h2_server_metrics(f->server)->idle_total), 1);
}

static void test_late_request(void **state)
{
	struct h2_fixture *f = *state;

	f->config.request_timeout_ms = 50;
	h2_start(f);
	h2_connect(f);
	send_request(f, 1, 0);
	assert_int_equal(expect_code(f, FRAME_RST_STREAM, 1), CANCEL);
	assert_int_equal(count_of(&h2_server_metrics(f->server)->late_requests_total), 1);
	/* The connection goes on. */
	send_request(f, 3, END_STREAM);
	expect_answer(f, 3);
	assert_int_equal(f->n_requests, 1);
}

/* The deadline of a header block that does not end, and of a client that only connects. */
static void test_unfinished(void **state)
{
	struct h2_fixture *f = *state;
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	f->config.request_timeout_ms = f->config.handshake_timeout_ms = 50;
	h2_start(f);
	h2_connect(f);
	add_request(&t, "POST", "/");
	send_frame(f, FRAME_HEADERS, 0, 1, t.data, t.n);
	assert_int_equal(expect_code(f, FRAME_RST_STREAM, 1), CANCEL);
	raw_close(&f->client);
	raw_tcp(&f->client, f->loop, h2_server_listen(f->server));
	raw_send(&f->client, "PRI * HTTP", 10);
	assert_true(raw_wait_closed(&f->client));
	assert_int_equal(count_of(&h2_server_metrics(f->server)->failed_handshakes_total), 1);
}

static void test_shutdown(void **state)
{
	struct h2_fixture *f = *state;
	struct frame goaway;

	f->parks = true;
	h2_start(f);
	h2_connect(f);
	send_request(f, 1, END_STREAM);
	for (int i = 0; i < 1000 && !f->parked; i++)
		loop_step(f->loop, 5);
	f->server = h2_server_free(f->server);
	assert_true(next_frame(f, FRAME_GOAWAY, &goaway));
	assert_memory_equal(goaway.payload.data + 8, "shutdown", 8);
	frame_deinit(&goaway);
}

static void test_limit_of_connections(void **state)
{
	struct h2_fixture *f = *state;
	struct raw others[2], last;

	h2_start(f);
	h2_connect(f);
	for (int i = 0; i < 2; i++)
		raw_tcp(&others[i], f->loop, h2_server_listen(f->server));
	raw_tcp(&last, f->loop, h2_server_listen(f->server));
	assert_true(raw_wait_closed(&last));
	assert_int_equal(count_of(&h2_server_metrics(f->server)->refused_connections_total), 1);
	send_request(f, 1, END_STREAM);
	expect_answer(f, 1);
	for (int i = 0; i < 2; i++)
		raw_close(&others[i]);
	raw_close(&last);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, h2_set_up, h2_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_request),    TEST(test_longest_body), TEST(test_answered_later),
		TEST(test_fault_ends), TEST(test_idle),         TEST(test_late_request),
		TEST(test_unfinished), TEST(test_shutdown),     TEST(test_limit_of_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
