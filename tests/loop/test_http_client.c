/*
 * HTTP client, against servers whose bytes the test writes
 */
#include "mcxd/base/loop.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"
#include "web/http/client.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct bench {
	struct loop *loop;
	struct http_client *client;
	int listener;
	char local[32];
	char *url;

	bool done;
	int n_results;
	int status;
	char *error;
	char *body;
	char *header;
	struct text data; /* what on_data received */
	bool has_data;
	uint64_t to_cancel;
	bool free_it;
};

static int setup(void **state)
{
	const struct http_client_config config = { .max_body_bytes = 1000,
						   .max_header_bytes = 2000 };
	struct bench *b = MEM_NEW(struct bench);

	assert_int_equal(loop_new(&b->loop), 0);
	b->client = http_client_new(b->loop, &config);
	b->listener = raw_listen(b->local);
	b->url = text_format("http://%s/path?x=1", b->local);
	*state = b;
	return 0;
}

static void forget(struct bench *b)
{
	b->done = b->has_data = false;
	b->status = 0;
	free(b->error);
	free(b->body);
	free(b->header);
	b->error = b->body = b->header = NULL;
	text_deinit(&b->data);
}

static int teardown(void **state)
{
	struct bench *b = *state;

	http_client_free(b->client);
	forget(b);
	close(b->listener);
	free(b->url);
	loop_free(b->loop);
	free(b);
	return 0;
}

static void interfere(struct bench *b)
{
	if (b->to_cancel)
		http_client_cancel(b->client, b->to_cancel);
	if (b->free_it)
		b->client = http_client_free(b->client);
}

static void on_result(void *magic, const struct http_result *result)
{
	struct bench *b = magic;

	forget(b);
	b->done = true;
	b->n_results++;
	b->status = result->status;
	b->error = mem_strdup(result->error);
	b->body = result->body ? mem_memdup(result->body, result->n_body) : NULL;
	b->header = mem_strdup(result->header(result, "x-test"));
	interfere(b);
}

static void on_data(void *magic, const void *p, size_t n)
{
	struct bench *b = magic;

	text_add_bytes(&b->data, p, n);
	b->has_data = true;
	interfere(b);
}

static void on_data_result(void *magic, const struct http_result *result)
{
	struct bench *b = magic;

	assert_null(result->body);
	b->done = true;
	b->n_results++;
	b->status = result->status;
}

static uint64_t get(struct bench *b, http_data_h *data)
{
	const struct http_exchange x = { .method = "GET", .url = b->url };

	return http_client_send(b->client, &x, data, data ? on_data_result : on_result, b);
}

static void answer(struct bench *b, struct raw *raw, const char *text)
{
	raw_sendf(raw, "%s", text);
	assert_true(run_until(b->loop, &b->done));
}

static void sends_method_headers_and_body(void **state)
{
	static const char *const headers[] = { "Content-Type: text/xml", "X-Test: a, b", NULL };
	struct bench *b = *state;
	const struct http_exchange x = {
		.method = "POST", .url = b->url, .headers = headers, .body = "a\0b", .n_body = 3
	};
	const struct http_exchange bare = { .method = "DELETE", .url = b->url };
	struct raw raw;
	char *got;

	http_client_send(b->client, &x, NULL, on_result, b);
	assert_false(b->done);
	raw_accept(&raw, b->loop, b->listener);
	got = raw_expect(&raw, "POST /path?x=1 HTTP/1.1\r\n");
	assert_true(sip_has_line(got, "Content-Type: text/xml"));
	assert_true(sip_has_line(got, "X-Test: a, b"));
	assert_true(sip_has_line(got, "Content-Length: 3"));
	assert_memory_equal(sip_body(got), "a\0b", 3);
	free(got);
	answer(b, &raw,
	       "HTTP/1.1 100 Continue\nX-Test: no\n\n"
	       "HTTP/1.1 201 Created\nX-TEST:  yes \nContent-Length: 2\n\nok");
	assert_int_equal(b->status, 201);
	assert_string_equal(b->body, "ok");
	assert_string_equal(b->header, "yes");
	assert_null(b->error);

	forget(b);
	http_client_send(b->client, &bare, NULL, on_result, b);
	got = raw_expect(&raw, "DELETE /path?x=1 HTTP/1.1\r\n");
	assert_null(strstr(got, "Content-"));
	free(got);
	answer(b, &raw, "HTTP/1.1 302 Found\nLocation: /elsewhere\nContent-Length: 0\n\n");
	assert_int_equal(b->status, 302);
	assert_string_equal(b->body, "");
	assert_null(b->header);
	raw_close(&raw);
}

/* Exchanges share a handle, one after another; each is as if it were the first. */
static void takes_nothing_from_the_exchange_before(void **state)
{
	static const char *const headers[] = { "Content-Type: text/xml", "X-Test: a", NULL };
	static const struct {
		const char *method, *body;
		const char *const *headers;
		const char *length; /* NULL: no body is announced */
	} rows[] = {
		{ "POST", "abc", headers, "Content-Length: 3" },
		{ "GET", NULL, NULL, NULL },
		{ "HEAD", NULL, headers, NULL },
		{ "POST", NULL, NULL, "Content-Length: 0" },
		{ "HEAD", NULL, NULL, NULL },
		{ "PUT", "ab", NULL, "Content-Length: 2" },
		{ "DELETE", NULL, NULL, NULL },
		{ "GET", NULL, headers, NULL },
	};
	struct bench *b = *state;
	struct raw raw;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct http_exchange unknown = { .method = "POST",
						       .url = "http://nobody.invalid/",
						       .body = "x",
						       .n_body = 1,
						       .timeout_ms = 1 };
		const struct http_exchange x = { .method = rows[i].method,
						 .url = b->url,
						 .headers = rows[i].headers,
						 .body = rows[i].body,
						 .n_body =
							 rows[i].body ? strlen(rows[i].body) : 0 };
		CLEANUP(mem_free_string)
		char *begin = text_format("%s /path?x=1 HTTP/1.1\r\n", x.method);
		char *got;

		forget(b);
		http_client_send(b->client, &unknown, NULL, on_result, b);
		assert_true(run_until(b->loop, &b->done));
		assert_non_null(b->error);
		forget(b);
		http_client_send(b->client, &x, NULL, on_result, b);
		if (i == 0)
			raw_accept(&raw, b->loop, b->listener);
		got = raw_expect(&raw, begin);
		assert_int_equal(!!strstr(got, "Content-Length"), !!rows[i].length);
		assert_true(!rows[i].length || sip_has_line(got, rows[i].length));
		assert_int_equal(sip_has_line(got, "X-Test: a"), !!x.headers);
		assert_int_equal(sip_has_line(got, "Content-Type: text/xml"), !!x.headers);
		assert_int_equal(!!strstr(got, "Content-Type"), !!x.headers);
		assert_string_equal(sip_body(got), rows[i].body ? rows[i].body : "");
		free(got);
		answer(b, &raw, "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
		assert_int_equal(b->status, 200);
		assert_null(b->error);
	}
	raw_close(&raw);
}

static void tells_why_not(void **state)
{
	struct bench *b = *state;
	struct http_exchange x = { .method = "GET", .url = "no url at all" };
	struct raw raw;

	http_client_send(b->client, &x, NULL, on_result, b);
	assert_false(b->done);
	assert_true(run_until(b->loop, &b->done));
	assert_int_equal(b->status, 0);
	assert_non_null(b->error);

	forget(b);
	x.url = "file:///etc/passwd";
	http_client_send(b->client, &x, NULL, on_result, b);
	assert_true(run_until(b->loop, &b->done));
	assert_int_equal(b->status, 0);

	forget(b);
	get(b, NULL);
	raw_accept(&raw, b->loop, b->listener);
	free(raw_expect(&raw, "GET "));
	raw_sendf(&raw, "HTTP/1.1 200 OK\nContent-Length: 10\n\nabc");
	run_rounds(b->loop, 3);
	raw_close(&raw);
	assert_true(run_until(b->loop, &b->done));
	assert_int_equal(b->status, 0);
	assert_null(b->body);
	assert_non_null(b->error);

	forget(b);
	close(b->listener);
	get(b, NULL);
	assert_true(run_until(b->loop, &b->done));
	assert_int_equal(b->status, 0);
	assert_non_null(b->error);
	b->listener = raw_listen(b->local);
}

static void bounds_answers(void **state)
{
	static const char *const heads[] = {
		"Content-Length: 1001\n\n",
		"Connection: close\n\n",
		"Content-Length: 0\nX-A: ",
	};
	struct bench *b = *state;
	struct raw raw;

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		forget(b);
		get(b, NULL);
		raw_accept(&raw, b->loop, b->listener);
		free(raw_expect(&raw, "GET "));
		raw_sendf(&raw, "HTTP/1.1 200 OK\n%s%0*d\n\n", heads[i], i < 2 ? 1001 : 2000, 1);
		assert_true(run_until(b->loop, &b->done));
		assert_int_equal(b->status, 0);
		assert_non_null(strstr(b->error, "larger than the limit"));
		assert_true(raw_wait_closed(&raw));
		raw_close(&raw);
	}
}

static void times_out(void **state)
{
	struct bench *b = *state;
	const struct http_exchange x = { .method = "GET", .url = b->url, .timeout_ms = 40 };
	int64_t start_ms = loop_real_ms(b->loop);
	struct raw raw;

	http_client_send(b->client, &x, NULL, on_result, b);
	raw_accept(&raw, b->loop, b->listener);
	/* Advancing the lab's clock does not end an exchange with the outside world. */
	loop_jump(b->loop, 3600000);
	run_rounds(b->loop, 2);
	assert_true(run_until(b->loop, &b->done));
	assert_int_equal(b->status, 0);
	assert_true(loop_real_ms(b->loop) - start_ms >= 40);
	raw_close(&raw);
}

static void streams(void **state)
{
	struct bench *b = *state;
	struct raw raw;

	get(b, on_data);
	raw_accept(&raw, b->loop, b->listener);
	free(raw_expect(&raw, "GET "));
	raw_sendf(&raw, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\na\r\n\n");
	assert_true(run_until(b->loop, &b->has_data));
	assert_string_equal(text_str(&b->data), "a\r\n");
	assert_false(b->done);
	b->has_data = false;
	/* More than the limit for an answer that is collected. */
	raw_sendf(&raw, "7d0\n%02000d\n", 1);
	assert_true(run_until(b->loop, &b->has_data));
	raw_sendf(&raw, "0\n\n");
	assert_true(run_until(b->loop, &b->done));
	assert_int_equal(b->status, 200);
	assert_int_equal(b->data.n, 2003);
	raw_close(&raw);
}

static void cancels(void **state)
{
	struct bench *b = *state;
	struct raw raw;
	uint64_t id;

	/* Before it has begun. */
	http_client_cancel(b->client, get(b, NULL));
	run_rounds(b->loop, 3);
	/* While it waits for the answer. */
	id = get(b, NULL);
	raw_accept(&raw, b->loop, b->listener);
	free(raw_expect(&raw, "GET "));
	http_client_cancel(b->client, id);
	http_client_cancel(b->client, id);
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	/* From within its own on_data(). */
	b->to_cancel = get(b, on_data);
	raw_accept(&raw, b->loop, b->listener);
	free(raw_expect(&raw, "GET "));
	raw_sendf(&raw, "HTTP/1.1 200 OK\nContent-Length: 3\n\nab");
	assert_true(run_until(b->loop, &b->has_data));
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	assert_int_equal(b->n_results, 0);
	http_client_cancel(b->client, 4711);
}

static void cancels_another(void **state)
{
	struct bench *b = *state;
	struct raw raws[2];
	uint64_t other;

	get(b, NULL);
	raw_accept(&raws[0], b->loop, b->listener);
	free(raw_expect(&raws[0], "GET "));
	other = get(b, NULL);
	raw_accept(&raws[1], b->loop, b->listener);
	free(raw_expect(&raws[1], "GET "));
	b->to_cancel = other;
	/* Both are complete in the same round. */
	raw_sendf(&raws[0], "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
	raw_sendf(&raws[1], "HTTP/1.1 200 OK\nConnection: close\n\n");
	assert_true(run_until(b->loop, &b->done));
	assert_true(raw_wait_closed(&raws[1]));
	assert_int_equal(b->n_results, 1);
	raw_close(&raws[0]);
	raw_close(&raws[1]);
}

static void is_freed_from_within(void **state)
{
	struct bench *b = *state;
	struct raw raws[2];

	get(b, NULL);
	raw_accept(&raws[0], b->loop, b->listener);
	get(b, on_data);
	raw_accept(&raws[1], b->loop, b->listener);
	free(raw_expect(&raws[1], "GET "));
	b->free_it = true;
	raw_sendf(&raws[1], "HTTP/1.1 200 OK\nContent-Length: 3\n\nab");
	assert_true(raw_wait_closed(&raws[0]));
	assert_true(raw_wait_closed(&raws[1]));
	assert_null(b->client);
	assert_int_equal(b->n_results, 0);
	raw_close(&raws[0]);
	raw_close(&raws[1]);

	b->client = http_client_new(b->loop, &(struct http_client_config){ 0 });
	get(b, NULL);
	raw_accept(&raws[0], b->loop, b->listener);
	free(raw_expect(&raws[0], "GET "));
	answer(b, &raws[0], "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
	assert_null(b->client);
	assert_int_equal(b->n_results, 1);
	raw_close(&raws[0]);
}

struct repeat {
	struct bench *bench;
	int n_left;
};

static void on_repeat(void *magic, const struct http_result *result)
{
	struct repeat *again = magic;
	const struct http_exchange x = { .method = "GET", .url = again->bench->url };

	assert_int_equal(result->status, 204);
	if (--again->n_left > 0)
		http_client_send(again->bench->client, &x, NULL, on_repeat, again);
	else
		again->bench->done = true;
}

static void sends_from_within(void **state)
{
	struct bench *b = *state;
	struct repeat again = { b, 3 };
	const struct http_exchange x = { .method = "GET", .url = b->url };
	struct raw raw;

	http_client_send(b->client, &x, NULL, on_repeat, &again);
	raw_accept(&raw, b->loop, b->listener);
	for (int i = 0; i < 3; i++) {
		free(raw_expect(&raw, "GET "));
		raw_sendf(&raw, "HTTP/1.1 204 No Content\n\n");
	}
	assert_true(run_until(b->loop, &b->done));
	raw_close(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sends_method_headers_and_body, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_nothing_from_the_exchange_before, setup,
						teardown),
		cmocka_unit_test_setup_teardown(tells_why_not, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(times_out, setup, teardown),
		cmocka_unit_test_setup_teardown(streams, setup, teardown),
		cmocka_unit_test_setup_teardown(cancels, setup, teardown),
		cmocka_unit_test_setup_teardown(cancels_another, setup, teardown),
		cmocka_unit_test_setup_teardown(is_freed_from_within, setup, teardown),
		cmocka_unit_test_setup_teardown(sends_from_within, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
