/*
 * UTF-8 and base64
 */
#include "proto/text/base64.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool is_text(const char *s)
{
	return utf8_is_text(s, strlen(s));
}

static void test_well_formed(void **state)
{
	(void)state;
	assert_true(is_text(""));
	assert_true(is_text("plain \x7F"));
	/* First and last of each length. */
	assert_true(is_text("\xC2\x80\xDF\xBF"));
	assert_true(is_text("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"));
	assert_true(is_text("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
}

/* At every place of strings of every length up to 20. */
static void test_places(void **state)
{
	char s[21];

	(void)state;
	for (size_t n = 1; n < sizeof(s); n++) {
		for (size_t at = 0; at < n; at++) {
			memset(s, 'x', n);
			s[at] = '\x7F';
			assert_true(utf8_is_text(s, n));
			s[at] = '\0';
			assert_false(utf8_is_text(s, n));
			s[at] = '\x80';
			assert_false(utf8_is_text(s, n));
			s[at] = '\xC3';
			assert_false(utf8_is_text(s, n));
			if (at + 1 == n)
				continue;
			s[at + 1] = '\xBC';
			assert_true(utf8_is_text(s, n));
		}
	}
}

static void test_malformed(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xBF",
		"\xC0\x80",
		"\xC1\xBF",
		"\xC2",
		"\xC2\x41",
		"\xE0\x9F\xBF",
		"\xE1\x80",
		"\xE1\x41\x80",
		"\xED\xA0\x80",
		"\xF0\x8F\xBF\xBF",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xF1\x80\x80",
		"\xFF",
		"\xE2\x82\x41",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(is_text(bad[i]));
	assert_false(utf8_is_text("a\0b", 3));
}

static void test_sequence_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(utf8_sequence("", 0), 0);
	assert_int_equal(utf8_sequence("\xE2\x82\xAC", 3), 3);
	assert_int_equal(utf8_sequence("\xE2\x82\xAC", 2), 0);
	assert_int_equal(utf8_sequence("\xE2\x82\xAC", 1), 0);
	assert_int_equal(utf8_sequence("\0", 1), 1);
}

static void test_steers(void **state)
{
	static const char *const steering[] = {
		"\t",           "\x1B",         "\x7F",         "\xC2\x80",
		"\xC2\x9F",     "\xD8\x9C",     "\xE2\x80\x8E", "\xE2\x80\x8F",
		"\xE2\x80\xA8", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9",
	};
	static const char *const shown[] = {
		" ",
		"~",
		"\xC2\xA0",
		"\xC3\x9F",
		"\xD8\x9B",
		"\xE2\x80\x8D",
		"\xE2\x80\xA7",
		"\xE2\x80\xAF",
		"\xE2\x81\xA5",
		"\xE2\x81\xAA",
		"\xE2\x82\xA8",
		"\xF0\x9F\x98\x80",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steering); i++)
		assert_true(utf8_steers(steering[i], strlen(steering[i])));
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		assert_false(utf8_steers(shown[i], strlen(shown[i])));
	assert_true(utf8_steers("\0", 1));
}

static void test_complete(void **state)
{
	(void)state;
	assert_int_equal(utf8_complete("", 0), 0);
	assert_int_equal(utf8_complete("abc", 3), 3);
	assert_int_equal(utf8_complete("a\xE2\x82\xAC", 4), 4);
	assert_int_equal(utf8_complete("a\xE2\x82\xAC", 3), 1);
	assert_int_equal(utf8_complete("a\xE2\x82\xAC", 2), 1);
	assert_int_equal(utf8_complete("\xF0\x9F\x98\x80", 3), 0);
	assert_int_equal(utf8_complete("\xF0\x9F\x98\x80", 4), 4);
}

static void check_base64(const char *plain, const char *standard, const char *for_urls)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	base64_encode(&t, plain, strlen(plain));
	assert_string_equal(text_str(&t), standard);
	text_reset(&t);
	base64_encode_url(&t, plain, strlen(plain));
	assert_string_equal(text_str(&t), for_urls);
	text_reset(&t);
	assert_int_equal(base64_decode(&t, standard, strlen(standard)), 0);
	assert_string_equal(text_str(&t), plain);
	text_reset(&t);
	assert_int_equal(base64_decode(&t, for_urls, strlen(for_urls)), 0);
	assert_string_equal(text_str(&t), plain);
}

/* RFC 4648, 10, and the two characters in which the alphabets differ. */
static void test_base64(void **state)
{
	(void)state;
	check_base64("", "", "");
	check_base64("f", "Zg==", "Zg");
	check_base64("fo", "Zm8=", "Zm8");
	check_base64("foo", "Zm9v", "Zm9v");
	check_base64("foob", "Zm9vYg==", "Zm9vYg");
	check_base64("fooba", "Zm9vYmE=", "Zm9vYmE");
	check_base64("foobar", "Zm9vYmFy", "Zm9vYmFy");
	check_base64("\xFB\xFF\xFE", "+//+", "-__-");
}

static void test_base64_refusals(void **state)
{
	static const char *const bad[] = {
		"Z",      "Zm9vY", "Zg=",  "Zg===", "Z===", "====",     "Zm 9",
		"Zm9v\n", "Z*==",  "Zh==", "Zm9=",  "=Zg=", "Zg==Zg==",
	};
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	text_add(&t, "kept");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(base64_decode(&t, bad[i], strlen(bad[i])), -EINVAL);
		assert_string_equal(text_str(&t), "kept");
	}
	assert_int_equal(base64_decode(&t, "Zg\0=", 4), -EINVAL);
}

/* NUL, and a byte that begins no sequence, at every place of strings of many lengths. */
static void test_text_at_every_place(void **state)
{
	char s[32];

	(void)state;
	for (size_t n = 1; n < 20; n++) {
		memset(s, 'x', n);
		assert_true(utf8_is_text(s, n));
		for (size_t at = 0; at < n; at++) {
			memset(s, 'x', n);
			s[at] = '\0';
			assert_false(utf8_is_text(s, n));
			s[at] = '\x80';
			assert_false(utf8_is_text(s, n));
			s[at] = '\x7F';
			assert_true(utf8_is_text(s, n));
		}
	}
}

static void test_cut(void **state)
{
	static const struct {
		const char *s;
		size_t max, n;
	} rows[] = {
		{ "abc", 3, 3 },
		{ "abc", 2, 2 },
		{ "abc", 0, 0 },
		{ "", 5, 0 },
		/* e and its accent */
		{ "ae\xCC\x81z", 2, 1 },
		{ "ae\xCC\x81z", 3, 4 },
		/* a woman, a joiner, a laptop */
		{ "a\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBBz", 2, 1 },
		{ "a\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBBz", 3, 1 },
		{ "a\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBBz", 4, 12 },
		/* a thumb with a skin tone */
		{ "a\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", 2, 1 },
		/* nothing but marks */
		{ "\xCC\x81\xCC\x81\xCC\x81", 2, 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(utf8_cut(rows[i].s, rows[i].max), rows[i].n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_well_formed),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_sequence_is_bounded),
		cmocka_unit_test(test_steers),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_text_at_every_place),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
