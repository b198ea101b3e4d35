/*
 * Loop: clock, posted calls, waiting
 */
#include "mcxd/base/loop.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <time.h>

struct diary {
	struct loop *loop;
	struct loop_timer timer;
	uint64_t post;
	struct text text;
	int n;
	bool done;
};

static int setup(void **state)
{
	struct diary *d = MEM_NEW(struct diary);

	assert_int_equal(loop_new(&d->loop), 0);
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct diary *d = *state;

	loop_free(d->loop);
	text_deinit(&d->text);
	free(d);
	return 0;
}

static void write_a(void *magic)
{
	text_add(&((struct diary *)magic)->text, "a");
}

static void write_b(void *magic)
{
	text_add(&((struct diary *)magic)->text, "b");
}

static void on_done(void *magic)
{
	struct diary *d = magic;

	text_add(&d->text, "!");
	d->done = true;
}

static void on_stop(void *magic)
{
	loop_stop(((struct diary *)magic)->loop);
}

static void post_b(void *magic)
{
	struct diary *d = magic;

	text_add(&d->text, "(");
	loop_post(d->loop, write_b, d);
	text_add(&d->text, ")");
}

static void unpost_next(void *magic)
{
	struct diary *d = magic;

	loop_unpost(d->loop, d->post);
	loop_unpost(d->loop, d->post);
}

static void posted_calls_run_in_order(void **state)
{
	struct diary *d = *state;

	loop_post(d->loop, write_a, d);
	loop_post(d->loop, post_b, d);
	loop_post(d->loop, write_a, d);
	assert_string_equal(text_str(&d->text), "");
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "a()a");
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "a()ab");
}

static void posted_calls_can_be_taken_back(void **state)
{
	struct diary *d = *state;
	uint64_t first = loop_post(d->loop, write_a, d);

	assert_true(first > 0);
	loop_unpost(d->loop, first);
	loop_post(d->loop, unpost_next, d);
	d->post = loop_post(d->loop, write_a, d);
	loop_post(d->loop, write_b, d);
	loop_step(d->loop, 0);
	assert_string_equal(text_str(&d->text), "b");
	loop_unpost(d->loop, d->post);
	loop_unpost(d->loop, 0);
	loop_unpost(d->loop, 1000000);
}

static void count_call(void *magic)
{
	((struct diary *)magic)->n++;
}

static void many_posted_calls_keep_their_order(void **state)
{
	struct diary *d = *state;
	uint64_t ids[1000];

	for (size_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
			ids[i] = loop_post(d->loop, count_call, d);
		for (size_t i = 0; i < ARRAY_SIZE(ids); i += 2)
			loop_unpost(d->loop, ids[i]);
		loop_step(d->loop, 0);
	}
	assert_int_equal(d->n, 1500);
}

/* Each of the ways in which something can be posted must keep the loop from sleeping. */
static void posted_calls_wake_the_loop(void **state)
{
	struct diary *d = *state;
	struct loop_timer timer = { 0 };
	int64_t before = loop_real_ms(d->loop);

	loop_timer_set(d->loop, &timer, 1, post_b, d);
	loop_timer_set_real(d->loop, &d->timer, 60000, on_done, d);
	for (int i = 0; !strchr(text_str(&d->text), 'b'); i++) {
		assert_true(i < 10);
		loop_step(d->loop, 30000);
	}
	assert_in_range(loop_real_ms(d->loop) - before, 0, 10000);
	loop_timer_stop(&d->timer);
}

static void stop_and_repost(void *magic)
{
	struct diary *d = magic;

	if (++d->n < 5)
		loop_post(d->loop, stop_and_repost, d);
	else
		loop_stop(d->loop);
}

static void run_ends_at_stop(void **state)
{
	struct diary *d = *state;
	struct loop_timer timer = { 0 };

	loop_post(d->loop, stop_and_repost, d);
	loop_run(d->loop);
	assert_int_equal(d->n, 5);
	/* From a timer, when nothing else is there to end the wait. */
	loop_timer_set(d->loop, &timer, 1, on_stop, d);
	loop_run(d->loop);
	/* Before the run. */
	loop_stop(d->loop);
	loop_run(d->loop);
}

static void a_jump_moves_every_clock(void **state)
{
	struct diary *d = *state;
	int64_t now_ms = loop_now_ms(d->loop), now_us = loop_now_us(d->loop);
	int64_t wall_us = loop_wall_us(d->loop), real_ms = loop_real_ms(d->loop);

	assert_true(now_ms > 0);
	loop_jump(d->loop, 3600000);
	assert_in_range(loop_now_ms(d->loop) - now_ms, 3600000, 3610000);
	assert_in_range(loop_now_us(d->loop) - now_us, 3600000000, 3610000000);
	assert_in_range(loop_wall_us(d->loop) - wall_us, 3600000000, 3610000000);
	assert_in_range(loop_real_ms(d->loop) - real_ms, 0, 10000);
	assert_int_equal(loop_offset_ms(d->loop), 3600000);
}

static void wall_time_is_the_calendar(void **state)
{
	struct diary *d = *state;
	int64_t now = (int64_t)time(NULL) * 1000000;

	assert_in_range(loop_wall_us(d->loop), now - 2000000, now + 60000000);
}

/* Without whole milliseconds for sofia the loop would poll its way through the end of every wait.
 */
static void waiting_does_not_spin(void **state)
{
	struct diary *d = *state;
	int rounds = 0;

	loop_timer_set(d->loop, &d->timer, 40, on_done, d);
	for (; !d->done; rounds++)
		loop_step(d->loop, 1000);
	assert_in_range(rounds, 1, 4);
}

int main(void)
{
#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		LOOP_TEST(posted_calls_run_in_order),
		LOOP_TEST(posted_calls_can_be_taken_back),
		LOOP_TEST(many_posted_calls_keep_their_order),
		LOOP_TEST(posted_calls_wake_the_loop),
		LOOP_TEST(run_ends_at_stop),
		LOOP_TEST(a_jump_moves_every_clock),
		LOOP_TEST(wall_time_is_the_calendar),
		LOOP_TEST(waiting_does_not_spin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
