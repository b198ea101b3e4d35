/*
 * When a push service is asked again
 */
#include "mcxd/base/backoff.h"

#include "proto/text/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct backoff usual = { .max_attempts = 5, .first_ms = 100, .max_ms = 500 };

enum { LONG_MS = 1000000 };

/* The random number picks the ends of the range: none of the second half, and all of it. */
static void expect(int64_t n_attempts, int64_t least, int64_t most)
{
	assert_int_equal(backoff_delay(&usual, n_attempts, -1, LONG_MS, 0), least);
	assert_int_equal(backoff_delay(&usual, n_attempts, -1, LONG_MS, (uint32_t)(most - least)),
			 most);
	assert_int_equal(
		backoff_delay(&usual, n_attempts, -1, LONG_MS, (uint32_t)(most - least) + 1),
		least);
}

static void it_doubles_up_to_a_limit(void **state)
{
	(void)state;
	expect(1, 50, 100);
	expect(2, 100, 200);
	expect(3, 200, 400);
	expect(4, 250, 500);
}

static void attempts_are_limited(void **state)
{
	const struct backoff one = { .max_attempts = 1, .first_ms = 1, .max_ms = 1 };

	(void)state;
	assert_int_equal(backoff_delay(&usual, 5, -1, LONG_MS, 0), BACKOFF_NEVER);
	assert_int_equal(backoff_delay(&usual, 6, 0, LONG_MS, 0), BACKOFF_NEVER);
	assert_int_equal(backoff_delay(&one, 1, -1, LONG_MS, 0), BACKOFF_NEVER);
}

static void nobody_comes_back_earlier_than_asked(void **state)
{
	(void)state;
	for (uint32_t random = 0; random < 200; random++) {
		int64_t ms = backoff_delay(&usual, 1, 3000, LONG_MS, random);

		assert_in_range(ms, 3050, 3100);
	}
}

static void the_sender_does_not_wait_for_ever(void **state)
{
	(void)state;
	assert_int_equal(backoff_delay(&usual, 1, -1, 51, 0), 50);
	assert_int_equal(backoff_delay(&usual, 1, -1, 50, 0), BACKOFF_NEVER);
	assert_int_equal(backoff_delay(&usual, 1, 3000, 3000, 0), BACKOFF_NEVER);
	assert_int_equal(backoff_delay(&usual, 1, -1, -5, 0), BACKOFF_NEVER);
}

static void delays_without_jitter_are_possible(void **state)
{
	const struct backoff at_once = { .max_attempts = 3 };

	(void)state;
	assert_int_equal(backoff_delay(&at_once, 1, -1, LONG_MS, UINT32_MAX), 0);
	assert_int_equal(backoff_delay(&at_once, 2, -1, LONG_MS, 7), 0);
}

static void retry_after_is_read(void **state)
{
	static const char *const bad[] = {
		"", "-1", "1.5", "1s", " 1", "tomorrow", "Wed, 21 Oct 2015 07:28:00 CET"
	};
	static const char *const dates[] = { "Wed, 21 Oct 2015 07:28:00 GMT",
					     "Wednesday, 21-Oct-15 07:28:00 GMT",
					     "Wed Oct 21 07:28:00 2015" };
	const int64_t moment_s = 1445412480;

	(void)state;
	assert_int_equal(backoff_read("0", 0), 0);
	assert_int_equal(backoff_read("120", 0), 120000);
	assert_int_equal(backoff_read("99999999999999999999", 0), backoff_read("1000000", 0));
	assert_true(backoff_read(NULL, 0) < 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(backoff_read(bad[i], 0) < 0);
	for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
		assert_int_equal(backoff_read(dates[i], moment_s - 2), 2000);
		assert_int_equal(backoff_read(dates[i], moment_s + 2), 0);
		assert_int_equal(backoff_read(dates[i], 0), backoff_read("1000000", 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_doubles_up_to_a_limit),
		cmocka_unit_test(attempts_are_limited),
		cmocka_unit_test(nobody_comes_back_earlier_than_asked),
		cmocka_unit_test(the_sender_does_not_wait_for_ever),
		cmocka_unit_test(delays_without_jitter_are_possible),
		cmocka_unit_test(retry_after_is_read),
	};

	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
