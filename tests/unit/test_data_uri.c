/*
 * data URIs, both ways
 */
#include "proto/text/data_uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_encode(void **state)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;

	(void)state;
	data_uri_encode(&uri, "text/plain", "Hi Brendan, 1+1\r\n\xc3\xa4");
	assert_string_equal(text_str(&uri),
			    "data:text/plain;charset=utf-8,Hi%20Brendan%2C%201%2B1%0D%0A%C3%A4");
}

static void test_round_trip(void **state)
{
	CLEANUP(text_deinit) struct text uri = TEXT_INIT;
	struct data_uri back;
	const char *why;
	char all[128];

	(void)state;
	for (int i = 1; i < 128; i++)
		all[i - 1] = (char)i;
	all[127] = '\0';
	data_uri_encode(&uri, "text/html", all);
	assert_int_equal(data_uri_decode(text_str(&uri), &back, &why), 0);
	assert_string_equal(back.type, "text/html");
	assert_string_equal(back.text, all);
	data_uri_deinit(&back);
}

static void test_decode(void **state)
{
	static const struct {
		const char *uri, *type, *text;
	} rows[] = {
		/* as UCWA writes them */
		{ "data:text/plain;charset=utf-8,Hi+Tosh%0d%0a", "text/plain", "Hi Tosh\r\n" },
		{ "DATA:Text/Plain;charset=UTF8,a", "text/plain", "a" },
		{ "data:,a,b", "text/plain", "a,b" },
		{ "data:;charset=us-ascii;x=y,", "text/plain", "" },
		{ "data:text/html,%3Cb%3E", "text/html", "<b>" },
		/* as the samples of its reference have them */
		{ "data : text/plain;base64,\r\n      SGkg\r\n      Qm9i", "text/plain", "Hi Bob" },
		{ " data:\ttext/html ; charset=utf-8 ; base64 , PGI+ ", "text/html", "<b>" },
		{ "data:text/plain;base64,SGkg%0D%0AQm9i", "text/plain", "Hi Bob" },
		{ "data : , a ", "text/plain", " a " },
	};
	struct data_uri u;
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(data_uri_decode(rows[i].uri, &u, &why), 0);
		assert_null(why);
		assert_string_equal(u.type, rows[i].type);
		assert_string_equal(u.text, rows[i].text);
		data_uri_deinit(&u);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"",
		"http://x/",
		"data:text/plain",
		"data:text/plain;base64,Q?==",
		"data:text/plain;base64,/w==", /* not UTF-8 */
		"data:text/plain;charset=utf-16,a",
		"data:text,a",
		"data:te xt/plain,a",
		"da ta:,a",
		"data",
		"data ",
		"data;,a",
		"data:text/plain;base64,SG\fkg",
		"data:text/plain;base64,SG%00kg",
		"data:/,a",
		"data:,%",
		"data:,%4",
		"data:,%zz",
		"data:,%00",
		"data:,%ff",
		"data:,%ed%a0%80",
	};
	struct data_uri u;
	const char *why;

	(void)state;
	assert_true(data_uri_is("\n DATA :x"));
	assert_false(data_uri_is("datas:x"));
	assert_false(data_uri_is("xdata:x"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_true(data_uri_decode(bad[i], &u, &why) < 0);
		assert_non_null(why);
		assert_null(u.type);
		assert_null(u.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
