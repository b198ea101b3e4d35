/*
 * Notification URIs
 */
#include "proto/push/notification_uri.h"

#include "proto/text/mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check_split(const char *s, const char *host, const char *authority)
{
	struct notification_uri u;
	const char *why = NULL;

	assert_int_equal(notification_uri_decode(s, &u, &why), 0);
	assert_int_equal(u.n_host, strlen(host));
	assert_memory_equal(u.authority, host, u.n_host);
	assert_int_equal(u.n_authority, strlen(authority));
	assert_memory_equal(u.authority, authority, u.n_authority);
}

static void test_split(void **state)
{
	(void)state;
	check_split("http://127.0.0.1:8080/throttledthirdparty/01.00/abc?a=1&b=2", "127.0.0.1",
		    "127.0.0.1:8080");
	check_split("HTTPS://Push.lab-1.test/", "Push.lab-1.test", "Push.lab-1.test");
	check_split("http://a?x", "a", "a");
	check_split("http://a:65535", "a", "a:65535");
	check_split("http://[::1]:80/x", "[::1]", "[::1]:80");
	check_split("http://[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]");
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"http:",
		"http://",
		"http:///x",
		"http://?x",
		"ftp://a/x",
		"a/x",
		"http://a:/x",
		"http://a:0/x",
		"http://a:65536/x",
		"http://a:99999999999999999999/x",
		"http://a:80x/x",
		"http://a:80:80/x",
		"http://a@b/x",
		"http://a:1@b/x",
		"http://a#b",
		"http://a\\@b/x",
		"http://a%2eb/x",
		"http://[::1/x",
		"http://[]/x",
		"http://[::1%25lo]/x",
		"http://a/x y",
		"http://a/\"x",
		"http://a/x\r\nX: y",
		"http://a/\xC3\xA9",
		"http://\xC3\xA9/",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct notification_uri u = { .n_host = 42 };
		const char *why = NULL;

		assert_int_equal(notification_uri_decode(bad[i], &u, &why), -EINVAL);
		assert_non_null(why);
		assert_int_equal(u.n_host, 42);
	}
}

static bool is_allowed(const char *s, const char *list)
{
	struct notification_uri u;
	const char *why;

	assert_int_equal(notification_uri_decode(s, &u, &why), 0);
	return notification_uri_is_allowed(&u, list);
}

static void test_allowed(void **state)
{
	(void)state;
	assert_true(is_allowed("http://a:80/x", "a"));
	assert_true(is_allowed("http://A:80/x", "b, a:80"));
	assert_true(is_allowed("http://a/x", "a:80"));
	assert_true(is_allowed("https://a/x", "a"));
	assert_true(is_allowed("HTTPS://a:443/x", "a"));
	assert_true(is_allowed("https://a/x", "a:443"));
	assert_true(is_allowed("http://a:8080/x", "a:*"));
	assert_true(is_allowed("http://[::1]:80/x", "a\t[::1]"));
	assert_true(is_allowed("http://[::1]:8080/x", "[::1]:8080"));
	assert_true(is_allowed("http://a/", "b *"));
	assert_false(is_allowed("http://a:8080/x", "a"));
	assert_false(is_allowed("http://a:443/x", "a"));
	assert_false(is_allowed("https://a:80/x", "a"));
	assert_false(is_allowed("https://a/x", "a:80"));
	assert_false(is_allowed("http://a:8/x", "a:80"));
	assert_false(is_allowed("http://a:80/x", "a:8"));
	assert_false(is_allowed("http://a:80/x", "a:80x"));
	assert_false(is_allowed("http://a:80/x", "a:"));
	assert_false(is_allowed("http://a:80/x", "a:*x"));
	assert_false(is_allowed("http://a:80/x", ""));
	assert_false(is_allowed("http://a:80/x", NULL));
	assert_false(is_allowed("http://a:80/x", "a:81 b"));
	assert_false(is_allowed("http://a.b/x", "a b"));
	assert_false(is_allowed("http://a/x", "a.b *.a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_allowed),
	};

	return cmocka_run_group_tests_name("notification_uri", tests, NULL, NULL);
}
