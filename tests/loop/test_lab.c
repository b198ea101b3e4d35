/*
 * Lab API: users, endpoints, conversations, clock, test push, metrics
 */
#include "mcxd/base/loop.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/lab_fixture.h"
#include "web/http/client.h"
#include "web/lab/lab.h"

/* ---- status, users, endpoints, conversations ---- */

static void test_status(void **state)
{
	struct fixture *f = *state;
	struct call call;
	struct json_object *o = ask(f, &call, "GET", "status", NULL);

	assert_int_equal(call.status, 200);
	assert_string_equal(str(o, "version"), "9.9");
	assert_int_equal(json_object_array_length(at(o, "roles")), 2);
	assert_string_equal(str(at(o, "listeners"), "sip.udp"), "127.0.0.1:5060");
	assert_int_equal(json_object_get_int(at(at(o, "counts"), "users")), 0);
	assert_int_equal(json_object_get_int(at(at(o, "journal"), "last")), 0);
	call_deinit(&call);
	refused(f, 404, "no resource", "GET", "statu", NULL);
	refused(f, 405, "GET", "DELETE", "status", NULL);
	refused(f, 405, "POST", "GET", "wait", NULL);
}

static void test_users(void **state)
{
	struct fixture *f = *state;
	struct call call;
	struct json_object *o;

	o = ask(f, &call, "POST", "users",
		"{'aor':'Dave@lab.test','password':'x','enablePush':false}");
	assert_int_equal(call.status, 201);
	assert_string_equal(str(o, "aor"), "dave@lab.test");
	assert_string_equal(str(o, "displayName"), "Dave");
	assert_false(json_object_get_boolean(at(o, "enablePush")));
	assert_true(json_object_get_boolean(at(o, "enableMobility")));
	call_deinit(&call);
	refused(f, 409, "already", "POST", "users", "{'aor':'dave@lab.test','password':'x'}");
	refused(f, 400, "address", "POST", "users", "{'aor':'dave','password':'x'}");
	refused(f, 400, "empty", "POST", "users", "{'aor':'erin@lab.test','password':''}");
	refused(f, 400, "missing", "POST", "users", "{'aor':'erin@lab.test'}");
	refused(f, 400, "\"displayName\" must not be empty", "POST", "users",
		"{'aor':'erin@lab.test','password':'x','displayName':' '}");
	refused(f, 400, "\"displayName\" must not have control", "POST", "users",
		"{'aor':'erin@lab.test','password':'x','displayName':'\\u0007'}");
	refused(f, 400, "\"password\" must not have control", "POST", "users",
		"{'aor':'erin@lab.test','password':'\\u009b'}");
	assert_null(user_find(f->core, "erin@lab.test"));
	o = ask(f, &call, "POST", "users", "{'aor':'sip:Erin@lab.test;x=y','password':'x'}");
	assert_string_equal(str(o, "aor"), "erin@lab.test");
	assert_string_equal(str(o, "displayName"), "Erin");
	call_deinit(&call);
	ask(f, &call, "DELETE", "users/erin@lab.test", NULL);
	call_deinit(&call);
	refused(f, 400, "enablePusch", "POST", "users", "{'aor':'a@b','enablePusch':true}");
	refused(f, 400, "must be of type boolean", "POST", "users", "{'enablePush':'no'}");
	refused(f, 400, "body", "POST", "users", "{'aor'");
	refused(f, 400, "body", "POST", "users", "[]");
	refused(f, 400, "no quoted name", "POST", "users",
		"{'aor':'erin@lab.test','password':'x',}");
	refused(f, 400, "\"number\" must not be null; leave it out", "POST", "users",
		"{'aor':'erin@lab.test','password':'x','number':null}");
	refused(f, 400, "\"password\" must not be null", "POST", "users",
		"{'aor':'erin@lab.test','password':null}");
	o = ask(f, &call, "GET", "users", NULL);
	assert_int_equal(json_object_array_length(at(o, "users")), 1);
	call_deinit(&call);
	ask(f, &call, "DELETE", "users/dave%40lab.test", NULL);
	assert_int_equal(call.status, 204);
	call_deinit(&call);
	refused(f, 404, "user", "DELETE", "users/dave@lab.test", NULL);
}

static void test_a_user_is_changed(void **state)
{
	struct fixture *f = *state;
	struct call call;
	struct json_object *o;

	assert_int_equal(user_add(f->core,
				  &(struct user_spec){ .aor = "bob@lab.test", .password = "x" },
				  NULL),
			 0);
	o = ask(f, &call, "PATCH", "users/bob@lab.test",
		"{'displayName':'Robert','number':'+1 (555) 01-00','enablePush':true}");
	assert_int_equal(call.status, 200);
	assert_string_equal(str(o, "displayName"), "Robert");
	assert_string_equal(str(o, "number"), "+1 (555) 01-00");
	assert_string_equal(str(o, "origin"), "file");
	assert_true(json_object_get_boolean(at(o, "enablePush")));
	call_deinit(&call);
	assert_true(user_password_is(user_find(f->core, "bob@lab.test"), "x"));
	o = ask(f, &call, "PATCH", "users/bob@lab.test", "{'password':'y','number':''}");
	assert_null(at(o, "number"));
	assert_string_equal(str(o, "displayName"), "Robert");
	assert_null(strstr(text_str(&call.body), "password"));
	call_deinit(&call);
	assert_true(user_password_is(user_find(f->core, "bob@lab.test"), "y"));
	o = ask(f, &call, "GET", "users/Bob%40lab.test", NULL);
	assert_string_equal(str(o, "aor"), "bob@lab.test");
	call_deinit(&call);
	o = ask(f, &call, "PATCH", "users/bob@lab.test",
		"{'displayName':null,'number':null,'enablePush':false,'enableMobility':null}");
	assert_string_equal(str(o, "displayName"), "bob");
	assert_null(at(o, "number"));
	assert_true(json_object_get_boolean(at(o, "enableMobility")));
	assert_false(json_object_get_boolean(at(o, "enablePush")));
	call_deinit(&call);
	o = ask(f, &call, "PATCH", "users/bob@lab.test", "{'enablePush':null}");
	assert_true(json_object_get_boolean(at(o, "enablePush")));
	call_deinit(&call);
	refused(f, 400, "\"password\" must not be null", "PATCH", "users/bob@lab.test",
		"{'password':null}");
	refused(f, 404, "user", "GET", "users/carol@lab.test", NULL);
	refused(f, 404, "user", "PATCH", "users/carol@lab.test", "{}");
	refused(f, 400, "empty", "PATCH", "users/bob@lab.test", "{'password':''}");
	refused(f, 400, "\"displayName\" must not be empty", "PATCH", "users/bob@lab.test",
		"{'displayName':''}");
	refused(f, 400, "\"displayName\" must not have control", "PATCH", "users/bob@lab.test",
		"{'displayName':'Bob\\r\\nX: y'}");
	refused(f, 400, "number", "PATCH", "users/bob@lab.test", "{'number':'12x'}");
	refused(f, 400, "number", "PATCH", "users/bob@lab.test", "{'number':'+'}");
	refused(f, 400, "aor", "PATCH", "users/bob@lab.test", "{'aor':'x@y'}");
	refused(f, 409, "users file", "DELETE", "users/bob@lab.test", NULL);
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t id, bool is_new)
{
	assert_int_equal(result, PHONE_OK);
	assert_true(is_new);
	*(uint64_t *)magic = id;
}

static struct phone *sign_in(struct fixture *f, const char *aor)
{
	struct user *u = NULL;
	uint64_t id = 0;

	assert_int_equal(user_add(f->core,
				  &(struct user_spec){ .aor = aor,
						       .display_name = "Bob",
						       .password = "x",
						       .policy = { true, true } },
				  &u),
			 0);
	session_sign_in(u, &(struct phone_spec){ .user_agent = "WPLync/4.1" }, on_signed_in, &id);
	while (!id)
		loop_step(f->loop, 100);
	return phone_get(f->core, id);
}

static void test_endpoints(void **state)
{
	struct fixture *f = *state;
	struct phone *p = sign_in(f, "bob@lab.test");
	struct json_object *o;
	struct call call;

	o = item(ask(f, &call, "GET", "endpoints?user=bob%40lab.test", NULL), "endpoints", 0);
	assert_string_equal(str(o, "type"), "phone");
	assert_string_equal(str(o, "state"), "AWAY");
	assert_string_equal(str(o, "appId"), p->app_id);
	assert_string_equal(str(o, "pushObstacle"), "No push subscription for target device");
	assert_null(at(o, "subscription"));
	call_deinit(&call);
	refused(f, 404, "user", "GET", "endpoints?user=nobody@lab.test", NULL);
}

static void invite(struct fixture *f, const char *to)
{
	f->caller = (struct leg){ .ops = &lab_caller_ops, .caller = true };
	route_invite(f->core, &f->caller,
		     &(struct invitation){ .from = "alice@lab.test",
					   .to = to,
					   .first_line = "Hi",
					   .first_line_type = "text/plain",
					   .key = "sip:1@test" });
}

static void test_conversations(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	phone_make_available(sign_in(f, "bob@lab.test"));
	invite(f, "nobody@lab.test");
	while (!f->leg_is_free)
		loop_step(f->loop, 100);
	invite(f, "bob@lab.test");
	o = ask(f, &call, "GET", "conversations", NULL);
	assert_int_equal(json_object_array_length(at(o, "conversations")), 2);
	assert_int_equal(json_object_get_int(at(item(o, "conversations", 0), "status")), 404);
	assert_string_equal(str(item(o, "conversations", 1), "state"), "ALERTING");
	call_deinit(&call);
	o = ask(f, &call, "GET", "conversations?state=alerting&user=bob@lab.test", NULL);
	assert_int_equal(json_object_array_length(at(o, "conversations")), 1);
	call_deinit(&call);
	o = ask(f, &call, "GET", "conversations/2", NULL);
	assert_true(json_object_get_boolean(at(o, "live")));
	assert_int_equal(json_object_array_length(at(o, "legs")), 2);
	call_deinit(&call);
	o = ask(f, &call, "GET", "conversations/2/story", NULL);
	assert_string_equal(str(o, "key"), "conv:2");
	assert_string_equal(str(at(o, "conversation"), "to"), "bob@lab.test");
	assert_true(json_object_array_length(at(o, "records")) > 0);
	call_deinit(&call);
	refused(f, 404, "conversation", "GET", "conversations/3", NULL);
	refused(f, 404, "conversation", "GET", "conversations/2x", NULL);
	refused(f, 404, "conversation", "GET", "conversations/3/story", NULL);
}

/* ---- clock ---- */

static void test_clock(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call, second;

	o = ask(f, &call, "GET", "clock", NULL);
	assert_int_equal(json_object_get_int(at(o, "offsetMs")), 0);
	call_deinit(&call);
	call_begin(f, &call, "POST", "clock/advance", "{'ms':60000}");
	call_begin(f, &second, "POST", "clock/advance", "{'ms':1000}");
	call_finish(&call);
	call_finish(&second);
	assert_true(json_object_get_int(at(call.json, "offsetMs")) >= 60000);
	assert_int_equal(loop_offset_ms(f->loop), 61000);
	call_deinit(&call);
	call_deinit(&second);
	o = ask(f, &call, "POST", "wait", "{'kind':'clock','fields':{'ms':'60000'},'timeoutMs':0}");
	assert_true(json_object_get_boolean(at(o, "matched")));
	call_deinit(&call);
	refused(f, 400, "missing", "POST", "clock/advance", "{}");
	refused(f, 400, "back", "POST", "clock/advance", "{'ms':-1}");
	refused(f, 400, "at most 1h at once", "POST", "clock/advance", "{'ms':3600001}");
}

/* ---- test-push ---- */

#define ONE_FAULT(member) "{'faults':[{'where':'front-end→edge','what':'drop'," member "}]}"

static void test_what_is_not_meant_is_refused(void **state)
{
	struct fixture *f = *state;

	f->lab_config.max_faults = 1;
	refused(f, 400, "\"times\" must be", "PUT", "/faults", ONE_FAULT("'times':0"));
	refused(f, 400, "\"nth\" must be", "PUT", "/faults", ONE_FAULT("'nth':0"));
	refused(f, 400, "\"probability\" must be", "PUT", "/faults", ONE_FAULT("'probability':0"));
	refused(f, 400, "\"x\"", "POST", "/clock/freeze", "{'x':1}");
	assert_false(loop_is_frozen(f->loop));
	refused(f, 400, "\"x\"", "POST", "/clock/resume", "{'x':1}");
	refused(f, 400, "\"user\" must not be null", "POST", "/reset", "{'user':null}");
}

static void test_push_success(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	f->push_status = 200;
	f->push_diag = 30007;
	o = ask(f, &call, "POST", "test-push", NULL);
	assert_string_equal(str(o, "result"), "Success");
	assert_string_equal(str(o, "targetFqdn"), "127.0.0.1:5061");
	assert_null(at(o, "error"));
	assert_null(f->next_hop);
	call_deinit(&call);
	o = ask(f, &call, "POST", "test-push", "{'edge':'edge.lab.test:5061'}");
	assert_string_equal(str(o, "targetFqdn"), "edge.lab.test:5061");
	assert_string_equal(f->next_hop, "sip:edge.lab.test:5061;transport=tls");
	call_deinit(&call);
	o = ask(f, &call, "GET", "pushes", NULL);
	assert_int_equal(json_object_array_length(at(o, "pushes")), 2);
	assert_true(json_object_get_boolean(at(item(o, "pushes", 0), "synthetic")));
	call_deinit(&call);
}

static void test_push_failure(void **state)
{
	static const struct {
		int status, diag;
		const char *error;
	} rows[] = {
		{ 504, 1009,
		  "A 504 (Server time-out) response was received from the network and the "
		  "operation failed." },
		{ 403, 30002, "Push Notification request was rejected." },
		{ 200, 30000, "Push Notification request was rejected." },
		{ 0, 0, "No response was received from the network." },
	};
	struct fixture *f = *state;
	struct call call;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->push_status = rows[i].status;
		f->push_diag = rows[i].diag;
		ask(f, &call, "POST", "test-push", "{}");
		assert_string_equal(str(call.json, "result"), "Failure");
		assert_string_equal(str(call.json, "error"), rows[i].error);
		call_deinit(&call);
	}
	refused(f, 400, "edge", "POST", "test-push", "{'edge':'x;y=z@'}");
	refused(f, 400, "edge", "POST", "test-push", "{'edge':''}");
}

/* The client is gone when the outcome arrives: nothing is answered, and the push is listed all the same. */
static void test_push_client_gone(void **state)
{
	struct fixture *f = *state;
	struct call call, down, waits;
	struct json_object *o;

	f->push_status = 200;
	f->push_is_held = true;
	call_begin(f, &call, "POST", "test-push", NULL);
	wait_for_metric(f, "http_lab_parked", 1);
	o = ask(f, &down, "GET", "status", NULL);
	assert_int_equal(json_object_get_int(at(at(o, "counts"), "pushesWaiting")), 1);
	call_deinit(&down);
	http_client_cancel(f->client, call.id);
	wait_for_metric(f, "http_lab_parked", 0);
	lab_answer_push(f);
	o = ask(f, &down, "GET", "pushes", NULL);
	assert_string_equal(str(item(o, "pushes", 0), "state"), "accepted");
	call_deinit(&down);
	o = ask(f, &down, "GET", "status", NULL);
	assert_int_equal(json_object_get_int(at(at(o, "counts"), "pushesWaiting")), 0);
	call_deinit(&down);
	call_begin(f, &down, "POST", "test-push", NULL);
	call_begin(f, &waits, "POST", "wait", "{'kind':'toast'}");
	wait_for_metric(f, "http_lab_parked", 2);
	f->lab = lab_free(f->lab);
	lab_answer_push(f);
	call_finish(&down);
	assert_int_equal(down.status, 503);
	call_finish(&waits);
	assert_int_equal(waits.status, 503);
	assert_non_null(strstr(str(at(waits.json, "error"), "message"), "shutting down"));
	call_deinit(&waits);
	call_deinit(&call);
	call_deinit(&down);
}

/* ---- metrics, machines ---- */

static void test_metrics(void **state)
{
	struct fixture *f = *state;
	struct call call;

	ask(f, &call, "GET", "metrics", NULL);
	assert_true(json_object_array_length(at(call.json, "metrics")) > 10);
	call_deinit(&call);
	ask(f, &call, "GET", "fsm/conversation.dot", NULL);
	assert_non_null(strstr(text_str(&call.body), "ALERTING"));
	call_deinit(&call);
	refused(f, 404, "state machine", "GET", "fsm/conversation", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_status, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_users, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_a_user_is_changed, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_endpoints, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_conversations, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_clock, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_what_is_not_meant_is_refused, lab_setup,
						lab_teardown),
		cmocka_unit_test_setup_teardown(test_push_success, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_push_failure, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_push_client_gone, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_metrics, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
