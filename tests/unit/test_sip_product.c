/*
 * Products
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/sip/product.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

static void test_product(void **state)
{
	static const struct {
		const char *given, *expected;
	} rows[] = {
		{ "WPLync/4.1.7947.0 (Microsoft Windows CE 7.10.7720)",
		  "WPLync/4.1.7947.0 (Microsoft Windows CE 7.10.7720)" },
		{ "iPhoneLync/4.0 (iPhone (iOS 6.0) x)", "iPhoneLync/4.0 (iPhone (iOS 6.0) x)" },
		{ "a (b", "a b" },
		{ "a b)", "a b" },
		{ "a ((b)", "a (b)" },
		{ "(a)(b)", "(a) (b)" },
		{ "a(b)c", "a (b) c" },
		{ "a/", "a" },
		{ "/1", "1" },
		{ "a/b/c", "a/bc" },
		{ "a//b", "a/b" },
		{ "a=b; \"c\" <d>", "ab c d" },
		{ "(a\\)b)", "(a\\)b)" },
		{ "(a\\", "a" },
		{ "(a\\\xC3\xBC)", "(a\xC3\xBC)" },
		{ "Gr\xC3\xBC\xC3\x9F"
		  "e/1 (\xC3\xBC)",
		  "Gre/1 (\xC3\xBC)" },
		{ "(\xFF)", "()" },
		{ "a\r\nVia: b", "a Via b" },
		{ "(a\r\nb)", "(a  b)" },
		{ ":;@", "" },
		{ "", "" },
		{ NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;

		product_add(&out, rows[i].given);
		assert_string_equal(text_str(&out), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_product),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
