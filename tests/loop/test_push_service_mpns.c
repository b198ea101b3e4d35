/*
 * The push service: notifications that MPNS accepts and refuses
 */
#include "tests/loop/push_service_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/push_service/push_service.h"
#include "proto/push/mpns.h"
#include "proto/text/mem.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_raw, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_bad_notifications, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_queue_full, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_throttled, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_inactive, push_service_set_up,
						push_service_tear_down),
		cmocka_unit_test_setup_teardown(test_delayed_class, push_service_set_up,
						push_service_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
