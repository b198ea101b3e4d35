/*
 * OpenAPI
 */
#include "proto/text/mem.h"
#include "web/http/http.h"
#include "web/http/openapi.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check(struct json_object *o, const char *expected)
{
	assert_string_equal(json_object_to_json_string_ext(
				    o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
			    expected);
}

static void test_members(void **state)
{
	static const struct {
		const char *members, *expected;
	} rows[] = {
		{ "", "{\"type\":\"object\",\"properties\":{}}" },
		{ "a", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
		       "\"required\":[\"a\"]}" },
		{ " a?:int  b?:bool ",
		  "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},"
		  "\"b\":{\"type\":\"boolean\"}}}" },
		{ "a?:Leg[]",
		  "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":"
		  "{\"$ref\":\"#/components/schemas/Leg\"}}}}" },
		{ "a?~",
		  "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"string\"},"
		  "{\"type\":\"null\"}]}}}" },
		{ "a?[]=x|y",
		  "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":"
		  "{\"type\":\"string\",\"enum\":[\"x\",\"y\"]}}}}" },
		{ "a?:time", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\","
			     "\"format\":\"date-time\"}}}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_object *o = openapi_object(rows[i].members);

		check(o, rows[i].expected);
		json_object_put(o);
	}
}

static struct json_object *at(struct json_object *o, const char *pointer)
{
	struct json_object *found = NULL;

	assert_int_equal(json_pointer_get(o, pointer, &found), 0);
	return found;
}

static void test_operation(void **state)
{
	const struct http_route route = { "GET", "/a/{b}/c-d/{rest*}", NULL, "Get it.", NULL };
	struct json_object *document = openapi_new(
		&(struct openapi_info){ .title = "t", .description = "d", .server = "https://h" });

	(void)state;
	openapi_add_operation(document, &route,
			      &(struct openapi_operation){ .query = "n:int s",
							   .body = "B",
							   .answers = "200 A text/plain, 204",
							   .error = "E",
							   .tag = "x" });
	check(at(document, "/servers"), "[{\"url\":\"https://h\"}]");
	check(at(document, "/paths/~1a~1{b}~1c-d~1{rest}/get/operationId"), "\"getAByBCDByRest\"");
	check(at(document, "/paths/~1a~1{b}~1c-d~1{rest}/get/parameters/1/name"), "\"rest\"");
	check(at(document, "/paths/~1a~1{b}~1c-d~1{rest}/get/parameters/2/schema"),
	      "{\"type\":\"integer\"}");
	check(at(document, "/paths/~1a~1{b}~1c-d~1{rest}/get/parameters/3/required"), "false");
	check(at(document, "/paths/~1a~1{b}~1c-d~1{rest}/get/requestBody/content"),
	      "{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/B\"}}}");
	check(at(document, "/paths/~1a~1{b}~1c-d~1{rest}/get/responses/200/content"),
	      "{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/A\"}},"
	      "\"text/plain\":{\"schema\":{\"type\":\"string\"}}}");
	check(at(document, "/paths/~1a~1{b}~1c-d~1{rest}/get/responses/204"),
	      "{\"description\":\"Done.\"}");
	check(at(document, "/paths/~1a~1{b}~1c-d~1{rest}/get/responses/4XX/content/"
			   "application~1json/schema/$ref"),
	      "\"#/components/schemas/E\"");
	json_object_put(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
