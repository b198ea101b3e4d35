/*
 * Lab API: the journal
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/user.h"
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
	refused(f, 400, "\"kind\" is given twice", "GET", "journal?kind=sip&kind=http", NULL);
	refused(f, 400, "\"user\" must be an address", "GET", "journal?user=bob", NULL);
	refused(f, 400, "no hop \"egde\"; hops are such as front-end, edge", "GET",
		"journal?hop=egde", NULL);
	refused(f, 400, "no status \"9999\"; there are numbers from 100 to 699", "GET",
		"journal?status=9999", NULL);
	refused(f, 400, "\"key\" must be such as conv:17", "GET", "journal?key=zzz", NULL);
	refused(f, 404, "no conversation 99", "GET", "journal?conversation=99", NULL);
	refused(f, 404, "no phone with the application zzz", "GET", "journal?phone=zzz", NULL);
	refused(f, 400, "at must be a hop such as", "GET", "journal/export?format=jsonl&at=moon",
		NULL);
}

/* Of a domain without users nothing is known; of another one, who there is and who there was. */
static void test_journal_users(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	note(f, "toast", "text1", "x"); /* about bob@lab.test, who is not a user */
	assert_int_equal(user_add(f->core, &(struct user_spec){ .aor = "carol@lab.test" }, NULL),
			 0);
	for (const char *const *path =
		     (const char *const[]){ "journal?user=carol@lab.test", "journal?user=Carol",
					    "journal?user=carol&since=2011-07-25T12:00:00Z",
					    "conversations?user=carol",
					    "journal?user=sip:BOB@lab.test;x=y",
					    "journal?user=dave@other.test",
					    "journal?hop=phone:carol@lab.test", NULL };
	     *path; path++) {
		o = ask(f, &call, "GET", *path, NULL);
		assert_int_equal(call.status, 200);
		if (strstr(*path, "journal"))
			assert_int_equal(json_object_array_length(at(o, "records")),
					 strstr(*path, "BOB") ? 1 : 0);
		call_deinit(&call);
	}
	refused(f, 404, "dave@lab.test is not a user of this server; users are carol@lab.test.",
		"GET", "journal?user=dave@lab.test", NULL);
	refused(f, 404, "dave@lab.test is not a user", "GET", "journal?hop=phone:dave@lab.test",
		NULL);
	refused(f, 404, "dave@lab.test is not a user", "GET", "journal?follow=1&user=dave@lab.test",
		NULL);
	refused(f, 404, "dave@lab.test is not a user", "GET", "pushes?user=dave@lab.test", NULL);
	refused(f, 404, "dave@lab.test is not a user", "GET", "conversations?user=dave@lab.test",
		NULL);
	refused(f, 400, "must be an address", "GET", "pushes?user=dave", NULL);
	refused(f, 400, "no state \"bogus\"; there are", "GET", "conversations?state=bogus", NULL);
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

/* A record may be longer than what is queued for a slow reader: those behind it come as well. */
static void test_stream_big_record(void **state)
{
	struct fixture *f = *state;
	char big[200000]; /* of which JSON makes six times as much */
	struct call call;

	memset(big, '\1', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	call_begin(f, &call, "GET", "journal?follow=1&kind=tile", NULL);
	wait_for_bytes(&call, "event: begin");
	note(f, "tile", "i", "before");
	note(f, "tile", "i", big);
	note(f, "tile", "i", "behind");
	wait_for_bytes(&call, "behind");
	assert_int_equal(count(&call, "data: "), 4);
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
	assert_true(strlen(f->socket) < sizeof(to.sun_path));
	memcpy(to.sun_path, f->socket, strlen(f->socket));
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
		cmocka_unit_test_setup_teardown(test_journal_users, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_journal_raw, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_journal_stream, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_resumes, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_of_another_run, lab_setup,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_tells_of_losses, lab_setup,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_heartbeat, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_big_record, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_stream_slow_reader, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_no_journal, lab_setup_without_journal,
						lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
