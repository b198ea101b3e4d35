/*
 * The clearing house's outbox, and the channels that it knows to be dead
 */
#include "mcxd/clearing_house/outbox.h"

#include "mcxd/clearing_house/dead.h"
#include "proto/text/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N_ITEMS = 8 };

struct fixture {
	struct outbox_limits limits;
	struct outbox *outbox;
	struct outbox_item items[N_ITEMS];
};

static int set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	f->limits = (struct outbox_limits){ .per_host = 100, .per_channel = 100, .requests = 2 };
	f->outbox = outbox_new(&f->limits);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < N_ITEMS; i++)
		outbox_end(&f->items[i]);
	assert_int_equal(outbox_count(f->outbox), 0);
	outbox_free(f->outbox);
	free(f);
	return 0;
}

static enum outbox_answer add(struct fixture *f, const char *host, const char *channel, int i)
{
	return outbox_add(f->outbox, host, channel, &f->items[i]);
}

/* -1: none */
static int next(struct fixture *f)
{
	const struct outbox_item *item = outbox_next(f->outbox);

	return item ? (int)(item - f->items) : -1;
}

static void a_channel_keeps_its_order(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++)
		assert_int_equal(add(f, "a", "a/1", i), OUTBOX_TAKEN);
	assert_int_equal(next(f), 0);
	assert_int_equal(next(f), -1);
	assert_ptr_equal(outbox_behind(&f->items[0]), &f->items[1]);
	assert_null(outbox_behind(&f->items[2]));
	outbox_end(&f->items[0]);
	assert_int_equal(next(f), 1);
	outbox_end(&f->items[1]);
	assert_int_equal(next(f), 2);
}

/* Nor does one that waits for its next attempt let a later one pass. */
static void a_pause_holds_the_channel_only(void **state)
{
	struct fixture *f = *state;

	add(f, "a", "a/1", 0);
	add(f, "a", "a/1", 1);
	add(f, "a", "a/2", 2);
	add(f, "a", "a/3", 3);
	assert_int_equal(next(f), 0);
	outbox_pause(&f->items[0]);
	assert_int_equal(next(f), 2);
	assert_int_equal(next(f), 3);
	assert_int_equal(next(f), -1);
	outbox_end(&f->items[2]);
	assert_int_equal(next(f), -1);
	outbox_resume(&f->items[0]);
	assert_int_equal(next(f), 0);
	outbox_end(&f->items[0]);
	assert_int_equal(next(f), 1);
}

static void whoever_ends_while_paused_lets_the_next_go(void **state)
{
	struct fixture *f = *state;

	add(f, "a", "a/1", 0);
	add(f, "a", "a/1", 1);
	assert_int_equal(next(f), 0);
	outbox_pause(&f->items[0]);
	outbox_end(&f->items[0]);
	assert_int_equal(next(f), 1);
}

static void one_in_the_middle_can_end(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++)
		add(f, "a", "a/1", i);
	assert_int_equal(next(f), 0);
	outbox_end(&f->items[1]);
	assert_int_equal(next(f), -1);
	outbox_end(&f->items[0]);
	assert_int_equal(next(f), 2);
}

/* Host a answers nothing. */
static void a_silent_host_holds_nobody_else(void **state)
{
	struct fixture *f = *state;

	f->limits.per_host = 4;
	assert_int_equal(add(f, "a", "a/1", 0), OUTBOX_TAKEN);
	assert_int_equal(add(f, "a", "a/2", 1), OUTBOX_TAKEN);
	assert_int_equal(add(f, "a", "a/3", 2), OUTBOX_TAKEN);
	assert_int_equal(add(f, "a", "a/4", 3), OUTBOX_TAKEN);
	assert_int_equal(add(f, "a", "a/5", 4), OUTBOX_HOST_FULL);
	assert_int_equal(outbox_count_of(f->outbox, "a"), 4);
	assert_int_equal(outbox_count_of(f->outbox, "b"), 0);
	assert_int_equal(next(f), 0);
	assert_int_equal(next(f), 1);
	assert_int_equal(next(f), -1);
	assert_int_equal(add(f, "b", "b/1", 4), OUTBOX_TAKEN);
	assert_int_equal(next(f), 4);
	assert_int_equal(next(f), -1);
	f->limits.requests = 3;
	assert_int_equal(next(f), 2);
	outbox_end(&f->items[0]);
	assert_int_equal(next(f), 3);
}

static void hosts_take_turns(void **state)
{
	struct fixture *f = *state;

	add(f, "a", "a/1", 0);
	add(f, "a", "a/2", 1);
	add(f, "b", "b/1", 2);
	add(f, "b", "b/2", 3);
	assert_int_equal(next(f), 0);
	assert_int_equal(next(f), 2);
	assert_int_equal(next(f), 1);
	assert_int_equal(next(f), 3);
}

static void a_channel_is_limited(void **state)
{
	struct fixture *f = *state;

	f->limits.per_channel = 2;
	assert_int_equal(add(f, "a", "a/1", 0), OUTBOX_TAKEN);
	assert_int_equal(add(f, "a", "a/1", 1), OUTBOX_TAKEN);
	assert_int_equal(add(f, "a", "a/1", 2), OUTBOX_CHANNEL_FULL);
	assert_int_equal(add(f, "a", "a/2", 2), OUTBOX_TAKEN);
	outbox_end(&f->items[1]);
	assert_int_equal(add(f, "a", "a/1", 1), OUTBOX_TAKEN);
}

static void the_dead_are_remembered_for_a_while(void **state)
{
	struct dead_limits limits = { .max = 2, .memory_ms = 1000 };
	struct dead *d = dead_new(&limits);

	(void)state;
	dead_add(d, "a", NULL, 0);
	assert_true(dead_has(d, "a", 999));
	assert_false(dead_has(d, "b", 999));
	assert_false(dead_has(d, "a", 1000));
	assert_int_equal(dead_count(d), 0);
	dead_add(d, "a", NULL, 2000);
	dead_add(d, "b", NULL, 2001);
	dead_add(d, "a", NULL, 2002);
	dead_add(d, "c", NULL, 2003);
	assert_false(dead_has(d, "b", 2003));
	assert_true(dead_has(d, "a", 2003));
	assert_true(dead_has(d, "c", 2003));
	limits.max = 0;
	assert_false(dead_has(d, "c", 2003));
	dead_add(d, "c", NULL, 2004);
	assert_false(dead_has(d, "c", 2004));
	limits.max = 1;
	dead_add(d, "c", NULL, 2005);
	dead_forget(d, NULL);
	assert_false(dead_has(d, "c", 2005));
	dead_add(d, "c", NULL, 2006);
	dead_free(d);
}

static void the_dead_of_one_user_are_forgotten(void **state)
{
	const struct dead_limits limits = { .max = 9, .memory_ms = 1000 };
	struct dead *d = dead_new(&limits);

	(void)state;
	dead_add(d, "again", NULL, 0);
	dead_revive(d, "again");
	dead_revive(d, "never there");
	assert_false(dead_has(d, "again", 0));
	assert_int_equal(dead_count(d), 0);
	dead_add(d, "a", "bob@lab.test", 0);
	dead_add(d, "b", "alice@lab.test", 1);
	dead_add(d, "c", NULL, 2);
	dead_add(d, "d", "bob@lab.test", 3);
	dead_forget(d, "bob@lab.test");
	assert_false(dead_has(d, "a", 3));
	assert_true(dead_has(d, "b", 3));
	assert_true(dead_has(d, "c", 3));
	assert_false(dead_has(d, "d", 3));
	dead_free(d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_channel_keeps_its_order),
		TEST(a_pause_holds_the_channel_only),
		TEST(whoever_ends_while_paused_lets_the_next_go),
		TEST(one_in_the_middle_can_end),
		TEST(a_silent_host_holds_nobody_else),
		TEST(hosts_take_turns),
		TEST(a_channel_is_limited),
		cmocka_unit_test(the_dead_are_remembered_for_a_while),
		cmocka_unit_test(the_dead_of_one_user_are_forgotten),
	};

	return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
