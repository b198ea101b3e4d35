/*
 * HTTP server: behind reverse proxies
 */
#include "http_fixture.h"
#include "mcxd/base/metric.h"
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

static const char *body_of(const char *answer)
{
	const char *end = answer ? strstr(answer, "\r\n\r\n") : NULL;

	return end ? end + 4 : "";
}

/* What /origin says to a request from an address with these headers, "\n" behind each. */
static void expect_origin(struct site *s, const char *from, const char *headers,
			  const char *expected)
{
	CLEANUP(mem_free_string) char *answer = NULL;
	struct raw raw;

	raw_tcp_from(&raw, s->loop, from, http_listen(s->http));
	raw_sendf(&raw, "GET /origin HTTP/1.1\n%s\n", headers);
	answer = raw_take(&raw);
	if (strcmp(body_of(answer), expected) != 0)
		fail_msg("%s: got \"%s\"", headers, answer ? answer : "nothing");
	raw_close(&raw);
}

/* The host of a target in absolute form goes before Host, and what a trusted proxy says before both. */
static void absolute_target_wins_over_host(void **state)
{
	static const struct {
		const char *from, *headers, *origin;
	} rows[] = {
		{ "127.0.4.1:0", "", "127.0.4.1 http://b.lab.test:81" },
		{ "127.0.3.9:0", "X-Forwarded-For: 203.0.113.9\n",
		  "203.0.113.9 http://b.lab.test:81" },
		{ "127.0.3.9:0", "X-Forwarded-For: 203.0.113.9\nX-Forwarded-Host: c.lab.test\n",
		  "203.0.113.9 http://c.lab.test" },
	};
	const struct http_config config = { .trusted_proxies = "127.0.3.9" };
	struct site s;

	(void)state;
	site_open(&s, &config, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *answer = NULL;
		struct raw raw;

		raw_tcp_from(&raw, s.loop, rows[i].from, http_listen(s.http));
		raw_sendf(&raw, "GET http://b.lab.test:81/origin HTTP/1.1\nHost: a\n%s\n",
			  rows[i].headers);
		answer = raw_take(&raw);
		if (!strstr(body_of(answer), rows[i].origin))
			fail_msg("%s: got \"%s\"", rows[i].headers, answer ? answer : "nothing");
		raw_close(&raw);
	}
	site_close(&s);
}

static const struct {
	const char *headers, *origin;
} trusted[] = {
	{ "Host: a:1\nX-Forwarded-For: 203.0.113.9\n", "203.0.113.9 203.0.113.9 http://a:1" },
	{ "Host: a\nX-Forwarded-For: 203.0.113.9:4711\n", "203.0.113.9:4711 203.0.113.9 http://a" },
	{ "Host: a\nX-Forwarded-For: 2001:db8::1\n", "2001:db8::1 2001:db8::1 http://a" },
	{ "Host: a\nX-Forwarded-For: [2001:db8::1]:80\n", "[2001:db8::1]:80 2001:db8::1 http://a" },
	/* The client may have made up all but the last; trusted proxies are passed. */
	{ "Host: a\nX-Forwarded-For: 198.51.100.1, 203.0.113.9\n",
	  "203.0.113.9 203.0.113.9 http://a" },
	{ "Host: a\nX-Forwarded-For: 198.51.100.1\nX-Forwarded-For: 203.0.113.9,127.0.3.1\n",
	  "203.0.113.9 203.0.113.9 http://a" },
	{ "Host: a\nX-Forwarded-For: 198.51.100.1, unknown, 127.0.3.1\n",
	  "127.0.3.1 127.0.3.1 http://a" },
	{ "Host: a\nX-Forwarded-For: 127.0.3.2, 127.0.3.1\n", "127.0.3.2 127.0.3.2 http://a" },
	/* What the client sees. */
	{ "Host: a:1\nX-Forwarded-For: 203.0.113.9\nX-Forwarded-Proto: https\n"
	  "X-Forwarded-Host: lab.test\nX-Forwarded-Port: 8443\n",
	  "203.0.113.9 203.0.113.9 https://lab.test:8443" },
	{ "Host: a\nX-Forwarded-For: 203.0.113.9\nX-Forwarded-Proto: HTTPS\nX-Forwarded-Port: "
	  "443\n",
	  "203.0.113.9 203.0.113.9 https://a" },
	{ "Host: a:1\nX-Forwarded-For: 203.0.113.9\nX-Forwarded-Port: 8443\n",
	  "203.0.113.9 203.0.113.9 http://a:1" },
	{ "Host: a\nX-Forwarded-For: 203.0.113.9\nX-Forwarded-Port: 80x\nX-Forwarded-Host: a/b\n",
	  "203.0.113.9 203.0.113.9 http://a" },
	{ "Host: a\nX-Forwarded-For: 203.0.113.9\nX-Forwarded-Host: [::1]\nX-Forwarded-Port: 81\n",
	  "203.0.113.9 203.0.113.9 http://[::1]:81" },
	/* Two proxies, each with its own word, and a first one that the client has made up. */
	{ "Host: a\nX-Forwarded-For: 198.51.100.1, 203.0.113.9, 127.0.3.1\n"
	  "X-Forwarded-Proto: http, https, http\nX-Forwarded-Host: evil, lab.test, inner\n",
	  "203.0.113.9 203.0.113.9 https://lab.test" },
	{ "Host: a\nForwarded: for=203.0.113.9;proto=https;host=\"lab.test:8443\"\n",
	  "203.0.113.9 203.0.113.9 https://lab.test:8443" },
	{ "Host: a\nForwarded: for=198.51.100.1;host=evil\n"
	  "Forwarded: for=\"[2001:db8::1]:1\";proto=https, for=127.0.3.1;proto=http;host=inner\n",
	  "[2001:db8::1]:1 2001:db8::1 https://a" },
	/* A proxy that writes one kind passes on what the client made up of the other. */
	{ "Host: a\nX-Forwarded-For: 203.0.113.9\nForwarded: for=198.51.100.1;host=evil\n",
	  "203.0.113.9 203.0.113.9 http://a" },
};

static void believes_trusted_proxies(void **state)
{
	const struct http_config config = { .trusted_proxies = "127.0.3.0/24" };
	struct site s;

	(void)state;
	site_open(&s, &config, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(trusted); i++)
		expect_origin(&s, "127.0.3.9:0", trusted[i].headers, trusted[i].origin);
	site_close(&s);
}

static void keeps_what_is_malformed(void **state)
{
	static const char *const headers[] = {
		"X-Forwarded-For: unknown\n",
		"X-Forwarded-For: lab.test\n",
		"X-Forwarded-For: ,\n",
		"X-Forwarded-Proto: gopher\n",
		"Forwarded: for=203.0.113.9;for=203.0.113.8\n",
		"Forwarded: for=\"203.0.113.9\n",
		"Forwarded: ;,\n",
	};
	const struct http_config config = { .trusted_proxies = "127.0.3.9" };
	struct site s;

	(void)state;
	site_open(&s, &config, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		CLEANUP(mem_free_string) char *all = text_concat("Host: a\n", headers[i]);
		CLEANUP(mem_free_string) char *answer = NULL;
		struct raw raw;

		raw_tcp_from(&raw, s.loop, "127.0.3.9:0", http_listen(s.http));
		raw_sendf(&raw, "GET /origin HTTP/1.1\n%s\n", all);
		answer = raw_take(&raw);
		if (strncmp(body_of(answer), "127.0.3.9:", 10) != 0 ||
		    !strstr(body_of(answer), " 127.0.3.9 http://a"))
			fail_msg("%s: got \"%s\"", headers[i], answer);
		raw_close(&raw);
	}
	site_close(&s);
}

static void ignores_others(void **state)
{
	const struct http_config configs[] = { { .trusted_proxies = "127.0.3.0/24" },
					       { .trusted_proxies = "" },
					       { 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		struct site s;

		site_open(&s, &configs[i], NULL);
		for (size_t j = 0; j < ARRAY_SIZE(trusted); j++) {
			CLEANUP(mem_free_string) char *answer = NULL;
			struct raw raw;

			raw_tcp_from(&raw, s.loop, "127.0.4.1:0", http_listen(s.http));
			raw_sendf(&raw, "GET /origin HTTP/1.1\n%s\n", trusted[j].headers);
			answer = raw_take(&raw);
			assert_int_equal(strncmp(body_of(answer), "127.0.4.1:", 10), 0);
			assert_non_null(strstr(body_of(answer), " 127.0.4.1 http://a"));
			raw_close(&raw);
		}
		site_close(&s);
	}
}

/* A socket for IPv6 that takes IPv4 as well. */
static void knows_ipv4_behind_ipv6(void **state)
{
	const struct http_config config = { .listen = "[::]:0", .trusted_proxies = "127.0.3.9" };
	CLEANUP(mem_free_string) char *address = NULL;
	struct site s;

	(void)state;
	site_open(&s, &config, NULL);
	address = text_concat("127.0.0.1", strrchr(http_listen(s.http), ':'));
	for (int i = 0; i < 2; i++) {
		CLEANUP(mem_free_string) char *answer = NULL;
		struct raw raw;

		raw_tcp_from(&raw, s.loop, i ? "127.0.3.9:0" : "127.0.4.1:0", address);
		raw_sendf(&raw, "GET /origin HTTP/1.1\nHost: a\n"
				"X-Forwarded-For: ::ffff:203.0.113.9\n\n");
		answer = raw_take(&raw);
		assert_non_null(strstr(body_of(answer), i ? "203.0.113.9 203.0.113.9 http://a"
							  : " 127.0.4.1 http://a"));
		assert_null(strstr(body_of(answer), "ffff"));
		raw_close(&raw);
	}
	site_close(&s);
}

/* ---- PROXY protocol ---- */

#define V2     "\r\n\r\n\0\r\nQUIT\n"
#define CLIENT "\xCB\0\x71\x09\x7F\0\0\x01\xC8\x7C\x01\xBB" /* 203.0.113.9:51324 */
#define ASK    "GET /origin HTTP/1.1\r\nHost: a\r\n\r\n"
#define INNER  "\x7F\0\x03\x08\x7F\0\0\x01\xC8\x7C\x01\xBB" /* 127.0.3.8:51324 */
#define ASK_FOR(scheme)                                                                            \
	"GET /origin HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.8\r\n"                      \
	"X-Forwarded-Proto: " scheme "\r\n\r\n"
#define TLS(flags) "\x20\0\x05" flags "\0\0\0\0" /* PP2_TYPE_SSL */

static const struct http_config proxied = { .trusted_proxies = "127.0.3.0/24",
					    .proxy_protocol = true,
					    .idle_timeout_ms = 2000 };

/* step: how many bytes at a time; 0: all. */
static void expect_proxied(struct site *s, const char *bytes, size_t n, size_t step,
			   const char *start)
{
	CLEANUP(mem_free_string) char *answer = NULL;
	struct raw raw;

	raw_tcp_from(&raw, s->loop, "127.0.3.9:0", http_listen(s->http));
	for (size_t i = 0; i < n; i += step ? step : n) {
		size_t left = n - i;

		raw_send(&raw, bytes + i, step && step < left ? step : left);
		run_rounds(s->loop, 1);
	}
	answer = raw_take(&raw);
	if (strncmp(body_of(answer), start, strlen(start)) != 0)
		fail_msg("%zu bytes at a time: got \"%s\"", step, answer ? answer : "nothing");
	raw_close(&raw);
}

static void reads_proxy_headers(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *start;
	} rows[] = {
#define ROW(bytes, start) { bytes, sizeof(bytes) - 1, start }
		ROW("PROXY TCP4 203.0.113.9 127.0.0.1 51324 443\r\n" ASK,
		    "203.0.113.9:51324 203.0.113.9 http://a"),
		ROW("PROXY TCP6 2001:db8::1 ::1 1 443\r\n" ASK,
		    "[2001:db8::1]:1 2001:db8::1 http://a"),
		ROW("PROXY UNKNOWN\r\n" ASK, "127.0.3.9:"),
		ROW(V2 "\x21\x11\0\x0C" CLIENT ASK, "203.0.113.9:51324 203.0.113.9 http://a"),
		ROW(V2 "\x20\0\0\0" ASK, "127.0.3.9:"),
		ROW(V2 "\x21\x11\0\x14" CLIENT TLS("\x01") ASK,
		    "203.0.113.9:51324 203.0.113.9 https://a"),
		ROW(V2 "\x21\x11\0\x14" CLIENT TLS("\0") ASK,
		    "203.0.113.9:51324 203.0.113.9 http://a"),
		/* The client that it names is a proxy, which knows better. */
		ROW(V2 "\x21\x11\0\x14" INNER TLS("\0") ASK_FOR("https"),
		    "203.0.113.8 203.0.113.8 https://a"),
		ROW(V2 "\x21\x11\0\x14" INNER TLS("\x01") ASK_FOR("http"),
		    "203.0.113.8 203.0.113.8 http://a"),
		ROW(V2 "\x21\x11\0\x14" INNER TLS("\x01") ASK_FOR("gopher"),
		    "203.0.113.8 203.0.113.8 https://a"),
#undef ROW
	};
	struct site s;

	(void)state;
	site_open(&s, &proxied, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		expect_proxied(&s, rows[i].bytes, rows[i].n, 0, rows[i].start);
		expect_proxied(&s, rows[i].bytes, rows[i].n, 1, rows[i].start);
		expect_proxied(&s, rows[i].bytes, rows[i].n, 20, rows[i].start);
	}
	RUN_UNTIL(s.loop, site_metric(&s, "connections") == 0);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 0);
	site_close(&s);
}

/* Whoever the proxy speaks for is not trusted for that; and a client that connects by itself is no proxy. */
static void trusts_the_proxy_alone(void **state)
{
	CLEANUP(mem_free_string) char *answer = NULL;
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &proxied, NULL);
	raw_tcp_from(&raw, s.loop, "127.0.3.9:0", http_listen(s.http));
	raw_sendf(&raw, "PROXY TCP4 203.0.113.9 127.0.0.1 51324 443\n"
			"GET /origin HTTP/1.1\nHost: a\nX-Forwarded-For: 198.51.100.1\n\n");
	answer = raw_take(&raw);
	assert_string_equal(body_of(answer), "203.0.113.9:51324 203.0.113.9 http://a");
	raw_close(&raw);
	free(answer);

	raw_tcp_from(&raw, s.loop, "127.0.4.1:0", http_listen(s.http));
	raw_sendf(&raw, "GET /origin HTTP/1.1\nHost: a\n\n");
	answer = raw_take(&raw);
	assert_int_equal(strncmp(body_of(answer), "127.0.4.1:", 10), 0);
	raw_close(&raw);

	raw_tcp_from(&raw, s.loop, "127.0.4.1:0", http_listen(s.http));
	raw_sendf(&raw, "PROXY TCP4 203.0.113.9 127.0.0.1 51324 443\n");
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	site_close(&s);
}

static void wait_closed(struct site *s, const char *sent)
{
	struct raw raw;

	raw_tcp_from(&raw, s->loop, "127.0.3.9:0", http_listen(s->http));
	raw_sendf(&raw, "%s", sent);
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
}

static void closes_without_a_header(void **state)
{
	static const char cut[] = V2 "\x21\x11\0\x13" CLIENT "\x20\0\x05\x01\0\0\0" ASK;
	struct raw raw;
	struct site s;

	(void)state;
	site_open(&s, &proxied, NULL);
	wait_closed(&s, "GET /origin HTTP/1.1\nHost: a\n\n");
	wait_closed(&s, "PROXY TCP4 203.0.113.9\n");
	raw_tcp_from(&raw, s.loop, "127.0.3.9:0", http_listen(s.http));
	raw_send(&raw, cut, sizeof(cut) - 1);
	assert_true(raw_wait_closed(&raw));
	raw_close(&raw);
	assert_int_equal(site_metric(&s, "bad_requests_total"), 3);
	assert_int_equal(s.n_faults, 3);
	/* Half a header, or nothing, and then never more. */
	wait_closed(&s, "PROXY TCP4 ");
	wait_closed(&s, "");
	assert_int_equal(site_metric(&s, "timeouts_total"), 2);
	raw_tcp_from(&raw, s.loop, "127.0.3.9:0", http_listen(s.http));
	raw_sendf(&raw, "PROXY ");
	run_rounds(s.loop, 3);
	raw_close(&raw);
	/* One more waits when the server is closed. */
	raw_tcp_from(&raw, s.loop, "127.0.3.9:0", http_listen(s.http));
	run_rounds(s.loop, 3);
	assert_int_equal(site_metric(&s, "connections"), 0);
	site_close(&s);
	raw_close(&raw);
}

static void counts_arrivals(void **state)
{
	struct http_config config = proxied;
	struct raw first, second;
	struct site s;

	(void)state;
	config.max_connections = 1;
	site_open(&s, &config, NULL);
	raw_tcp_from(&first, s.loop, "127.0.3.9:0", http_listen(s.http));
	run_rounds(s.loop, 3);
	raw_tcp_from(&second, s.loop, "127.0.3.9:0", http_listen(s.http));
	free(raw_expect(&second, "HTTP/1.1 503 "));
	raw_close(&second);
	assert_int_equal(site_metric(&s, "refused_connections_total"), 1);
	raw_close(&first);
	site_close(&s);
}

/* ---- rates ---- */

/* Requests from an address until one is refused; free() the answer. */
static char *exhaust(struct site *s, const char *client)
{
	char *answer = NULL;
	struct raw raw;

	raw_tcp_from(&raw, s->loop, "127.0.3.9:0", http_listen(s->http));
	for (int i = 0; i < 100; i++) {
		free(answer);
		raw_sendf(&raw, "GET /hello HTTP/1.1\nHost: a\nX-Forwarded-For: %s\n\n", client);
		answer = raw_take(&raw);
		assert_non_null(answer);
		if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0)
			break;
	}
	raw_close(&raw);
	return answer;
}

static void limits_the_rate_of_an_address(void **state)
{
	const struct http_config config = { .trusted_proxies = "127.0.3.9", .max_rate = 1 };
	struct site s;
	char *answer;

	(void)state;
	site_open(&s, &config, NULL);
	answer = exhaust(&s, "203.0.113.9");
	assert_int_equal(strncmp(answer, "HTTP/1.1 429 ", 13), 0);
	assert_non_null(strstr(answer, "\r\nRetry-After: 1\r\n"));
	assert_string_equal(body_of(answer), "error 429 Too many requests came from this address.");
	assert_true(site_metric(&s, "requests_total") > 10);
	free(answer);
	assert_int_equal(site_metric(&s, "rate_limited_total"), 1);
	/* A host with IPv6 has many addresses. */
	answer = exhaust(&s, "2001:db8::1");
	assert_int_equal(strncmp(answer, "HTTP/1.1 429 ", 13), 0);
	free(answer);
	expect_origin(&s, "127.0.3.9:0", "Host: a\nX-Forwarded-For: 2001:db8::2\n",
		      "error 429 Too many requests came from this address.");
	/* Others are served, and this machine always is. */
	expect_origin(&s, "127.0.3.9:0", "Host: a\nX-Forwarded-For: 203.0.113.8\n",
		      "203.0.113.8 203.0.113.8 http://a");
	answer = exhaust(&s, "127.0.0.1");
	assert_int_equal(strncmp(answer, "HTTP/1.1 200 ", 13), 0);
	free(answer);
	answer = exhaust(&s, "::1");
	assert_int_equal(strncmp(answer, "HTTP/1.1 200 ", 13), 0);
	free(answer);
	assert_int_equal(site_metric(&s, "rate_limited_total"), 3);
	site_close(&s);
}

static void refuses_bad_lists(void **state)
{
	struct site s;

	(void)state;
	site_open(&s, &(struct http_config){ 0 }, NULL);
	http_free(s.http);
	free(s.base);
	s.base = NULL;
	metrics_free(s.metrics);
	s.metrics = metrics_new();
	assert_true(site_listen(&s, &(struct http_config){ .trusted_proxies = "x" }) < 0);
	assert_int_equal(site_listen(&s, &(struct http_config){ .trusted_proxies = "::1" }), 0);
	site_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_trusted_proxies),
		cmocka_unit_test(absolute_target_wins_over_host),
		cmocka_unit_test(keeps_what_is_malformed),
		cmocka_unit_test(ignores_others),
		cmocka_unit_test(knows_ipv4_behind_ipv6),
		cmocka_unit_test(reads_proxy_headers),
		cmocka_unit_test(trusts_the_proxy_alone),
		cmocka_unit_test(closes_without_a_header),
		cmocka_unit_test(counts_arrivals),
		cmocka_unit_test(limits_the_rate_of_an_address),
		cmocka_unit_test(refuses_bad_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
