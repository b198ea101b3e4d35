/*
 * What a fleet counts
 */
#include "mcxd/sim/fleet/tally.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Nearest rank: the smallest time that so many did not exceed. */
static void test_percentiles(void **state)
{
	struct sim_tally t = { 0 };

	(void)state;
	assert_int_equal(sim_tally_percentile(&t, SIM_FLEET_PUSH, 0.5), -1);
	for (int64_t i = 100; i > 0; i--)
		sim_tally_time(&t, SIM_FLEET_PUSH, i * 1000);
	assert_int_equal(sim_tally_percentile(&t, SIM_FLEET_PUSH, 0.5), 50000);
	assert_int_equal(sim_tally_percentile(&t, SIM_FLEET_PUSH, 0.99), 99000);
	assert_int_equal(sim_tally_percentile(&t, SIM_FLEET_PUSH, 1), 100000);
	assert_int_equal(sim_tally_percentile(&t, SIM_FLEET_PUSH, 0), 1000);
	assert_int_equal(sim_tally_percentile(&t, SIM_FLEET_REPLY, 0.5), -1);
	sim_tally_time(&t, SIM_FLEET_REPLY, INT64_MAX);
	assert_int_equal(sim_tally_percentile(&t, SIM_FLEET_REPLY, 0.5), INT32_MAX);
	sim_tally_deinit(&t);
}

/* Errors are counted by kind and text, and what is too much is counted all the same. */
static void test_errors(void **state)
{
	struct sim_tally t = { 0 };
	int64_t sum = 0;

	(void)state;
	sim_tally_error(&t, SIM_FLEET_ACCEPT, "no push");
	sim_tally_error(&t, SIM_FLEET_IGNORE, "no push");
	sim_tally_error(&t, SIM_FLEET_ACCEPT, "no push");
	assert_int_equal(t.n_texts, 2);
	assert_int_equal(t.errors[0].n, 2);
	assert_int_equal(t.errors[1].n, 1);
	for (int i = 0; i < 100; i++) {
		CLEANUP(mem_free_string) char *text = text_format("error %d", i);

		sim_tally_error(&t, SIM_FLEET_SLOW, text);
	}
	assert_int_equal(t.n_texts, SIM_FLEET_MAX_ERRORS);
	assert_string_equal(t.errors[SIM_FLEET_MAX_ERRORS - 1].text, "other errors");
	for (size_t i = 0; i < t.n_texts; i++)
		sum += t.errors[i].n;
	assert_int_equal(sum, 103);
	assert_int_equal(t.n_errors, 103);
	t.n_good[SIM_FLEET_ACCEPT] = 2;
	t.n_good[SIM_FLEET_SLOW] = 3;
	t.n_lost[SIM_FLEET_FLAKY] = 4;
	assert_int_equal(sim_tally_good(&t), 5);
	assert_int_equal(sim_tally_lost(&t), 4);
	sim_tally_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
