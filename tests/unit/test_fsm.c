/*
 * State machine
 */
#include "mcxd/base/fsm.h"

#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

enum { CLOSED, OPEN, LOCKED, GONE };
enum { ON_OPEN, ON_CLOSE, ON_KNOCK, ON_LEFT_OPEN, ON_LOCK, ON_REMOVE };

struct door {
	struct fsm fsm;
	struct text text;
	int64_t open_ms;
	bool closes_at_once;
	bool freed_by_action;
	bool removed;
};

struct fixture {
	struct loop *loop;
	struct journal *journal;
	struct metric unexpected;
	struct fsm_env env;
	struct door *door;
	int log_fd;
};

static void act_open(void *object, void *data)
{
	struct door *d = object;

	assert_int_equal(d->fsm.state, OPEN);
	text_add(&d->text, data ? (const char *)data : "open ");
	if (d->closes_at_once)
		fsm_feed(&d->fsm, ON_CLOSE, NULL);
}

static void act_close(void *object, void *data)
{
	(void)data;
	text_add(&((struct door *)object)->text, "close ");
}

static void act_knock(void *object, void *data)
{
	(void)data;
	text_add(&((struct door *)object)->text, "knock ");
}

static void act_remove(void *object, void *data)
{
	struct door *d = object;

	(void)data;
	d->removed = true;
	if (!d->freed_by_action)
		return;
	fsm_deinit(&d->fsm);
	free(d);
}

static void act_lock(void *object, void *data)
{
	struct door *d = object;

	(void)data;
	fsm_feed(&d->fsm, ON_REMOVE, NULL);
}

static int64_t open_ms(const void *object)
{
	return ((const struct door *)object)->open_ms;
}

static bool invariant(const void *object)
{
	const struct door *d = object;

	return (d->fsm.state == GONE) == d->removed;
}

static const struct fsm_state states[] = {
	[CLOSED] = { .name = "CLOSED", .timeout_event = -1 },
	[OPEN] = { .name = "OPEN", .timeout_event = ON_LEFT_OPEN, .timeout_ms = open_ms },
	[LOCKED] = { .name = "LOCKED", .timeout_event = -1 },
	[GONE] = { .name = "GONE", .final = true, .timeout_event = -1 },
};

static const char *const events[] = {
	[ON_OPEN] = "open",           [ON_CLOSE] = "close", [ON_KNOCK] = "knock",
	[ON_LEFT_OPEN] = "left-open", [ON_LOCK] = "lock",   [ON_REMOVE] = "remove",
};

static const struct fsm_row rows[] = {
	{ CLOSED, ON_OPEN, OPEN, act_open },     { CLOSED, ON_KNOCK, FSM_STAY, act_knock },
	{ CLOSED, ON_LOCK, LOCKED, act_lock },   { CLOSED, ON_REMOVE, GONE, act_remove },
	{ OPEN, ON_CLOSE, CLOSED, act_close },   { OPEN, ON_KNOCK, FSM_STAY, act_knock },
	{ OPEN, ON_OPEN, OPEN, NULL },           { OPEN, ON_LEFT_OPEN, CLOSED, act_close },
	{ LOCKED, ON_REMOVE, GONE, act_remove },
};

static const struct fsm_table door_fsm = FSM_TABLE("door", invariant);

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	const struct journal_config config = { .max_records = 100, .max_bytes = 100000 };

	assert_int_equal(loop_new(&f->loop), 0);
	f->journal = journal_new(f->loop, &config);
	f->env = (struct fsm_env){ f->loop, f->journal, &f->unexpected };
	f->door = MEM_NEW(struct door);
	f->log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_set_fd(f->log_fd);
	fsm_init(&f->door->fsm, &door_fsm, &f->env, f->door, 17, "door:17");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->door) {
		fsm_deinit(&f->door->fsm);
		text_deinit(&f->door->text);
	}
	free(f->door);
	journal_free(f->journal);
	loop_free(f->loop);
	log_set_fd(STDERR_FILENO);
	close(f->log_fd);
	free(f);
	return 0;
}

static void events_move_it(void **state)
{
	struct fixture *f = *state;
	struct door *d = f->door;
	char data[] = "with data ";

	assert_string_equal(fsm_label(&d->fsm), "door(17){CLOSED}");
	assert_true(fsm_allows(&d->fsm, ON_OPEN));
	assert_false(fsm_allows(&d->fsm, ON_CLOSE));
	assert_true(fsm_feed(&d->fsm, ON_OPEN, data));
	assert_string_equal(fsm_state_name(&d->fsm), "OPEN");
	assert_true(fsm_feed(&d->fsm, ON_CLOSE, NULL));
	assert_string_equal(text_str(&d->text), "with data close ");
	assert_int_equal(f->unexpected.value, 0);
}

static void an_unexpected_event_changes_nothing(void **state)
{
	struct fixture *f = *state;

	assert_false(fsm_feed(&f->door->fsm, ON_CLOSE, NULL));
	assert_false(fsm_feed(&f->door->fsm, 999, NULL));
	assert_int_equal(f->door->fsm.state, CLOSED);
	assert_string_equal(text_str(&f->door->text), "");
	assert_int_equal(f->unexpected.value, 2);
	assert_int_equal(journal_last(f->journal), 0);
}

static void a_move_is_in_the_journal(void **state)
{
	struct fixture *f = *state;
	const struct record *r;

	fsm_feed(&f->door->fsm, ON_KNOCK, NULL);
	assert_int_equal(journal_last(f->journal), 0);
	fsm_feed(&f->door->fsm, ON_OPEN, NULL);
	assert_int_equal(journal_last(f->journal), 1);
	r = journal_get(f->journal, 1);
	assert_string_equal(r->kind, "state");
	assert_string_equal(r->key, "door:17");
	assert_string_equal(record_value(r, "machine"), "door");
	assert_string_equal(record_value(r, "from_state"), "CLOSED");
	assert_string_equal(record_value(r, "event"), "open");
	assert_string_equal(record_value(r, "to_state"), "OPEN");
}

static void an_action_can_feed_further_events(void **state)
{
	struct fixture *f = *state;

	f->door->closes_at_once = true;
	assert_true(fsm_feed(&f->door->fsm, ON_OPEN, NULL));
	assert_int_equal(f->door->fsm.state, CLOSED);
	assert_string_equal(text_str(&f->door->text), "open close ");
	assert_string_equal(record_value(journal_get(f->journal, 2), "event"), "close");
	loop_jump(f->loop, 3600000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->door->text), "open close ");
}

static void an_action_can_free_the_object(void **state)
{
	struct fixture *f = *state;
	struct door *d = f->door;

	f->door = NULL;
	d->freed_by_action = true;
	/* From an action within an action. */
	assert_true(fsm_feed(&d->fsm, ON_LOCK, NULL));
	assert_string_equal(record_value(journal_get(f->journal, 2), "to_state"), "GONE");
}

static void a_timeout_is_an_event(void **state)
{
	struct fixture *f = *state;
	struct door *d = f->door;

	d->open_ms = 1000;
	fsm_feed(&d->fsm, ON_OPEN, NULL);
	loop_jump(f->loop, 600);
	loop_step(f->loop, 0);
	/* Staying does not start it again, entering anew does. */
	fsm_feed(&d->fsm, ON_KNOCK, NULL);
	assert_in_range(loop_timer_left_ms(&d->fsm.timer), 1, 400);
	fsm_feed(&d->fsm, ON_OPEN, NULL);
	assert_in_range(loop_timer_left_ms(&d->fsm.timer), 500, 1000);
	loop_jump(f->loop, 1000);
	loop_step(f->loop, 0);
	assert_int_equal(d->fsm.state, CLOSED);
	assert_false(loop_timer_is_set(&d->fsm.timer));
	assert_string_equal(text_str(&d->text), "open knock close ");
}

static void a_timeout_can_be_left_out(void **state)
{
	struct fixture *f = *state;

	f->door->open_ms = 0;
	fsm_feed(&f->door->fsm, ON_OPEN, NULL);
	assert_false(loop_timer_is_set(&f->door->fsm.timer));
	f->door->open_ms = 1000;
	fsm_feed(&f->door->fsm, ON_OPEN, NULL);
	assert_true(loop_timer_is_set(&f->door->fsm.timer));
	fsm_feed(&f->door->fsm, ON_CLOSE, NULL);
	assert_false(loop_timer_is_set(&f->door->fsm.timer));
}

static void it_works_without_loop_and_metrics(void **state)
{
	struct door d = { .open_ms = 1000 };

	(void)state;
	fsm_deinit(&d.fsm);
	fsm_init(&d.fsm, &door_fsm, NULL, &d, 1, NULL);
	assert_true(fsm_feed(&d.fsm, ON_OPEN, NULL));
	assert_false(fsm_feed(&d.fsm, ON_LOCK, NULL));
	assert_false(loop_timer_is_set(&d.fsm.timer));
	fsm_deinit(&d.fsm);
	text_deinit(&d.text);
}

static void assert_wrong(const struct fsm_row *bad, size_t n, const char *what)
{
	struct fsm_table t = door_fsm;
	const char *answer;

	t.rows = bad;
	t.n_rows = n;
	answer = fsm_check(&t);
	assert_non_null(answer);
	assert_string_equal(answer, what);
}

static void tables_are_checked(void **state)
{
	const struct fsm_row twice[] = { { CLOSED, ON_OPEN, OPEN, NULL },
					 { CLOSED, ON_OPEN, LOCKED, NULL } };
	const struct fsm_row leaves_final[] = { { GONE, ON_OPEN, OPEN, NULL } };
	const struct fsm_row out_of_range[] = { { CLOSED, ON_OPEN, 4, NULL } };
	const struct fsm_row out_of_range_event[] = { { CLOSED, 6, OPEN, NULL } };
	const struct fsm_row no_timeout[] = { { CLOSED, ON_OPEN, OPEN, NULL } };
	const struct fsm_row unreachable[] = { { CLOSED, ON_OPEN, OPEN, NULL },
					       { OPEN, ON_LEFT_OPEN, CLOSED, NULL },
					       { LOCKED, ON_REMOVE, GONE, NULL } };

	(void)state;
	assert_null(fsm_check(&door_fsm));
	assert_wrong(twice, ARRAY_SIZE(twice), "twice: CLOSED x open");
	assert_wrong(leaves_final, 1, "row out of a final state: GONE x open");
	assert_wrong(out_of_range, 1, "row out of range");
	assert_wrong(out_of_range_event, 1, "row out of range");
	assert_wrong(no_timeout, 1, "no row for the timeout: OPEN x left-open");
	assert_wrong(unreachable, ARRAY_SIZE(unreachable), "cannot be reached: LOCKED");
}

static void tables_can_be_drawn(void **state)
{
	CLEANUP(text_deinit) struct text dot = TEXT_INIT;

	(void)state;
	fsm_to_dot(&door_fsm, &dot);
	assert_non_null(strstr(text_str(&dot), "digraph \"door\" {\n"));
	assert_non_null(strstr(text_str(&dot), "\t\"GONE\" [shape=doublecircle];\n"));
	assert_non_null(strstr(text_str(&dot), "\t\"CLOSED\" -> \"OPEN\" [label=\"open\"];\n"));
	assert_non_null(strstr(text_str(&dot), "\t\"CLOSED\" -> \"CLOSED\" [label=\"knock\"];\n"));
	assert_non_null(strstr(text_str(&dot), "[label=\"left-open\", style=dashed];\n"));
}

int main(void)
{
#define FSM_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		FSM_TEST(events_move_it),
		FSM_TEST(an_unexpected_event_changes_nothing),
		FSM_TEST(a_move_is_in_the_journal),
		FSM_TEST(an_action_can_feed_further_events),
		FSM_TEST(an_action_can_free_the_object),
		FSM_TEST(a_timeout_is_an_event),
		FSM_TEST(a_timeout_can_be_left_out),
		FSM_TEST(it_works_without_loop_and_metrics),
		FSM_TEST(tables_are_checked),
		FSM_TEST(tables_can_be_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
