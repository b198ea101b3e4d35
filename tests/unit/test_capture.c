/*
 * Records as a capture file and as an HTTP Archive, byte by byte where readers depend on it
 */
#include "proto/capture.h"
#include "proto/exchange.h"
#include "proto/har.h"
#include "proto/pcapng.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define REQUEST                                                                                    \
	"POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nContent-Type: text/plain\r\nContent-Length: "        \
	"2\r\n\r\nhi"
#define ANSWER "HTTP/1.1 201 Created\r\nLocation: /b\r\nContent-Length: 1\r\n\r\nx"

static void test_exchange(void **state)
{
	static const char raw[] = REQUEST ANSWER;
	static const struct record_field asks[] = { { "method", "POST" },
						    { "path", "http://h:8/x" },
						    { "target", "toast" } };
	static const struct record_field answers[] = { { "status", "200" },
						       { "notification", "Received" } };
	struct exchange e;

	(void)state;
	exchange_init(&e, &(struct record){ .kind = "http", .raw = raw, .n_raw = strlen(raw) });
	assert_string_equal(text_str(&e.request), REQUEST);
	assert_string_equal(text_str(&e.answer), ANSWER);
	exchange_deinit(&e);
	exchange_init(
		&e,
		&(struct record){
			.kind = "http", .raw = "<a/>", .n_raw = 4, .fields = asks, .n_fields = 3 });
	assert_string_equal(text_str(&e.request),
			    "POST /x HTTP/1.1\r\nHost: h:8\r\nX-WindowsPhone-Target: toast\r\n"
			    "Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>");
	assert_int_equal(e.answer.n, 0);
	exchange_deinit(&e);
	exchange_init(&e, &(struct record){ .kind = "http", .fields = answers, .n_fields = 2 });
	assert_int_equal(e.request.n, 0);
	assert_string_equal(
		text_str(&e.answer),
		"HTTP/1.1 200 \r\nX-NotificationStatus: Received\r\nContent-Length: 0\r\n\r\n");
	exchange_deinit(&e);
	/* A length that promises more than there is. */
	exchange_init(&e, &(struct record){ .kind = "http",
					    .raw = "GET / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab",
					    .n_raw = 39 });
	assert_int_equal(e.request.n + e.answer.n, 39);
	exchange_deinit(&e);
}

static void test_udp(void **state)
{
	static const unsigned char expected[] = {
		6,    0, 0, 0,  76,   0,    0,    0, /* packet block */
		0,    0, 0, 0,                       /* interface */
		1,    0, 0, 0,  2,    0,    0,    0, /* time */
		31,   0, 0, 0,  31,   0,    0,    0, /* lengths */
		0x45, 0, 0, 31, 0,    0,    0x40, 0,    64, 17, 0, 0, 192, 0,   2,   1,
		192,  0, 2, 2,  0x13, 0xC4, 0x13, 0xC5, 0,  11, 0, 0, 'a', 'b', 'c', 0,
		1,    0, 2, 0,  'h',  'i',  0,    0,    0,  0,  0, 0, 76,  0,   0,   0,
	};
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	pcapng_add_udp(&out, &(struct pcapng_packet){ .time_us = (INT64_C(1) << 32) + 2,
						      .from = { 0xC0000201, 5060 },
						      .to = { 0xC0000202, 5061 },
						      .data = "abc",
						      .n = 3,
						      .comment = "hi" });
	assert_int_equal(out.n, sizeof(expected));
	assert_memory_equal(out.data, expected, sizeof(expected));
}

/* How often a file has a piece. */
static int count(const struct text *t, const void *piece, size_t n)
{
	int found = 0;

	for (const char *p = t->data; (p = memmem(p, t->n - (size_t)(p - t->data), piece, n)); p++)
		found++;
	return found;
}

/* Both ends' records of a message are one message, and give it both ports. A long one is cut, and numbered on. */
static void test_capture(void **state)
{
	static const struct record_field sent[] = { { "transport", "tls" },
						    { "peer", "127.0.0.1:5071" } };
	static const struct record_field received[] = { { "transport", "tls" },
							{ "peer", "127.0.0.1:4660" } };
	CLEANUP(mem_free_string) char *raw = mem_zalloc(70001);
	struct record records[] = {
		{ .seq = 1,
		  .kind = "sip",
		  .from = "front-end",
		  .to = "edge",
		  .raw = raw,
		  .n_raw = 70000,
		  .fields = sent,
		  .n_fields = 2 },
		{ .seq = 2,
		  .kind = "sip",
		  .from = "front-end",
		  .to = "edge",
		  .incoming = true,
		  .sent = 1,
		  .raw = raw,
		  .n_raw = 70000,
		  .fields = received,
		  .n_fields = 2 },
	};
	const struct record *pointers[] = { &records[0], &records[1] };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	static const unsigned char ports[] = { 192, 0, 2, 1, 192, 0, 2, 2, 0x12, 0x34, 0x13, 0xCF };
	static const unsigned char first[] = { 0x13, 0xCF, 0,    0,    0x03, 0xE9,
					       0,    0,    0x07, 0xD1, 0x50, 24 };
	static const unsigned char second[] = { 0x13, 0xCF, 0,    0,    0xEE, 0x49,
						0,    0,    0x07, 0xD1, 0x50, 24 };

	(void)state;
	memset(raw, 'x', 70000);
	capture_encode(&out, pointers, ARRAY_SIZE(pointers));
	assert_int_equal(count(&out, ports, sizeof(ports)), 4);
	assert_int_equal(count(&out, first, sizeof(first)), 1);
	assert_int_equal(count(&out, second, sizeof(second)), 1);
	assert_int_equal(count(&out, "front-end", sizeof("front-end")), 1);
	assert_in_range(out.n, 70000, 71000);
}

/* Two connections whose messages alternate: each is opened once, by who speaks first, and counts its own bytes. */
static void test_capture_connections(void **state)
{
	static const struct record_field fields[2][2] = {
		{ { "transport", "tcp" }, { "peer", "127.0.0.1:4660" } },
		{ { "transport", "tcp" }, { "peer", "127.0.0.1:4661" } },
	};
	enum { N = 8 };
	struct record records[N];
	const struct record *pointers[N];
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	/* From 4660 and 4661 to 5060, SYN: nobody opens one in the other direction. */
	static const unsigned char opened[][12] = {
		{ 0x12, 0x34, 0x13, 0xC4, 0, 0, 0x03, 0xE8, 0, 0, 0, 0 },
		{ 0x12, 0x35, 0x13, 0xC4, 0, 0, 0x03, 0xE8, 0, 0, 0, 0 },
	};
	/* The second answer in each: four bytes after the first, to six bytes. */
	static const unsigned char answered[][12] = {
		{ 0x13, 0xC4, 0x12, 0x34, 0, 0, 0x07, 0xD5, 0, 0, 0x03, 0xEF },
		{ 0x13, 0xC4, 0x12, 0x35, 0, 0, 0x07, 0xD5, 0, 0, 0x03, 0xEF },
	};

	(void)state;
	for (int i = 0; i < N; i++) {
		bool is_answer = i / 2 % 2;

		records[i] = (struct record){ .seq = (uint64_t)i + 1,
					      .kind = "sip",
					      .from = is_answer ? "front-end" : "alice",
					      .to = is_answer ? "alice" : "front-end",
					      .incoming = !is_answer,
					      .wall_us = i,
					      .raw = is_answer ? "back" : "ask",
					      .n_raw = is_answer ? 4 : 3,
					      .fields = fields[i % 2],
					      .n_fields = 2 };
		pointers[i] = &records[i];
	}
	capture_encode(&out, pointers, N);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(count(&out, opened[i], sizeof(opened[i])), 1);
		assert_int_equal(count(&out, answered[i], sizeof(answered[i])), 1);
	}
}

static struct json_object *at(struct json_object *o, const char *name)
{
	struct json_object *member = NULL;

	assert_true(json_object_object_get_ex(o, name, &member));
	return member;
}

/* A request and an answer that are records of their own make one entry. */
static void test_har(void **state)
{
	static const struct record_field asks[] = { { "method", "POST" },
						    { "path", "http://h:8/x" } };
	static const struct record_field answers[] = { { "status", "503" } };
	static const struct record_field whole[] = { { "method", "POST" },
						     { "duration_us", "2500" } };
	const struct record records[] = {
		{ .seq = 1,
		  .kind = "http",
		  .from = "clearing-house",
		  .to = "push-service",
		  .key = "mpns:1",
		  .wall_us = 10000,
		  .fields = asks,
		  .n_fields = 2 },
		{ .seq = 2,
		  .kind = "http",
		  .from = "phone:b@l",
		  .to = "front-end",
		  .wall_us = 12000,
		  .raw = REQUEST ANSWER,
		  .n_raw = strlen(REQUEST ANSWER),
		  .fields = whole,
		  .n_fields = 2 },
		{ .seq = 3,
		  .kind = "http",
		  .from = "push-service",
		  .to = "clearing-house",
		  .key = "mpns:1",
		  .wall_us = 11500,
		  .fields = answers,
		  .n_fields = 1 },
	};
	const struct record *pointers[] = { &records[0], &records[1], &records[2] };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	struct json_object *har, *entries, *e;

	(void)state;
	har_encode(&out, pointers, 3, "9.9");
	har = json_tokener_parse(text_str(&out));
	entries = at(at(har, "log"), "entries");
	assert_int_equal(json_object_array_length(entries), 2);
	e = json_object_array_get_idx(entries, 0);
	assert_string_equal(json_object_get_string(at(at(e, "request"), "url")),
			    "http://h:1/a?b=c");
	assert_string_equal(json_object_get_string(at(at(at(e, "request"), "postData"), "text")),
			    "hi");
	assert_string_equal(json_object_get_string(at(at(e, "response"), "statusText")), "Created");
	assert_string_equal(json_object_get_string(at(at(e, "response"), "redirectURL")), "/b");
	assert_string_equal(json_object_get_string(at(e, "startedDateTime")),
			    "1970-01-01T00:00:00.009500Z");
	e = json_object_array_get_idx(entries, 1);
	assert_int_equal(json_object_get_int(at(at(e, "response"), "status")), 503);
	assert_true(json_object_get_double(at(e, "time")) == 1.5);
	json_object_put(har);
}

/* Each request has the first answer with its key that comes after it, the other way round. */
static void test_har_answers(void **state)
{
	static const struct record_field ask[] = { { "method", "POST" }, { "path", "http://h/x" } };
	static const struct record_field answer[][1] = { { { "status", "201" } },
							 { { "status", "202" } },
							 { { "status", "203" } } };
	static const struct {
		const char *key;
		bool is_back;
		int status;
	} rows[] = {
		{ "k:1", true, 0 },  { "k:1", false, 0 }, { "k:2", false, 0 }, { "k:1", false, 0 },
		{ "k:2", false, 0 }, { "k:1", true, 1 },  { "k:2", true, 2 },  { "k:3", false, 0 },
	};
	const int expected[] = { 202, 203, 202, 203, 0 };
	struct record records[ARRAY_SIZE(rows)];
	const struct record *pointers[ARRAY_SIZE(rows)];
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	struct json_object *har, *entries;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		records[i] =
			(struct record){ .seq = i + 1,
					 .kind = "http",
					 .key = rows[i].key,
					 .from = rows[i].is_back ? "b" : "a",
					 .to = rows[i].is_back ? "a" : "b",
					 .wall_us = (int64_t)i * 1000000,
					 .fields = rows[i].is_back ? answer[rows[i].status] : ask,
					 .n_fields = rows[i].is_back ? 1 : 2 };
		pointers[i] = &records[i];
	}
	har_encode(&out, pointers, ARRAY_SIZE(rows), "9.9");
	har = json_tokener_parse(text_str(&out));
	entries = at(at(har, "log"), "entries");
	assert_int_equal(json_object_array_length(entries), ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct json_object *e = json_object_array_get_idx(entries, i);

		assert_int_equal(json_object_get_int(at(at(e, "response"), "status")), expected[i]);
	}
	json_object_put(har);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchange), cmocka_unit_test(test_udp),
		cmocka_unit_test(test_capture),  cmocka_unit_test(test_capture_connections),
		cmocka_unit_test(test_har),      cmocka_unit_test(test_har_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
