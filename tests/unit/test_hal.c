/*
 * HAL
 */
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/hal.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check(struct hal *o, const char *expected)
{
	size_t n;

	assert_string_equal(hal_text(o, &n), expected);
	assert_int_equal(n, strlen(expected));
	hal_free(o);
}

static void test_resource(void **state)
{
	static const char *const formats[] = { "Plain", "Html", NULL };
	struct hal *o = hal_new();

	(void)state;
	hal_string(o, "name", "Bob \"the phone\"\n");
	hal_string(o, "none", NULL);
	hal_int(o, "count", 9007199254740993);
	hal_bool(o, "local", true);
	hal_strings(o, "formats", formats);
	hal_link(o, "self", "/a/", "\"1");
	text_add(hal_begin_link(o, "b"), "/b");
	hal_end_link(o, "\"B\"");
	hal_link_append(o, "c", "/c/1");
	hal_link_append(o, "c", "/c/2");
	hal_embed(o, "d");
	hal_end(o, "d");
	hal_close(o);
	hal_embed_append(o, "e");
	hal_end(o, "e");
	hal_close(o);
	check(hal_end(o, "me"),
	      "{\"name\":\"Bob \\\"the phone\\\"\\n\",\"count\":9007199254740993,\"local\":true,"
	      "\"formats\":[\"Plain\",\"Html\"],\"_links\":{\"self\":{\"href\":\"/a/\\\"1\"},"
	      "\"b\":{\"href\":\"/b\",\"title\":\"\\\"B\\\"\"},\"c\":[{\"href\":\"/c/"
	      "1\"},{\"href\":\"/c/"
	      "2\"}]},"
	      "\"_embedded\":{\"d\":{\"rel\":\"d\"},\"e\":[{\"rel\":\"e\"}]},\"rel\":\"me\"}");
}

/* Arrays of objects, objects in them, and an object to which members are added after a nested one. */
static void test_nested(void **state)
{
	struct hal *o = hal_new();

	(void)state;
	for (int i = 0; i < 2; i++) {
		hal_open_element(o, "list");
		hal_int(o, "i", i);
		hal_open(o, "inner");
		hal_link(o, "self", "/x");
		hal_embed(o, "part");
		hal_string(o, "a", "b");
		hal_close(o);
		hal_close(o);
		hal_bool(o, "last", i == 1);
		hal_close(o);
	}
	hal_no_elements(o, "none");
	text_add(hal_begin_string(o, "s"), "t");
	hal_end_string(o);
	check(o,
	      "{\"list\":[{\"i\":0,\"inner\":{\"_links\":{\"self\":{\"href\":\"/x\"}},"
	      "\"_embedded\":{\"part\":{\"a\":\"b\"}}},\"last\":false},"
	      "{\"i\":1,\"inner\":{\"_links\":{\"self\":{\"href\":\"/x\"}},"
	      "\"_embedded\":{\"part\":{\"a\":\"b\"}}},\"last\":true}],\"none\":[],\"s\":\"t\"}");
}

static void test_date(void **state)
{
	struct hal *o = hal_new();

	(void)state;
	hal_date(o, "timeStamp", 1383784870271999);
	check(o, "{\"timeStamp\":\"\\/Date(1383784870271)\\/\"}");
}

static void test_not_utf8(void **state)
{
	struct hal *o = hal_new();

	(void)state;
	hal_string(o, "a", "x\xff\xc3\xa4\xc3");
	check(o, "{\"a\":\"x\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\"}");
}

/* What JSON has for an ASCII character (RFC 8259, 7). */
static void add_expected(struct text *t, char c)
{
	static const char special[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
	const char *found = strchr(special, c);

	if (found)
		text_addf(t, "\\%c", letters[found - special]);
	else if (c < ' ')
		text_addf(t, "\\u%04x", (unsigned)c);
	else
		text_add_bytes(t, &c, 1);
}

static void check_at(size_t n, size_t at, char c)
{
	CLEANUP(text_deinit) struct text expected = TEXT_INIT;
	struct hal *o = hal_new();
	char s[32];

	memset(s, 'x', n);
	s[n] = '\0';
	s[at] = c;
	text_add(&expected, "{\"a\":\"");
	for (size_t i = 0; i < n; i++)
		add_expected(&expected, s[i]);
	text_add(&expected, "\"}");
	hal_string(o, "a", s);
	check(o, text_str(&expected));
}

/* Every character at every place of strings of many lengths. */
static void test_escapes(void **state)
{
	(void)state;
	for (size_t n = 1; n < 20; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 1; c < 0x80; c++)
				check_at(n, at, (char)c);
}

static void test_take(void **state)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	struct hal *o = hal_new();

	(void)state;
	hal_string(o, "a", "b");
	hal_take(hal_end(o, "c"), &text);
	hal_free(o);
	assert_string_equal(text_str(&text), "{\"a\":\"b\",\"rel\":\"c\"}");
}

static void test_error(void **state)
{
	(void)state;
	check(hal_error(hal_new(), DIAG_PGET_REPLACED, NULL),
	      "{\"code\":\"Conflict\",\"subcode\":\"PGetReplaced\",\"message\":\"A newer event "
	      "request has "
	      "replaced this one\"}");
	check(hal_error(hal_new(), DIAG_NOT_FOUND, "No such thing."),
	      "{\"code\":\"NotFound\",\"subcode\":\"ResourceNotFound\",\"message\":\"No such "
	      "thing.\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resource), cmocka_unit_test(test_nested),
		cmocka_unit_test(test_date),     cmocka_unit_test(test_not_utf8),
		cmocka_unit_test(test_error),    cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
