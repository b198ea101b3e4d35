/*
 * The push service: channels, MPNS, and the carrier connection, over real HTTP
 */
#include "mcxd/base/random.h"
#include "mcxd/platform/platform.h"
#include "proto/mpns.h"
#include "web/http_client.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { PATIENCE_MS = 10000 };

#define TOAST(text)                                                                                \
	"<wp:Notification xmlns:wp=\"WPNotification\"><wp:Toast><wp:Text1>Alice</wp:Text1>"        \
	"<wp:Text2>" text "</wp:Text2></wp:Toast></wp:Notification>"
#define TILE                                                                                       \
	"<wp:Notification xmlns:wp=\"WPNotification\"><wp:Tile><wp:Count>2</wp:Count>"             \
	"</wp:Tile></wp:Notification>"

#define ID "0b5ce4f2-7e3d-4c5a-9a53-0f6a5f1f7c11"

struct fixture {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	struct platform_config config;
	struct platform *platform;
	struct http_client *http;
};

/* What came of one exchange. */
struct outcome {
	bool come;
	int status;
	struct json_object *body;
	char *notification, *connection, *subscription, *message_id, *allow;
};

static char *copy_header(const struct http_result *r, const char *name)
{
	return r->status ? mem_strdup(r->header(r, name)) : NULL;
}

static void on_result(void *magic, const struct http_result *r)
{
	struct outcome *o = magic;

	o->come = true;
	o->status = r->status;
	o->body = r->n_body ? json_tokener_parse(r->body) : NULL;
	o->notification = copy_header(r, MPNS_HEADER_NOTICE);
	o->connection = copy_header(r, MPNS_HEADER_CONNECTION);
	o->subscription = copy_header(r, MPNS_HEADER_CHANNEL);
	o->message_id = copy_header(r, MPNS_HEADER_MESSAGE_ID);
	o->allow = copy_header(r, "Allow");
}

static void outcome_deinit(struct outcome *o)
{
	json_object_put(o->body);
	free(o->notification);
	free(o->connection);
	free(o->subscription);
	free(o->message_id);
	free(o->allow);
	*o = (struct outcome){ 0 };
}

static void await(struct fixture *f, const struct outcome *o)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;

	while (!o->come && loop_real_ms(f->loop) < end)
		loop_step(f->loop, 100);
	assert_true(o->come);
}

static void start(struct fixture *f, const char *method, const char *path,
		  const char *const *headers, const char *body, struct outcome *o)
{
	CLEANUP(mem_free_string) char *url = NULL;

	url = *path == '/' ? text_format("%s%s", platform_url(f->platform), path)
			   : mem_strdup(path);
	*o = (struct outcome){ 0 };
	http_client_send(f->http,
			 &(struct http_exchange){ .method = method,
						  .url = url,
						  .headers = headers,
						  .body = body,
						  .n_body = body ? strlen(body) : 0 },
			 NULL, on_result, o);
}

static void exchange(struct fixture *f, const char *method, const char *path, const char *body,
		     struct outcome *o)
{
	start(f, method, path, NULL, body, o);
	await(f, o);
}

static void notify(struct fixture *f, const char *uri, const char *target, const char *class,
		   const char *body, struct outcome *o)
{
	CLEANUP(mem_free_string) char *target_line = NULL;
	CLEANUP(mem_free_string) char *class_line = NULL;
	const char *headers[5] = { MPNS_HEADER_MESSAGE_ID ": " ID, "Content-Type: text/xml" };
	size_t n = 2;

	target_line = text_format(MPNS_HEADER_TARGET ": %s", target);
	class_line = text_format(MPNS_HEADER_CLASS ": %s", class);
	if (*target)
		headers[n++] = target_line;
	if (*class)
		headers[n++] = class_line;
	start(f, "POST", uri, headers, body, o);
	await(f, o);
}

static const char *string_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(o, name, &value));
	return json_object_get_string(value);
}

static int64_t number_of(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(o, name, &value));
	return json_object_get_int64(value);
}

static struct json_object *notices_of(const struct outcome *o)
{
	struct json_object *list = NULL;

	assert_int_equal(o->status, 200);
	assert_true(json_object_object_get_ex(o->body, "notifications", &list));
	return list;
}

static struct json_object *notice_at(const struct outcome *o, size_t i)
{
	struct json_object *list = notices_of(o);

	assert_true(i < json_object_array_length(list));
	return json_object_array_get_idx(list, i);
}

struct channel_of_test {
	char *path, *uri, *carrier;
};

static struct channel_of_test new_channel(struct fixture *f)
{
	struct channel_of_test c;
	struct outcome o;

	exchange(f, "POST", "/channels", "{\"deviceName\":\"bob@lab.test\",\"x\":1}", &o);
	assert_int_equal(o.status, 201);
	c.path = text_format("/channels/%s", string_of(o.body, "channelId"));
	c.uri = text_format("%s", string_of(o.body, "notificationUri"));
	c.carrier = text_format("%s", string_of(o.body, "carrier"));
	outcome_deinit(&o);
	return c;
}

static void channel_deinit(struct channel_of_test *c)
{
	free(c->path);
	free(c->uri);
	free(c->carrier);
}

/* The carrier request, as far as being on its way. */
static void hold(struct fixture *f, const struct channel_of_test *c, unsigned after,
		 unsigned timeout_s, struct outcome *o)
{
	CLEANUP(mem_free_string)
	char *path = text_format("%s?after=%u&timeout=%u", c->carrier, after, timeout_s);

	start(f, "GET", path, NULL, NULL, o);
}

static void take(struct fixture *f, const struct channel_of_test *c, unsigned after,
		 struct outcome *o)
{
	hold(f, c, after, 0, o);
	await(f, o);
}

static struct json_object *first_listed(const struct outcome *o)
{
	struct json_object *list = NULL;

	assert_true(json_object_object_get_ex(o->body, "channels", &list));
	return json_object_array_get_idx(list, 0);
}

/* Until a carrier request is held, as GET /channels says. */
static void await_connection(struct fixture *f, const char *state)
{
	int64_t end = loop_real_ms(f->loop) + PATIENCE_MS;
	struct outcome o;
	bool reached;

	do {
		exchange(f, "GET", "/channels", NULL, &o);
		reached = !strcmp(string_of(first_listed(&o), "connection"), state);
		outcome_deinit(&o);
	} while (!reached && loop_real_ms(f->loop) < end);
	assert_true(reached);
}

static void open_platform(struct fixture *f)
{
	assert_int_equal(platform_new(&(struct platform_args){ .loop = f->loop,
							       .journal = f->journal,
							       .metrics = f->metrics,
							       .config = &f->config },
				      &f->platform),
			 0);
}

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	f->journal = journal_new(f->loop, &(struct journal_config){ 1000, 1000000 });
	f->metrics = metrics_new();
	f->http = http_client_new(f->loop, &(struct http_client_config){ 0 });
	f->config = platform_defaults;
	f->config.max_queue = 3;
	f->config.max_per_day = 10;
	f->config.max_channels = 2;
	open_platform(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	http_client_free(f->http);
	platform_free(f->platform);
	metrics_free(f->metrics);
	journal_free(f->journal);
	loop_free(f->loop);
	free(f);
	return 0;
}

/* ---- channels ---- */

static void test_channels(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f), d = new_channel(f);
	struct outcome o;

	assert_string_not_equal(c.uri, d.uri);
	assert_int_equal(
		strncmp(c.uri, platform_url(f->platform), strlen(platform_url(f->platform))), 0);
	assert_non_null(strstr(c.uri, MPNS_PATH));

	exchange(f, "POST", "/channels", NULL, &o);
	assert_int_equal(o.status, 503);
	assert_non_null(string_of(o.body, "message"));
	outcome_deinit(&o);

	exchange(f, "DELETE", c.path, NULL, &o);
	assert_int_equal(o.status, 204);
	outcome_deinit(&o);
	exchange(f, "DELETE", c.path, NULL, &o);
	assert_int_equal(o.status, 404);
	outcome_deinit(&o);
	notify(f, c.uri, "toast", "2", TOAST("Hi"), &o);
	assert_int_equal(o.status, 404);
	assert_string_equal(o.notification, "Dropped");
	assert_string_equal(o.subscription, "Expired");
	outcome_deinit(&o);

	exchange(f, "GET", "/channels", NULL, &o);
	assert_int_equal(o.status, 200);
	assert_string_equal(string_of(first_listed(&o), "notificationUri"), d.uri);
	assert_string_equal(string_of(first_listed(&o), "deviceName"), "bob@lab.test");
	outcome_deinit(&o);
	channel_deinit(&c);
	channel_deinit(&d);
}

/* What nobody comes back to makes room. */
static void test_expiry(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f), d = new_channel(f), e;
	struct outcome o;

	loop_jump(f->loop, f->config.expiry_ms);
	e = new_channel(f);
	notify(f, c.uri, "toast", "2", TOAST("Hi"), &o);
	assert_int_equal(o.status, 404);
	outcome_deinit(&o);
	channel_deinit(&c);
	channel_deinit(&d);
	channel_deinit(&e);
}

static void test_bad_channels(void **state)
{
	static const char *const bodies[] = {
		"{",
		"[]",
		"\"x\"",
		"{\"deviceName\":1}",
		"{\"deviceName\":\"\"}",
		"{\"deviceName\":\"a\\nb\"}",
		"{\"userAgent\":\"\\u0000\"}",
		"{\"deviceName\":{\"a\":{\"b\":{}}}}",
	};
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *big = mem_zalloc(20000);
	struct outcome o;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		exchange(f, "POST", "/channels", bodies[i], &o);
		assert_int_equal(o.status, 400);
		assert_string_equal(string_of(o.body, "code"), "BadRequest");
		outcome_deinit(&o);
	}
	memset(big, ' ', 19999);
	exchange(f, "POST", "/channels", big, &o);
	assert_int_equal(o.status, 413);
	outcome_deinit(&o);
	exchange(f, "PUT", "/channels", "{}", &o);
	assert_int_equal(o.status, 405);
	assert_non_null(strstr(o.allow, "POST"));
	outcome_deinit(&o);
	exchange(f, "GET", "/nothing", NULL, &o);
	assert_int_equal(o.status, 404);
	assert_string_equal(string_of(o.body, "code"), "NotFound");
	outcome_deinit(&o);
	exchange(f, "GET", "/health", NULL, &o);
	assert_int_equal(o.status, 200);
	outcome_deinit(&o);
}

/* ---- the carrier connection ---- */

static const struct journal_record *last_record(const struct fixture *f, const char *kind)
{
	for (uint64_t seq = journal_last(f->journal); seq >= journal_first(f->journal); seq--) {
		const struct journal_record *r = journal_get(f->journal, seq);

		if (r && !strcmp(r->e.kind, kind))
			return r;
	}
	fail_msg("nothing of the kind %s was recorded", kind);
	abort();
}

static void test_held(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome held, o;
	const struct journal_record *r;

	hold(f, &c, 0, 60, &held);
	await_connection(f, "Connected");
	loop_jump(f->loop, f->config.connected_ms);
	assert_false(held.come);
	notify(f, c.uri, "toast", "2", TOAST("Hi &amp; hello"), &o);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.notification, "Received");
	assert_string_equal(o.connection, "Connected");
	assert_string_equal(o.subscription, "Active");
	assert_string_equal(o.message_id, ID);
	outcome_deinit(&o);

	await(f, &held);
	assert_int_equal(json_object_array_length(notices_of(&held)), 1);
	assert_int_equal(number_of(held.body, "next"), 1);
	assert_int_equal(number_of(notice_at(&held, 0), "number"), 1);
	assert_string_equal(string_of(notice_at(&held, 0), "kind"), "toast");
	assert_string_equal(string_of(notice_at(&held, 0), "text1"), "Alice");
	assert_string_equal(string_of(notice_at(&held, 0), "text2"), "Hi & hello");
	assert_string_equal(string_of(notice_at(&held, 0), "messageId"), ID);
	assert_int_equal(strlen(string_of(notice_at(&held, 0), "receivedAt")), 24);
	outcome_deinit(&held);

	r = last_record(f, "toast");
	assert_string_equal(r->e.from, "platform");
	assert_string_equal(r->e.to, "phone:bob@lab.test");
	assert_string_equal(r->e.key, "mpns:" ID);
	assert_string_equal(journal_value(r, "text2"), "Hi & hello");
	channel_deinit(&c);
}

/* A notice leaves the queue when the phone asks for what comes after it, and not before. */
static void test_acknowledged(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome o;

	notify(f, c.uri, "toast", "2", TOAST("one"), &o);
	outcome_deinit(&o);
	notify(f, c.uri, "token", "1", TILE, &o);
	outcome_deinit(&o);
	for (int i = 0; i < 2; i++) {
		take(f, &c, 0, &o);
		assert_int_equal(json_object_array_length(notices_of(&o)), 2);
		assert_string_equal(string_of(notice_at(&o, 1), "kind"), "tile");
		assert_int_equal(number_of(notice_at(&o, 1), "count"), 2);
		assert_int_equal(number_of(o.body, "next"), 2);
		outcome_deinit(&o);
	}
	take(f, &c, 1, &o);
	assert_int_equal(json_object_array_length(notices_of(&o)), 1);
	outcome_deinit(&o);
	take(f, &c, 2, &o);
	assert_int_equal(json_object_array_length(notices_of(&o)), 0);
	assert_int_equal(number_of(o.body, "next"), 2);
	outcome_deinit(&o);
	/* Acknowledged is gone for good. */
	take(f, &c, 0, &o);
	assert_int_equal(json_object_array_length(notices_of(&o)), 0);
	outcome_deinit(&o);
	channel_deinit(&c);
}

static void test_hold_ends(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome first, second;

	hold(f, &c, 0, 60, &first);
	await_connection(f, "Connected");
	/* A second request takes over from the first. */
	hold(f, &c, 0, 60, &second);
	await(f, &first);
	assert_int_equal(first.status, 409);
	outcome_deinit(&first);
	loop_jump(f->loop, 60000);
	await(f, &second);
	assert_int_equal(json_object_array_length(notices_of(&second)), 0);
	assert_int_equal(number_of(second.body, "next"), 0);
	outcome_deinit(&second);

	/* The channel ends while its request is held. */
	hold(f, &c, 0, 60, &first);
	await_connection(f, "Connected");
	exchange(f, "DELETE", c.path, NULL, &second);
	assert_int_equal(second.status, 204);
	outcome_deinit(&second);
	await(f, &first);
	assert_int_equal(first.status, 404);
	outcome_deinit(&first);
	channel_deinit(&c);
}

/* The phone loses its connection: what comes meanwhile waits for it. */
static void test_phone_gone(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct http_client *phone = http_client_new(f->loop, &(struct http_client_config){ 0 });
	CLEANUP(mem_free_string)
	char *url = text_format("%s%s?timeout=600", platform_url(f->platform), c.carrier);
	CLEANUP(mem_free_string) char *connection = NULL;
	struct outcome o, held = { 0 };

	loop_jump(f->loop, f->config.connected_ms);
	await_connection(f, "TempDisconnected");
	http_client_send(phone, &(struct http_exchange){ .method = "GET", .url = url }, NULL,
			 on_result, &held);
	await_connection(f, "Connected");
	/* Not only recently. */
	loop_jump(f->loop, f->config.connected_ms);
	await_connection(f, "Connected");
	http_client_free(phone);
	/* Once that is noticed, it takes connected_ms; all of this is less than the hold. */
	for (int i = 0; i < 100; i++) {
		loop_step(f->loop, 10);
		loop_jump(f->loop, f->config.connected_ms);
		exchange(f, "GET", "/channels", NULL, &o);
		connection = mem_strdup(string_of(first_listed(&o), "connection"));
		outcome_deinit(&o);
		if (!strcmp(connection, "TempDisconnected"))
			break;
		mem_set_string(&connection, NULL);
	}
	assert_non_null(connection);
	notify(f, c.uri, "toast", "2", TOAST("later"), &o);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.connection, "TempDisconnected");
	outcome_deinit(&o);
	take(f, &c, 0, &o);
	assert_string_equal(string_of(notice_at(&o, 0), "text2"), "later");
	outcome_deinit(&o);
	assert_false(held.come);
	channel_deinit(&c);
}

static void test_bad_carrier_requests(void **state)
{
	static const char *const queries[] = {
		"after=1",     "after=-1",
		"after=",      "after=x",
		"timeout=601", "timeout=99999999999999999999",
		"timeout=",    "after=0&timeout=1.5",
	};
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome o;

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		CLEANUP(mem_free_string) char *path = text_format("%s?%s", c.carrier, queries[i]);

		exchange(f, "GET", path, NULL, &o);
		assert_int_equal(o.status, 400);
		assert_non_null(string_of(o.body, "message"));
		outcome_deinit(&o);
	}
	exchange(f, "GET", "/channels/0123456789abcdef/notifications", NULL, &o);
	assert_int_equal(o.status, 404);
	outcome_deinit(&o);
	channel_deinit(&c);
}

/* ---- MPNS ---- */

static void test_raw(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome o;

	notify(f, c.uri, "", "3", "\x01raw\xFF", &o);
	assert_int_equal(o.status, 200);
	outcome_deinit(&o);
	take(f, &c, 0, &o);
	assert_string_equal(string_of(notice_at(&o, 0), "kind"), "raw");
	assert_string_equal(string_of(notice_at(&o, 0), "rawBase64"), "AXJhd/8=");
	outcome_deinit(&o);
	channel_deinit(&c);
}

static void test_bad_notices(void **state)
{
	static const struct {
		const char *target, *class, *body;
	} rows[] = {
		{ "toast", "1", TOAST("x") },
		{ "token", "2", TILE },
		{ "toast", "32", TOAST("x") },
		{ "banner", "2", TOAST("x") },
		{ "toast", "2", TILE },
		{ "token", "1", TOAST("x") },
		{ "toast", "2", "<a/>" },
		{ "toast", "2", "hello" },
		{ "", "2", "x" },
		{ "toast", "2", NULL },
	};
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	CLEANUP(mem_free_string) char *big = mem_zalloc(MPNS_MAX_BYTES + 2);
	struct outcome o;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		notify(f, c.uri, rows[i].target, rows[i].class, rows[i].body, &o);
		assert_int_equal(o.status, 400);
		assert_null(o.notification);
		assert_non_null(string_of(o.body, "message"));
		outcome_deinit(&o);
	}
	memset(big, 'x', MPNS_MAX_BYTES + 1);
	notify(f, c.uri, "", "3", big, &o);
	assert_int_equal(o.status, 413);
	outcome_deinit(&o);
	start(f, "POST", c.uri, (const char *const[]){ MPNS_HEADER_MESSAGE_ID ": a b", NULL }, "x",
	      &o);
	await(f, &o);
	assert_int_equal(o.status, 400);
	assert_null(o.message_id);
	outcome_deinit(&o);
	exchange(f, "GET", c.uri, NULL, &o);
	assert_int_equal(o.status, 405);
	assert_non_null(strstr(o.allow, "POST"));
	outcome_deinit(&o);
	/* None of it got through, or was counted. */
	exchange(f, "GET", "/channels", NULL, &o);
	assert_int_equal(number_of(first_listed(&o), "pending"), 0);
	assert_int_equal(number_of(first_listed(&o), "today"), 0);
	outcome_deinit(&o);
	channel_deinit(&c);
}

static void test_queue_full(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome o;

	for (int i = 0; i < 3; i++) {
		notify(f, c.uri, "toast", "2", TOAST("x"), &o);
		assert_string_equal(o.notification, "Received");
		outcome_deinit(&o);
	}
	notify(f, c.uri, "toast", "2", TOAST("x"), &o);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.notification, "QueueFull");
	outcome_deinit(&o);
	take(f, &c, 0, &o);
	outcome_deinit(&o);
	take(f, &c, 3, &o);
	outcome_deinit(&o);
	notify(f, c.uri, "toast", "2", TOAST("x"), &o);
	assert_string_equal(o.notification, "Received");
	outcome_deinit(&o);
	channel_deinit(&c);
}

static void test_throttled(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome o;

	for (unsigned i = 0; i < 10; i++) {
		notify(f, c.uri, "toast", "2", TOAST("x"), &o);
		assert_string_equal(o.notification, "Received");
		outcome_deinit(&o);
		take(f, &c, i, &o);
		outcome_deinit(&o);
	}
	notify(f, c.uri, "toast", "2", TOAST("x"), &o);
	assert_int_equal(o.status, 406);
	assert_string_equal(o.notification, "Dropped");
	assert_string_equal(o.connection, "Connected");
	assert_string_equal(o.subscription, "Active");
	outcome_deinit(&o);
	loop_jump(f->loop, 24 * 3600 * 1000 - 1000 - f->config.connected_ms);
	notify(f, c.uri, "toast", "2", TOAST("x"), &o);
	assert_int_equal(o.status, 406);
	outcome_deinit(&o);
	loop_jump(f->loop, f->config.connected_ms + 1000);
	notify(f, c.uri, "toast", "2", TOAST("x"), &o);
	assert_int_equal(o.status, 200);
	outcome_deinit(&o);
	channel_deinit(&c);
}

static void test_inactive(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome o;

	loop_jump(f->loop, f->config.inactive_ms);
	notify(f, c.uri, "toast", "2", TOAST("x"), &o);
	assert_int_equal(o.status, 412);
	assert_string_equal(o.notification, "Dropped");
	assert_string_equal(o.connection, "Inactive");
	assert_null(o.subscription);
	outcome_deinit(&o);
	take(f, &c, 0, &o);
	outcome_deinit(&o);
	notify(f, c.uri, "toast", "2", TOAST("x"), &o);
	assert_int_equal(o.status, 200);
	outcome_deinit(&o);
	channel_deinit(&c);
}

/* Class 12 lets a toast wait for 450 seconds, and what is urgent overtakes it. */
static void test_delayed_class(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome o;

	notify(f, c.uri, "toast", "12", TOAST("slow"), &o);
	assert_string_equal(o.notification, "Received");
	outcome_deinit(&o);
	notify(f, c.uri, "toast", "2", TOAST("fast"), &o);
	outcome_deinit(&o);
	loop_jump(f->loop, 440000);
	take(f, &c, 0, &o);
	assert_int_equal(json_object_array_length(notices_of(&o)), 1);
	assert_string_equal(string_of(notice_at(&o, 0), "text2"), "fast");
	outcome_deinit(&o);
	hold(f, &c, 1, 60, &o);
	await_connection(f, "Connected");
	loop_jump(f->loop, 10000);
	await(f, &o);
	assert_string_equal(string_of(notice_at(&o, 0), "text2"), "slow");
	assert_int_equal(number_of(o.body, "next"), 2);
	outcome_deinit(&o);
	/* One that still waits when all ends. */
	notify(f, c.uri, "toast", "22", TOAST("never"), &o);
	outcome_deinit(&o);
	channel_deinit(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_channels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_expiry, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_channels, setup, teardown),
		cmocka_unit_test_setup_teardown(test_held, setup, teardown),
		cmocka_unit_test_setup_teardown(test_acknowledged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hold_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_phone_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_carrier_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_raw, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_notices, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_throttled, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inactive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delayed_class, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
