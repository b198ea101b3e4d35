/*
 * Lab API: the journal, and waiting for records
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/lab_fixture.h"
#include "web/http/client.h"

/* ---- journal ---- */

static void test_journal_pages(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	for (int i = 0; i < 7; i++)
		note(f, i % 2 ? "toast" : "tile", "i", "x");
	o = ask(f, &call, "GET", "journal", NULL);
	assert_int_equal(json_object_array_length(at(o, "records")), 5);
	assert_int_equal(json_object_get_int(at(o, "next")), 6);
	assert_int_equal(json_object_get_int(at(o, "last")), 7);
	assert_string_equal(str(at(item(o, "records", 0), "fields"), "i"), "x");
	call_deinit(&call);
	o = ask(f, &call, "GET", "journal?from=3&kind=toast&user=bob@lab.test&key=conv:77&limit=1",
		NULL);
	assert_int_equal(json_object_get_int(at(item(o, "records", 0), "seq")), 4);
	assert_int_equal(json_object_get_int(at(o, "next")), 5);
	call_deinit(&call);
	o = ask(f, &call, "GET", "journal?user=alice@lab.test", NULL);
	assert_int_equal(json_object_array_length(at(o, "records")), 0);
	call_deinit(&call);
	refused(f, 400, "limit", "GET", "journal?limit=6", NULL);
	refused(f, 400, "from", "GET", "journal?from=0", NULL);
	refused(f, 400, "from", "GET", "journal?from=1x", NULL);
	refused(f, 400, "page", "GET", "journal?follow=1&from=1", NULL);
}

/* Raw bytes are a string if they are UTF-8, else base64, so that the JSON is always valid. */
static void test_journal_raw(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	journal_add(f->journal, &(struct record){ .kind = "sip",
						  .from = "alice@lab.test",
						  .to = "front-end",
						  .incoming = true,
						  .raw = "h\xC3\xA4",
						  .n_raw = 3 });
	journal_add(f->journal, &(struct record){ .kind = "sip",
						  .raw = "\xFF\0\x01",
						  .n_raw = 3,
						  .summary = "bad \xFF here" });
	o = ask(f, &call, "GET", "journal", NULL);
	assert_string_equal(str(item(o, "records", 0), "raw"), "h\xC3\xA4");
	assert_true(json_object_get_boolean(at(item(o, "records", 0), "incoming")));
	assert_string_equal(str(item(o, "records", 1), "rawBase64"), "/wAB");
	assert_string_equal(str(item(o, "records", 1), "summary"), "bad \xEF\xBF\xBD here");
	call_deinit(&call);
}

static void wait_for_bytes(struct call *call, const char *bytes)
{
	int64_t until = loop_real_ms(call->f->loop) + PATIENCE_MS;

	while (!strstr(text_str(&call->body), bytes)) {
		assert_true(loop_real_ms(call->f->loop) < until);
		loop_step(call->f->loop, 100);
	}
}

static void test_journal_stream(void **state)
{
	struct fixture *f = *state;
	struct call call, next;

	note(f, "tile", "i", "1");
	note(f, "tile", "i", "2");
	call_begin(f, &call, "GET", "journal?follow=1&from=2", NULL);
	wait_for_bytes(&call, "\"i\":\"2\"");
	note(f, "tile", "i", "3");
	wait_for_bytes(&call, "\"i\":\"3\"");
	assert_null(strstr(text_str(&call.body), "\"i\":\"1\""));
	assert_false(call.done);
	refused(f, 429, "streams", "GET", "journal?follow=1", NULL);
	/* A reader that goes makes room for another. */
	http_client_cancel(f->client, call.id);
	wait_for_metric(f, "http_lab_streams", 0);
	call_begin(f, &next, "GET", "journal?follow=1&kind=toast", NULL);
	wait_for_metric(f, "http_lab_streams", 1);
	note(f, "tile", "i", "4");
	note(f, "toast", "i", "5");
	wait_for_bytes(&next, "\"i\":\"5\"");
	assert_null(strstr(text_str(&next.body), "\"i\":\"4\""));
	http_client_cancel(f->client, next.id);
	call_deinit(&next);
	call_deinit(&call);
}

/* ---- wait ---- */

static void test_wait_past(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	note(f, "sip", "status", "180");
	note(f, "sip", "status", "200");
	note(f, "sip", "status", "200");
	o = ask(f, &call, "POST", "wait", "{'kind':'sip','fields':{'status':'200'},'count':2}");
	assert_true(json_object_get_boolean(at(o, "matched")));
	assert_int_equal(json_object_get_int(at(item(o, "records", 1), "seq")), 3);
	assert_int_equal(json_object_get_int(at(o, "next")), 4);
	call_deinit(&call);
	o = ask(f, &call, "POST", "wait",
		"{'user':'BOB@lab.test','key':'conv:77','fields':{'status':{'matches':'^[12]00$'}},"
		"'from':3,'timeoutMs':0}");
	assert_int_equal(json_object_get_int(at(item(o, "records", 0), "seq")), 3);
	call_deinit(&call);
}

static void test_wait_future(void **state)
{
	struct fixture *f = *state;
	struct call call, other;

	call_begin(f, &call, "POST", "wait", "{'kind':'sip','fields':{'status':'200'}}");
	call_begin(f, &other, "POST", "wait", "{'kind':'toast','timeoutMs':60000}");
	wait_for_metric(f, "http_lab_parked", 2);
	note(f, "sip", "status", "180");
	note(f, "sip", "status", "200");
	call_finish(&call);
	assert_true(json_object_get_boolean(at(call.json, "matched")));
	assert_false(other.done);
	note(f, "toast", "text1", "x");
	call_finish(&other);
	assert_true(json_object_get_boolean(at(other.json, "matched")));
	call_deinit(&call);
	call_deinit(&other);
}

static void test_wait_closest(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	note(f, "sip", "status", "100");
	note(f, "sip", "status", "180");
	note(f, "http", "status", "200");
	o = ask(f, &call, "POST", "wait",
		"{'kind':'sip','fields':{'status':'200','method':'BYE'},'timeoutMs':20}");
	assert_false(json_object_get_boolean(at(o, "matched")));
	assert_int_equal(json_object_array_length(at(o, "closest")), 3);
	o = item(o, "closest", 0);
	assert_int_equal(json_object_get_int(at(at(o, "record"), "seq")), 2);
	assert_string_equal(json_object_get_string(item(o, "differs", 0)),
			    "record 2 has status \"180\", not \"200\"");
	assert_string_equal(json_object_get_string(item(o, "differs", 1)),
			    "record 2 has no method, not \"BYE\"");
	assert_non_null(strstr(str(call.json, "message"), "Found 0 of 1."));
	call_deinit(&call);
	/* Of two that miss one condition each, the one that meets the first condition is closer, though older. */
	note(f, "sip", "method", "BYE");
	o = ask(f, &call, "POST", "wait",
		"{'kind':'sip','fields':{'status':'180','method':'BYE'},'timeoutMs':0}");
	assert_int_equal(json_object_get_int(at(at(item(o, "closest", 0), "record"), "seq")), 2);
	call_deinit(&call);
	o = ask(f, &call, "POST", "wait", "{'fields':{'status':'999'},'timeoutMs':0}");
	assert_int_equal(json_object_array_length(at(o, "closest")), 0);
	call_deinit(&call);
}

static void test_wait_refused(void **state)
{
	struct fixture *f = *state;

	refused(f, 400, "condition", "POST", "wait", "{}");
	refused(f, 400, "Unknown kind \"toasts\"; the kinds are sip,", "POST", "wait",
		"{'kind':'toasts'}");
	refused(f, 400, "count", "POST", "wait", "{'kind':'tile','count':0}");
	refused(f, 400, "timeoutMs", "POST", "wait", "{'kind':'tile','timeoutMs':60001}");
	refused(f, 400, "regular", "POST", "wait", "{'fields':{'a':{'matches':'('}}}");
	refused(f, 400, "braces", "POST", "wait", "{'fields':{'a':{'matches':'(a{9}){9}'}}}");
	refused(f, 400, "braces", "POST", "wait", "{'fields':{'a':{'matches':'(a)\\\\1'}}}");
	refused(f, 400, "matches", "POST", "wait", "{'fields':{'a':{'match':'b'}}}");
	refused(f, 400, "matches", "POST", "wait", "{'fields':{'a':1}}");
	refused(f, 400, "timeout", "POST", "wait", "{'kind':'tile','timeout':1}");
}

/* The number of waiting requests is limited; a client that hangs up makes room. */
static void test_wait_limit(void **state)
{
	struct fixture *f = *state;
	struct call calls[4], probe;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		call_begin(f, &calls[i], "POST", "wait", "{'kind':'tile','timeoutMs':60000}");
	wait_for_metric(f, "http_lab_parked", ARRAY_SIZE(calls));
	refused(f, 429, "limit", "POST", "wait", "{'kind':'tile'}");
	http_client_cancel(f->client, calls[0].id);
	wait_for_metric(f, "http_lab_parked", ARRAY_SIZE(calls) - 1);
	ask(f, &probe, "POST", "wait", "{'kind':'tile','timeoutMs':0}");
	assert_int_equal(probe.status, 200);
	call_deinit(&probe);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		call_deinit(&calls[i]);
}

/* Without a journal, requests that need it are refused instead of waiting forever. */
static void test_no_journal(void **state)
{
	struct fixture *f = *state;
	struct call call;
	struct json_object *o;

	note(f, "sip", "status", "200");
	assert_int_equal(journal_last(f->journal), 0);
	o = ask(f, &call, "GET", "status", NULL);
	assert_false(json_object_get_boolean(at(at(o, "journal"), "on")));
	call_deinit(&call);
	refused(f, 409, "journal.max_records", "POST", "wait", "{'kind':'sip'}");
	refused(f, 409, "journal.max_records", "GET", "journal", NULL);
	refused(f, 409, "journal.max_records", "GET", "journal?follow=1", NULL);
	refused(f, 409, "journal.max_records", "GET", "conversations/1/story", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_journal_pages, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_journal_raw, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_journal_stream, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_past, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_future, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_closest, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_refused, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_limit, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_no_journal, lab_setup_without_journal,
						lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
