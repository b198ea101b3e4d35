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
	return form_decode(FORM_CONTENT_TYPE, s, strlen(s), f, why);
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
	assert_int_equal(form_decode(FORM_CONTENT_TYPE, NULL, 0, &f, &why), 0);
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

#define PART(name) "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"

static int decode_as(const char *type, const char *s, struct form *f, const char **why)
{
	return form_decode(type, s, strlen(s), f, why);
}

static void test_types(void **state)
{
	static const char *const urlencoded[] = {
		FORM_CONTENT_TYPE,
		"Application/X-WWW-Form-Urlencoded;charset='utf-8'",
		"application/x-www-form-urlencoded; charset=UTF-8; ;",
		"application/x-www-form-urlencoded; charset=\"us-ascii\"",
	};
	static const char *const others[] = {
		NULL,
		"",
		"application/json",
		"application/x-www-form-urlencoded; charset=latin1",
		"application/x-www-form-urlencodedx",
		"multipart/mixed; boundary=b",
		"multipart/form-data; boundary=\"b",
	};
	struct form f;
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(urlencoded); i++) {
		assert_int_equal(decode_as(urlencoded[i], "a=b", &f, &why), 0);
		assert_string_equal(form_get(&f, "a"), "b");
		form_deinit(&f);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		why = NULL;
		assert_int_equal(decode_as(others[i], PART("a") "b\r\n--b--", &f, &why), 1);
		assert_non_null(why);
	}
}

static void test_multipart(void **state)
{
	struct form f;
	const char *why;

	(void)state;
	assert_int_equal(
		decode_as("multipart/form-data; boundary=b",
			  PART("grant_type") "password\r\n" PART(
				  "username") "bob@lab.test\r\n"
					      "--b\r\ncontent-disposition: FORM-DATA; filename=x; "
					      "NAME=password\r\n"
					      "Content-Type: text/plain\r\n\r\np&a "
					      "s=%41\r\n\r\n" PART("empty") "\r\n--b--\r\n",
			  &f, &why),
		0);
	assert_int_equal(f.n_fields, 4);
	assert_string_equal(form_get(&f, "grant_type"), "password");
	assert_string_equal(form_get(&f, "username"), "bob@lab.test");
	assert_string_equal(form_get(&f, "password"), "p&a s=%41\r\n");
	assert_string_equal(form_get(&f, "empty"), "");
	form_deinit(&f);
}

static void test_bad_multipart(void **state)
{
	static const char
		*const bad[] = {
			"",
			PART("a") "1\r\n" PART("a") "2\r\n--b--",
			PART("") "1\r\n--b--",
			PART("a") "\xff\r\n--b--",
			PART("\xff") "1\r\n--b--",
			PART("a") "1",
			"--b\r\n\r\n1\r\n--b--",
			"--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--",
			"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--",
			PART("1") "\r\n" PART("2") "\r\n" PART("3") "\r\n" PART("4") "\r\n" PART("5") "\r\n" PART("6") "\r\n" PART("7") "\r\n" PART("8") "\r\n" PART("9") "\r\n" PART(
				"10") "\r\n" PART("11") "\r\n" PART("12") "\r"
									  "\n" PART(
										  "13") "\r"
											"\n" PART("14") "\r\n" PART("15") "\r\n" PART(
												"1"
												"6") "\r\n" PART("17") "\r\n--b--",
		};
	struct form f;
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		why = NULL;
		assert_true(decode_as("multipart/form-data; boundary=b", bad[i], &f, &why) < 0);
		assert_non_null(why);
		assert_int_equal(f.n_fields, 0);
	}
}

static void test_nul(void **state)
{
	struct form f;
	const char *why;

	(void)state;
	assert_true(form_decode(FORM_CONTENT_TYPE, "a=b\0c", 5, &f, &why) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),      cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul),       cmocka_unit_test(test_types),
		cmocka_unit_test(test_multipart), cmocka_unit_test(test_bad_multipart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
