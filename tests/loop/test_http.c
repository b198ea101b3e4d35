/*
 * HTTP server: routes, limits and bad input
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

#include <sys/socket.h>

static void finds_routes(void **state)
{
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	site_expect(&s, "GET", "/hello", 200, "hello");
	site_expect(&s, "GET", "/hello?x", 200, "hello");
	site_expect(&s, "GET", "/echo/a%20%C3%A9%2Fb?p=1&q=1%2B1+%3D&q=2", 200,
		    "GET|a \xC3\xA9/b|1+1 =|yes");
	site_expect(&s, "POST", "/echo/bob@lab.test", 200, "POST|bob@lab.test|-|yes");
	site_expect(&s, "GET", "/files/css/page.css", 200, "css/page.css");
	site_expect(&s, "GET", "/files/", 200, "");
	site_expect(&s, "GET", "//Files//CSS/page.css", 200, "CSS/page.css");
	site_expect(&s, "GET", "/ECHO/Bob%40Lab.test?Q=1", 200, "GET|Bob@Lab.test|1|yes");
	site_expect(&s, "GET", "/items/17", 200, "any");
	site_expect(&s, "GET", "/items/list", 200, "list");
	site_expect(&s, "DELETE", "/items/list", 200, "delete");
	site_expect(&s, "GET", "/items/", 404, "error 404 There is no resource with this path.");
	site_expect(&s, "GET", "/files", 404, NULL);
	site_expect(&s, "GET", "/hello/", 200, "hello");
	site_expect(&s, "GET", "/ECHO/Bob/?Q=1", 200, "GET|Bob|1|yes");
	site_expect(&s, "GET", "/", 404, NULL);
	site_expect(&s, "GET", "/secret", 401, "");
	site_expect(&s, "GET", "/nothing", 500, "The server failed.\n");
	site_expect(&s, "GET", "/park-and-answer", 200, "at once");
	assert_int_equal(site_metric(&s, "parked"), 0);
	assert_int_equal(site_metric(&s, "requests_total"), 19);
	site_close(&s);
}

static void knows_methods(void **state)
{
	struct reply r;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	site_get(&s, "HEAD", "/hello", NULL, &r);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.n_body, 0);
	assert_string_equal(r.length, "5");
	reply_deinit(&r);
	site_get(&s, "OPTIONS", "/echo/x", NULL, &r);
	assert_int_equal(r.status, 204);
	assert_string_equal(r.allow, "GET, HEAD, POST, OPTIONS");
	reply_deinit(&r);
	site_get(&s, "OPTIONS", "/none", NULL, &r);
	assert_int_equal(r.status, 404);
	reply_deinit(&r);
	site_get(&s, "PUT", "/items/list", NULL, &r);
	assert_int_equal(r.status, 405);
	assert_string_equal(r.allow, "GET, HEAD, DELETE, OPTIONS");
	assert_string_equal(r.body, "error 405 This resource supports GET, HEAD, DELETE, OPTIONS.");
	reply_deinit(&r);
	assert_string_equal(text_str(&s.after), "HEAD /hello 200;OPTIONS /echo/x 204;"
						"OPTIONS /none 404;PUT /items/list 405;");
	site_close(&s);
}

static void takes_bodies(void **state)
{
	CLEANUP(mem_free_string) char *large = mem_zalloc(100001);
	struct reply r;
	struct site s;

	(void)state;
	memset(large, 'x', 100000);
	site_open(&s, &(struct http_config){ .max_body_bytes = 100000 }, NULL);
	site_get(&s, "POST", "/body", large, &r);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.n_body, 100000);
	assert_memory_equal(r.body, large, 100000);
	reply_deinit(&r);
	site_get(&s, "POST", "/body", NULL, &r);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.n_body, 0);
	reply_deinit(&r);
	assert_int_equal(site_metric(&s, "body_bytes_total"), 100000);
	site_close(&s);
}

/* Send these bytes; return the answer, and whether the connection is closed after it. */
static void expect_raw(struct site *s, const char *sent, const char *start, bool closes)
{
	char *answer;
	struct raw raw;

	raw_tcp(&raw, s->loop, http_listen(s->http));
	raw_sendf(&raw, "%s", sent);
	answer = raw_take(&raw);
	if (!answer || strncmp(answer, start, strlen(start)) != 0)
		fail_msg("to \"%s\": got \"%s\"", sent, answer);
	free(answer);
	if (closes)
		assert_true(raw_wait_closed(&raw));
	else
		raw_expect_silence(&raw, 3);
	raw_close(&raw);
}

static void refuses_bad_targets(void **state)
{
	static const char *const targets[] = {
		"/a%00b",
		"/a%",
		"/a%4",
		"/a%zz",
		"/echo/../hello",
		"/echo/%2e%2e/hello",
		"/.",
		"hello",
		"*",
		"",
		"/a%0ab",
		"/echo/%ff",
		"/hello?q=%00",
		"/h#x",
		"/hello?%",
		"/a b",
	};
	CLEANUP(mem_free_string) char *many = NULL;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		CLEANUP(mem_free_string)
		char *request = text_format("GET %s HTTP/1.1\nHost: x\n\n", targets[i]);

		/* Without a target, the version is taken for the target, and the version is missing. */
		expect_raw(&s, request, "HTTP/1.1 400 ", targets[i][0] == '\0');
	}
	many = text_format("GET /hello?%03000d HTTP/1.1\nHost: x\n\n", 1);
	for (char *p = strchr(many, '0'); *p == '0'; p += 2)
		*p = '&';
	expect_raw(&s, many, "HTTP/1.1 400 ", false);
	expect_raw(&s, "GET http://other/hello HTTP/1.1\nHost: x\n\n", "HTTP/1.1 200 ", false);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "bad_requests_total"), ARRAY_SIZE(targets) + 1);
	expect_raw(&s, "OPTIONS * HTTP/1.1\nHost: x\n\n", "HTTP/1.1 204 ", false);
	site_close(&s);
}

static void refuses_bad_heads(void **state)
{
	static const struct {
		const char *text, *answer;
	} heads[] = {
		{ "", "HTTP/1.1 400 " },
		{ "Host: x\nHost: y\n", "HTTP/1.1 400 " },
		{ "Host: x\nno colon\n", "HTTP/1.1 400 " },
		{ "Host : x\n", "HTTP/1.1 400 " },
		{ "Host: x\nX-A\x01: y\n", "HTTP/1.1 400 " },
		{ "Host: x\nX-A: y\x01z\n", "HTTP/1.1 400 " },
		{ "Host: x\nContent-Length: abc\n", "HTTP/1.1 400 " },
		{ "Host: x\nContent-Length: -1\n", "HTTP/1.1 400 " },
		{ "Host: x\nContent-Length: 1\nContent-Length: 2\n", "HTTP/1.1 400 " },
		{ "Host: x\nContent-Length: 1\nTransfer-Encoding: chunked\n", "HTTP/1.1 400 " },
		{ "Host: x\nTransfer-Encoding: gzip\n", "HTTP/1.1 501 " },
		{ "Host: x\nContent-Length: 70000\n", "HTTP/1.1 413 " },
		{ "Host: x\nContent-Length: 99999999999999999999999\n", "HTTP/1.1 413 " },
	};
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		CLEANUP(mem_free_string)
		char *request = text_format("POST /body HTTP/1.1\n%s\n", heads[i].text);

		expect_raw(&s, request, heads[i].answer, true);
	}
	expect_raw(&s, "GET /hello HTTP/3.0\n\n", "HTTP/1.1 505 ", true);
	expect_raw(&s, "GET /hello HTTP/1.0\n\n", "HTTP/1.1 200 ", true);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "bad_requests_total"), ARRAY_SIZE(heads) - 2 + 1);
	assert_int_equal(site_metric(&s, "oversized_bodies_total"), 2);
	assert_int_equal(site_metric(&s, "requests_total"), 1);
	site_close(&s);
}

static void refuses_long_heads(void **state)
{
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (int n = 1000; n < 40000; n += n < 11000 ? 100 : 5000) {
		CLEANUP(mem_free_string)
		char *request = text_format("GET /hello HTTP/1.1\nHost: x\nX-A: %0*d\n\n", n, 1);

		/* The server answers wherever in the request its memory runs out. */
		expect_raw(&s, request, n <= 8500 ? "HTTP/1.1 200 " : "HTTP/1.1 431 ", n > 8500);
	}
	for (int n = 1000; n < 20000; n += 3000) {
		CLEANUP(mem_free_string)
		char *request = text_format("GET /echo/x?q=%0*d HTTP/1.1\nHost: x\n\n", n, 1);

		expect_raw(&s, request, n <= 8500 ? "HTTP/1.1 200 " : "HTTP/1.1 4", n > 8500);
	}
	site_expect(&s, "GET", "/hello", 200, "hello");
	site_close(&s);
}

static void refuses_large_bodies(void **state)
{
	CLEANUP(mem_free_string) char *chunk = text_format("3e8\n%01000d\n", 1);
	const struct http_config config = { .max_body_bytes = 5000 };
	struct raw raw;
	struct site s;
	char *answer;

	(void)state;
	site_open(&s, &config, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "POST /body HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n");
	for (int i = 0; i < 5; i++) {
		raw_sendf(&raw, "%s", chunk);
		raw_expect_silence(&raw, 2);
	}
	raw_sendf(&raw, "%s", chunk);
	answer = raw_expect(&raw, "HTTP/1.1 413 ");
	assert_non_null(strstr(answer, "\r\n\r\nerror 413"));
	assert_non_null(strstr(answer, "\r\nDate: "));
	free(answer);
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "oversized_bodies_total"), 1);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	assert_string_equal(text_str(&s.after), "POST /body 413;");
	site_close(&s);
}

/* A client that writes all of its body before it reads must see the refusal, too. */
static void refusal_is_not_overtaken_by_a_reset(void **state)
{
	CLEANUP(mem_free_string) char *large = mem_zalloc(300001);
	struct site s;
	struct raw raw;

	(void)state;
	memset(large, 'x', 300000);
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "POST /body HTTP/1.1\nHost: x\nContent-Length: 300000\n\n");
	RUN_UNTIL(s.loop, site_metric(&s, "oversized_bodies_total") == 1);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	raw_send(&raw, large, 300000);
	free(raw_expect(&raw, "HTTP/1.1 413 "));
	raw_close(&raw);
	site_close(&s);
}

static void closes_on_junk(void **state)
{
	static const char *const junk[] = { "junk\n", "\x16\x03\x01\x02\n", "GET\n",
					    "A B C D\n\n" };
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		raw_tcp(&raw, s.loop, http_listen(s.http));
		raw_sendf(&raw, "%s", junk[i]);
		assert_true(raw_wait_closed(&raw));
		raw_close(&raw);
		RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
		assert_int_equal(site_metric(&s, "bad_requests_total"), i + 1);
		assert_int_equal(s.n_faults, i + 1);
	}
	/* After a valid request. */
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /hello HTTP/1.1\nHost: x\n\njunk\n");
	free(raw_expect(&raw, "HTTP/1.1 200 "));
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	RUN_UNTIL(s.loop, site_metric(&s, "bad_requests_total") == (int64_t)ARRAY_SIZE(junk) + 1);
	site_close(&s);
}

/* Giving up is no fault, wherever in the request it is. */
static void forgives_unfinished_requests(void **state)
{
	static const char *const requests[] = {
		"",
		"GET /hel",
		"GET /hello HTTP/1.1\nHost:",
		"POST /body HTTP/1.1\nHost: x\nContent-Length: 10\n\nabc",
		"POST /body HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n3\nab",
	};
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		raw_tcp(&raw, s.loop, http_listen(s.http));
		raw_sendf(&raw, "%s", requests[i]);
		raw_expect_silence(&raw, 2);
		raw_close(&raw);
		RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	}
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	assert_int_equal(s.n_faults, 0);
	site_close(&s);
}

/* What libmicrohttpd refuses by itself in a body. */
static void refuses_bad_chunks(void **state)
{
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	expect_raw(&s, "POST /body HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nxyz\nab",
		   "HTTP/1.1 400 ", true);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 1);
	assert_int_equal(s.n_faults, 1);
	site_expect(&s, "GET", "/hello", 200, "hello");
	site_close(&s);
}

static void bounds_slow_clients(void **state)
{
	const struct http_config config = { .idle_timeout_ms = 60 };
	struct raw idle, half, body, drip;
	int64_t dripped_ms = 0;
	struct site s;

	(void)state;
	site_open(&s, &config, NULL);
	raw_tcp(&idle, s.loop, http_listen(s.http));
	raw_tcp(&half, s.loop, http_listen(s.http));
	raw_sendf(&half, "GET /hello HTTP/1.1\nHost:");
	raw_tcp(&body, s.loop, http_listen(s.http));
	raw_sendf(&body, "POST /body HTTP/1.1\nHost: x\nContent-Length: 10\n\nabc");
	raw_tcp(&drip, s.loop, http_listen(s.http));
	raw_sendf(&drip, "POST /body HTTP/1.1\nHost: x\nContent-Length: 10000\n\n");
	/* Sending a byte every few milliseconds does not extend the time. */
	while (site_metric(&s, "timeouts_total") < 4) {
		if (loop_real_ms(s.loop) > dripped_ms)
			send(drip.fd, "x", 1, MSG_NOSIGNAL);
		dripped_ms = loop_real_ms(s.loop);
		loop_step(s.loop, 3);
	}
	free(raw_expect(&half, "HTTP/1.1 408 "));
	free(raw_expect(&body, "HTTP/1.1 408 "));
	assert_null(raw_take(&idle));
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	raw_close(&idle);
	raw_close(&half);
	raw_close(&body);
	raw_close(&drip);
	site_close(&s);
}

static void bounds_idle_old_clients(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ .idle_timeout_ms = 30 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /hello HTTP/1.0\nConnection: keep-alive\n\n");
	free(raw_expect(&raw, "HTTP/1.1 200 "));
	RUN_UNTIL(s.loop, site_metric(&s, "timeouts_total") == 1);
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	site_close(&s);
}

static void keeps_connections(void **state)
{
	struct raw raw;
	struct site s;
	char *answer;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /hello HTTP/1.1\nHost: x\n\n"
			"POST /body HTTP/1.1\nHost: x\nContent-Length: 3\n\nabc"
			"POST /body HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n"
			"2\nde\n1\nf\n0\n\n"
			"GET /none HTTP/1.1\nHost: x\n\n"
			"GET /echo/last HTTP/1.1\nHost: x\nConnection: close\n\n");
	free(raw_expect(&raw, "HTTP/1.1 200 "));
	answer = raw_expect(&raw, "HTTP/1.1 200 ");
	assert_non_null(strstr(answer, "\r\n\r\nabc"));
	free(answer);
	answer = raw_expect(&raw, "HTTP/1.1 200 ");
	assert_non_null(strstr(answer, "\r\n\r\ndef"));
	free(answer);
	free(raw_expect(&raw, "HTTP/1.1 404 "));
	answer = raw_expect(&raw, "HTTP/1.1 200 ");
	assert_non_null(strstr(answer, "GET|last|-|-"));
	free(answer);
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	site_close(&s);
}

static void continues(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "POST /body HTTP/1.1\nHost: x\nContent-Length: 3\n"
			"Expect: 100-continue\n\n");
	free(raw_expect(&raw, "HTTP/1.1 100 "));
	raw_sendf(&raw, "abc");
	free(raw_expect(&raw, "HTTP/1.1 200 "));
	raw_sendf(&raw, "POST /body HTTP/1.1\nHost: x\nContent-Length: 70000\n"
			"Expect: 100-continue\n\n");
	free(raw_expect(&raw, "HTTP/1.1 413 "));
	raw_close(&raw);
	site_close(&s);
}

static void checks_headers_of_answers(void **state)
{
	struct raw raw;
	struct site s;
	char *answer;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /headers HTTP/1.1\nHost: x\n\n");
	answer = raw_expect(&raw, "HTTP/1.1 204 ");
	assert_true(sip_has_line(answer, "X-Good: second"));
	assert_true(sip_has_line(answer, "Cache-Control: max-age=60"));
	assert_true(sip_has_line(answer, "WWW-Authenticate: Bearer"));
	assert_true(sip_has_line(answer, "WWW-Authenticate: Basic"));
	assert_null(strstr(answer, "first"));
	assert_null(strstr(answer, "no-store"));
	assert_null(strstr(answer, "Evil"));
	assert_null(strstr(answer, "Injected"));
	free(answer);
	raw_close(&raw);
	site_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_routes),
		cmocka_unit_test(knows_methods),
		cmocka_unit_test(takes_bodies),
		cmocka_unit_test(refuses_bad_targets),
		cmocka_unit_test(refuses_bad_heads),
		cmocka_unit_test(refuses_long_heads),
		cmocka_unit_test(refuses_large_bodies),
		cmocka_unit_test(refusal_is_not_overtaken_by_a_reset),
		cmocka_unit_test(closes_on_junk),
		cmocka_unit_test(forgives_unfinished_requests),
		cmocka_unit_test(refuses_bad_chunks),
		cmocka_unit_test(bounds_slow_clients),
		cmocka_unit_test(bounds_idle_old_clients),
		cmocka_unit_test(keeps_connections),
		cmocka_unit_test(continues),
		cmocka_unit_test(checks_headers_of_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
