/*
 * Lab fixture
 */
#include "tests/loop/lab_fixture.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/life.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/push.h"
#include "mcxd/store/store.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"
#include "web/lab/lab.h"

#include <unistd.h>

#define BASE "http://lab/lab/v1/"

/* ---- fake ports ---- */

void lab_answer_push(void *fixture)
{
	struct fixture *f = fixture;

	push_on_answer(f->core, f->push_id,
		       &(struct push_answer){ .sip_status = f->push_status,
					      .diag_id = f->push_diag,
					      .reason = f->push_diag ? "a reason" : NULL });
}

static void fake_push(void *adapter, const struct push_message *n)
{
	struct fixture *f = adapter;

	mem_set_string(&f->next_hop, n->next_hop);
	f->push_id = n->id;
	if (!f->push_is_held)
		loop_post(f->loop, lab_answer_push, f);
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

static void op_refuse(struct leg *leg, const struct diag *why, const struct foreign *as)
{
	(void)as;
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

const struct leg_ops lab_caller_ops = {
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
		.hang_up_linger_ms = 2000,
		.poll_timeout_ms = 180000,
		.session_expiry_ms = 3600000,
		.session_short_expiry_ms = 3600000,
		.max_endpoints = 8,
		.max_phones = 8,
		.max_conversations = 8,
		.max_events = 100,
		.max_missed = 10,
		.max_recent = 10,
		.max_message_bytes = 4096,
		.max_history = 10,
		.enable_microsoft_push = true,
		.max_preview = 255,
		.withdraw_pushes = true,
	};
	f->lab_config = (struct lab_config){
		.socket = f->socket,
		.max_connections = 16,
		.max_body_bytes = 4096,
		.idle_timeout_ms = 2000,
		.max_waiting = 4,
		.max_wait_ms = 60000,
		.max_followers = 1,
		.heartbeat_ms = 100,
		.max_page_records = 5,
		.max_page_bytes = 100000,
		.max_export_records = 100,
		.max_export_bytes = 1000000,
		.max_advance_ms = 3600000,
		.max_users = 10,
		.max_actors = 4,
		.max_actor_lines = 10,
	};
}

static int setup(void **state, int64_t max_records, const char *listen, const char *token)
{
	struct fixture *f = MEM_NEW(struct fixture);
	struct ports ports;

	strcpy(f->dir, "/tmp/mcxd-lab-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->socket = text_format("%s/lab.sock", f->dir);
	configure(f);
	f->lab_config.listen = listen;
	f->lab_config.hosts = "lab.test, 2001:db8::1";
	f->lab_config.token = token;
	assert_int_equal(loop_new(&f->loop), 0);
	f->metrics = metrics_new();
	f->journal = journal_new(f->loop, &(struct journal_config){ max_records, 1 << 20 });
	f->faults = faults_new(f->loop, f->journal);
	f->store = store_new(f->loop, true);
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
						     .faults = f->faults,
						     .info = lab_info },
				 &f->lab),
			 0);
	f->client =
		http_client_new(f->loop, &(struct http_client_config){ .unix_socket = f->socket });
	*state = f;
	return 0;
}

int lab_setup(void **state)
{
	return setup(state, 1000, NULL, NULL);
}

int lab_setup_without_journal(void **state)
{
	return setup(state, 0, NULL, NULL);
}

int lab_setup_tcp(void **state)
{
	return setup(state, 1000, "127.0.0.1:0", NULL);
}

int lab_setup_tcp_everywhere(void **state)
{
	return setup(state, 1000, "0.0.0.0:0", NULL);
}

int lab_setup_token(void **state)
{
	return setup(state, 1000, "127.0.0.1:0", LAB_TOKEN);
}

int lab_teardown(void **state)
{
	struct fixture *f = *state;

	http_client_free(f->client);
	lab_free(f->lab);
	core_free(f->core);
	store_free(f->store);
	faults_free(f->faults);
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

void call_begin(struct fixture *f, struct call *call, const char *method, const char *path,
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

void call_begin_after(struct fixture *f, struct call *call, const char *path,
		      const char *last_event_id)
{
	CLEANUP(mem_free_string) char *url = text_concat(BASE, path);
	CLEANUP(mem_free_string) char *header = text_concat("Last-Event-ID: ", last_event_id);
	const char *const headers[] = { header, NULL };

	*call = (struct call){ .f = f };
	call->id = http_client_send(
		f->client,
		&(struct http_exchange){ .method = "GET", .url = url, .headers = headers }, on_data,
		on_result, call);
}

void call_finish(struct call *call)
{
	int64_t until = loop_real_ms(call->f->loop) + PATIENCE_MS;

	while (!call->done) {
		assert_true(loop_real_ms(call->f->loop) < until);
		loop_step(call->f->loop, 100);
	}
}

void call_deinit(struct call *call)
{
	json_object_put(call->json);
	text_deinit(&call->body);
}

struct json_object *at(struct json_object *o, const char *name)
{
	struct json_object *member = NULL;

	assert_true(json_object_object_get_ex(o, name, &member));
	return member;
}

const char *str(struct json_object *o, const char *name)
{
	return json_object_get_string(at(o, name));
}

struct json_object *item(struct json_object *o, const char *name, size_t i)
{
	struct json_object *array = at(o, name);

	assert_true(json_object_array_length(array) > i);
	return json_object_array_get_idx(array, i);
}

struct json_object *ask(struct fixture *f, struct call *call, const char *method, const char *path,
			const char *body)
{
	call_begin(f, call, method, path, body);
	call_finish(call);
	return call->json;
}

void refused(struct fixture *f, int status, const char *word, const char *method, const char *path,
	     const char *body)
{
	struct call call;
	struct json_object *error = at(ask(f, &call, method, path, body), "error");

	assert_int_equal(call.status, status);
	assert_non_null(strstr(str(error, "message"), word));
	assert_true(*str(error, "code"));
	call_deinit(&call);
}

void wait_for_metric(struct fixture *f, const char *name, int64_t value)
{
	int64_t until = loop_real_ms(f->loop) + PATIENCE_MS;
	const struct metric *m = metrics_find(f->metrics, name);

	assert_non_null(m);
	while (m->value != value) {
		assert_true(loop_real_ms(f->loop) < until);
		loop_step(f->loop, 100);
	}
}

void note(struct fixture *f, const char *kind, const char *name, const char *value)
{
	journal_add(f->journal, &(struct record){
					.kind = kind,
					.users = { "bob@lab.test" },
					.key = "conv:77",
					.summary = "a summary",
					.fields = &(struct record_field){ name, value },
					.n_fields = 1,
				});
}
