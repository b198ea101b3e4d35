/*
 * Lab API: the journal, and waiting for records
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/lab_fixture.h"
#include "web/http/client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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
	refused(f, 400, "Unknown parameter \"knd\"", "GET", "journal?knd=toast", NULL);
	refused(f, 400, "Unknown parameter \"user\"", "GET", "clock?user=bob@lab.test", NULL);
	refused(f, 400, "Unknown kind \"toasts\"", "GET", "journal?kind=toasts", NULL);
	refused(f, 400, "toast records have no field \"status\"", "GET",
		"journal?kind=toast&status=200", NULL);
	refused(f, 400, "conversation", "GET", "journal?conversation=x", NULL);
	refused(f, 400, "since", "GET", "journal?since=today", NULL);
	refused(f, 400, "Unknown kind", "GET", "journal?follow=1&kind=toasts", NULL);
	refused(f, 400, "from", "GET", "journal?from=0", NULL);
	refused(f, 400, "from", "GET", "journal?from=1x", NULL);
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

/* How often the bytes of an answer have a piece. */
static int count(const struct call *call, const char *piece)
{
	int n = 0;

	for (const char *p = text_str(&call->body); (p = strstr(p, piece)); p++)
		n++;
	return n;
}

static void stop_stream(struct fixture *f, struct call *call)
{
	http_client_cancel(f->client, call->id);
	wait_for_metric(f, "http_lab_streams", 0);
	call_deinit(call);
}

static const char *instance_of(struct fixture *f, struct call *status)
{
	return str(ask(f, status, "GET", "status", NULL), "instance");
}

/* A stream begins with a page's worth and more of old records, and goes on behind the last one that was read. */
static void test_stream_resumes(void **state)
{
	struct fixture *f = *state;
	struct call call, status;
	const char *instance = instance_of(f, &status);
	CLEANUP(mem_free_string)
	char *path = text_concat("journal?follow=1&from=1&instance=", instance);

	for (int i = 0; i < 20; i++)
		note(f, "tile", "i", "old");
	call_begin(f, &call, "GET", path, NULL);
	wait_for_bytes(&call, "\nid: 20\ndata: {\"seq\":20,");
	assert_int_equal(count(&call, "\nid: "), 20);
	assert_int_equal(count(&call, "event: "), 1);
	wait_for_bytes(&call, "event: begin\ndata: {\"instance\":\"");
	wait_for_bytes(&call, "\"first\":1,\"last\":20,\"next\":1}\n\n");
	wait_for_bytes(&call, instance);
	stop_stream(f, &call);
	call_begin_after(f, &call, path, "18");
	wait_for_bytes(&call, "\nid: 20\n");
	assert_int_equal(count(&call, "\nid: "), 2);
	stop_stream(f, &call);
	call_deinit(&status);
}

/* Numbers of another run of the daemon are worth nothing: the stream starts over. */
static void test_stream_of_another_run(void **state)
{
	static const char *const instances[] = {
		"journal?follow=1&from=9&instance=00000000000000aa", "journal?follow=1"
	};
	static const char *const last_event[] = { "1", "700" };
	struct fixture *f = *state;
	struct call call;

	for (int i = 0; i < 3; i++)
		note(f, "tile", "i", "old");
	for (size_t i = 0; i < ARRAY_SIZE(instances); i++) {
		call_begin_after(f, &call, instances[i], last_event[i]);
		wait_for_bytes(&call, "\nid: 3\n");
		assert_int_equal(count(&call, "\nid: "), 3);
		assert_int_equal(count(&call, "\"next\":1}"), 1);
		stop_stream(f, &call);
	}
	refused(f, 400, "from", "GET", "journal?follow=1&from=9", NULL);
}

/* What the journal dropped meanwhile is told, and the stream goes on with what there is. */
static void test_stream_tells_of_losses(void **state)
{
	struct fixture *f = *state;
	struct call call;

	for (int i = 0; i < 1010; i++)
		note(f, "tile", "i", "x");
	call_begin_after(f, &call, "journal?follow=1", "4");
	wait_for_bytes(&call, "event: lost\nid: 10\ndata: {\"from\":5,\"to\":10}\n\nid: 11\n");
	wait_for_bytes(&call, "\nid: 1010\n");
	stop_stream(f, &call);
}

/* A silent stream has a sign of life, which also moves its place on: a filter that lets nothing pass costs nothing when
 * the client comes again. */
static void test_stream_heartbeat(void **state)
{
	struct fixture *f = *state;
	struct call call;

	for (int i = 0; i < 1001; i++)
		note(f, "tile", "i", "x");
	call_begin(f, &call, "GET", "journal?follow=1&from=2&kind=toast", NULL);
	wait_for_bytes(&call, "\n\nid: 1001\n\n");
	wait_for_bytes(&call, "\n\nid: 1001\n:\n\nid: 1001\n:\n\n");
	assert_int_equal(count(&call, "data: "), 1);
	stop_stream(f, &call);
}

/* A reader that takes nothing costs a piece of memory, whatever is recorded, and its place goes to others when the
 * server has closed it. */
static void test_stream_slow_reader(void **state)
{
	static const char request[] =
		"GET /lab/v1/journal?follow=1&from=1 HTTP/1.1\r\nHost: lab\r\n\r\n";
	struct fixture *f = *state;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char big[10000];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	strcpy(to.sun_path, f->socket);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	wait_for_metric(f, "http_lab_streams", 1);
	/* More than socket buffers hold. */
	for (int i = 0; i < 1000; i++) {
		note(f, "tile", "i", big);
		loop_step(f->loop, 0);
	}
	assert_true(metrics_find(f->metrics, "http_lab_answer_bytes_total")->value < 2 << 20);
	refused(f, 429, "streams", "GET", "journal?follow=1", NULL);
	wait_for_metric(f, "http_lab_slow_readers_total", 1);
	assert_int_equal(metrics_find(f->metrics, "http_lab_streams")->value, 0);
	close(fd);
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
	assert_int_equal(call.status, 409);
	assert_false(json_object_get_boolean(at(o, "matched")));
	assert_int_equal(json_object_array_length(at(o, "closest")), 3);
	o = item(o, "closest", 0);
	assert_int_equal(json_object_get_int(at(at(o, "record"), "seq")), 2);
	assert_string_equal(json_object_get_string(item(o, "differs", 0)),
			    "record 2 has status \"180\", not \"200\"");
	assert_string_equal(json_object_get_string(item(o, "differs", 1)),
			    "record 2 has no method, not \"BYE\"");
	assert_non_null(strstr(str(at(call.json, "error"), "message"),
			       "Found 0 of 1. Closest: record 2 has"));
	call_deinit(&call);
	/* Of two that miss one condition each, the one that meets the first condition is closer, though older. */
	note(f, "sip", "method", "BYE");
	o = ask(f, &call, "POST", "wait",
		"{'kind':'sip','fields':{'status':'180','method':'BYE'},'timeoutMs':0}");
	assert_int_equal(json_object_get_int(at(at(item(o, "closest", 0), "record"), "seq")), 2);
	call_deinit(&call);
	o = ask(f, &call, "POST", "wait", "{'fields':{'status':'999'},'timeoutMs':0}");
	assert_int_equal(call.status, 409);
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
	refused(f, 400, "regular", "POST", "wait", "{'fields':{'text':{'matches':'('}}}");
	refused(f, 400, "braces", "POST", "wait", "{'fields':{'text':{'matches':'(a{9}){9}'}}}");
	refused(f, 400, "braces", "POST", "wait", "{'fields':{'text':{'matches':'(a)\\\\1'}}}");
	refused(f, 400, "matches", "POST", "wait", "{'fields':{'text':{'match':'b'}}}");
	refused(f, 400, "matches", "POST", "wait", "{'fields':{'text':1}}");
	refused(f, 400, "timeout", "POST", "wait", "{'kind':'tile','timeout':1}");
	refused(f, 400, "toast records have no field \"status\"; their fields are text1,", "POST",
		"wait", "{'kind':'toast','fields':{'status':'200'}}");
	refused(f, 400, "toast records have no header \"Server\"", "POST", "wait",
		"{'kind':'toast','headers':{'Server':'x'}}");
	refused(f, 400, "toast records have no body", "POST", "verify",
		"{'kind':'toast','bodyContains':'x'}");
	refused(f, 400, "\"nonsense\"", "POST", "wait", "{'fields':{'nonsense':'x'}}");
	refused(f, 400, "clock", "POST", "wait", "{'kind':'tile','clock':'mine'}");
	refused(f, 400, "order", "POST", "wait", "{'order':[]}");
	refused(f, 400, "order", "POST", "wait", "{'order':[1]}");
	refused(f, 400, "count", "POST", "wait", "{'order':[{'kind':'tile'}],'count':2}");
	refused(f, 400, "Unknown member \"from\"", "POST", "wait",
		"{'order':[{'kind':'tile','from':2}]}");
	refused(f, 400, "timeoutMs", "POST", "verify", "{'kind':'tile','timeoutMs':1}");
}

static const char invite[] =
	"INVITE sip:bob@lab.test SIP/2.0\r\nVia: a\r\nVia: b\r\nServer: RTCC/4.0\r\n"
	"\r\nwords inside";

static void add_sip(struct fixture *f, const char *status)
{
	journal_add(f->journal,
		    &(struct record){ .kind = "sip",
				      .from = "alice@lab.test",
				      .to = "edge",
				      .key = "conv:5",
				      .raw = invite,
				      .n_raw = sizeof(invite) - 1,
				      .fields = &(struct record_field){ "status", status },
				      .n_fields = 1 });
}

static void expect_status(struct fixture *f, const char *how, const char *body, int status)
{
	struct call call;

	ask(f, &call, "POST", how, body);
	assert_int_equal(call.status, status);
	call_deinit(&call);
}

static void test_conditions(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{ "{'headers':{'server':{'matches':'^RTCC'}}}", 200 },
		{ "{'headers':{'Via':'b'}}", 200 },
		{ "{'headers':{'Via':'c'}}", 409 },
		{ "{'headers':{'words inside':'c'}}", 409 },
		{ "{'bodyContains':'words'}", 200 },
		{ "{'bodyContains':'RTCC'}", 409 },
		{ "{'conversation':5}", 200 },
		{ "{'conversation':6}", 409 },
		{ "{'hop':'edge'}", 200 },
		{ "{'hop':'front-end'}", 409 },
		{ "{'user':'alice@lab.test','kind':'sip'}", 200 },
		{ "{'kind':'sip','never':true}", 409 },
		{ "{'kind':'toast','never':true}", 200 },
		{ "{'kind':'sip','count':2}", 200 },
		{ "{'kind':'sip','count':3}", 409 },
		{ "{'order':[{'fields':{'status':'180'}},{'fields':{'status':'200'}}]}", 200 },
		{ "{'order':[{'fields':{'status':'200'}},{'fields':{'status':'180'}}]}", 409 },
		{ "{'hop':'edge','order':[{'kind':'sip'},{'kind':'sip'}]}", 200 },
		{ "{'hop':'edge','order':[{'kind':'sip','count':2},{'kind':'sip'}]}", 409 },
	};
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	add_sip(f, "180");
	add_sip(f, "200");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect_status(f, "verify", rows[i].body, rows[i].status);
	o = ask(f, &call, "GET",
		"journal?conversation=5&hop=edge&status=200&since=2012-01-01T00:00:00.000Z", NULL);
	assert_int_equal(json_object_array_length(at(o, "records")), 1);
	call_deinit(&call);
	o = ask(f, &call, "GET", "journal?since=2999-01-01T00:00:00.000Z", NULL);
	assert_int_equal(json_object_array_length(at(o, "records")), 0);
	call_deinit(&call);
}

/* By the lab's clock: it need not wait for what the clock is moved over. */
static void test_never_within(void **state)
{
	struct fixture *f = *state;
	struct call quiet, broken, late, moved;

	call_begin(f, &quiet, "POST", "wait", "{'kind':'toast','neverWithinMs':3600000}");
	call_begin(f, &late, "POST", "wait", "{'kind':'raw','timeoutMs':3600000,'clock':'lab'}");
	wait_for_metric(f, "http_lab_parked", 2);
	ask(f, &moved, "POST", "clock/advance", "{'ms':3599000}");
	call_deinit(&moved);
	assert_false(quiet.done);
	assert_false(late.done);
	ask(f, &moved, "POST", "clock/advance", "{'ms':2000}");
	call_deinit(&moved);
	call_finish(&quiet);
	assert_int_equal(quiet.status, 200);
	call_finish(&late);
	assert_int_equal(late.status, 409);
	call_begin(f, &broken, "POST", "wait", "{'kind':'toast','neverWithinMs':3600000}");
	wait_for_metric(f, "http_lab_parked", 1);
	note(f, "toast", "text1", "x");
	call_finish(&broken);
	assert_int_equal(broken.status, 409);
	assert_non_null(strstr(str(at(broken.json, "error"), "message"), "should never come"));
	call_deinit(&quiet);
	call_deinit(&late);
	call_deinit(&broken);
	/* Nobody moves the clock: that is no proof. */
	expect_status(f, "wait", "{'kind':'tile','neverWithinMs':3600000,'timeoutMs':20}", 409);
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
	assert_int_equal(probe.status, 409);
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
		cmocka_unit_test_setup_teardown(test_stream_resumes, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_of_another_run, lab_setup,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_tells_of_losses, lab_setup,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_heartbeat, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_slow_reader, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_past, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_future, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_closest, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_refused, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_conditions, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_never_within, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_limit, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_no_journal, lab_setup_without_journal,
						lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
