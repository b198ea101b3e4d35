/*
 * Loop: advances of the clock
 */
#include "mcxd/base/loop.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#define MAX_ROUNDS 100000

struct diary {
	struct loop *loop;
	struct loop_timer timer;
	struct text text;
	int64_t times[100];
	int64_t every_ms;
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

static void run_until_done(struct diary *d)
{
	for (int i = 0; !d->done; i++) {
		assert_true(i < MAX_ROUNDS);
		loop_step(d->loop, 1000);
	}
	d->done = false;
}

static void write_a(void *magic)
{
	text_add(&((struct diary *)magic)->text, "a");
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

static void note_time(void *magic)
{
	struct diary *d = magic;

	assert_true(d->n < (int)ARRAY_SIZE(d->times));
	d->times[d->n++] = loop_now_ms(d->loop);
	loop_timer_set(d->loop, &d->timer, d->every_ms, note_time, d);
}

static void an_advance_shows_the_times_in_between(void **state)
{
	struct diary *d = *state;
	int64_t start = loop_now_ms(d->loop);

	d->every_ms = 1000;
	loop_timer_set(d->loop, &d->timer, 1000, note_time, d);
	loop_advance(d->loop, 60000, on_done, d);
	run_until_done(d);
	/* Each step takes a little of the machine's time. */
	assert_in_range(d->n, 60, 62);
	for (int i = 0; i < 60; i++)
		assert_in_range(d->times[i] - start, 1000 * (i + INT64_C(1)),
				1000 * (i + INT64_C(3)));
	assert_in_range(loop_now_ms(d->loop) - start, 60000, 70000);
	assert_int_equal(loop_offset_ms(d->loop), 60000);
	loop_timer_stop(&d->timer);
}

static void a_long_advance_takes_few_steps(void **state)
{
	struct diary *d = *state;
	const int64_t thirty_days = INT64_C(30) * 24 * 3600 * 1000;
	int64_t before = loop_real_ms(d->loop);

	d->every_ms = INT64_C(12) * 3600 * 1000;
	loop_timer_set(d->loop, &d->timer, d->every_ms, note_time, d);
	loop_advance(d->loop, thirty_days, on_done, d);
	run_until_done(d);
	assert_in_range(d->n, 59, 61);
	assert_in_range(loop_real_ms(d->loop) - before, 0, 20000);
	loop_timer_stop(&d->timer);
}

static void an_advance_under_loop_run(void **state)
{
	struct diary *d = *state;

	loop_advance(d->loop, 5000, on_done, d);
	loop_advance(d->loop, 3000, on_stop, d);
	assert_int_equal(loop_offset_ms(d->loop), 0);
	loop_run(d->loop);
	assert_int_equal(loop_offset_ms(d->loop), 8000);
	assert_string_equal(text_str(&d->text), "!");
	loop_advance(d->loop, 0, on_stop, d);
	loop_run(d->loop);
	assert_int_equal(loop_offset_ms(d->loop), 8000);
}

static void advance_again(void *magic)
{
	struct diary *d = magic;

	if (++d->n < 3)
		loop_advance(d->loop, 1000, advance_again, d);
	else
		d->done = true;
}

static void an_advance_can_follow_another(void **state)
{
	struct diary *d = *state;

	loop_advance(d->loop, 1000, advance_again, d);
	loop_advance(d->loop, 500, NULL, NULL);
	run_until_done(d);
	assert_int_equal(loop_offset_ms(d->loop), 3500);
}

static void on_readable(void *magic, int fd, unsigned events)
{
	struct diary *d = magic;
	char byte;

	assert_int_equal(events, LOOP_IN);
	assert_int_equal(read(fd, &byte, 1), 1);
	text_add_bytes(&d->text, &byte, 1);
	d->done = true;
}

/* A question and an answer over a socket, in the time between two timers. */
static void an_advance_lets_messages_through(void **state)
{
	struct diary *d = *state;
	struct loop_timer slow = { 0 };
	struct loop_fd *watch;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(loop_fd_add(d->loop, pair[0], LOOP_IN, on_readable, d, &watch), 0);
	loop_timer_set(d->loop, &slow, 300, write_a, d);
	assert_int_equal(write(pair[1], "xy", 2), 2);
	loop_advance(d->loop, 1000, on_done, d);
	for (int i = 0; !strchr(text_str(&d->text), '!'); i++) {
		assert_true(i < MAX_ROUNDS);
		loop_step(d->loop, 10);
	}
	assert_string_equal(text_str(&d->text), "xya!");
	loop_fd_free(watch);
	close(pair[0]);
	close(pair[1]);
}

/* ---- standing still ---- */

static void on_real(void *magic)
{
	text_add(&((struct diary *)magic)->text, "r");
}

static void a_frozen_clock_stands_still(void **state)
{
	struct diary *d = *state;
	struct loop_timer lab = { 0 }, real = { 0 };
	int64_t frozen_us;

	loop_timer_set(d->loop, &lab, 5, write_a, d);
	loop_freeze(d->loop);
	frozen_us = loop_now_us(d->loop);
	assert_true(loop_is_frozen(d->loop));
	loop_timer_set_real(d->loop, &real, 20, on_real, d);
	while (loop_timer_is_set(&real))
		loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "r");
	assert_true(loop_now_us(d->loop) == frozen_us);
	assert_in_range(-loop_offset_ms(d->loop), 20, MAX_ROUNDS);
	assert_int_equal(loop_advanced_ms(d->loop), 0);
	loop_freeze(d->loop);
	loop_resume(d->loop);
	assert_false(loop_is_frozen(d->loop));
	while (loop_timer_is_set(&lab))
		loop_step(d->loop, 1000);
	assert_string_equal(text_str(&d->text), "ra");
	assert_in_range(loop_now_us(d->loop) - frozen_us, 1, 10000000);
	loop_resume(d->loop);
}

static void a_frozen_clock_moves_by_what_it_is_given(void **state)
{
	struct diary *d = *state;
	struct loop_timer due = { 0 }, later = { 0 };
	int64_t frozen_us;

	loop_freeze(d->loop);
	frozen_us = loop_now_us(d->loop);
	loop_timer_set(d->loop, &due, 60000, write_a, d);
	loop_timer_set(d->loop, &later, 60001, write_a, d);
	loop_advance(d->loop, 60000, on_done, d);
	run_until_done(d);
	assert_string_equal(text_str(&d->text), "a!");
	assert_true(loop_now_us(d->loop) == frozen_us + INT64_C(60000000));
	assert_int_equal(loop_timer_left_ms(&later), 1);
	loop_timer_stop(&later);
}

int main(void)
{
#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		LOOP_TEST(an_advance_shows_the_times_in_between),
		LOOP_TEST(a_long_advance_takes_few_steps),
		LOOP_TEST(an_advance_under_loop_run),
		LOOP_TEST(an_advance_can_follow_another),
		LOOP_TEST(an_advance_lets_messages_through),
		LOOP_TEST(a_frozen_clock_stands_still),
		LOOP_TEST(a_frozen_clock_moves_by_what_it_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
