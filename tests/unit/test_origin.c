/*
 * Origins
 */
#include "proto/text/mem.h"
#include "proto/ucwa/origin.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

static void test_good(void **state)
{
	static const struct {
		const char *sent, *decoded;
	} rows[] = {
		{ "https://app.lab.test", "https://app.lab.test" },
		{ "HTTPS://App.Lab.Test:443", "https://app.lab.test" },
		{ "http://127.0.0.1:80", "http://127.0.0.1" },
		{ "http://127.0.0.1:443", "http://127.0.0.1:443" },
		{ "https://[::1]:8443", "https://[::1]:8443" },
		{ "https://a:4430", "https://a:4430" },
	};
	char origin[ORIGIN_SIZE];
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(origin_decode(rows[i].sent, origin, &why), 0);
		assert_string_equal(origin, rows[i].decoded);
		assert_null(why);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"",
		"*",
		"null",
		"app.lab.test",
		"https://",
		"https:///",
		"https://a/",
		"https://a/b",
		"https://a b",
		"https://*.a",
		"ftp://a",
		"https://u@a",
		"https://a?b",
		"https://a\"",
		"https://a'",
		"https://a;b",
		"https://a,b",
		"https://a<b",
		"file://",
		"https//a",
	};
	char origin[ORIGIN_SIZE], large[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *why = NULL;

		assert_int_equal(origin_decode(bad[i], origin, &why), -EINVAL);
		assert_non_null(why);
	}
	memset(large, 'a', sizeof(large));
	memcpy(large, "https://", 8);
	large[sizeof(large) - 1] = '\0';
	assert_int_equal(origin_decode(large, origin, &(const char *){ NULL }), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
