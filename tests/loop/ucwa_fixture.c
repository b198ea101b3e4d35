/*
 * A front end for the tests of the HTTPS API
 */
#include "ucwa_fixture.h"

#include "ucwa_shape.h"

#include "mcxd/base/guess.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/life.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/user.h"
#include "mcxd/store/store.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"
#include "web/http/http.h"
#include "web/ucwa/auth.h"
#include "web/ucwa/ucwa.h"

#include <json-c/json_pointer.h>

/* ---- ports ---- */

static void no_push(void *adapter, const struct push_message *message)
{
	(void)adapter;
	(void)message;
}

static struct leg *no_dial(void *adapter, const struct binding *contact)
{
	(void)adapter;
	(void)contact;
	return NULL;
}

static const struct push_port push_port = { .send = no_push };
static const struct dial_port dial_port = { .dial = no_dial };

/* ---- lab ---- */

static void add_user(struct lab *l, const char *aor, const char *name, bool mobile)
{
	struct user *u;

	assert_int_equal(user_add(l->core,
				  &(struct user_spec){ .aor = aor,
						       .display_name = name,
						       .password = "pass word&1",
						       .policy = { .enable_mobility = mobile,
								   .enable_push = mobile } },
				  &u),
			 0);
}

static void make_core(struct lab *l)
{
	static char fqdn[] = "fe.lab.test";

	l->core_config = (struct core_config){ .server_fqdn = fqdn,
					       .invite_timeout_ms = 60000,
					       .phone_linger_ms = 10000,
					       .hang_up_linger_ms = 2000,
					       .poll_timeout_ms = 180000,
					       .session_expiry_ms = 259200000,
					       .session_short_expiry_ms = 3600000,
					       .repeat_window_ms = 2000,
					       .min_expires_s = 60,
					       .default_expires_s = 600,
					       .max_expires_s = 7200,
					       .max_endpoints = 4,
					       .max_phones = 3,
					       .max_conversations = 8,
					       .max_events = 14,
					       .max_watches = 3,
					       .max_watched = 4,
					       .watch_warning_ms = 60000,
					       .inactive_timeout_ms = 0,
					       .max_missed = 3,
					       .max_recent = 4,
					       .max_message_bytes = 100,
					       .max_history = 5,
					       .enable_microsoft_push = true,
					       .max_preview = 255,
					       .withdraw_pushes = true,
					       .max_waiting_pushes = 100,
					       .enable_apple_push = true };
	l->core = core_new(
		&(struct core_args){ .loop = l->loop,
				     .journal = l->journal,
				     .metrics = l->metrics,
				     .config = &l->core_config,
				     .ports = &(struct ports){ .push = &push_port,
							       .dial = &dial_port,
							       .store = &store_memory_port,
							       .store_adapter = l->store } });
}

int lab_setup_with(void **state, void (*change)(struct ucwa_config *config))
{
	struct lab *l = MEM_NEW(struct lab);

	log_set_levels("error");
	assert_int_equal(loop_new(&l->loop), 0);
	l->journal = journal_new(
		l->loop, &(struct journal_config){ .max_records = 1000, .max_bytes = 1000000 });
	l->metrics = metrics_new();
	l->store = store_new(l->loop, true);
	make_core(l);
	add_user(l, "alice@lab.test", "Alice", true);
	add_user(l, "bob@lab.test", "Bob", true);
	add_user(l, "carol@lab.test", "Carol", false);
	l->config = UCWA_CONFIG_DEFAULT;
	l->config.max_batch = 4;
	l->config.max_held = 3;
	l->config.max_held_per_user = 2;
	l->config.auth.max_tokens_per_user = 2;
	l->config.auth.max_tokens = 4;
	if (change)
		change(&l->config);
	l->guesses = guesses_new(l->loop, &GUESS_CONFIG_DEFAULT, l->metrics);
	l->ucwa = ucwa_new(&(struct ucwa_args){ .loop = l->loop,
						.core = l->core,
						.guesses = l->guesses,
						.journal = l->journal,
						.metrics = l->metrics,
						.config = &l->config });
	assert_int_equal(ucwa_listen(l->ucwa, "http",
				     &(struct http_config){ .listen = "127.0.0.1:0",
							    .max_body_bytes = 2000 },
				     &l->http),
			 0);
	l->base = text_format("http://%s", http_listen(l->http));
	l->client = http_client_new(l->loop, &(struct http_client_config){ .insecure = true });
	l->ack = 1;
	*state = l;
	return 0;
}

int lab_setup(void **state)
{
	return lab_setup_with(state, NULL);
}

int lab_teardown(void **state)
{
	struct lab *l = *state;

	http_client_free(l->client);
	lab_settle(l);
	assert_int_equal(l->core->metrics.unexpected_events_total.value, 0);
	ucwa_free(l->ucwa);
	guesses_free(l->guesses);
	core_free(l->core);
	lab_settle(l);
	store_free(l->store);
	journal_free(l->journal);
	metrics_free(l->metrics);
	loop_free(l->loop);
	free(l->base);
	free(l->token);
	free(l->app);
	free(l);
	return 0;
}

void lab_settle(struct lab *l)
{
	for (int i = 0; i < 20; i++)
		loop_step(l->loop, 1);
}

int64_t lab_metric(const struct lab *l, const char *name)
{
	const struct metric *m = metrics_find(l->metrics, name);

	assert_non_null(m);
	return m->value;
}

void lab_story(const struct lab *l, const char *kind, struct text *ret)
{
	text_reset(ret);
	for (uint64_t seq = journal_first(l->journal); seq <= journal_last(l->journal); seq++) {
		const struct record *r = journal_get(l->journal, seq);

		if (r && !strcmp(r->kind, kind))
			text_addf(ret, "%s; ", r->summary);
	}
}

/* ---- calls ---- */

static const char *const kept_headers[] = {
	"Allow",
	"Cache-Control",
	"Pragma",
	"Retry-After",
	"Vary",
	"Content-Security-Policy",
	"Access-Control-Allow-Origin",
	"Access-Control-Allow-Methods",
	"Access-Control-Allow-Headers",
	"Access-Control-Expose-Headers",
	"Access-Control-Max-Age",
	"X-MS-UcwaVersion",
};

_Static_assert(ARRAY_SIZE(kept_headers) <= LAB_HEADERS, "a reply has no place for all of them");

const char *reply_header(const struct reply *r, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept_headers); i++) {
		if (!strcmp(kept_headers[i], name))
			return r->kept[i] ? r->kept[i] : "";
	}
	fail_msg("the fixture does not keep %s", name);
	return "";
}

void reply_reset(struct reply *r)
{
	json_object_put(r->json);
	free(r->body);
	free(r->etag);
	free(r->location);
	free(r->type);
	free(r->diagnostics);
	free(r->www[0]);
	free(r->www[1]);
	for (size_t i = 0; i < ARRAY_SIZE(kept_headers); i++)
		free(r->kept[i]);
	*r = (struct reply){ 0 };
}

static void on_result(void *magic, const struct http_result *result)
{
	struct reply *r = magic;

	r->done = true;
	r->status = result->status;
	r->body = mem_memdup(result->body, result->n_body);
	r->location = mem_strdup(result->header(result, "Location"));
	r->type = mem_strdup(result->header(result, "Content-Type"));
	r->etag = mem_strdup(result->header(result, "ETag"));
	r->diagnostics = mem_strdup(result->header(result, "X-Ms-diagnostics"));
	r->www[0] = mem_strdup(result->header_at(result, "WWW-Authenticate", 0));
	r->www[1] = mem_strdup(result->header_at(result, "WWW-Authenticate", 1));
	for (size_t i = 0; i < ARRAY_SIZE(kept_headers); i++)
		r->kept[i] = mem_strdup(result->header(result, kept_headers[i]));
	if (r->type && strstr(r->type, "json"))
		r->json = json_tokener_parse(r->body);
	if (r->json)
		shape_check(r->json);
}

void lab_send(struct lab *l, const struct call *c, struct reply *ret)
{
	const char *token = c->token ? c->token : l->token;
	const char *type_value = c->type ? c->type : "application/json";
	CLEANUP(mem_free_string)
	char *url = text_format("%s%s", *c->path == '/' ? l->base : "", c->path);
	CLEANUP(mem_free_string)
	char *authorization = text_format("Authorization: Bearer %s", token ? token : "");
	CLEANUP(mem_free_string) char *type = text_format("Content-Type: %s", type_value);
	CLEANUP(mem_free_string)
	char *accept = text_format("Accept: %s", c->accept ? c->accept : "application/json");
	const char *headers[8] = { accept };
	size_t n = 1;

	if (token && *token)
		headers[n++] = authorization;
	if (c->body && *type_value)
		headers[n++] = type;
	if (c->header)
		headers[n++] = c->header;
	if (c->header2)
		headers[n++] = c->header2;
	*ret = (struct reply){ 0 };
	ret->id =
		http_client_send(l->client,
				 &(struct http_exchange){ .method = c->method,
							  .url = url,
							  .headers = headers,
							  .body = c->body,
							  .n_body = c->body ? strlen(c->body) : 0 },
				 NULL, on_result, ret);
}

void lab_wait(struct lab *l, struct reply *r)
{
	int64_t until_ms = loop_real_ms(l->loop) + 5000;

	while (!r->done) {
		if (loop_real_ms(l->loop) > until_ms)
			fail_msg("no answer came");
		loop_step(l->loop, 1);
	}
}

int lab_call(struct lab *l, const struct call *c, struct reply *ret)
{
	lab_send(l, c, ret);
	lab_wait(l, ret);
	return ret->status;
}

int lab_do(struct lab *l, const char *method, const char *below, const char *body)
{
	CLEANUP(mem_free_string) char *path = text_format("%s%s", l->app, below);
	struct reply r;
	int status =
		lab_call(l, &(struct call){ .method = method, .path = path, .body = body }, &r);

	reply_reset(&r);
	return status;
}

struct json_object *json_at(struct json_object *o, const char *pointer)
{
	struct json_object *value = NULL;

	return json_pointer_get(o, pointer, &value) == 0 ? value : NULL;
}

const char *reply_at(const struct reply *r, const char *pointer)
{
	struct json_object *value = json_at(r->json, pointer);

	return value ? json_object_get_string(value) : "";
}

bool reply_has(const struct reply *r, const char *pointer)
{
	return json_at(r->json, pointer) != NULL;
}

/* ---- signing in ---- */

char *lab_sign_in(struct lab *l, const char *aor, const char *password)
{
	CLEANUP(mem_free_string)
	char *body = text_format("grant_type=password&username=%s&password=%s", aor, password);
	struct reply r;
	char *token;

	lab_call(l,
		 &(struct call){ .method = "POST",
				 .path = "/WebTicket/oauthtoken",
				 .token = "",
				 .type = "application/x-www-form-urlencoded;charset='utf-8'",
				 .body = body },
		 &r);
	token = mem_strdup(reply_at(&r, "/access_token"));
	reply_reset(&r);
	return token;
}

char *lab_application(struct lab *l, const char *token, const char *endpoint_id)
{
	CLEANUP(mem_free_string)
	char *body = text_format("{\"UserAgent\":\"WPLync/4.1.7947.0 (x)\",\"EndpointId\":\"%s\","
				 "\"Culture\":\"en-US\"}",
				 endpoint_id);
	struct reply r;
	char *path;

	lab_call(l,
		 &(struct call){ .method = "POST",
				 .path = "/ucwa/oauth/v1/applications",
				 .token = token,
				 .body = body },
		 &r);
	path = mem_strdup(reply_at(&r, "/_links/self/href"));
	reply_reset(&r);
	return path;
}

void lab_forget_events(struct lab *l)
{
	struct phone *p = phone_find(l->core, strrchr(l->app, '/') + 1);

	list_for_each_safe (node, &p->events.events)
		event_drop(&p->events, LIST_ENTRY(node, struct event, of_queue));
}

void lab_bob(struct lab *l)
{
	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	assert_true(*l->token);
	l->app = lab_application(l, l->token, "bobs-phone");
	assert_true(*l->app);
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable",
				"{\"SupportedModalities\":[\"Messaging\"]}"),
			 204);
	lab_forget_events(l);
}

static void on_advanced(void *magic)
{
	*(bool *)magic = true;
}

void lab_advance(struct lab *l, int64_t ms)
{
	bool done = false;

	loop_advance(l->loop, ms, on_advanced, &done);
	while (!done)
		loop_step(l->loop, 10);
	lab_settle(l);
}
