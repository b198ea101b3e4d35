/*
 * The push service: channels and the carrier connection
 */
#include "proto/record.h"
#include "tests/loop/push_service_fixture.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/mpns.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

static void test_channels(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f), d = new_channel(f);
	struct outcome o;

	assert_string_not_equal(c.uri, d.uri);
	assert_int_equal(strncmp(c.uri, push_service_url(f->push_service),
				 strlen(push_service_url(f->push_service))),
			 0);
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

/* A channel whose phone has gone makes room for a new one. */
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
		"{\"user\":\"a\\nb\"}",
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

/* A notification URI of platform webhook may be any URL of an allowed host. */
static void test_a_webhook_makes_no_channel(void **state)
{
	static const char *const headers[] = { "Content-Type: application/json", "Webhook-Id: 5e1f",
					       NULL };
	struct fixture *f = *state;
	struct outcome o;

	start_exchange(f, "POST", "/channels", headers, "{\"text\":\"Hi\"}", &o);
	await_outcome(f, &o);
	assert_int_equal(o.status, 403);
	outcome_deinit(&o);
}

/* ---- the carrier connection ---- */

static const struct record *last_record(const struct fixture *f, const char *kind)
{
	for (uint64_t seq = journal_last(f->journal); seq >= journal_first(f->journal); seq--) {
		const struct record *r = journal_get(f->journal, seq);

		if (r && !strcmp(r->kind, kind))
			return r;
	}
	fail_msg("no record of kind %s", kind);
	abort();
}

static void test_held(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct outcome held, o;
	const struct record *r;

	hold(f, &c, 0, 60, &held);
	await_connection(f, "Connected");
	loop_jump(f->loop, f->config.connected_ms);
	assert_false(held.done);
	notify(f, c.uri, "toast", "2", TOAST("Hi &amp; hello"), &o);
	assert_int_equal(o.status, 200);
	assert_string_equal(o.notification, "Received");
	assert_string_equal(o.connection, "Connected");
	assert_string_equal(o.subscription, "Active");
	assert_string_equal(o.message_id, ID);
	outcome_deinit(&o);

	await_outcome(f, &held);
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
	assert_string_equal(r->from, "push-service");
	assert_string_equal(r->to, "phone:bob@lab.test");
	assert_string_equal(r->key, "mpns:" ID);
	assert_string_equal(record_value(r, "text2"), "Hi & hello");
	channel_deinit(&c);
}

/* The hop is that of the owner; a phone that does not say whose it is has its own name. */
static void test_hop(void **state)
{
	static const char *const rows[][2] = {
		{ "{\"deviceName\":\"Front desk\",\"user\":\"bob@lab.test\"}",
		  "phone:bob@lab.test" },
		{ "{\"deviceName\":\"Front desk\"}", "phone:Front desk" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct outcome o, taken;

		exchange(f, "POST", "/channels", rows[i][0], &o);
		for (int tile = 0; tile < 2; tile++) {
			struct outcome answer;

			notify(f, string_of(o.body, "notificationUri"), tile ? "token" : "toast",
			       tile ? "1" : "2", tile ? TILE : TOAST("Hi"), &answer);
			outcome_deinit(&answer);
		}
		exchange(f, "GET", string_of(o.body, "carrier"), NULL, &taken);
		assert_string_equal(last_record(f, "toast")->to, rows[i][1]);
		assert_string_equal(last_record(f, "tile")->to, rows[i][1]);
		outcome_deinit(&taken);
		outcome_deinit(&o);
	}
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
	/* What was acknowledged is gone for good. */
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
	await_outcome(f, &first);
	assert_int_equal(first.status, 409);
	outcome_deinit(&first);
	loop_jump(f->loop, 60000);
	await_outcome(f, &second);
	assert_int_equal(json_object_array_length(notices_of(&second)), 0);
	assert_int_equal(number_of(second.body, "next"), 0);
	outcome_deinit(&second);

	/* The channel ends while its request is held. */
	hold(f, &c, 0, 60, &first);
	await_connection(f, "Connected");
	exchange(f, "DELETE", c.path, NULL, &second);
	assert_int_equal(second.status, 204);
	outcome_deinit(&second);
	await_outcome(f, &first);
	assert_int_equal(first.status, 404);
	outcome_deinit(&first);
	channel_deinit(&c);
}

/* The phone loses its connection: notifications wait for it. */
static void test_phone_gone(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	struct http_client *phone = http_client_new(f->loop, &(struct http_client_config){ 0 });
	CLEANUP(mem_free_string)
	char *url = text_format("%s%s?timeout=600", push_service_url(f->push_service), c.carrier);
	CLEANUP(mem_free_string) char *connection = NULL;
	struct outcome o, held = { 0 };

	loop_jump(f->loop, f->config.connected_ms);
	await_connection(f, "TempDisconnected");
	http_client_send(phone, &(struct http_exchange){ .method = "GET", .url = url }, NULL,
			 outcome_on_result, &held);
	await_connection(f, "Connected");
	/* Because the request is held, not because it began recently. */
	loop_jump(f->loop, f->config.connected_ms);
	await_connection(f, "Connected");
	http_client_free(phone);
	/* connected_ms after the end of the connection is noticed, well before the hold would end. */
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
	assert_false(held.done);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_channels, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_expiry, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_a_webhook_makes_no_channel,
						push_service_set_up, push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_bad_channels, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_held, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_hop, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_acknowledged, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_hold_ends, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_phone_gone, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_bad_carrier_requests, push_service_set_up,
						push_service_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
