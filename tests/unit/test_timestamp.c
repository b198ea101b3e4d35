/*
 * Timestamp
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void check(int64_t wall_us, enum timestamp_unit unit, const char *expected)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	timestamp_add(&t, wall_us, unit);
	assert_string_equal(text_str(&t), expected);
}

static void test_moments(void **state)
{
	(void)state;
	check(0, TIMESTAMP_MS, "1970-01-01T00:00:00.000Z");
	check(1311595200123999, TIMESTAMP_MS, "2011-07-25T12:00:00.123Z");
	check(1311595200123999, TIMESTAMP_US, "2011-07-25T12:00:00.123999Z");
	check(1330559999000001, TIMESTAMP_US, "2012-02-29T23:59:59.000001Z");
	check(-1, TIMESTAMP_US, "1969-12-31T23:59:59.999999Z");
	check(-1, TIMESTAMP_MS, "1969-12-31T23:59:59.999Z");
}

static void test_ends_of_the_calendar(void **state)
{
	(void)state;
	check(INT64_MAX, TIMESTAMP_US, "9999-12-31T23:59:59.999999Z");
	check(INT64_MIN, TIMESTAMP_MS, "0000-01-01T00:00:00.000Z");
}

static void test_is_appended(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	text_add(&t, "at ");
	timestamp_add(&t, 1000, TIMESTAMP_MS);
	assert_string_equal(text_str(&t), "at 1970-01-01T00:00:00.001Z");
}

static void check_read(int64_t us, enum timestamp_unit unit)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	int64_t again = 42;

	timestamp_add(&t, us, unit);
	assert_true(timestamp_read(text_str(&t), &again));
	assert_int_equal(again, us);
}

static void test_read(void **state)
{
	static const struct {
		const char *s;
		int64_t us;
	} fractions[] = {
		{ "1970-01-01T00:00:01Z", 1000000 },
		{ "1970-01-01T00:00:00.5Z", 500000 },
		{ "1970-01-01T00:00:00.1234Z", 123400 },
		{ "1970-01-01T00:00:00.123456789Z", 123456 },
	};
	static const char *const malformed[] = {
		"",
		"2011-07-25",
		"2011-07-25T12:00:00",
		"2011-07-25T12:00:00.Z",
		"2011-07-25T12:00:00,5Z",
		"2011-07-25T12:00Z",
		"2011-07-25T12:00:00.123",
		"2011-07-25T12:00:00.123+00:00",
		"2011-07-25T12:00:00.123Z ",
		"2011-07-25 12:00:00.123Z",
		"2011-02-29T12:00:00.123Z",
		"2011-13-01T12:00:00.123Z",
		"2011-00-01T12:00:00.123Z",
		"2011-07-00T12:00:00.123Z",
		"2011-07-25T24:00:00.123Z",
		"2011-07-25T12:60:00.123Z",
		"2011-07-25T12:00:60.123Z",
		"-011-07-25T12:00:00.123Z",
	};

	(void)state;
	check_read(0, TIMESTAMP_MS);
	check_read(-1000, TIMESTAMP_MS);
	check_read(1330559999000001, TIMESTAMP_US);
	check_read(INT64_C(253402300799999999), TIMESTAMP_US);
	check_read(INT64_C(-62167219200000000), TIMESTAMP_US);
	for (size_t i = 0; i < ARRAY_SIZE(fractions); i++) {
		int64_t us;

		assert_true(timestamp_read(fractions[i].s, &us));
		assert_int_equal(us, fractions[i].us);
	}
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++) {
		int64_t us = 42;

		assert_false(timestamp_read(malformed[i], &us));
		assert_int_equal(us, 42);
	}
}

static void test_read_http(void **state)
{
	static const char *const same[] = { "Sun, 06 Nov 1994 08:49:37 GMT",
					    "Sunday, 06-Nov-94 08:49:37 GMT",
					    "Sun Nov  6 08:49:37 1994" };
	static const char *const malformed[] = { "",
						 "Sun, 06 Nov 1994 08:49:37",
						 "Sun, 06 Nov 1994 08:49:37 GMT ",
						 "Sun, 06 Nov 1994 08:49:37 PST",
						 "Wed, 30 Feb 1994 08:49:37 GMT",
						 "Sun, 06 Nov 1994 24:00:00 GMT",
						 "1994-11-06T08:49:37Z" };
	int64_t us = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++)
		assert_false(timestamp_read_http(malformed[i], &us));
	assert_int_equal(us, 42);
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		assert_true(timestamp_read_http(same[i], &us));
		assert_int_equal(us, INT64_C(784111777000000));
		us = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),     cmocka_unit_test(test_ends_of_the_calendar),
		cmocka_unit_test(test_is_appended), cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
