/*
 * Entity tags (RFC 9110, 8.8.3 and 13.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/text/etag.h"

#include <string.h>

static void test_of(void **state)
{
	char one[ETAG_SIZE], two[ETAG_SIZE];

	(void)state;
	etag_of("abc", 3, one);
	etag_of("abd", 3, two);
	assert_string_not_equal(one, two);
	assert_int_equal(strspn(one, "0123456789"), strlen(one));
	etag_of_rest("aXXbc", 5, 1, 2, two);
	assert_string_equal(one, two);
	etag_of("", 0, two);
	assert_string_not_equal(one, two);
}

static void test_matches(void **state)
{
	static const struct {
		const char *header;
		bool matches;
	} rows[] = {
		{ "\"17\"", true },
		{ "17", true },
		{ "W/\"17\"", true },
		{ "*", true },
		{ " \"1\" , \"17\"", true },
		{ "\"1\",17", true },
		{ "\"170\"", false },
		{ "\"1\"", false },
		{ "", false },
		{ "\"", false },
		{ ",", false },
		{ "\"17", true },
		{ "W/", false },
		{ "\"\"", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (etag_matches(rows[i].header, "17") != rows[i].matches)
			fail_msg("%s", rows[i].header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of),
		cmocka_unit_test(test_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
