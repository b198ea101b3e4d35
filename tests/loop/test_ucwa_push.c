/*
 * HTTPS API: push subscriptions that our own settings rule out
 */
#include "ucwa_fixture.h"

#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define WINDOWS "{\"platform\":\"windowsPhone\",\"notificationUri\":\"http://127.0.0.1:9/t\"}"
#define APPLE   "{\"platform\":\"apple\",\"deviceToken\":\"00ff\"}"
#define WEBHOOK "{\"platform\":\"webhook\",\"notificationUri\":\"http://push.test:80/x\"}"

/* 403, with these words in the message. */
static void check_refused(struct lab *l, const char *body, const char *words)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, "/pushSubscription");
	struct reply r;

	assert_int_equal(
		lab_call(l, &(struct call){ .method = "PUT", .path = path, .body = body }, &r),
		403);
	assert_string_equal(reply_at(&r, "/code"), "Forbidden");
	if (!strstr(reply_at(&r, "/message"), words))
		fail_msg("%s: %s", body, reply_at(&r, "/message"));
	reply_reset(&r);
}

static void test_switches(void **state)
{
	struct lab *l = *state;

	l->core_config.enable_microsoft_push = false;
	l->core_config.enable_apple_push = false;
	lab_bob(l);
	check_refused(l, WINDOWS, "push.microsoft");
	check_refused(l, APPLE, "push.apple");
	assert_int_equal(lab_do(l, "GET", "/pushSubscription", NULL), 404);
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", WEBHOOK), 201);
	l->core_config.enable_microsoft_push = true;
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", WINDOWS), 200);
	l->core_config.enable_apple_push = true;
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", APPLE), 200);
}

/* What a subscription replaces stays if it is refused. */
static void test_hosts(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;
	struct reply r;

	lab_bob(l);
	path = text_concat(l->app, "/pushSubscription");
	l->core_config.push_allow_hosts = "127.0.0.1:*, push.test:81";
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", WINDOWS), 201);
	check_refused(l, WEBHOOK, "push.allow_hosts");
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r), 200);
	assert_string_equal(reply_at(&r, "/platform"), "windowsPhone");
	reply_reset(&r);
	l->core_config.push_allow_hosts = "push.test:80";
	check_refused(l, WINDOWS, "push.allow_hosts");
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", WEBHOOK), 200);
	l->core_config.push_allow_hosts = "*";
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", WINDOWS), 200);
	/* settings may change while a subscription lasts */
	l->core_config.push_allow_hosts = "push.test";
	assert_non_null(strstr(push_obstacle(phone_find(l->core, strrchr(l->app, '/') + 1)),
			       "push.allow_hosts"));
}

/* Hosts that whoever delivers pushes can connect to: core does not know which these are. */
static bool is_push_test(const void *hosts, const char *host)
{
	return !strcmp(host, "push.test") && hosts;
}

static void test_unknown_host(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	l->core_config.push_reaches = is_push_test;
	l->core_config.push_hosts = l;
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", WEBHOOK), 201);
	check_refused(l, "{\"platform\":\"webhook\",\"notificationUri\":\"http://other.test/x\"}",
		      "not in [hosts]");
	assert_int_equal(lab_do(l, "GET", "/pushSubscription", NULL), 200);
	l->core_config.push_reaches = NULL;
	assert_int_equal(
		lab_do(l, "PUT", "/pushSubscription",
		       "{\"platform\":\"webhook\",\"notificationUri\":\"http://other.test/x\"}"),
		200);
}

/* Forms of a URI that an HTTP client could read in another way than we do. */
static void test_uris(void **state)
{
	static const char *const uris[] = { "http://127.0.0.1#x", "http://127.0.0.1/#x\\\\",
					    "http://127.0.0.1:9/%5c|" };
	struct lab *l = *state;

	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(uris); i++) {
		CLEANUP(mem_free_string)
		char *body = text_concat("{\"platform\":\"webhook\",\"notificationUri\":\"",
					 uris[i], "\"}");
		int status = lab_do(l, "PUT", "/pushSubscription", body);

		if (status != 400 && status != 403)
			fail_msg("%s: %d", uris[i], status);
	}
}

static void test_policy(void **state)
{
	struct lab *l = *state;
	struct user_spec spec = { .password = "pass word&1",
				  .policy = { .enable_mobility = true } };

	lab_bob(l);
	user_update(user_find(l->core, "bob@lab.test"), &spec);
	check_refused(l, WINDOWS, "not allowed for this user");
	spec.policy.enable_push = true;
	user_update(user_find(l->core, "bob@lab.test"), &spec);
	assert_int_equal(lab_do(l, "PUT", "/pushSubscription", WINDOWS), 201);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_switches, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_hosts, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_unknown_host, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_uris, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_policy, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
