/*
 * HTTP server: what clients in the wild send
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

/* The head of the answer to a GET with these headers, "\n" behind each; free() it. */
static char *ask(struct site *s, const char *path, const char *headers)
{
	struct raw raw;
	char *answer;

	raw_tcp(&raw, s->loop, http_listen(s->http));
	raw_sendf(&raw, "GET %s HTTP/1.1\nHost: x\n%s\n", path, headers);
	answer = raw_take(&raw);
	assert_non_null(answer);
	raw_close(&raw);
	return answer;
}

static void packs_answers_on_request(void **state)
{
	static const struct {
		const char *path, *headers;
		const char *coding, *vary; /* NULL: no such header */
	} rows[] = {
		{ "/letters?n=499", "Accept-Encoding: gzip\n", NULL, NULL },
		{ "/letters?n=500", "", NULL, "Accept-Encoding" },
		{ "/letters?n=500", "Accept-Encoding: gzip\n", "gzip", "Accept-Encoding" },
		{ "/letters?n=500", "accept-encoding: br, GZIP;q=0.1\n", "gzip",
		  "Accept-Encoding" },
		{ "/letters?n=500", "Accept-Encoding: x-gzip\n", "gzip", "Accept-Encoding" },
		{ "/letters?n=500", "Accept-Encoding: *\n", "gzip", "Accept-Encoding" },
		{ "/letters?n=500", "Accept-Encoding: gzip;q=0\n", NULL, "Accept-Encoding" },
		{ "/letters?n=500", "Accept-Encoding: gzip;q=0, *\n", NULL, "Accept-Encoding" },
		{ "/letters?n=500", "Accept-Encoding: identity, gzip;q=0.5\n", NULL,
		  "Accept-Encoding" },
		{ "/letters?n=500", "Accept-Encoding: br, deflate\n", NULL, "Accept-Encoding" },
		{ "/letters?n=500", "Accept-Encoding:\n", NULL, "Accept-Encoding" },
		{ "/letters?n=500&vary", "Accept-Encoding: gzip\n", "gzip",
		  "Origin, Accept-Encoding" },
		{ "/letters?n=100&vary", "Accept-Encoding: gzip\n", NULL, "Origin" },
	};
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *answer = ask(&s, rows[i].path, rows[i].headers);
		CLEANUP(mem_free_string)
		char *coding = mem_strdup(sip_header(answer, "Content-Encoding", 0));
		CLEANUP(mem_free_string) char *vary = mem_strdup(sip_header(answer, "Vary", 0));
		const char *length = sip_header(answer, "Content-Length", 0);

		if (!coding != !rows[i].coding || !vary != !rows[i].vary)
			fail_msg("%s: got %s", rows[i].headers, answer);
		if (vary)
			assert_string_equal(vary, rows[i].vary);
		if (coding) {
			assert_string_equal(coding, "gzip");
			assert_true(strtol(length, NULL, 10) < 60);
		}
	}
	site_close(&s);
}

static void says_the_same_of_a_head(void **state)
{
	static const char *const methods[] = { "GET", "HEAD" };
	CLEANUP(text_deinit) struct text lengths = TEXT_INIT;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		struct raw raw;
		const char *length;

		raw_tcp(&raw, s.loop, http_listen(s.http));
		raw_sendf(&raw,
			  "%s /letters?n=5000 HTTP/1.1\nHost: x\nAccept-Encoding: gzip\n"
			  "Connection: close\n\n",
			  methods[i]);
		assert_true(raw_wait_closed(&raw));
		assert_non_null(strstr(text_str(&raw.in), "Content-Encoding: gzip\r\n"));
		length = sip_header(text_str(&raw.in), "Content-Length", 0);
		text_add_all(&lengths, length, ";");
		raw_close(&raw);
	}
	assert_int_equal(
		strncmp(text_str(&lengths), strchr(text_str(&lengths), ';') + 1, lengths.n / 2), 0);
	site_close(&s);
}

static const unsigned char hello_gzip[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd,
	0xc9, 0xc9, 0x07, 0x00, 0x86, 0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00,
};

/* POST these bytes with these headers; free() the answer. */
static char *post(struct site *s, const char *headers, const void *p, size_t n)
{
	struct raw raw;
	char *answer;

	raw_tcp(&raw, s->loop, http_listen(s->http));
	raw_sendf(&raw, "POST /body HTTP/1.1\nHost: x\n%sContent-Length: %zu\n\n", headers, n);
	raw_send(&raw, p, n);
	answer = raw_take(&raw);
	assert_non_null(answer);
	raw_close(&raw);
	return answer;
}

static void unpacks_bodies(void **state)
{
	static const struct {
		const char *headers;
		const char *status, *body;
	} rows[] = {
		{ "Content-Encoding: gzip\n", "HTTP/1.1 200 ", "\r\n\r\nhello" },
		{ "content-encoding: X-GZip\n", "HTTP/1.1 200 ", "\r\n\r\nhello" },
		{ "Content-Encoding: identity\nContent-Encoding: gzip\n", "HTTP/1.1 200 ",
		  "\r\n\r\nhello" },
		{ "Content-Encoding: br\n", "HTTP/1.1 415 ",
		  "error 415 A body must be sent as it is or with Content-Encoding: gzip." },
		{ "Content-Encoding: gzip, gzip\n", "HTTP/1.1 415 ", "error 415" },
		{ "Content-Encoding: gzip\nContent-Encoding: gzip\n", "HTTP/1.1 415 ",
		  "error 415" },
		{ "Content-Encoding: deflate\n", "HTTP/1.1 415 ", "error 415" },
		{ "Content-Encoding:\n", "HTTP/1.1 415 ", "error 415" },
	};
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ .max_body_bytes = 1000 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *answer = post(&s, rows[i].headers, hello_gzip, sizeof(hello_gzip));
		const char *accept = sip_header(answer, "Accept-Encoding", 0);

		if (strncmp(answer, rows[i].status, strlen(rows[i].status)) != 0 ||
		    !strstr(answer, rows[i].body))
			fail_msg("%s: got %s", rows[i].headers, answer);
		assert_int_equal(accept != NULL, strstr(answer, "error 415") != NULL);
	}
	site_close(&s);
}

static void refuses_bad_gzip(void **state)
{
	/* 2,000 times "x". */
	static const unsigned char bomb[] = {
		0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xab, 0xa8,
		0x18, 0x05, 0xa3, 0x60, 0x14, 0x8c, 0x82, 0x51, 0x30, 0x0a, 0x46, 0xc1,
		0x50, 0x07, 0x00, 0x7a, 0x65, 0x08, 0x29, 0xd0, 0x07, 0x00, 0x00,
	};
	struct site s;
	char *answer;

	(void)state;
	site_open(&s, &(struct http_config){ .max_body_bytes = 1999 }, NULL);
	answer = post(&s, "Content-Encoding: gzip\n", bomb, sizeof(bomb));
	assert_int_equal(strncmp(answer, "HTTP/1.1 413 ", 13), 0);
	free(answer);
	answer = post(&s, "Content-Encoding: gzip\n", hello_gzip, sizeof(hello_gzip) - 1);
	assert_int_equal(strncmp(answer, "HTTP/1.1 400 ", 13), 0);
	free(answer);
	answer = post(&s, "Content-Encoding: gzip\n", "", 0);
	assert_int_equal(strncmp(answer, "HTTP/1.1 200 ", 13), 0);
	free(answer);
	assert_int_equal(site_metric(&s, "oversized_bodies_total"), 1);
	site_close(&s);
	site_open(&s, &(struct http_config){ .max_body_bytes = 2000 }, NULL);
	answer = post(&s, "Content-Encoding: gzip\n", bomb, sizeof(bomb));
	assert_non_null(strstr(answer, "Content-Length: 2000\r\n"));
	free(answer);
	site_close(&s);
}

/* ---- connections ---- */

static void expect_next(struct raw *raw, const char *body)
{
	CLEANUP(mem_free_string) char *answer = raw_take(raw);
	const char *end = answer ? strstr(answer, "\r\n\r\n") : NULL;

	if (!end || strncmp(answer, "HTTP/1.1 200 ", 13) != 0 || strcmp(end + 4, body) != 0)
		fail_msg("expected \"%s\", got \"%s\"", body, answer ? answer : "nothing");
}

/* Requests of all kinds at once, one of them parked; their answers come in their order. */
static void answers_in_order(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /echo/1 HTTP/1.1\nHost: x\n\n"
			"POST /body HTTP/1.1\nHost: x\nContent-Length: 3\n\ntwo"
			"GET /park HTTP/1.1\nHost: x\n\n"
			"POST /body HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n"
			"2;a=b\nfo\n2\nur\n0\nX-Trailer: y\n\n"
			"GET /hello HTTP/1.1\nHost: x\nContent-Length: 2\n\n{}"
			"GET /echo/6 HTTP/1.1\nHost: x\n\n");
	expect_next(&raw, "GET|1|-|-");
	expect_next(&raw, "two");
	RUN_UNTIL(s.loop, s.n_waiting == 1);
	raw_expect_silence(&raw, 3);
	http_answer(http_parked(s.http, s.waiting[0]), 200, NULL, "three", 5);
	expect_next(&raw, "three");
	expect_next(&raw, "four");
	expect_next(&raw, "hello");
	expect_next(&raw, "GET|6|-|-");
	raw_expect_silence(&raw, 3);
	raw_close(&raw);
	site_close(&s);
}

static void speaks_http_1_0(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /hello HTTP/1.0\nConnection: keep-alive\n\n");
	expect_next(&raw, "hello");
	raw_sendf(&raw, "POST /body HTTP/1.0\nHost: x\nContent-Length: 3\n\nabc");
	expect_next(&raw, "abc");
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	site_close(&s);
}

static void invites_to_continue(void **state)
{
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ .max_body_bytes = 10 }, NULL);
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw,
		  "POST /body HTTP/1.1\nHost: x\nExpect: 100-Continue\nContent-Length: 4\n\n");
	free(raw_expect(&raw, "HTTP/1.1 100 "));
	raw_sendf(&raw, "wait");
	expect_next(&raw, "wait");
	/* A body that would be refused is not invited. */
	raw_sendf(&raw,
		  "POST /body HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 11\n\n");
	free(raw_expect(&raw, "HTTP/1.1 413 "));
	raw_close(&raw);
	site_close(&s);
}

/* ---- and no more than that ---- */

static void refuses_bare_line_feeds(void **state)
{
	static const char *const requests[] = {
		"GET /hello HTTP/1.1\nHost: x\n\n",
		"GET /hello HTTP/1.1\nHost: x\nA: b\nC: d\n\n",
		"GET /hello?a=b&c=%20d HTTP/1.0\n\n",
		"POST /body HTTP/1.1\nHost: x\nContent-Length: 0\n\n",
	};
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		raw_tcp(&raw, s.loop, http_listen(s.http));
		raw_send(&raw, requests[i], strlen(requests[i]));
		free(raw_expect(&raw, "HTTP/1.1 400 "));
		assert_true(raw_wait_closed(&raw));
		raw_close(&raw);
	}
	/* Spaces in front of a value, or none, are fine. */
	raw_tcp(&raw, s.loop, http_listen(s.http));
	raw_sendf(&raw, "GET /hello?a=b&c=%%20d HTTP/1.1\nHost:x\nEmpty:\nA:   b  \n\n");
	expect_next(&raw, "hello");
	raw_close(&raw);
	site_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packs_answers_on_request),
		cmocka_unit_test(says_the_same_of_a_head),
		cmocka_unit_test(unpacks_bodies),
		cmocka_unit_test(refuses_bad_gzip),
		cmocka_unit_test(answers_in_order),
		cmocka_unit_test(speaks_http_1_0),
		cmocka_unit_test(invites_to_continue),
		cmocka_unit_test(refuses_bare_line_feeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
