/*
 * Formats of instant messages
 */
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_types(void **state)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	(void)state;
	assert_int_equal(message_format_of("text/plain"), MESSAGE_PLAIN);
	assert_int_equal(message_format_of("Text/HTML; charset=utf-8"), MESSAGE_HTML);
	assert_int_equal(message_format_of("application/rtf"), MESSAGE_RTF);
	assert_int_equal(message_format_of("text/plainer"), 0);
	assert_int_equal(message_format_of("text/plai"), 0);
	assert_int_equal(message_format_of(""), 0);
	assert_int_equal(message_format_of(NULL), 0);
	assert_string_equal(message_format_type(MESSAGE_RTF), "text/rtf");
	message_format_add_types(&out, MESSAGE_PLAIN | MESSAGE_RTF, " ");
	assert_string_equal(text_str(&out), "text/plain text/rtf");
}

static void test_fit(void **state)
{
	static const struct {
		const char *type, *text;
		unsigned reads;
		const char *expected_type, *expected;
	} rows[] = {
		{ "text/plain", "a<b", MESSAGE_PLAIN, "text/plain", "a<b" },
		{ "text/plain", "a<b", MESSAGE_PLAIN | MESSAGE_HTML, "text/plain", "a<b" },
		{ "text/plain", "a<b", MESSAGE_HTML, "text/html", "a&lt;b" },
		{ "text/plain", "a<b", 0, "text/plain", "a<b" },
		{ "text/html", "<b>a</b>", MESSAGE_PLAIN | MESSAGE_HTML, "text/html", "<b>a</b>" },
		{ "text/html;charset=utf-8", "<b>a</b>", MESSAGE_PLAIN, "text/plain", "a" },
		{ "text/html", "<b>a</b>", 0, "text/plain", "a" },
		{ "text/html", "<b>a</b>", MESSAGE_RTF, "text/plain", "a" },
		{ "text/rtf", "{\\rtf1 a<b}", MESSAGE_PLAIN | MESSAGE_HTML, "text/plain", "a<b" },
		{ "text/rtf", "{\\rtf1 a<b}", MESSAGE_HTML, "text/html", "a&lt;b" },
		{ "text/rtf", "{\\rtf1 a}", MESSAGE_RTF, "text/rtf", "{\\rtf1 a}" },
		{ "text/rtf", "not RTF", MESSAGE_PLAIN, "text/plain", "not RTF" },
		{ "text/html", "<b></b>", MESSAGE_PLAIN, "text/plain", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text converted = TEXT_INIT;
		struct message_text m = { rows[i].type, rows[i].text, strlen(rows[i].text) };

		message_format_fit(&m, rows[i].reads, &converted);
		assert_string_equal(m.content_type, rows[i].expected_type);
		assert_int_equal(m.n, strlen(rows[i].expected));
		assert_memory_equal(m.p, rows[i].expected, m.n);
	}
}

static void test_plain(void **state)
{
	CLEANUP(mem_free_string) char *html = message_format_plain("text/html", "<p>a&amp;b", 10);
	CLEANUP(mem_free_string) char *unknown = message_format_plain(NULL, "<p>", 3);

	(void)state;
	assert_string_equal(html, "a&b");
	assert_string_equal(unknown, "<p>");
	assert_null(message_format_plain("text/html", NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
