/*
 * Lab API: over its real socket, on a core with fake ports
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/core/conversation.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push.h"
#include "mcxd/store/store.h"
#include "proto/text.h"
#include "web/http_client.h"
#include "web/lab.h"

#include <json-c/json.h>
#include <unistd.h>

#define BASE "http://lab/lab/v1/"

/* Of the machine's time; a test that gets there has failed. */
#define PATIENCE_MS 10000

struct fixture {
	struct loop *loop;
	struct metrics *metrics;
	struct journal *journal;
	struct store *store;
	struct core *core;
	struct lab *lab;
	struct http_client *client;
	struct core_config core_config;
	struct lab_config lab_config;
	char dir[32];
	char *socket;
	struct leg caller;
	/* the next answers of the fake clearing house; 0: none comes */
	int push_status, push_diag;
	char *next_hop;
	uint64_t push_id;
	bool leg_is_free;
};

/* ---- fake ports ---- */

static void answer_push(void *magic)
{
	struct fixture *f = magic;

	push_on_answer(f->core, f->push_id,
		       &(struct push_answer){ .sip_status = f->push_status,
					      .diag_id = f->push_diag,
					      .reason = f->push_diag ? "a reason" : NULL });
}

static void fake_push(void *adapter, const struct push_notice *n)
{
	struct fixture *f = adapter;

	mem_set_string(&f->next_hop, n->next_hop);
	f->push_id = n->id;
	loop_post(f->loop, answer_push, f);
}

static void fake_wake(void *adapter, uint64_t poll_id)
{
	(void)adapter;
	(void)poll_id;
}

static const struct push_port push_port = { .send = fake_push };
static const struct poll_port poll_port = { .wake = fake_wake };

static void op_party(struct leg *leg, const struct party *callee)
{
	(void)leg;
	(void)callee;
}

static void op_refuse(struct leg *leg, const struct diag *why)
{
	(void)leg;
	(void)why;
}

static void op_end(struct leg *leg)
{
	(void)leg;
}

static void op_free(struct leg *leg)
{
	LIST_ENTRY(leg, struct fixture, caller)->leg_is_free = true;
}

static const struct leg_ops caller_ops = {
	.name = "test",
	.ring = op_party,
	.answer = op_party,
	.refuse = op_refuse,
	.end = op_end,
	.free = op_free,
};

/* ---- fixture ---- */

static void lab_info(void *magic, struct lab_info *ret)
{
	static const char *const roles[] = { "front-end", "edge" };
	static const struct lab_listener listeners[] = { { "sip.udp", "127.0.0.1:5060" } };

	(void)magic;
	*ret = (struct lab_info){
		.version = "9.9",
		.roles = roles,
		.n_roles = ARRAY_SIZE(roles),
		.listeners = listeners,
		.n_listeners = ARRAY_SIZE(listeners),
		.push_target = "127.0.0.1:5061",
	};
}

static void configure(struct fixture *f)
{
	f->core_config = (struct core_config){
		.server_fqdn = mem_strdup("fe.lab.test"),
		.invite_timeout_ms = 60000,
		.phone_linger_ms = 10000,
		.poll_timeout_ms = 180000,
		.session_expiry_ms = 3600000,
		.session_short_expiry_ms = 3600000,
		.max_endpoints = 8,
		.max_conversations = 8,
		.max_events = 100,
		.max_missed = 10,
		.max_message_bytes = 4096,
		.max_history = 10,
		.enable_microsoft_push = true,
	};
	f->lab_config = (struct lab_config){
		.socket = f->socket,
		.max_connections = 16,
		.max_body_bytes = 4096,
		.idle_timeout_ms = 30000,
		.max_waiting = 4,
		.max_wait_ms = 60000,
		.max_followers = 1,
		.max_page_records = 5,
		.max_advance_ms = 3600000,
	};
}

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	struct ports ports;

	strcpy(f->dir, "/tmp/mcxd-lab-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->socket = text_format("%s/lab.sock", f->dir);
	configure(f);
	assert_int_equal(loop_new(&f->loop), 0);
	f->metrics = metrics_new();
	f->journal = journal_new(f->loop, &(struct journal_config){ 1000, 1 << 20 });
	f->store = store_new(f->loop);
	ports = (struct ports){
		.push = &push_port,
		.push_adapter = f,
		.poll = &poll_port,
		.poll_adapter = f,
		.store = &store_memory_port,
		.store_adapter = f->store,
	};
	f->core = core_new(&(struct core_args){ .loop = f->loop,
						.journal = f->journal,
						.metrics = f->metrics,
						.config = &f->core_config,
						.ports = &ports });
	assert_int_equal(lab_new(&(struct lab_args){ .loop = f->loop,
						     .core = f->core,
						     .journal = f->journal,
						     .metrics = f->metrics,
						     .config = &f->lab_config,
						     .info = lab_info },
				 &f->lab),
			 0);
	f->client =
		http_client_new(f->loop, &(struct http_client_config){ .unix_socket = f->socket });
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_client_free(f->client);
	lab_free(f->lab);
	core_free(f->core);
	store_free(f->store);
	journal_free(f->journal);
	loop_free(f->loop);
	metrics_free(f->metrics);
	unlink(f->socket);
	rmdir(f->dir);
	free(f->socket);
	free(f->next_hop);
	free(f->core_config.server_fqdn);
	free(f);
	return 0;
}

/* ---- requests ---- */

struct call {
	struct fixture *f;
	uint64_t id;
	bool done;
	int status;
	struct text body; /* as it comes */
	struct json_object *json;
};

static void on_data(void *magic, const void *p, size_t n)
{
	struct call *call = magic;

	text_add_bytes(&call->body, p, n);
}

static void on_result(void *magic, const struct http_result *result)
{
	struct call *call = magic;

	call->done = true;
	call->status = result->status;
	call->json = json_tokener_parse(text_str(&call->body));
}

/* body: JSON with ' for ". */
static void begin(struct fixture *f, struct call *call, const char *method, const char *path,
		  const char *body)
{
	CLEANUP(mem_free_string) char *url = text_format(BASE "%s", path);
	CLEANUP(mem_free_string) char *json = mem_strdup(body ? body : "");

	for (char *p = json; *p; p++) {
		if (*p == '\'')
			*p = '"';
	}
	*call = (struct call){ .f = f };
	call->id = http_client_send(f->client,
				    &(struct http_exchange){ .method = method,
							     .url = url,
							     .body = body ? json : NULL,
							     .n_body = strlen(json) },
				    on_data, on_result, call);
}

static void finish(struct call *call)
{
	int64_t until = loop_real_ms(call->f->loop) + PATIENCE_MS;

	while (!call->done) {
		assert_true(loop_real_ms(call->f->loop) < until);
		loop_step(call->f->loop, 100);
	}
}

static void call_deinit(struct call *call)
{
	json_object_put(call->json);
	text_deinit(&call->body);
}

static struct json_object *at(struct json_object *o, const char *name)
{
	struct json_object *member = NULL;

	assert_true(json_object_object_get_ex(o, name, &member));
	return member;
}

static const char *str(struct json_object *o, const char *name)
{
	return json_object_get_string(at(o, name));
}

static struct json_object *item(struct json_object *o, const char *name, size_t i)
{
	struct json_object *array = at(o, name);

	assert_true(json_object_array_length(array) > i);
	return json_object_array_get_idx(array, i);
}

static struct json_object *ask(struct fixture *f, struct call *call, const char *method,
			       const char *path, const char *body)
{
	begin(f, call, method, path, body);
	finish(call);
	return call->json;
}

/* A request that is refused: its status, and a word of the sentence. */
static void refused(struct fixture *f, int status, const char *word, const char *method,
		    const char *path, const char *body)
{
	struct call call;
	struct json_object *error = at(ask(f, &call, method, path, body), "error");

	assert_int_equal(call.status, status);
	assert_non_null(strstr(str(error, "message"), word));
	assert_true(*str(error, "code"));
	call_deinit(&call);
}

static void note(struct fixture *f, const char *kind, const char *name, const char *value)
{
	journal_add(f->journal, &(struct journal_entry){
					.kind = kind,
					.user = "bob@lab.test",
					.key = "conv:77",
					.summary = "a summary",
					.fields = &(struct journal_field){ name, value },
					.n_fields = 1,
				});
}

/* ---- what is there ---- */

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
	refused(f, 404, "nothing", "GET", "statu", NULL);
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
	refused(f, 400, "enablePusch", "POST", "users", "{'aor':'a@b','enablePusch':true}");
	refused(f, 400, "has to be a boolean", "POST", "users", "{'enablePush':'no'}");
	refused(f, 400, "body", "POST", "users", "{'aor'");
	refused(f, 400, "body", "POST", "users", "[]");
	o = ask(f, &call, "GET", "users", NULL);
	assert_int_equal(json_object_array_length(at(o, "users")), 1);
	call_deinit(&call);
	ask(f, &call, "DELETE", "users/dave%40lab.test", NULL);
	assert_int_equal(call.status, 204);
	call_deinit(&call);
	refused(f, 404, "user", "DELETE", "users/dave@lab.test", NULL);
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
	phone_sign_in(u, &(struct phone_spec){ .user_agent = "WPLync/4.1" }, on_signed_in, &id);
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
	f->caller = (struct leg){ .ops = &caller_ops, .caller = true };
	conversation_new(f->core, &f->caller,
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

/* ---- journal ---- */

static void test_journal_pages(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	for (int i = 0; i < 7; i++)
		note(f, i % 2 ? "odd" : "even", "i", "x");
	o = ask(f, &call, "GET", "journal", NULL);
	assert_int_equal(json_object_array_length(at(o, "records")), 5);
	assert_int_equal(json_object_get_int(at(o, "next")), 6);
	assert_int_equal(json_object_get_int(at(o, "last")), 7);
	assert_string_equal(str(at(item(o, "records", 0), "fields"), "i"), "x");
	call_deinit(&call);
	o = ask(f, &call, "GET", "journal?from=3&kind=odd&user=bob@lab.test&key=conv:77&limit=1",
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

/* Bytes are text where they are text, and never break the JSON. */
static void test_journal_raw(void **state)
{
	struct fixture *f = *state;
	struct json_object *o;
	struct call call;

	journal_add(f->journal, &(struct journal_entry){ .kind = "sip",
							 .from = "alice@lab.test",
							 .to = "front-end",
							 .incoming = true,
							 .raw = "h\xC3\xA4",
							 .n_raw = 3 });
	journal_add(f->journal, &(struct journal_entry){ .kind = "sip",
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
	struct call call, gone;

	note(f, "old", "i", "1");
	note(f, "old", "i", "2");
	begin(f, &call, "GET", "journal?follow=1&from=2", NULL);
	wait_for_bytes(&call, "\"i\":\"2\"");
	note(f, "new", "i", "3");
	wait_for_bytes(&call, "\"i\":\"3\"");
	assert_null(strstr(text_str(&call.body), "\"i\":\"1\""));
	assert_false(call.done);
	refused(f, 429, "streams", "GET", "journal?follow=1", NULL);
	/* When its reader has gone, another may have its place. */
	http_client_cancel(f->client, call.id);
	do {
		ask(f, &gone, "GET", "journal?follow=1&from=0", NULL);
		assert_int_equal(gone.status, 400);
		call_deinit(&gone);
		begin(f, &gone, "GET", "journal?follow=1", NULL);
		note(f, "new", "i", "4");
		while (!gone.done && !gone.body.n) {
			note(f, "new", "i", "5");
			loop_step(f->loop, 10);
		}
		http_client_cancel(f->client, gone.id);
		if (!gone.done)
			break;
		assert_int_equal(gone.status, 429);
		call_deinit(&gone);
	} while (true);
	call_deinit(&gone);
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

	begin(f, &call, "POST", "wait", "{'kind':'sip','fields':{'status':'200'}}");
	begin(f, &other, "POST", "wait", "{'kind':'toast','timeoutMs':60000}");
	while (loop_real_ms(f->loop) && !call.done) {
		note(f, "sip", "status", "180");
		note(f, "sip", "status", "200");
		loop_step(f->loop, 100);
	}
	assert_true(json_object_get_boolean(at(call.json, "matched")));
	assert_false(other.done);
	note(f, "toast", "text1", "x");
	finish(&other);
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
	assert_non_null(strstr(str(call.json, "message"), "0 of 1 came."));
	call_deinit(&call);
	o = ask(f, &call, "POST", "wait", "{'kind':'never','timeoutMs':0}");
	assert_int_equal(json_object_array_length(at(o, "closest")), 0);
	call_deinit(&call);
}

static void test_wait_refused(void **state)
{
	struct fixture *f = *state;

	refused(f, 400, "condition", "POST", "wait", "{}");
	refused(f, 400, "count", "POST", "wait", "{'kind':'a','count':0}");
	refused(f, 400, "timeoutMs", "POST", "wait", "{'kind':'a','timeoutMs':60001}");
	refused(f, 400, "regular", "POST", "wait", "{'fields':{'a':{'matches':'('}}}");
	refused(f, 400, "braces", "POST", "wait", "{'fields':{'a':{'matches':'(a{9}){9}'}}}");
	refused(f, 400, "braces", "POST", "wait", "{'fields':{'a':{'matches':'(a)\\\\1'}}}");
	refused(f, 400, "matches", "POST", "wait", "{'fields':{'a':{'match':'b'}}}");
	refused(f, 400, "matches", "POST", "wait", "{'fields':{'a':1}}");
	refused(f, 400, "timeout", "POST", "wait", "{'kind':'a','timeout':1}");
}

/* There are so many at once; who hangs up makes room. */
static void test_wait_limit(void **state)
{
	struct fixture *f = *state;
	struct call calls[4], probe;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		begin(f, &calls[i], "POST", "wait", "{'kind':'never','timeoutMs':60000}");
	do {
		ask(f, &probe, "POST", "wait", "{'kind':'never','timeoutMs':0}");
		call_deinit(&probe);
	} while (probe.status != 429);
	http_client_cancel(f->client, calls[0].id);
	do {
		ask(f, &probe, "POST", "wait", "{'kind':'never','timeoutMs':0}");
		call_deinit(&probe);
	} while (probe.status != 200);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		call_deinit(&calls[i]);
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
	begin(f, &call, "POST", "clock/advance", "{'ms':60000}");
	begin(f, &second, "POST", "clock/advance", "{'ms':1000}");
	finish(&call);
	finish(&second);
	assert_true(json_object_get_int(at(call.json, "offsetMs")) >= 60000);
	assert_int_equal(loop_offset_ms(f->loop), 61000);
	call_deinit(&call);
	call_deinit(&second);
	o = ask(f, &call, "POST", "wait", "{'kind':'clock','fields':{'ms':'60000'},'timeoutMs':0}");
	assert_true(json_object_get_boolean(at(o, "matched")));
	call_deinit(&call);
	refused(f, 400, "missing", "POST", "clock/advance", "{}");
	refused(f, 400, "back", "POST", "clock/advance", "{'ms':-1}");
	refused(f, 400, "back", "POST", "clock/advance", "{'ms':3600001}");
}

/* ---- test-push ---- */

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
	assert_string_equal(f->next_hop, "sip:edge.lab.test:5061;transport=tcp");
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

/* ---- metrics, machines ---- */

static void test_metrics(void **state)
{
	struct fixture *f = *state;
	struct call call;

	ask(f, &call, "GET", "metrics?format=text", NULL);
	assert_non_null(strstr(text_str(&call.body), "# TYPE mcxd_core_phones gauge\n"
						     "mcxd_core_phones 0\n"));
	call_deinit(&call);
	ask(f, &call, "GET", "metrics", NULL);
	assert_true(json_object_array_length(at(call.json, "metrics")) > 10);
	call_deinit(&call);
	refused(f, 400, "format", "GET", "metrics?format=xml", NULL);
	ask(f, &call, "GET", "fsm/conversation.dot", NULL);
	assert_non_null(strstr(text_str(&call.body), "ALERTING"));
	call_deinit(&call);
	refused(f, 404, "machines", "GET", "fsm/conversation", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_users, setup, teardown),
		cmocka_unit_test_setup_teardown(test_endpoints, setup, teardown),
		cmocka_unit_test_setup_teardown(test_conversations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_journal_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_journal_raw, setup, teardown),
		cmocka_unit_test_setup_teardown(test_journal_stream, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait_past, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait_future, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait_closest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wait_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clock, setup, teardown),
		cmocka_unit_test_setup_teardown(test_push_success, setup, teardown),
		cmocka_unit_test_setup_teardown(test_push_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metrics, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
