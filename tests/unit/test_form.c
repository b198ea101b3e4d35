/*
 * Forms
 */
#include "proto/text/form.h"
#include "proto/text/mem.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int decode(const char *s, struct form *f, const char **why)
{
	return form_decode(s, strlen(s), f, why);
}

static void test_good(void **state)
{
	struct form f;
	const char *why;

	(void)state;
	assert_int_equal(decode("grant_type=password&username=bob%40lab.test&password=p%26a+s%3Ds&"
				"&empty=&alone",
				&f, &why),
			 0);
	assert_null(why);
	assert_int_equal(f.n_fields, 5);
	assert_string_equal(form_get(&f, "grant_type"), "password");
	assert_string_equal(form_get(&f, "username"), "bob@lab.test");
	assert_string_equal(form_get(&f, "password"), "p&a s=s");
	assert_string_equal(form_get(&f, "empty"), "");
	assert_string_equal(form_get(&f, "alone"), "");
	assert_null(form_get(&f, "Password"));
	form_deinit(&f);
	assert_null(form_get(&f, "password"));
	assert_int_equal(form_decode(NULL, 0, &f, &why), 0);
	assert_int_equal(f.n_fields, 0);
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"a=1&a=2",
		"=1",
		"a=%",
		"a=%4",
		"a=%zz",
		"a=%00",
		"%00=a",
		"a=%ff",
		"a=1&b=\xc0\x80",
		"a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=0&k=1&l=2&m=3&n=4&o=5&p=6&q=7",
	};
	struct form f;
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_true(decode(bad[i], &f, &why) < 0);
		assert_non_null(why);
		assert_int_equal(f.n_fields, 0);
	}
}

static void test_nul(void **state)
{
	struct form f;
	const char *why;

	(void)state;
	assert_true(form_decode("a=b\0c", 5, &f, &why) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
