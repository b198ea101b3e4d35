/*
 * Limits, metrics
 */
#include "mcxd/base/limit.h"

#include "mcxd/base/metric.h"
#include "proto/text/mem.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_budget_is_not_exceeded(void **state)
{
	struct metric refused = { .name = "refused_total" };
	struct budget b = { .max = 10, .refused = &refused };

	(void)state;
	assert_true(budget_take(&b, 7));
	assert_false(budget_take(&b, 4));
	assert_int_equal(b.used, 7);
	assert_int_equal(refused.value, 1);
	assert_true(budget_take(&b, 3));
	assert_false(budget_take(&b, 1));
	assert_true(budget_take(&b, 0));
	budget_give(&b, 10);
	assert_false(budget_take(&b, INT64_MAX));
	assert_int_equal(refused.value, 3);
	assert_int_equal(b.used, 0);
}

static void a_budget_can_shrink(void **state)
{
	struct budget b = { .max = 10 };

	(void)state;
	assert_true(budget_take(&b, 10));
	b.max = 5;
	assert_false(budget_take(&b, 0));
	assert_false(budget_take(&b, 1));
	budget_give(&b, 6);
	assert_true(budget_take(&b, 1));
	assert_false(budget_take(&b, INT64_MAX));
}

static void metrics_keep_their_order(void **state)
{
	struct metric a[] = { { .name = "b_total", .help = "b" },
			      { .name = "a_total", .help = "a" } };
	struct metric b[] = { { .name = "c", .kind = METRIC_GAUGE } };
	struct metrics *set = metrics_new();
	const struct metric *m;

	(void)state;
	assert_null(metrics_first(set));
	metrics_add_named(set, "x", a, ARRAY_SIZE(a));
	metrics_add_named(set, "x", b, ARRAY_SIZE(b));
	metric_inc(&a[1]);
	metric_add(&b[0], 5);
	metric_add(&b[0], -2);
	metric_inc(NULL);
	metric_add(NULL, 1);
	m = metrics_first(set);
	assert_string_equal(m->name, "x_b_total");
	assert_string_equal(m->next->name, "x_a_total");
	assert_string_equal(m->next->next->name, "x_c");
	assert_null(m->next->next->next);
	assert_int_equal(metrics_find(set, "x_a_total")->value, 1);
	assert_int_equal(metrics_find(set, "x_c")->value, 3);
	assert_null(metrics_find(set, "x_d"));
	assert_null(metrics_free(set));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_budget_is_not_exceeded),
		cmocka_unit_test(a_budget_can_shrink),
		cmocka_unit_test(metrics_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
