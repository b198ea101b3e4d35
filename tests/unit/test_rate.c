/*
 * Rate
 */
#include "mcxd/base/rate.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* How often it may happen at once. */
static int count(struct rates *r, const char *name, int64_t now_ms)
{
	int64_t wait_s;
	int n = 0;

	while (rates_take(r, name, now_ms, &wait_s))
		n++;
	return n;
}

static void fills_by_the_rate(void **state)
{
	struct rates *r = rates_new(3);
	int64_t wait_s = 0;

	(void)state;
	assert_int_equal(count(r, "a", 1000), 30);
	assert_int_equal(count(r, "a", 1000), 0);
	assert_int_equal(count(r, "a", 1333), 0);
	assert_int_equal(count(r, "a", 1334), 1);
	assert_int_equal(count(r, "a", 2333), 2);
	assert_int_equal(count(r, "a", 3334), 4);
	assert_false(rates_take(r, "a", 3334, &wait_s));
	assert_int_equal(wait_s, 1);
	assert_int_equal(count(r, "a", 3334 + 20000), 30);
	assert_int_equal(count(r, "b", 3334), 30);
	rates_free(r);
}

static void says_when(void **state)
{
	struct rates *r = rates_new(1);
	int64_t wait_s = 0;

	(void)state;
	assert_int_equal(count(r, "a", 0), 10);
	for (int64_t now = 0; now < 1000; now += 333) {
		assert_false(rates_take(r, "a", now, &wait_s));
		assert_int_equal(wait_s, 1);
	}
	assert_true(rates_take(r, "a", 1000, &wait_s));
	rates_free(r);
}

static void forgets_the_full(void **state)
{
	struct rates *r = rates_new(1);
	int64_t wait_s;
	char name[2] = "a";

	(void)state;
	for (; *name <= 'z'; name[0]++)
		assert_true(rates_take(r, name, INT64_C(1000) * (*name - 'a'), &wait_s));
	/* Each had taken one, which has come in again after a second. */
	assert_int_equal(rates_count(r), 1);
	assert_int_equal(count(r, "z", 25000), 9);
	assert_true(rates_take(r, "a", 34000, &wait_s));
	assert_int_equal(rates_count(r), 2);
	assert_true(rates_take(r, "b", 35000, &wait_s));
	assert_int_equal(rates_count(r), 1);
	assert_int_equal(count(r, "z", 35000), 10);
	rates_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_by_the_rate),
		cmocka_unit_test(says_when),
		cmocka_unit_test(forgets_the_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
