/*
 * RTF of instant messages
 */
#include "proto/text/mem.h"
#include "proto/text/rtf.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *from, *to;
};

static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(text_deinit) struct text out = TEXT_INIT;

		text_add(&out, "|");
		assert_int_equal(rtf_to_plain(&out, rows[i].from, strlen(rows[i].from)), 0);
		assert_string_equal(text_str(&out), rows[i].to);
	}
}

static void test_text(void **state)
{
	static const struct row rows[] = {
		{ "{\\rtf1 Hi}", "|Hi" },
		{ "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Segoe UI;}}\\f0 Gr\\u252?\\'df dich "
		  "\\b bold\\b0\\par}",
		  "|Gr\u00FC\u00DF dich bold" },
		{ "{\\rtf1 one\\par two\\line three\r\n four\\\nfive}",
		  "|one\ntwo\nthree four\nfive" },
		{ "{\\rtf1\\par\\par x\\par\\par y\\par}", "|x\n\ny" },
		{ "{\\rtf1 a\\tab b\\~c\\_d\\-e\\{\\}\\\\}", "|a\tb\u00A0c\u2011de{}\\" },
		{ "{\\rtf1 \\lquote a\\rquote  \\emdash\\bullet}", "|\u2018a\u2019 \u2014\u2022" },
		{ "{\\rtf1 a{\\b b{\\i c}}d} trailing", "|abcd" },
		{ "{\\rtf1}", "|" },
		{ "{\\rtf1 open {group", "|open group" },
		{ "{\\rtf1 \u00E4\xC3}", "|\u00E4\u00C3" },
		{ "{\\rtf1 a\\", "|a" },
		{ "{\\rtf1 a\\'", "|a" },
		{ "{\\rtf1 a\\'g1}", "|ag1" },
	};

	(void)state;
	check(rows, ARRAY_SIZE(rows));
}

static void test_unicode(void **state)
{
	static const struct row rows[] = {
		{ "{\\rtf1\\uc1 \\u8364?x}", "|\u20ACx" },
		{ "{\\rtf1 \\u8364\\'80x}", "|\u20ACx" },
		{ "{\\rtf1\\uc0\\u8364 x}", "|\u20ACx" },
		{ "{\\rtf1\\uc2\\u8364 ??x{\\uc1\\u228 ?}\\u228 ??y}", "|\u20ACx\u00E4\u00E4y" },
		{ "{\\rtf1 \\u-10179?\\u-8704?}", "|\U0001F600" },
		{ "{\\rtf1 \\u55357?x\\u56832?}", "|\uFFFDx\uFFFD" },
		{ "{\\rtf1 \\u0?}", "|\uFFFD" },
		{ "{\\rtf1\\uc3 \\u228 ab}c", "|\u00E4" },
	};

	(void)state;
	check(rows, ARRAY_SIZE(rows));
}

static void test_code_pages(void **state)
{
	static const struct row rows[] = {
		{ "{\\rtf1\\ansi \\'80\\'e4}", "|\u20AC\u00E4" },
		{ "{\\rtf1\\ansicpg1251 \\'cf\\'f0}", "|\u041F\u0440" },
		{ "{\\rtf1\\ansicpg1252{\\fonttbl{\\f0\\fnil Arial;}{\\f1\\fcharset204 Arial;}}"
		  "\\f0 \\'e4{\\f1 \\'cf}\\'e4}",
		  "|\u00E4\u041F\u00E4" },
		{ "{\\rtf1\\ansicpg932 \\'82\\'a0a}", "|\u3042a" },
		{ "{\\rtf1\\ansicpg9 \\'e4}", "|\u00E4" },
	};

	(void)state;
	check(rows, ARRAY_SIZE(rows));
}

static void test_destinations(void **state)
{
	static const struct row rows[] = {
		{ "{\\rtf1{\\colortbl;\\red0\\green0\\blue0;}{\\*\\generator Riched20;}x}", "|x" },
		{ "{\\rtf1{\\field{\\*\\fldinst{HYPERLINK \"http://a.test\"}}{\\fldrslt{link}}}}",
		  "|link" },
		{ "{\\rtf1{\\pict\\bin4 }}}\\}x{y}}", "|xy" },
		{ "{\\rtf1 a{\\v hidden\\v0  b}c}", "|a bc" },
		{ "{\\rtf1 a{\\*\\x \\v0 b}c}", "|ac" },
		{ "{\\rtf1{\\info{\\title t}}x\\bin99999 y", "|x" },
	};

	(void)state;
	check(rows, ARRAY_SIZE(rows));
}

static void test_depth(void **state)
{
	CLEANUP(text_deinit) struct text rtf = TEXT_INIT;
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	text_add(&rtf, "{\\rtf1 ");
	for (int i = 0; i < 1000; i++)
		text_add(&rtf, "{");
	text_add(&rtf, "deep");
	for (int i = 0; i < 1000; i++)
		text_add(&rtf, "}");
	text_add(&rtf, " end}no");
	assert_int_equal(rtf_to_plain(&out, rtf.data, rtf.n), 0);
	assert_string_equal(text_str(&out), "deep end");
}

static void test_not_rtf(void **state)
{
	static const char *const bad[] = { "", "Hi", "{\\rt", "\\rtf1" };
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(rtf_to_plain(&out, bad[i], strlen(bad[i])), -EINVAL);
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),       cmocka_unit_test(test_unicode),
		cmocka_unit_test(test_code_pages), cmocka_unit_test(test_destinations),
		cmocka_unit_test(test_depth),      cmocka_unit_test(test_not_rtf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
