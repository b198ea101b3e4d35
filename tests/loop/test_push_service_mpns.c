/*
 * The push service: notifications that MPNS accepts and refuses
 */
#include "tests/loop/push_service_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/mpns.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

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

/* A channel with these traits; its notification URI, to be freed. */
static char *open_channel(struct fixture *f, const char *traits, struct channel_of_test *ret)
{
	struct outcome o;
	char *uri;

	exchange(f, "POST", "/channels", traits, &o);
	assert_int_equal(o.status, 201);
	uri = mem_strdup(string_of(o.body, "notificationUri"));
	ret->path = mem_strdup(string_of(o.body, "channel"));
	ret->carrier = mem_strdup(string_of(o.body, "carrier"));
	ret->uri = mem_strdup(uri);
	outcome_deinit(&o);
	return uri;
}

/* expected: "200 Received"; the status alone if the answer has no X-NotificationStatus. */
static void expect(struct fixture *f, const char *uri, const char *target, const char *class,
		   const char *document, const char *expected)
{
	CLEANUP(mem_free_string) char *got = NULL;
	struct outcome o;

	notify(f, uri, target, class, document, &o);
	got = text_format("%d%s%s", o.status, o.notification ? " " : "",
			  o.notification ? o.notification : "");
	assert_string_equal(got, expected);
	outcome_deinit(&o);
}

static void test_what_a_phone_does_not_want(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c, owned;
	CLEANUP(mem_free_string)
	char *uri = open_channel(f, "{\"suppress\":[\"tile\",\"raw\"]}", &c);
	CLEANUP(mem_free_string)
	char *owned_uri = open_channel(f, "{\"serviceName\":\"push.lab.test\"}", &owned);
	struct outcome o;

	expect(f, uri, "token", "1", TILE, "200 Suppressed");
	expect(f, uri, "", "3", "x", "200 Suppressed");
	expect(f, uri, "toast", "2", TOAST("Hi"), "200 Received");
	expect(f, owned_uri, "toast", "2", TOAST("Hi"), "401");
	take(f, &c, 0, &o);
	assert_int_equal(json_object_array_length(notices_of(&o)), 1);
	assert_int_equal(number_of(notice_at(&o, 0), "class"), 2);
	outcome_deinit(&o);
	take(f, &owned, 0, &o);
	assert_int_equal(json_object_array_length(notices_of(&o)), 0);
	outcome_deinit(&o);
	channel_deinit(&c);
	channel_deinit(&owned);
}

static void test_renewed(void **state)
{
	struct fixture *f = *state;
	struct channel_of_test c = new_channel(f);
	CLEANUP(mem_free_string) char *uri = NULL;
	struct outcome o;

	expect(f, c.uri, "toast", "2", TOAST("One"), "200 Received");
	exchange(f, "PUT", c.path, NULL, &o);
	assert_int_equal(o.status, 200);
	uri = mem_strdup(string_of(o.body, "notificationUri"));
	assert_string_not_equal(uri, c.uri);
	assert_string_equal(string_of(o.body, "carrier"), c.carrier);
	outcome_deinit(&o);
	expect(f, c.uri, "toast", "2", TOAST("Two"), "404 Dropped");
	expect(f, uri, "toast", "2", TOAST("Three"), "200 Received");
	take(f, &c, 0, &o);
	assert_string_equal(string_of(notice_at(&o, 0), "text2"), "One");
	assert_string_equal(string_of(notice_at(&o, 1), "text2"), "Three");
	outcome_deinit(&o);
	exchange(f, "PUT", "/channels/0000000000000000", NULL, &o);
	assert_int_equal(o.status, 404);
	outcome_deinit(&o);
	channel_deinit(&c);
}

static void test_bad_traits(void **state)
{
	static const char *const bodies[] = {
		"{\"platform\":\"webhook\"}",
		"{\"platform\":7}",
		"{\"suppress\":\"tile\"}",
		"{\"suppress\":[\"banner\"]}",
		"{\"suppress\":[7]}",
		"{\"topic\":\"com.example.app\"}",
		"{\"platform\":\"apple\",\"suppress\":[\"tile\"]}",
		"{\"platform\":\"apple\",\"serviceName\":\"a\"}",
		"{\"platform\":\"apple\",\"topic\":\"\"}",
	};
	struct fixture *f = *state;
	struct outcome o;

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		exchange(f, "POST", "/channels", bodies[i], &o);
		assert_int_equal(o.status, 400);
		outcome_deinit(&o);
	}
}

static void test_bad_notifications(void **state)
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
	start_exchange(f, "POST", c.uri,
		       (const char *const[]){ MPNS_HEADER_MESSAGE_ID ": a b", NULL }, "x", &o);
	await_outcome(f, &o);
	assert_int_equal(o.status, 400);
	assert_null(o.message_id);
	outcome_deinit(&o);
	exchange(f, "GET", c.uri, NULL, &o);
	assert_int_equal(o.status, 405);
	assert_non_null(strstr(o.allow, "POST"));
	outcome_deinit(&o);
	/* None was queued or counted. */
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

/* Class 12 delays a toast by 450 seconds; an urgent one overtakes it. */
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
	await_outcome(f, &o);
	assert_string_equal(string_of(notice_at(&o, 0), "text2"), "slow");
	assert_int_equal(number_of(o.body, "next"), 2);
	outcome_deinit(&o);
	/* One that is still held back when the service ends. */
	notify(f, c.uri, "toast", "22", TOAST("never"), &o);
	outcome_deinit(&o);
	channel_deinit(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, push_service_set_up, push_service_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_raw),
		TEST(test_what_a_phone_does_not_want),
		TEST(test_renewed),
		TEST(test_bad_traits),
		TEST(test_bad_notifications),
		TEST(test_queue_full),
		TEST(test_throttled),
		TEST(test_inactive),
		TEST(test_delayed_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
