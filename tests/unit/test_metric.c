/*
 * Metrics
 */
#include "mcxd/base/metric.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#define ROOM_METRICS(X)                                                                            \
	X(asked_total, METRIC_COUNTER, "Questions received")                                       \
	X(open, METRIC_GAUGE, "Questions without an answer")
METRICS_STRUCT(room_metrics, ROOM_METRICS);

static const struct room_metrics initial = METRICS_INIT(ROOM_METRICS);

static void a_member_is_a_row(void **state)
{
	struct room_metrics m = initial;

	(void)state;
	assert_int_equal(sizeof(m.rows) / sizeof(m.rows[0]), 2);
	assert_ptr_equal(&m.asked_total, &m.rows[0]);
	assert_ptr_equal(&m.open, &m.rows[1]);
	assert_string_equal(m.asked_total.name, "asked_total");
	assert_string_equal(m.open.help, "Questions without an answer");
	assert_int_equal(m.asked_total.kind, METRIC_COUNTER);
	assert_int_equal(m.open.kind, METRIC_GAUGE);
	assert_int_equal(m.open.value, 0);
}

static void names_carry_the_prefix(void **state)
{
	struct metrics *set = metrics_new();
	struct room_metrics one = initial, other = initial;
	const char *const expected[] = { "front_end_room_asked_total", "front_end_room_open",
					 "lab_asked_total", "lab_open" };
	const struct metric *m;
	size_t i = 0;

	(void)state;
	METRICS_ADD(set, "front-end-room", &one);
	METRICS_ADD(set, "lab", &other);
	for (m = metrics_first(set); m; m = m->next)
		assert_string_equal(m->name, expected[i++]);
	assert_int_equal(i, 4);
	metric_inc(&one.asked_total);
	metric_add(&other.open, 3);
	metric_add(&other.open, -1);
	assert_ptr_equal(metrics_find(set, "front_end_room_asked_total"), &one.asked_total);
	assert_int_equal(metrics_find(set, "front_end_room_asked_total")->value, 1);
	assert_int_equal(metrics_find(set, "lab_open")->value, 2);
	assert_null(metrics_find(set, "asked_total"));
	assert_null(metrics_find(set, "front-end-room_open"));
	metrics_free(set);
}

/* A module under test has no set, and counts all the same. */
static void no_set_is_fine(void **state)
{
	struct room_metrics m = initial;

	(void)state;
	METRICS_ADD(NULL, "room", &m);
	assert_string_equal(m.asked_total.name, "asked_total");
	metric_inc(&m.asked_total);
	assert_int_equal(m.asked_total.value, 1);
	metric_inc(NULL);
	metric_add(NULL, 1);
	assert_null(metrics_free(NULL));
}

static void set_and_rows_end_in_any_order(void **state)
{
	struct metrics *set = metrics_new();
	struct room_metrics *rows = malloc(sizeof(*rows));

	(void)state;
	assert_non_null(rows);
	*rows = initial;
	METRICS_ADD(set, "room", rows);
	free(rows);
	metrics_free(set);

	set = metrics_new();
	rows = malloc(sizeof(*rows));
	assert_non_null(rows);
	*rows = initial;
	METRICS_ADD(set, "room", rows);
	metrics_free(set);
	metric_inc(&rows->asked_total);
	assert_int_equal(rows->asked_total.value, 1);
	free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_is_a_row),
		cmocka_unit_test(names_carry_the_prefix),
		cmocka_unit_test(no_set_is_fine),
		cmocka_unit_test(set_and_rows_end_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
