/*
 * Lab API: waiting for records
 */
#include "mcxd/base/journal.h"
#include "mcxd/core/user.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/lab_fixture.h"
#include "web/http/client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

/* What cannot be, or is not there. */
static const struct {
	int status;
	const char *word, *condition;
} impossible[] = {
	{ 404, "bobb@lab.test is not a user of this server; users are bob@lab.test.",
	  "'user':'bobb@lab.test'" },
	{ 404, "no conversation 99", "'conversation':99" },
	{ 404, "no phone", "'phone':'zzz'" },
	{ 400, "must be an address", "'user':'bobb'" },
	{ 404, "no conversation 99", "'key':'conv:99'" },
	{ 400, "case-sensitive: INVITE", "'fields':{'method':'invite'}" },
	{ 400, "no transport \"sctp\"; there are udp, tcp, tls", "'fields':{'transport':'sctp'}" },
	{ 400, "not the name of a header", "'headers':{'':'x'}" },
	{ 400, "not the name of a header", "'headers':{'X:y':'x'}" },
	{ 400, "no hop \"egde\"", "'hop':'egde'" },
	{ 400, "sip records have no status \"40x\"; there are numbers from 100 to 699",
	  "'fields':{'status':'40x'}" },
	{ 404, "bobb@lab.test", "'order':[{'kind':'sip','user':'bobb@lab.test'}]" },
};

/* That nothing comes of what cannot be would always be true. */
static void test_never_of_nobody(void **state)
{
	struct fixture *f = *state;
	struct call call;

	assert_int_equal(user_add(f->core, &(struct user_spec){ .aor = "bob@lab.test" }, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(impossible); i++) {
		const char *kind = strstr(impossible[i].condition, "order") ? "" : "'kind':'sip',";
		CLEANUP(mem_free_string)
		char *verify = text_format("{%s%s,'never':true}", kind, impossible[i].condition);
		CLEANUP(mem_free_string)
		char *wait = text_format("{%s%s,'neverWithinMs':5}", kind, impossible[i].condition);

		refused(f, impossible[i].status, impossible[i].word, "POST", "verify", verify);
		refused(f, impossible[i].status, impossible[i].word, "POST", "wait", wait);
	}
	refused(f, 400, "push records have no state \"acepted\"; there are sent, accepted", "POST",
		"verify", "{'kind':'push','fields':{'state':'acepted'},'never':true}");
	refused(f, 400, "state records have no to_state \"AWY\"; there are", "POST", "verify",
		"{'kind':'state','fields':{'to_state':'AWY'},'never':true}");
	refused(f, 400, "event records have no type \"strated\"", "POST", "verify",
		"{'kind':'event','fields':{'type':'strated'},'never':true}");
	refused(f, 400, "lab records have no action \"xyz\"", "POST", "verify",
		"{'kind':'lab','fields':{'action':'xyz'},'never':true}");
	refused(f, 404, "no actor 999", "POST", "verify",
		"{'kind':'actor','fields':{'actor':'999'},'never':true}");
	for (const char *const *body =
		     (const char *const[]){
			     "{'kind':'sip','user':'bob@lab.test','never':true}",
			     "{'kind':'sip','user':'BOB','never':true}",
			     "{'kind':'sip','fields':{'method':'X-NEW'},'never':true}",
			     "{'kind':'sip','user':'a@other.test','never':true}",
			     "{'kind':'sip','fields':{'status':{'matches':'4'}},'never':true}",
			     "{'kind':'push','fields':{'state':'none'},'never':true}",
			     "{'kind':'state','fields':{'to_state':'AWAY'},'never':true}", NULL };
	     *body; body++) {
		ask(f, &call, "POST", "verify", *body);
		assert_int_equal(call.status, 200);
		call_deinit(&call);
	}
	/* It can come: an INVITE to an address of nobody's is recorded. If it does not, this is why. */
	refused(f, 409, "bobb@lab.test is not a user", "POST", "wait",
		"{'kind':'sip','user':'bobb@lab.test','timeoutMs':5}");
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
	o = ask(f, &call, "POST", "wait", "{'fields':{'status':'699'},'timeoutMs':0}");
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
		{ "{'headers':{'words inside':'c'}}", 400 },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_wait_past, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_future, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_never_of_nobody, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_closest, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_refused, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_conditions, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_never_within, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_wait_limit, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
