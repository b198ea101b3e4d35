/*
 * Characters
 */
#include "proto/text/chars.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

enum { MAX = 20 };

static void check(size_t n, size_t at, int c)
{
	bool is_control = c < 0x20 || c == 0x7F;
	char s[MAX + 1];

	memset(s, 'x', n);
	s[n] = '\0';
	s[at] = (char)c;
	assert_int_equal(chars_have_control(s, n), is_control);
	assert_int_equal(chars_are_line(s), !is_control || c == '\t');
}

/* Every character at every place of strings of every length up to MAX. */
static void test_controls(void **state)
{
	(void)state;
	for (size_t n = 1; n <= MAX; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 1; c < 256; c++)
				check(n, at, c);
}

static void test_bounds(void **state)
{
	(void)state;
	/* UTF-8 is not a control character, and what follows the end does not count */
	assert_true(chars_have_control("\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8));
	assert_false(
		chars_have_control("    \x80\x80\x80\x80\x7E\x7E\x7E\x7E\xFF\xFF\xFF\xFF", 16));
	assert_false(chars_have_control("12345678\n", 8));
	assert_false(chars_have_control("\n", 0));
	assert_true(chars_are_line(""));
	assert_true(chars_are_line("\ta\tline\tof\tsome\tlength\t"));
	assert_false(chars_are_line("\ta\tline\tof\tsome\tlength\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
