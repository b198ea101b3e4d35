/*
 * Loop: timers
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

#include <unistd.h>

#define N_MANY 100000

struct fixture {
	struct loop *loop;
	struct text text;
	int n;
};

/* A timer that knows its letter. */
struct letter {
	struct fixture *f;
	struct loop_timer timer;
	char letter;
	struct letter *other;
};

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(loop_new(&f->loop), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	text_deinit(&f->text);
	free(f);
	return 0;
}

static void on_letter(void *magic)
{
	struct letter *l = magic;

	assert_false(loop_timer_is_set(&l->timer));
	text_add_bytes(&l->f->text, &l->letter, 1);
}

static void set(struct letter *l, int64_t ms)
{
	loop_timer_set(l->f->loop, &l->timer, ms, on_letter, l);
}

static void timers_expire_in_order(void **state)
{
	struct fixture *f = *state;
	struct letter letters[6];
	const int64_t delays[6] = { 300, 100, 200, 100, 100000, 0 };

	for (int i = 0; i < 6; i++) {
		letters[i] = (struct letter){ .f = f, .letter = (char)('a' + i) };
		set(&letters[i], delays[i]);
	}
	loop_jump(f->loop, 1000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "fbdca");
	assert_true(loop_timer_is_set(&letters[4].timer));
	loop_timer_stop(&letters[4].timer);
}

static void a_timer_is_not_early(void **state)
{
	struct fixture *f = *state;
	struct letter a = { .f = f, .letter = 'a' };

	set(&a, 60000);
	assert_in_range(loop_timer_left_ms(&a.timer), 59000, 60000);
	loop_jump(f->loop, 30000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "");
	assert_in_range(loop_timer_left_ms(&a.timer), 29000, 30000);
	loop_jump(f->loop, 30000);
	assert_int_equal(loop_timer_left_ms(&a.timer), 0);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "a");
	assert_int_equal(loop_timer_left_ms(&a.timer), -1);
	loop_jump(f->loop, 1000000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "a");
}

struct prompt {
	struct fixture *f;
	struct loop_timer timer;
	int64_t due_us;
	int n;
};

static void on_prompt(void *magic)
{
	struct prompt *p = magic;

	assert_true(loop_now_us(p->f->loop) >= p->due_us);
	p->n++;
}

/* Nor by a part of a millisecond, whatever part of one has gone when it is set. */
static void a_timer_is_not_early_by_microseconds(void **state)
{
	struct fixture *f = *state;
	struct prompt p = { .f = f };

	for (int i = 1; i <= 20; i++) {
		p.due_us = loop_now_us(f->loop) + 2000;
		loop_timer_set(f->loop, &p.timer, 2, on_prompt, &p);
		while (p.n < i)
			loop_step(f->loop, 1000);
		usleep(137);
	}
}

static void a_timer_can_be_set_again(void **state)
{
	struct fixture *f = *state;
	struct letter a = { .f = f, .letter = 'a' };
	struct letter b = { .f = f, .letter = 'b' };

	set(&a, 1000);
	set(&b, 2000);
	set(&a, 5000);
	loop_jump(f->loop, 3000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "b");
	set(&a, 0);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "ba");
}

static void a_stopped_timer_is_silent(void **state)
{
	struct fixture *f = *state;
	struct letter a = { .f = f, .letter = 'a' };

	loop_timer_stop(&a.timer);
	assert_false(loop_timer_is_set(&a.timer));
	assert_int_equal(loop_timer_left_ms(&a.timer), -1);
	set(&a, 10);
	assert_true(loop_timer_is_set(&a.timer));
	loop_timer_stop(&a.timer);
	loop_timer_stop(&a.timer);
	loop_jump(f->loop, 1000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "");
}

static void stop_other(void *magic)
{
	struct letter *l = magic;

	on_letter(l);
	loop_timer_stop(&l->other->timer);
}

/* Both are due, and the first takes the second back. */
static void a_timer_can_stop_another_that_is_due(void **state)
{
	struct fixture *f = *state;
	struct letter b = { .f = f, .letter = 'b' };
	struct letter a = { .f = f, .letter = 'a', .other = &b };

	loop_timer_set(f->loop, &a.timer, 10, stop_other, &a);
	set(&b, 10);
	loop_jump(f->loop, 100);
	loop_step(f->loop, 0);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "a");
}

static void free_self(void *magic)
{
	struct letter *l = magic;

	on_letter(l);
	free(l);
}

static void a_timer_can_free_its_owner(void **state)
{
	struct fixture *f = *state;
	struct letter *a = MEM_NEW(struct letter);

	*a = (struct letter){ .f = f, .letter = 'a' };
	loop_timer_set(f->loop, &a->timer, 10, free_self, a);
	loop_jump(f->loop, 100);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "a");
}

static void set_three_times(void *magic)
{
	struct letter *l = magic;

	on_letter(l);
	if (++l->f->n < 3)
		loop_timer_set(l->f->loop, &l->timer, 100, set_three_times, l);
}

/* A jump is one moment: who sets himself again waits from there. */
static void a_jump_is_one_moment(void **state)
{
	struct fixture *f = *state;
	struct letter a = { .f = f, .letter = 'a' };

	loop_timer_set(f->loop, &a.timer, 100, set_three_times, &a);
	loop_jump(f->loop, 1000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "a");
	loop_jump(f->loop, 100);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "aa");
	loop_timer_stop(&a.timer);
}

static void jump_far(void *magic)
{
	struct letter *l = magic;

	on_letter(l);
	loop_jump(l->f->loop, 3600000);
}

/* The wait that follows the jump was about to be an hour long. */
static void a_jump_from_a_timer_wakes_the_loop(void **state)
{
	struct fixture *f = *state;
	struct letter a = { .f = f, .letter = 'a' };
	struct letter b = { .f = f, .letter = 'b' };
	int64_t before = loop_real_ms(f->loop);

	loop_timer_set(f->loop, &a.timer, 2, jump_far, &a);
	set(&b, 3600000);
	for (int i = 0; i < 8 && strcmp(text_str(&f->text), "ab") != 0; i++)
		loop_step(f->loop, 20000);
	assert_string_equal(text_str(&f->text), "ab");
	assert_in_range(loop_real_ms(f->loop) - before, 0, 10000);
}

static void a_real_timer_takes_real_time(void **state)
{
	struct fixture *f = *state;
	struct letter a = { .f = f, .letter = 'a' };
	struct letter b = { .f = f, .letter = 'b' };
	int64_t before = loop_real_ms(f->loop);

	loop_timer_set_real(f->loop, &a.timer, 30, on_letter, &a);
	loop_timer_set_real(f->loop, &b.timer, 600000, on_letter, &b);
	loop_jump(f->loop, 3600000);
	loop_step(f->loop, 0);
	assert_in_range(loop_timer_left_ms(&b.timer), 590000, 600000);
	while (f->text.n == 0)
		loop_step(f->loop, 10000);
	assert_true(loop_real_ms(f->loop) - before >= 30);
	assert_string_equal(text_str(&f->text), "a");
	loop_timer_stop(&b.timer);
}

static void set_flag(void *magic)
{
	*(bool *)magic = true;
}

static void an_advance_leaves_real_timers_alone(void **state)
{
	struct fixture *f = *state;
	struct letter a = { .f = f, .letter = 'a' };
	struct letter b = { .f = f, .letter = 'b' };
	bool done = false;

	loop_timer_set_real(f->loop, &a.timer, 100000, on_letter, &a);
	set(&b, 100000);
	loop_advance(f->loop, 200000, set_flag, &done);
	while (!done)
		loop_step(f->loop, 1000);
	assert_string_equal(text_str(&f->text), "b");
	assert_true(loop_timer_is_set(&a.timer));
	assert_in_range(loop_timer_left_ms(&a.timer), 80000, 100000);
	loop_timer_stop(&a.timer);
}

/* A guest with timers of its own, which write "-" when they are run. */
struct guest {
	struct loop_guest guest;
	struct fixture *f;
	int64_t due_ms[3];
	int64_t until_ms; /* of the last run */
};

static int64_t guest_due_ms(void *magic)
{
	struct guest *g = magic;
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(g->due_ms); i++)
		if (g->due_ms[i] && g->due_ms[i] < next)
			next = g->due_ms[i];
	return next;
}

static void guest_run(void *magic, int64_t until_ms)
{
	struct guest *g = magic;

	g->until_ms = until_ms;
	for (size_t i = 0; i < ARRAY_SIZE(g->due_ms); i++) {
		if (!g->due_ms[i] || g->due_ms[i] > until_ms)
			continue;
		g->due_ms[i] = 0;
		text_add(&g->f->text, "-");
	}
}

/* One clock, one order: a guest's timers take their place among ours. */
static void timers_of_a_guest_keep_their_place(void **state)
{
	struct fixture *f = *state;
	struct letter letters[2] = { { .f = f, .letter = 'a' }, { .f = f, .letter = 'b' } };
	int64_t now_ms = loop_now_ms(f->loop);
	struct guest g = { .guest = { guest_due_ms, guest_run, &g },
			   .f = f,
			   .due_ms = { now_ms + 100000, now_ms + 300000, now_ms + 450000 } };

	loop_set_guest(f->loop, &g.guest);
	set(&letters[0], 200000);
	set(&letters[1], 400000);
	loop_jump(f->loop, 500000);
	loop_step(f->loop, 0);
	assert_string_equal(text_str(&f->text), "-a-b-");
	assert_in_range(g.until_ms, now_ms + 500000, now_ms + 510000);
	loop_set_guest(f->loop, NULL);
}

/* The loop wakes up for a guest's timer, not before it and not much after. */
static void a_guest_wakes_the_loop(void **state)
{
	struct fixture *f = *state;
	struct guest g = { .guest = { guest_due_ms, guest_run, &g }, .f = f };
	int rounds = 0;

	g.due_ms[0] = loop_now_ms(f->loop) + 30;
	loop_set_guest(f->loop, &g.guest);
	while (g.due_ms[0] && rounds++ < 100)
		loop_step(f->loop, 10000);
	assert_string_equal(text_str(&f->text), "-");
	assert_in_range(rounds, 1, 3);
	loop_set_guest(f->loop, NULL);
}

struct many {
	struct loop_timer timers[N_MANY];
	int64_t last_due_us;
	struct many_magic {
		struct many *many;
		int64_t due_us;
	} magics[N_MANY];
	int n;
};

static void on_many(void *magic)
{
	struct many_magic *m = magic;

	assert_true(m->due_us >= m->many->last_due_us);
	m->many->last_due_us = m->due_us;
	m->many->n++;
}

static void a_hundred_thousand_timers(void **state)
{
	struct fixture *f = *state;
	struct many *many = MEM_NEW(struct many);
	uint32_t x = 1;

	for (int i = 0; i < N_MANY; i++) {
		/* Numbers in no order, always the same (Numerical Recipes' generator). */
		x = x * 1664525 + 1013904223;
		many->magics[i] = (struct many_magic){ .many = many };
		loop_timer_set(f->loop, &many->timers[i], 1000 + (x >> 8) % 1000000, on_many,
			       &many->magics[i]);
		many->magics[i].due_us = many->timers[i].due_us;
	}
	for (int i = 0; i < N_MANY; i += 2)
		loop_timer_stop(&many->timers[i]);
	loop_step(f->loop, 0);
	assert_int_equal(many->n, 0);
	loop_jump(f->loop, 2000000);
	while (many->n < N_MANY / 2)
		loop_step(f->loop, 1000);
	for (int i = 0; i < N_MANY; i++)
		assert_false(loop_timer_is_set(&many->timers[i]));
	free(many);
}

static void a_timer_can_be_hastened(void **state)
{
	struct fixture *f = *state;
	struct letter now = { .f = f, .letter = 'n' }, real = { .f = f, .letter = 'r' },
		      never = { .f = f, .letter = 'x' };

	set(&now, 1000000);
	loop_timer_set_real(f->loop, &real.timer, 1000000, on_letter, &real);
	loop_timer_hasten(&now.timer);
	loop_timer_hasten(&real.timer);
	loop_timer_hasten(&never.timer);
	assert_false(loop_timer_is_set(&never.timer));
	assert_int_equal(loop_timer_left_ms(&real.timer), 0);
	loop_step(f->loop, 1000);
	assert_string_equal(text_str(&f->text), "rn");
}

int main(void)
{
#define LOOP_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		LOOP_TEST(timers_expire_in_order),
		LOOP_TEST(a_timer_is_not_early),
		LOOP_TEST(a_timer_is_not_early_by_microseconds),
		LOOP_TEST(a_timer_can_be_set_again),
		LOOP_TEST(a_timer_can_be_hastened),
		LOOP_TEST(a_stopped_timer_is_silent),
		LOOP_TEST(a_timer_can_stop_another_that_is_due),
		LOOP_TEST(a_timer_can_free_its_owner),
		LOOP_TEST(a_jump_is_one_moment),
		LOOP_TEST(a_jump_from_a_timer_wakes_the_loop),
		LOOP_TEST(a_real_timer_takes_real_time),
		LOOP_TEST(an_advance_leaves_real_timers_alone),
		LOOP_TEST(timers_of_a_guest_keep_their_place),
		LOOP_TEST(a_guest_wakes_the_loop),
		LOOP_TEST(a_hundred_thousand_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
