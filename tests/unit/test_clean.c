/*
 * Clean text
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/text/clean.h"

#include "proto/text/mem.h"

static void test_clean(void **state)
{
	static const struct {
		const char *given;
		size_t max;
		const char *expected;
	} rows[] = {
		{ "Hi Bob", 512, "Hi Bob" },
		{ "Alice\tLiddell", 512, "Alice Liddell" },
		{ "  a\r\n b ", 512, "a b" },
		{ "bell\007 \x7F", 512, "bell" },
		{ "c1 \xC2\x85"
		  "x\xE2\x80\xA8y",
		  512, "c1  x y" },
		{ "bad \xFF\xC3", 512, "bad \xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "half \xE2\x82", 512, "half \xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "Gr\xC3\xBC\xC3\x9F"
		  "e",
		  512,
		  "Gr\xC3\xBC\xC3\x9F"
		  "e" },
		{ "Gr\xC3\xBC\xC3\x9F"
		  "e",
		  3, "Gr" },
		{ "abcdef", 3, "abc" },
		{ "ab  cd", 4, "ab" },
		{ "e\xCC\x81x", 1, "e" },
		{ "xe\xCC\x81", 2, "x" },
		{ "", 512, NULL },
		{ " \t\r\n", 512, NULL },
		{ NULL, 512, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *s = clean_copy(rows[i].given, rows[i].max);

		if (rows[i].expected)
			assert_string_equal(s, rows[i].expected);
		else
			assert_null(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
