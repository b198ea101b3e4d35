/*
 * JSON from outside: what passes, what does not
 */
#include "proto/text/json_in.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

static const char *why_not(const char *json, size_t n)
{
	struct json_object *o;
	const char *why;

	if (json_in_object(json, n, 4, &o, &why) == 0) {
		assert_null(why);
		assert_non_null(o);
		json_object_put(o);
		return NULL;
	}
	assert_non_null(why);
	assert_null(o);
	return why;
}

static void test_good(void **state)
{
	static const char *const good[] = {
		"{}",
		" \t\r\n{ } \n",
		"{\"a\":1,\"A\":2}",
		"{\"a\":[1,-0,0.5,1e3,1E-3,-12.50e+2],\"b\":{\"c\":[true,false,null,\"\"]}}",
		"{\"a\":9223372036854775807}",
		"{\"a\":\"\\u00e4\\ud83d\\ude00 \\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
		"{\"\xc3\xa4\":\"\xf0\x9f\x98\x80\"}",
		"{\"\":[[[]]]}",
		"{\"a\":[],\"b\":{},\"c\":[{},[]]}",
		"\xEF\xBB\xBF {\"a\":1}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_null(why_not(good[i], strlen(good[i])));
}

static const struct {
	const char *json, *why;
} bad[] = {
	{ "", "The body is not a JSON object." },
	{ "[1]", "The body is not a JSON object." },
	{ "\xEF\xBB\xBF", "The body is not a JSON object." },
	{ "\xEF\xBB\xBF\xEF\xBB\xBF{}", "The body is not a JSON object." },
	{ "\"a\"", "The body is not a JSON object." },
	{ "{", "A member of the JSON has no quoted name." },
	{ "{\"a\":1", "The JSON ends too early." },
	{ "{\"a\":", "The JSON ends too early." },
	{ "{\"a\"}", "A name in the JSON is not followed by a colon." },
	{ "{a:1}", "A member of the JSON has no quoted name." },
	{ "{'a':1}", "A member of the JSON has no quoted name." },
	{ "{\"a\":'b'}", "The JSON has something that is not a value." },
	{ "{\"a\":NaN}", "The JSON has something that is not a value." },
	{ "{\"a\":Infinity}", "The JSON has something that is not a value." },
	{ "{\"a\":-Infinity}", "A number in the JSON is malformed." },
	{ "{\"a\":01}", "A number in the JSON is malformed." },
	{ "{\"a\":1.}", "A number in the JSON is malformed." },
	{ "{\"a\":1e}", "A number in the JSON is malformed." },
	{ "{\"a\":+1}", "The JSON has something that is not a value." },
	{ "{\"a\":.5}", "The JSON has something that is not a value." },
	{ "{\"a\":9223372036854775808}", "A number in the JSON is too big." },
	{ "{\"a\":18446744073709551616}", "A number in the JSON is too big." },
	{ "{\"a\":1e999}", "A number in the JSON is too big." },
	{ "{\"a\":1,}", "A member of the JSON has no quoted name." },
	{ "{\"a\":{\"b\":1,},\"c\":1}", "A member of the JSON has no quoted name." },
	{ "{\"a\":1,,}", "A member of the JSON has no quoted name." },
	{ "{,}", "A member of the JSON has no quoted name." },
	{ "{\"a\":[1,]}", "The JSON has something that is not a value." },
	{ "{\"a\":1 \"b\":2}", "The JSON lacks a comma or a closing bracket." },
	{ "{\"a\":[1}", "The JSON lacks a comma or a closing bracket." },
	{ "{\"a\":1}x", "The JSON is followed by something else." },
	{ "{\"a\":1}{}", "The JSON is followed by something else." },
	{ "{\"a\":1,\"a\":1}", "A member of the JSON occurs twice." },
	{ "{\"b\":[{\"a\":1,\"\\u0061\":1}]}", "A member of the JSON occurs twice." },
	{ "{\"a\":\"\\u0000\"}", "The JSON has a NUL character in a string." },
	{ "{\"a\\u0000\":1}", "The JSON has a NUL character in a string." },
	{ "{\"a\":\"\\ud800\"}", "The JSON has an unpaired surrogate in a string." },
	{ "{\"a\":\"\\udc00\"}", "The JSON has an unpaired surrogate in a string." },
	{ "{\"a\":\"\\ud800\\u0041\"}", "The JSON has an unpaired surrogate in a string." },
	{ "{\"a\":\"\\u12g4\"}", "A \\u in the JSON is not followed by four hex digits." },
	{ "{\"a\":\"\\x\"}", "The JSON has an unknown escape in a string." },
	{ "{\"a\":\"\n\"}", "The JSON has a raw control character in a string." },
	{ "{\"a\":\"\xc0\x80\"}", "The JSON is not UTF-8." },
	{ "{\"a\":\"\xed\xa0\x80\"}", "The JSON is not UTF-8." },
	{ "{\"a\":\"b", "A string in the JSON has no end." },
	{ "{\"a\":tru}", "The JSON has something that is not a value." },
	{ "{\"a\":truex}", "The JSON lacks a comma or a closing bracket." },
	{ "{\"a\":/**/1}", "The JSON has something that is not a value." },
	{ "{\"a\":[[[[]]]]}", "The JSON is nested too deeply." },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *why = why_not(bad[i].json, strlen(bad[i].json));

		assert_non_null(why);
		assert_string_equal(why, bad[i].why);
	}
}

/* What is not plain is found at any place of a string. */
static void test_every_place(void **state)
{
	static const struct {
		const char *bytes, *why;
	} rows[] = {
		{ "\x1f", "The JSON has a raw control character in a string." },
		{ "\xc3(", "The JSON is not UTF-8." },
		{ "\xff", "The JSON is not UTF-8." },
		{ "\\x", "The JSON has an unknown escape in a string." },
		{ "\"\"", "The JSON lacks a comma or a closing bracket." },
		{ "\xc3\xa4", NULL },
		{ "\x7f", NULL },
		{ "\\u00e4", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t before = 0; before < 20; before++) {
			CLEANUP(text_deinit) struct text json = TEXT_INIT;
			const char *why;

			text_addf(&json, "{\"a\":\"%.*s%s%.*s\"}", (int)before,
				  "abcdefghijklmnopqrst", rows[i].bytes, (int)(20 - before),
				  "abcdefghijklmnopqrst");
			why = why_not(json.data, json.n);
			if (rows[i].why)
				assert_string_equal(why, rows[i].why);
			else
				assert_null(why);
		}
	}
}

static void test_lax(void **state)
{
	static const struct {
		const char *json;
		bool good;
	} rows[] = {
		{ "{\"a\":1,}", true },    { "{\"a\":{\"b\":[{\"c\":1,}] , },\n}", true },
		{ "{\"a\":1}", true },     { "{\"a\":1,,}", false },
		{ "{,}", false },          { "{\"a\":[1,]}", false },
		{ "{\"a\":NaN,}", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_object *o;
		const char *why;
		int err = json_in_object_lax(rows[i].json, strlen(rows[i].json), 4, &o, &why);

		assert_int_equal(err == 0, rows[i].good);
		json_object_put(o);
	}
}

static void test_nul(void **state)
{
	static const char in_string[] = "{\"a\":\"\0\"}";
	static const char behind[] = "{\"a\":1}\0";

	(void)state;
	assert_non_null(why_not(in_string, sizeof(in_string) - 1));
	assert_non_null(why_not(behind, sizeof(behind) - 1));
}

static void test_member(void **state)
{
	static const char json[] = "{\"UserAgent\":\"x\",\"b\":null,\"C\":1,\"c\":2}";
	struct json_object *o, *value;
	const char *why;

	(void)state;
	assert_int_equal(json_in_object(json, strlen(json), 2, &o, &why), 0);
	assert_int_equal(json_in_member(o, "userAgent", &value), 1);
	assert_string_equal(json_object_get_string(value), "x");
	assert_int_equal(json_in_member(o, "B", &value), 1);
	assert_null(value);
	assert_int_equal(json_in_member(o, "c", &value), 2);
	assert_int_equal(json_in_member(o, "d", &value), 0);
	json_object_put(o);
}

static void test_find(void **state)
{
	static const char json[] = "{\"s\":\"x\",\"S\":1,\"null\":null,\"a.b\":2,"
				   "\"o\":{\"p\":{\"q\":3}},\"list\":[]}";
	struct json_object *o;
	const char *why;

	(void)state;
	assert_int_equal(json_in_object(json, strlen(json), 3, &o, &why), 0);
	assert_int_equal(json_object_get_int(json_in_find(o, "S")), 1);
	assert_int_equal(json_object_get_int(json_in_find(o, "a.b")), 2);
	assert_null(json_in_find(o, "null"));
	assert_null(json_in_find(o, "x"));
	assert_null(json_in_find(json_in_find(o, "list"), "x"));
	assert_null(json_in_find(NULL, "x"));
	assert_string_equal(json_in_string(o, "s"), "x");
	assert_null(json_in_string(o, "S"));
	assert_null(json_in_string(o, "x"));
	assert_int_equal(json_object_get_int(json_in_path(o, "o.p.q")), 3);
	assert_string_equal(json_object_get_string(json_in_path(o, "s")), "x");
	assert_null(json_in_path(o, "o.x.q"));
	assert_null(json_in_path(o, "s.x"));
	assert_null(json_in_path(o, "a.b"));
	assert_null(json_in_path(NULL, "o"));
	json_object_put(o);
}

static struct json_object *read_in_parts(const char *json, struct json_in_parts *parts)
{
	struct json_object *o;
	const char *why;

	json_in_object_in_parts(json, strlen(json), "part", parts, &o, &why);
	return o;
}

static void test_parts(void **state)
{
	static const char json[] =
		"{\"part\": {\"a\":1,\"part\":{\"b\":2}} ,\"list\":[{\"part\":{\"c\":\"}\"}},"
		"{\"part\":3},{\"part\":{}},{\"part\":[1]},{\"part\":null},{\"apart\":{}}],\"d\":"
		"4}";
	static const char *const parts[] = { "{\"c\":\"}\"}", NULL, "{}", NULL, NULL, NULL };
	struct json_in_parts all;
	struct json_object *o = read_in_parts(json, &all), *part;

	(void)state;
	part = json_in_read_part(&all, o);
	assert_int_equal(json_object_get_int(json_in_path(part, "part.b")), 2);
	assert_int_equal(json_object_get_int(json_in_find(o, "d")), 4);
	json_object_put(part);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		part = json_in_read_part(&all,
					 json_object_array_get_idx(json_in_find(o, "list"), i));
		if (parts[i])
			assert_string_equal(
				json_object_to_json_string_ext(part, JSON_C_TO_STRING_PLAIN),
				parts[i]);
		else
			assert_null(part);
		json_object_put(part);
	}
	json_object_put(o);
	json_in_parts_deinit(&all);
}

/* What is wrong within a part is found as if nothing were left out, except for what only its tree shows. */
static void test_bad_parts(void **state)
{
	struct json_in_parts parts;
	struct json_object *o;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(text_deinit) struct text json = TEXT_INIT;
		bool late = strstr(bad[i].why, "twice") || strstr(bad[i].json, "1e999");
		bool deep = strstr(bad[i].why, "deeply"); /* but not for this reader */

		text_add_all(&json, "{\"part\":", *bad[i].json == '{' ? bad[i].json : "x", "}");
		o = read_in_parts(text_str(&json), &parts);
		if (late || deep)
			assert_non_null(o);
		else
			assert_null(o);
		if (late)
			assert_null(json_in_read_part(&parts, o));
		json_object_put(o);
		json_in_parts_deinit(&parts);
	}
	assert_null(read_in_parts("{\"part\":{},\"part\":{}}", &parts));
	json_in_parts_deinit(&parts);
	/* A name that is written with an escape is no part, and nothing else is taken for one. */
	o = read_in_parts("{\"p\\u0061rt\":0,\"b\":{\"p\\u0061rt\":{\"c\":1}}}", &parts);
	assert_null(json_in_read_part(&parts, o));
	assert_null(json_in_read_part(&parts, json_in_find(o, "b")));
	assert_null(json_in_read_part(&parts, NULL));
	json_object_put(o);
	json_in_parts_deinit(&parts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),        cmocka_unit_test(test_bad),
		cmocka_unit_test(test_every_place), cmocka_unit_test(test_lax),
		cmocka_unit_test(test_nul),         cmocka_unit_test(test_member),
		cmocka_unit_test(test_find),        cmocka_unit_test(test_parts),
		cmocka_unit_test(test_bad_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
