/*
 * HTTP server: heads that two servers could read in two ways
 */
#include "http_fixture.h"
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

struct head {
	const char *bytes;
	size_t n;
};

#define HEAD(bytes)                                                                                \
	{                                                                                          \
		bytes, sizeof(bytes) - 1                                                           \
	}
#define LINE "POST /body HTTP/1.1\r\n"
#define HOST "Host: x\r\n"
#define BODY "Content-Length: 2\r\n\r\nab"

static const struct head refused[] = {
	/* A NUL: in the method, the target, the version, a name, a value, a length; alone in a line. */
	HEAD("PO\0ST /body HTTP/1.1\r\n" HOST BODY),
	HEAD("POST\0 /body HTTP/1.1\r\n" HOST BODY),
	HEAD("POST \0/body HTTP/1.1\r\n" HOST BODY),
	HEAD("POST /body\0/x HTTP/1.1\r\n" HOST BODY),
	HEAD("POST /body?a\0b HTTP/1.1\r\n" HOST BODY),
	HEAD("POST /body\0 HTTP/1.1\r\n" HOST BODY),
	HEAD("POST /body \0HTTP/1.1\r\n" HOST BODY),
	HEAD("POST /body HTTP/1.1\0\r\n" HOST BODY),
	HEAD(LINE HOST "X\0-A: b\r\n" BODY),
	HEAD(LINE HOST "X-A\0: b\r\n" BODY),
	HEAD(LINE HOST "X-A:\0b\r\n" BODY),
	HEAD(LINE HOST "X-A: \0b\r\n" BODY),
	HEAD(LINE HOST "X-A: a\0\r\n" BODY),
	HEAD(LINE HOST "X-A: a\0b\r\n" BODY),
	HEAD(LINE HOST "X-A: a\0b: c\r\n" BODY),
	HEAD(LINE "Host: x\0y\r\n" BODY),
	HEAD(LINE HOST "Content-Length: 2\0003\r\n\r\nab"),
	HEAD(LINE HOST "Content-Length: 2\r\nX-A: a\0b\r\n\r\nab"),
	HEAD(LINE HOST "Content-Length: 2\r\n\0\r\nab"),
	HEAD(LINE HOST "Content-Length: 2\r\n\0X-A: b\r\n\r\nab"),
	/* A folded line: the first, in the middle, the last, with a tab, of a length, and two of them. */
	HEAD(LINE " X-A: b\r\n" HOST BODY),
	HEAD(LINE "Host: x\r\n y\r\n" BODY),
	HEAD(LINE HOST "X-A: a\r\n b\r\n" BODY),
	HEAD(LINE HOST "X-A: a\r\n\tb\r\n" BODY),
	HEAD(LINE HOST "X-A: a\r\n \r\n" BODY),
	HEAD(LINE HOST "X-A:\r\n b\r\n" BODY),
	HEAD(LINE HOST "X-A: a\r\n b\r\n c\r\n" BODY),
	HEAD(LINE HOST "Content-Length: 2\r\n 3\r\n\r\nab"),
	HEAD(LINE HOST "Transfer-Encoding:\r\n chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"),
	/* LF alone: each line, and all of them; spaces that make up for it. */
	HEAD("POST /body HTTP/1.1\n" HOST BODY),
	HEAD(LINE "Host: x\n" BODY),
	HEAD(LINE "Host:   x\n" BODY),
	HEAD(LINE HOST "Content-Length: 2\n\r\nab"),
	HEAD(LINE HOST "Content-Length: 2\r\n\nab"),
	HEAD("POST /body HTTP/1.1\nHost: x\nContent-Length: 2\n\nab"),
	HEAD("POST /body HTTP/1.1\nHost:    x\nContent-Length:      2\n\nab"),
	HEAD("POST  /body HTTP/1.1\n" HOST BODY),
	/* LF and NUL that make up for each other. */
	HEAD(LINE "Host: x\nX-A: a\0\r\n" BODY),
	/* CR alone. */
	HEAD(LINE "Host: x\rX-A: b\r\n" BODY),
	/* Two credentials. */
	HEAD(LINE HOST "Authorization: Bearer a\r\nauthorization: Bearer b\r\n" BODY),
	/* Two pages that ask. */
	HEAD(LINE HOST "Origin: http://x\r\nOrigin: http://y\r\n" BODY),
	HEAD(LINE HOST "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n" BODY),
	/* More spaces in the first line. */
	HEAD("POST  /body HTTP/1.1\r\n" HOST BODY),
	HEAD("POST /body HTTP/1.1 \r\n" HOST BODY),
};

static const struct head taken[] = {
	HEAD(LINE HOST BODY),
	HEAD(LINE "Host:x\r\n" BODY),
	HEAD(LINE "Host: \t  x\r\n" BODY),
	HEAD(LINE "Host: x \t\r\n" BODY),
	HEAD(LINE HOST "X-A:\r\nX-B: \r\nX-C: \t \r\n" BODY),
	HEAD(LINE HOST "X-A: a:b: c\r\n" BODY),
	HEAD(LINE HOST "Cookie: a=b; c=\"d\"\r\n" BODY),
	HEAD("POST /b%6Fdy?a=%41&b&=c HTTP/1.1\r\n" HOST BODY),
	HEAD("POST /body? HTTP/1.1\r\n" HOST BODY),
	/* An empty line in front is to be ignored (RFC 9112 2.2). */
	HEAD("\r\n" LINE HOST BODY),
	/* What libmicrohttpd does not show: it looks as CRLF does. */
	HEAD(LINE "Host: x\0\n" BODY),
};

/* step: how many bytes at a time; 0: all. */
static void expect_status(struct raw *raw, const struct head *head, size_t step, const char *status)
{
	CLEANUP(mem_free_string) char *answer = NULL;

	for (size_t i = 0; i < head->n; i += step ? step : head->n) {
		size_t left = head->n - i;

		raw_send(raw, head->bytes + i, step && step < left ? step : left);
		run_rounds(raw->loop, 1);
	}
	answer = raw_take(raw);
	if (!answer || strncmp(answer, "HTTP/1.1 ", 9) != 0 || strncmp(answer + 9, status, 3) != 0)
		fail_msg("%zu bytes \"%.*s\", %zu at a time: got \"%s\"", head->n, (int)head->n,
			 head->bytes, step, answer ? answer : "nothing");
}

static void refuses(void **state)
{
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(refused); i++) {
		struct raw raw;

		raw_tcp(&raw, s.loop, http_listen(s.http));
		/* The second of two requests on a connection is looked at as the first is. */
		expect_status(&raw, &taken[0], 0, "200");
		expect_status(&raw, &refused[i / 2], i % 2 ? 1 : 0, "400");
		if (!raw_wait_closed(&raw))
			fail_msg("\"%.*s\" left the connection open", (int)refused[i / 2].n,
				 refused[i / 2].bytes);
		raw_close(&raw);
	}
	assert_int_equal(site_metric(&s, "bad_requests_total"), 2 * ARRAY_SIZE(refused));
	assert_int_equal(site_metric(&s, "requests_total"), 2 * ARRAY_SIZE(refused));
	site_close(&s);
}

static void takes(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		expect_status(&raw, &taken[i], 0, "200");
		expect_status(&raw, &taken[i], 1, "200");
	}
	raw_close(&raw);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	site_close(&s);
}

/* Heads for which libmicrohttpd's buffer grows while they arrive, two of them at once. */
static void takes_long_heads(void **state)
{
	enum { N_HEADERS = 20, VALUE = 150 };
	CLEANUP(text_deinit) struct text head = TEXT_INIT;
	struct raw raw;
	struct site s;

	(void)state;
	text_add(&head, LINE HOST);
	for (int i = 0; i < N_HEADERS; i++)
		text_addf(&head, "X-%d: %*d\r\n", i, VALUE, i);
	text_add(&head, BODY);
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	for (size_t step = 1; step < head.n; step *= 3)
		expect_status(&raw, &(struct head){ head.data, head.n }, step, "200");
	raw_send(&raw, head.data, head.n);
	expect_status(&raw, &(struct head){ head.data, head.n }, 0, "200");
	free(raw_expect(&raw, "HTTP/1.1 200 "));
	raw_close(&raw);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	site_close(&s);
}

/* Many short headers: libmicrohttpd needs memory for each. */
static void takes_many_headers(void **state)
{
	CLEANUP(text_deinit) struct text head = TEXT_INIT;
	struct raw raw;
	struct site s;

	(void)state;
	text_add(&head, LINE HOST);
	for (int i = 0; i < 80; i++)
		text_addf(&head, "X-Header-%d: vvvvvvvvvvvvvvvv\r\n", i);
	text_add(&head, BODY);
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	expect_status(&raw, &(struct head){ head.data, head.n }, 0, "200");
	expect_status(&raw, &(struct head){ head.data, head.n }, 100, "200");
	raw_close(&raw);
	site_close(&s);
}

/* Spaces behind a value are not part of it. The end of the connection shows that this one was understood. */
static void drops_spaces_behind_values(void **state)
{
	static const struct head closing = HEAD(
		LINE "Host: x \r\nContent-Encoding: identity \t\r\nConnection: close  \r\n" BODY);
	/* libmicrohttpd has not understood this one. */
	static const struct head coded =
		HEAD(LINE HOST "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n");
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (int i = 0; i < 2; i++) {
		raw_tcp(&raw, s.loop, http_listen(s.http));
		expect_status(&raw, i ? &coded : &closing, 0, i ? "501" : "200");
		assert_true(raw_wait_closed(&raw));
		raw_close(&raw);
	}
	site_close(&s);
}

/* What libmicrohttpd would answer in its own way, some of it twice; half a head that arrives meanwhile is none of it. */
static void refuses_lengths_that_are_not_numbers(void **state)
{
	static const struct {
		const char *length;
		int status;
	} rows[] = {
		{ "15, 15", 400 }, { "+15", 400 },  { "-15", 400 },
		{ "15 ", 400 },    { "0x0f", 400 }, { "", 400 },
		{ "a", 400 },      { "1a", 400 },   { "99999999999999999999999", 413 },
	};
	struct raw raw, other;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *start = text_format("HTTP/1.1 %d ", rows[i].status);
		CLEANUP(mem_free_string)
		char *error = text_format("\r\n\r\nerror %d ", rows[i].status);

		raw_tcp(&other, s.loop, http_listen(s.http));
		raw_sendf(&other, "GET /hello HTTP/1.1\nHost:");
		raw_expect_silence(&other, 2);
		raw_tcp(&raw, s.loop, http_listen(s.http));
		raw_sendf(&raw,
			  "POST /body HTTP/1.1\nHost: x\nContent-Length: %s\n\n0123456789abcde",
			  rows[i].length);
		assert_true(raw_wait_closed(&raw));
		if (strncmp(text_str(&raw.in), start, strlen(start)) != 0 ||
		    !strstr(text_str(&raw.in), error) || strstr(text_str(&raw.in) + 1, "HTTP/1.1"))
			fail_msg("\"%s\": got \"%s\"", rows[i].length, text_str(&raw.in));
		raw_close(&raw);
		raw_sendf(&other, " x\n\n");
		free(raw_expect(&other, "HTTP/1.1 200 "));
		raw_close(&other);
	}
	assert_int_equal(site_metric(&s, "bad_requests_total"), ARRAY_SIZE(rows) - 1);
	assert_int_equal(site_metric(&s, "oversized_bodies_total"), 1);
	assert_int_equal(s.n_faults, 0);
	site_close(&s);
}

/* Whose head does not fit into libmicrohttpd's memory is certain if no other is on its way. */
static void refuses_heads_that_do_not_fit(void **state)
{
	CLEANUP(mem_free_string) char *value = text_format("%020000d", 1);
	struct raw raw, other;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (int i = 0; i < 2; i++) {
		bool is_alone = i == 0;

		raw_tcp(&other, s.loop, http_listen(s.http));
		raw_sendf(&other, is_alone ? "GET /hello HTT" : "GET /hello HTTP/1.1\nHost: x\n");
		raw_expect_silence(&other, 2);
		raw_tcp(&raw, s.loop, http_listen(s.http));
		raw_sendf(&raw, "GET /hello HTTP/1.1\nHost: x\nX-A: %s\n\n", value);
		assert_true(raw_wait_closed(&raw));
		assert_int_equal(strncmp(text_str(&raw.in), "HTTP/1.1 431 ", 13), 0);
		assert_int_equal(!strstr(text_str(&raw.in), "\r\n\r\nerror 431 "), !is_alone);
		assert_null(strstr(text_str(&raw.in) + 1, "HTTP/1.1"));
		raw_close(&raw);
		raw_sendf(&other, is_alone ? "P/1.1\nHost: x\n\n" : "\n");
		free(raw_expect(&other, "HTTP/1.1 200 "));
		raw_close(&other);
		RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
		assert_int_equal(site_metric(&s, "bad_requests_total"), i + 1);
	}
	site_close(&s);
}

/* What libmicrohttpd has refused is counted, also if the client has ended its side before the connection is closed. */
static void counts_refusals_of_clients_that_end(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (int i = 1; i <= 2; i++) {
		raw_tcp(&raw, s.loop, http_listen(s.http));
		raw_sendf(&raw, "GET /hello HTTP/3.0\nHost: x\n\n");
		shutdown(raw.fd, SHUT_WR);
		free(raw_expect(&raw, "HTTP/1.1 505 "));
		assert_true(raw_wait_closed(&raw));
		raw_close(&raw);
		RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
		assert_int_equal(site_metric(&s, "bad_requests_total"), i);
		assert_int_equal(s.n_faults, i);
		/* The next one has only hung up. */
		raw_tcp(&raw, s.loop, http_listen(s.http));
		raw_sendf(&raw, "GET /hel");
		raw_expect_silence(&raw, 2);
		raw_close(&raw);
		RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
		assert_int_equal(s.n_faults, i);
	}
	site_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),
		cmocka_unit_test(takes),
		cmocka_unit_test(takes_long_heads),
		cmocka_unit_test(takes_many_headers),
		cmocka_unit_test(drops_spaces_behind_values),
		cmocka_unit_test(refuses_lengths_that_are_not_numbers),
		cmocka_unit_test(refuses_heads_that_do_not_fit),
		cmocka_unit_test(counts_refusals_of_clients_that_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
