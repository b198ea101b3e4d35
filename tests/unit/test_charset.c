/*
 * Charsets and quoted-printable
 */
#include "proto/text/charset.h"
#include "proto/text/mem.h"
#include "proto/text/quoted_printable.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_decode(void **state)
{
	static const struct {
		const char *charset, *p;
		size_t n;
		const char *expected;
	} rows[] = {
		{ "", "caf\xC3\xA9", 5, "caf\u00E9" },
		{ "utf-8", "a\xC3(\0b", 5, "a\uFFFD(\uFFFDb" },
		{ "iso-8859-1", "caf\xE9\x80", 5, "caf\u00E9\u20AC" },
		{ "windows-1252", "\x81", 1, "\uFFFD" },
		{ "iso-8859-15", "\xA4", 1, "\u20AC" },
		{ "utf-16", "\0H\0i", 4, "Hi" },
		{ "utf-16", "\xFF\xFEH\0i\0", 6, "Hi" },
		{ "utf-16", "\xFE\xFF\0H", 4, "H" },
		{ "utf-16le", "\xAC\x20", 2, "\u20AC" },
		{ "utf-16be", "\xD8\x3D\xDE\0", 4, "\U0001F600" },
		{ "utf-16be", "\0H\0\0", 4, "H\uFFFD" },
		{ "utf-16be", "\0H\0", 3, "H\uFFFD" },
		{ "shift_jis", "\x82\xA0", 2, "\u3042" },
		{ "utf-16", "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;

		assert_int_equal(charset_decode(&out, rows[i].charset, rows[i].p, rows[i].n), 0);
		assert_string_equal(text_str(&out), rows[i].expected);
		assert_int_equal(out.n, strlen(rows[i].expected));
	}
}

/* More than one buffer of the conversion. */
static void test_long(void **state)
{
	CLEANUP(text_deinit) struct text in = TEXT_INIT;
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	for (int i = 0; i < 5000; i++)
		text_add(&in, "\xE9");
	assert_int_equal(charset_decode(&out, "iso-8859-1", in.data, in.n), 0);
	assert_int_equal(out.n, 10000);
	for (size_t i = 0; i < out.n; i += 2)
		assert_memory_equal(out.data + i, "\u00E9", 2);
}

/* Every row is one that iconv knows. */
static void test_code_pages(void **state)
{
	static const int pages[] = { 1250, 1251, 1252, 1253, 1254, 1255, 1256,  1257, 1258,
				     437,  850,  932,  936,  949,  950,  20866, 65001 };
	static const char *const unknown[] = { "utf-7", "x", "utf-8//translit", "utf-16//ignore" };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		const char *name = charset_of_code_page(pages[i]);

		assert_non_null(name);
		text_reset(&out);
		assert_int_equal(charset_decode(&out, name, "a", 1), 0);
		assert_string_equal(text_str(&out), "a");
	}
	assert_null(charset_of_code_page(0));
	assert_null(charset_of_code_page(42));
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_int_equal(charset_decode(&out, unknown[i], "a", 1), 1);
}

static void test_quoted_printable(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "", "" },
		{ "caf=C3=A9", "caf\u00E9" },
		{ "caf=c3=a9", "caf\u00E9" },
		{ "one=\r\n two", "one two" },
		{ "one= \t\ntwo", "onetwo" },
		{ "one  \r\ntwo\t\n", "one\r\ntwo\n" },
		{ "a  b ", "a  b" },
		{ "a=3Db =3d", "a=b =" },
		{ "a=", "a" },
		{ "a=4", "a=4" },
		{ "a=xy = b", "a=xy = b" },
		{ "=20\r\n", " \r\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;

		quoted_printable_decode(&out, rows[i].from, strlen(rows[i].from));
		assert_string_equal(text_str(&out), rows[i].to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_code_pages),
		cmocka_unit_test(test_quoted_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
