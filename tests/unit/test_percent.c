/*
 * Percent-encoding (RFC 3986, 2.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

static void check_decode(const char *in, bool plus, const char *want)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	assert_int_equal(percent_decode(&out, in, strlen(in), plus), want ? 0 : -22);
	if (want)
		assert_string_equal(text_str(&out), want);
}

static void test_decode(void **state)
{
	(void)state;
	check_decode("a%20b%C3%BC", false, "a b\xc3\xbc");
	check_decode("a+b", false, "a+b");
	check_decode("a+b", true, "a b");
	check_decode("%2B", true, "+");
	check_decode("%", false, NULL);
	check_decode("%4", false, NULL);
	check_decode("%zz", false, NULL);
	check_decode("%4g", false, NULL);
}

static void test_nul_is_a_byte(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	assert_int_equal(percent_decode(&out, "a%00b", 5, false), 0);
	assert_int_equal(out.n, 3);
	assert_memory_equal(out.data, "a\0b", 3);
}

static void test_encode(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	percent_add(&out, "a-._~ /\xff", 8, "/");
	assert_string_equal(text_str(&out), "a-._~%20/%FF");
	text_reset(&out);
	percent_add_segment(&out, "bob@lab.test:1/2?");
	assert_string_equal(text_str(&out), "bob@lab.test:1%2F2%3F");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_nul_is_a_byte),
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
