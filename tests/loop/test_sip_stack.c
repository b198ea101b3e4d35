/*
 * The SIP stack as a guest of the loop: sofia's clock and its timers
 */
#include "mcxd/base/loop.h"
#include "mcxd/sip/stack.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sofia-sip/su_time.h>
#include <time.h>

#define NTP_EPOCH_S 2208988800

struct fixture {
	struct loop *loop;
	struct stack *stack;
	struct text text;
};

static int set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	assert_int_equal(stack_new(f->loop, NULL, &f->stack), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	stack_free(f->stack);
	loop_free(f->loop);
	text_deinit(&f->text);
	free(f);
	return 0;
}

static void there_is_one_stack(void **state)
{
	struct fixture *f = *state;
	struct stack *second = NULL;

	assert_int_equal(stack_new(f->loop, NULL, &second), -EBUSY);
	assert_null(second);
	assert_null(stack_free(NULL));
}

static void sofia_has_the_loops_clock(void **state)
{
	struct fixture *f = *state;
	su_time_t before = su_now();
	double moved;

	assert_in_range(before.tv_sec, time(NULL) + NTP_EPOCH_S - 2, time(NULL) + NTP_EPOCH_S + 2);
	assert_int_equal(before.tv_usec % 1000, 0);
	loop_jump(f->loop, 3600000);
	moved = su_time_diff(su_now(), before);
	assert_true(moved >= 3600 && moved < 3610);
}

static void on_letter(void *magic)
{
	struct fixture *f = magic;

	text_add(&f->text, "a");
}

static void on_su_timer(su_root_magic_t *root, su_timer_t *t, su_timer_arg_t *arg)
{
	struct fixture *f = (struct fixture *)arg;

	(void)root;
	(void)t;
	text_add(&f->text, "-");
}

/* Also when an advance makes several of them due at once; and sofia sees the time of its timer, not a later one. */
static void timers_keep_their_order(void **state)
{
	struct fixture *f = *state;
	su_task_r task;
	su_timer_t *su[2];
	struct loop_timer timer = { 0 };

	memcpy(&task, su_root_task(stack_root(f->stack)), sizeof(task));
	su[0] = su_timer_create(task, 100000);
	su[1] = su_timer_create(task, 300000);
	for (size_t i = 0; i < ARRAY_SIZE(su); i++)
		su_timer_set(su[i], on_su_timer, (su_timer_arg_t *)f);
	loop_timer_set(f->loop, &timer, 200000, on_letter, f);
	loop_jump(f->loop, 500000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "-a-");
	for (size_t i = 0; i < ARRAY_SIZE(su); i++)
		su_timer_destroy(su[i]);
}

/* Nothing but a timer of ours is due, and the loop does not spin until then. */
static void expect_sleep(struct fixture *f)
{
	struct loop_timer ours = { 0 };
	int rounds = 0;

	assert_int_equal(f->text.n, 0);
	loop_timer_set(f->loop, &ours, 30, on_letter, f);
	while (f->text.n == 0 && rounds++ < 100)
		loop_step(f->loop, 10000);
	assert_in_range(rounds, 1, 3);
	assert_string_equal(text_str(&f->text), "a");
	text_reset(&f->text);
}

/* A timer that is set while the loop would sleep for ever is not missed, and the loop does not spin until it is due. */
static void a_timer_wakes_the_loop(void **state)
{
	struct fixture *f = *state;
	su_timer_t *su = su_timer_create(su_root_task(stack_root(f->stack)), 30);
	int rounds = 0;

	su_timer_set(su, on_su_timer, (su_timer_arg_t *)f);
	while (f->text.n == 0 && rounds++ < 100)
		loop_step(f->loop, 10000);
	assert_string_equal(text_str(&f->text), "-");
	assert_in_range(rounds, 1, 3);
	su_timer_destroy(su);
}

/* sofia has a queue of timers, and nothing is in it any more. */
static void nothing_is_due_when_the_last_timer_has_run(void **state)
{
	struct fixture *f = *state;

	a_timer_wakes_the_loop(state);
	text_reset(&f->text);
	expect_sleep(f);
}

/* sofia's durations end at 24.8 days: neither a lab that is older than that spins, nor is a timer in the distant future due early. */
static void time_is_longer_than_sofias_durations(void **state)
{
	static const int64_t day_ms = 86400000;
	struct fixture *f = *state;
	su_timer_t *su = su_timer_create(su_root_task(stack_root(f->stack)), 20 * day_ms);

	su_timer_set(su, on_su_timer, (su_timer_arg_t *)f);
	for (int i = 0; i < 2; i++) {
		loop_jump(f->loop, 9 * day_ms);
		loop_step(f->loop, 0);
	}
	expect_sleep(f);
	loop_jump(f->loop, 2 * day_ms);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "-");
	su_timer_destroy(su);
	loop_jump(f->loop, 10 * day_ms);
	text_reset(&f->text);
	a_timer_wakes_the_loop(state);
}

struct letter {
	struct fixture *to;
};

static void on_message(su_root_magic_t *magic, su_msg_r message, su_msg_arg_t *arg)
{
	struct fixture *f = ((struct letter *)arg)->to;

	(void)message;
	assert_ptr_equal(magic, f->stack);
	text_add(&f->text, "m");
}

/* What sofia puts off by a message to itself is done in the next round, though no timer is due; and then the loop sleeps. */
static void a_message_wakes_the_loop(void **state)
{
	struct fixture *f = *state;
	su_task_r task;

	memcpy(&task, su_root_task(stack_root(f->stack)), sizeof(task));
	for (int i = 0; i < 2; i++) {
		su_msg_r message = SU_MSG_R_INIT;

		assert_int_equal(
			su_msg_create(message, task, task, on_message, sizeof(struct letter)), 0);
		((struct letter *)su_msg_data(message))->to = f;
		assert_int_equal(su_msg_send(message), 0);
	}
	loop_step(f->loop, 10000);
	assert_string_equal(text_str(&f->text), "mm");
	text_reset(&f->text);
	expect_sleep(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(there_is_one_stack),
		TEST(sofia_has_the_loops_clock),
		TEST(timers_keep_their_order),
		TEST(a_timer_wakes_the_loop),
		TEST(time_is_longer_than_sofias_durations),
		TEST(nothing_is_due_when_the_last_timer_has_run),
		TEST(a_message_wakes_the_loop),
	};

	return cmocka_run_group_tests_name("sip_stack", tests, NULL, NULL);
}
