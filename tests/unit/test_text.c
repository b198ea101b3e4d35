/*
 * Text
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_empty(void **state)
{
	struct text t = TEXT_INIT;
	char *taken;

	(void)state;
	assert_string_equal(text_str(&t), "");
	text_add(&t, NULL);
	text_reset(&t);
	assert_string_equal(text_str(&t), "");
	taken = text_take(&t);
	assert_string_equal(taken, "");
	free(taken);
	text_deinit(&t);
}

static void test_growth(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		text_addf(&t, "%03u,", i);
		assert_int_equal(t.n, 4 * (i + 1));
		assert_int_equal(strlen(t.data), t.n);
	}
	assert_memory_equal(t.data, "000,001,002,", 12);
	assert_string_equal(t.data + 3996, "999,");
}

/* Every length around the sizes at which the buffer grows. */
static void test_one_long_piece(void **state)
{
	char long_string[300];

	(void)state;
	memset(long_string, 'x', sizeof(long_string));
	for (size_t n = 0; n < sizeof(long_string); n++) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;

		text_addf(&t, "%.*s", (int)n, long_string);
		assert_int_equal(t.n, n);
		text_add_bytes(&t, long_string, n);
		assert_int_equal(strlen(text_str(&t)), 2 * n);
	}
}

static void test_bytes_with_nul(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	text_add_bytes(&t, "a\0b", 3);
	text_add_bytes(&t, NULL, 0);
	assert_int_equal(t.n, 3);
	assert_memory_equal(t.data, "a\0b", 4);
}

static void test_take_and_reset(void **state)
{
	struct text t = TEXT_INIT;
	char *taken;

	(void)state;
	text_add(&t, "first");
	taken = text_take(&t);
	assert_string_equal(taken, "first");
	free(taken);
	assert_null(t.data);
	text_add(&t, "second");
	text_reset(&t);
	assert_string_equal(text_str(&t), "");
	text_add(&t, "third");
	assert_string_equal(text_str(&t), "third");
	text_deinit(&t);
	assert_null(t.data);
}

static void test_format(void **state)
{
	char *s = text_format("%s has %d", "bob", 3);

	(void)state;
	assert_string_equal(s, "bob has 3");
	free(s);
}

static void check_xml(const char *in, const char *expected)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	text_add_xml(&t, in);
	assert_string_equal(text_str(&t), expected);
}

static void test_xml(void **state)
{
	(void)state;
	check_xml(NULL, "");
	check_xml("a<b>&\"c\"'d'", "a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;");
	/* Escaped, so that a parser returns what was put in. */
	check_xml("a\r\n\tb", "a&#13;&#10;&#9;b");
	check_xml("\x01\x1f", "\xEF\xBF\xBD\xEF\xBF\xBD");
	check_xml("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
		  "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
	/* Not UTF-8: a cut sequence, an overlong form, a surrogate; then U+FFFE, which XML forbids. */
	check_xml("\xC3", "\xEF\xBF\xBD");
	check_xml("\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD");
	check_xml("\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	check_xml("\xEF\xBF\xBE", "\xEF\xBF\xBD");
}

/* Words may fill a line to its 80th column. */
static void test_help(void **state)
{
	static const char seventy[] =
		"35 columns, and as many behind them, 35 columns, and as many behind..";
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	text_add_help(&t, "--short", 11, seventy);
	text_add_help(&t, "--short", 12, seventy);
	text_add_help(&t, "--long VALUE", 12, "long.");
	assert_string_equal(
		text_str(&t),
		"  --short  35 columns, and as many behind them, 35 columns, and as many behind..\n"
		"  --short   35 columns, and as many behind them, 35 columns, and as many\n"
		"            behind..\n"
		"  --long VALUE\n"
		"            long.\n");
}

static void test_join_is_cut(void **state)
{
	char all[8], cut[4], none[1] = "x";

	(void)state;
	text_join(all, sizeof(all), "ab", "", "cd");
	assert_string_equal(all, "abcd");
	text_join(cut, sizeof(cut), "ab", "cd", "ef");
	assert_string_equal(cut, "abc");
	text_join(none, sizeof(none), "ab");
	assert_string_equal(none, "");
}

static void test_concat(void **state)
{
	CLEANUP(mem_free_string) char *some = text_concat("a", "bc", "d");
	CLEANUP(mem_free_string) char *empty = text_concat("", "");

	(void)state;
	assert_string_equal(some, "abcd");
	assert_string_equal(empty, "");
}

static void test_numbers(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	text_add_number(&t, UINT64_MAX);
	text_add(&t, " ");
	text_add_signed(&t, INT64_MIN);
	text_add(&t, " ");
	text_add_signed(&t, 7);
	assert_string_equal(text_str(&t), "18446744073709551615 -9223372036854775808 7");
}

static void check_refused(const char *s, int64_t min, int64_t max)
{
	int64_t value = 42;

	assert_false(text_to_int(s, min, max, &value));
	assert_int_equal(value, 42);
}

static void test_to_int(void **state)
{
	static const char *const malformed[] = {
		"",
		"-",
		"--1",
		"+1",
		" 1",
		"1 ",
		"1.0",
		"0x1",
		"9223372036854775808",
		"-9223372036854775809",
		"99999999999999999999",
	};
	int64_t value = 0;

	(void)state;
	assert_true(text_to_int("007", 0, 7, &value));
	assert_int_equal(value, 7);
	assert_true(text_to_int("-0", 0, 0, &value));
	assert_int_equal(value, 0);
	assert_true(text_to_int("9223372036854775807", 0, INT64_MAX, &value));
	assert_int_equal(value, INT64_MAX);
	assert_true(text_to_int("-9223372036854775808", INT64_MIN, 0, &value));
	assert_int_equal(value, INT64_MIN);
	check_refused("8", 0, 7);
	check_refused("-1", 0, 7);
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++)
		check_refused(malformed[i], INT64_MIN, INT64_MAX);
}

static void test_character(void **state)
{
	static const struct {
		uint32_t code;
		const char *s;
	} rows[] = {
		{ 'a', "a" },
		{ 0x7F, "\x7F" },
		{ 0x80, "\xC2\x80" },
		{ 0x7FF, "\u07FF" },
		{ 0x800, "\u0800" },
		{ 0xFFFF, "\uFFFF" },
		{ 0x10000, "\U00010000" },
		{ 0x10FFFF, "\U0010FFFF" },
		{ 0, "\uFFFD" },
		{ 0xD800, "\uFFFD" },
		{ 0xDFFF, "\uFFFD" },
		{ 0x110000, "\uFFFD" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;

		text_add_character(&t, rows[i].code);
		assert_string_equal(text_str(&t), rows[i].s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),          cmocka_unit_test(test_growth),
		cmocka_unit_test(test_one_long_piece), cmocka_unit_test(test_bytes_with_nul),
		cmocka_unit_test(test_take_and_reset), cmocka_unit_test(test_format),
		cmocka_unit_test(test_help),           cmocka_unit_test(test_join_is_cut),
		cmocka_unit_test(test_concat),         cmocka_unit_test(test_to_int),
		cmocka_unit_test(test_numbers),        cmocka_unit_test(test_xml),
		cmocka_unit_test(test_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
