/*
 * Guesses
 */
#include "mcxd/base/guess.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HERE  "127.0.0.1"
#define THERE "127.0.0.2"

struct setup {
	struct loop *loop;
	struct metrics *metrics;
	struct guesses *guesses;
};

static int setup(void **state)
{
	struct setup *s = MEM_NEW(struct setup);

	assert_int_equal(loop_new(&s->loop), 0);
	s->metrics = metrics_new();
	s->guesses = guesses_new(s->loop,
				 &(struct guess_config){ .delay_ms = 1000,
							 .max_delay_ms = 30000,
							 .forget_ms = 600000,
							 .max_waiting = 3,
							 .max_names = 4,
							 .max_pairs = 8 },
				 s->metrics);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct setup *s = *state;

	guesses_free(s->guesses);
	metrics_free(s->metrics);
	loop_free(s->loop);
	free(s);
	return 0;
}

/* A client who tries a password. */
struct
try {
	struct guess_wait wait;
	struct setup *s;
	const char *name, *host;
	bool right, checked, told;
	int64_t ms;
};

static void on_told(void *magic)
{
	struct try *t = magic;

	t->told = true;
}

static void check(struct try *t)
{
	t->checked = true;
	t->wait.on_turn = on_told;
	if (t->right) {
		guess_right(t->s->guesses, t->name, t->host);
		t->told = true;
	} else if (guess_wrong(t->s->guesses, t->name, t->host, &t->wait) == GUESS_NOW) {
		t->told = true;
	}
}

static void on_turn(void *magic)
{
	check(magic);
}

static enum guess_turn try(struct setup *s, struct try *t, const char *name, const char *host)
{
	enum guess_turn turn;

	t->s = s;
	t->name = name;
	t->host = host;
	t->wait.on_turn = on_turn;
	t->wait.magic = t;
	turn = guess_ask(s->guesses, name, host, &t->wait, &t->ms);
	if (turn == GUESS_NOW)
		check(t);
	return turn;
}

static void run(struct setup *s, int64_t ms)
{
	loop_jump(s->loop, ms);
	loop_step(s->loop, 0);
	loop_step(s->loop, 0);
}

/* A wrong password is told after exactly this delay. */
static void expect_delay(struct setup *s, const char *name, const char *host, int64_t ms)
{
	struct try t = { 0 };

	assert_int_equal(try(s, &t, name, host), GUESS_NOW);
	assert_true(t.checked);
	/* The loop's clock goes on meanwhile. */
	run(s, ms - 500);
	assert_false(t.told);
	run(s, 500);
	assert_true(t.told);
}

static int64_t metric(const struct setup *s, const char *name)
{
	return metrics_find(s->metrics, name)->value;
}

static void test_doubles(void **state)
{
	static const int64_t ms[] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000 };
	struct setup *s = *state;
	struct try bob = { .right = true };

	for (size_t i = 0; i < ARRAY_SIZE(ms); i++)
		expect_delay(s, "bob@lab.test", HERE, ms[i]);
	assert_int_equal(metric(s, "guess_wrong_total"), 7);
	/* Nobody waits elsewhere, nor for somebody else; and a right password ends it. */
	expect_delay(s, "bob@lab.test", THERE, 1000);
	expect_delay(s, "alice@lab.test", HERE, 1000);
	assert_int_equal(try(s, &bob, "bob@lab.test", HERE), GUESS_NOW);
	expect_delay(s, "Bob@lab.test", HERE, 1000);
}

static void test_is_forgotten(void **state)
{
	struct setup *s = *state;

	expect_delay(s, "bob@lab.test", HERE, 1000);
	expect_delay(s, "bob@lab.test", HERE, 2000);
	run(s, 597000);
	expect_delay(s, "bob@lab.test", HERE, 4000);
	run(s, 597000);
	assert_int_equal(metric(s, "guess_pairs"), 1);
	expect_delay(s, "bob@lab.test", HERE, 1000);
}

static void test_one_at_a_time(void **state)
{
	struct setup *s = *state;
	struct try t[5] = { 0 };

	t[2].right = true;
	assert_int_equal(try(s, &t[0], "bob", HERE), GUESS_NOW);
	assert_int_equal(try(s, &t[1], "bob", HERE), GUESS_LATER);
	assert_int_equal(try(s, &t[2], "bob", HERE), GUESS_LATER);
	assert_int_equal(try(s, &t[3], "bob", HERE), GUESS_TOO_MANY);
	assert_true(t[3].ms > 0 && t[3].ms <= 1000);
	assert_false(t[0].told || t[1].checked);
	run(s, 1000);
	assert_true(t[0].told && t[1].checked && !t[1].told && !t[2].checked);
	assert_int_equal(try(s, &t[3], "bob", HERE), GUESS_LATER);
	assert_int_equal(try(s, &t[4], "bob", HERE), GUESS_TOO_MANY);
	assert_true(t[4].ms > 1000 && t[4].ms <= 2000);
	run(s, 2000);
	/* The right one is followed by the next at once, which counts as the first wrong one. */
	assert_true(t[1].told && t[2].told && t[3].checked && !t[3].told);
	run(s, 1000);
	assert_true(t[3].told);
	assert_int_equal(metric(s, "guess_refused_total"), 2);
	expect_delay(s, "bob", HERE, 2000);
}

/* Who hangs up is not checked, and shortens nobody's delay. */
static void test_hang_up(void **state)
{
	struct setup *s = *state;
	struct try t[3] = { 0 };

	try(s, &t[0], "bob", HERE);
	guess_cancel(&t[0].wait);
	guess_cancel(&t[0].wait);
	assert_int_equal(try(s, &t[1], "bob", HERE), GUESS_LATER);
	assert_int_equal(try(s, &t[2], "bob", HERE), GUESS_LATER);
	guess_cancel(&t[1].wait);
	run(s, 500);
	assert_false(t[2].checked);
	run(s, 500);
	assert_true(t[2].checked && !t[2].told && !t[1].checked && !t[0].told);
	run(s, 2000);
	assert_true(t[2].told);
}

/* Made-up names do not make an attacker's own guesses forgotten: beyond a number they are one. */
static void test_made_up_names(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	struct setup *s = *state;
	struct try t = { 0 }, own = { 0 };

	expect_delay(s, "bob", HERE, 1000);
	for (size_t i = 0; i < 3; i++)
		expect_delay(s, names[i], HERE, 1000);
	expect_delay(s, "d", HERE, 1000);
	expect_delay(s, "e", HERE, 2000);
	expect_delay(s, "f", HERE, 4000);
	expect_delay(s, "bob", HERE, 2000);
	assert_int_equal(metric(s, "guess_pairs"), 5);
	/* Nor does an account of the attacker's own. */
	own.right = true;
	assert_int_equal(try(s, &own, "own", HERE), GUESS_NOW);
	expect_delay(s, "g", HERE, 8000);
	own = (struct try){ .right = true };
	assert_int_equal(try(s, &own, "a", HERE), GUESS_NOW);
	assert_int_equal(metric(s, "guess_pairs"), 4);
	assert_int_equal(try(s, &t, "f", THERE), GUESS_NOW);
	run(s, 1000);
}

/* At the limit of all pairs the oldest is forgotten, unless somebody waits in it. */
static void test_max_pairs(void **state)
{
	struct setup *s = *state;
	struct try waiting = { 0 };

	expect_delay(s, "old", HERE, 1000);
	for (int i = 0; i < 6; i++) {
		CLEANUP(mem_free_string) char *host = text_format("127.0.1.%d", i);

		expect_delay(s, "bob", host, 1000);
	}
	assert_int_equal(try(s, &waiting, "bob", HERE), GUESS_NOW);
	assert_int_equal(metric(s, "guess_pairs"), 8);
	expect_delay(s, "bob", THERE, 1000);
	assert_int_equal(metric(s, "guess_pairs"), 8);
	assert_true(waiting.told);
	expect_delay(s, "bob", HERE, 2000);
	expect_delay(s, "old", HERE, 1000);
	assert_int_equal(metric(s, "guess_pairs"), 8);
}

static void test_addresses(void **state)
{
	struct setup *s = *state;

	expect_delay(s, "bob", "2001:db8:1:2::1", 1000);
	expect_delay(s, "bob", "2001:db8:1:2:3::9", 2000); /* the same network */
	expect_delay(s, "bob", "2001:db8:1:3::1", 1000);
	expect_delay(s, "bob", "::ffff:192.0.2.1", 1000);
	expect_delay(s, "bob", "::ffff:192.0.2.2", 1000);
	expect_delay(s, "bob", "::ffff:192.0.2.2", 2000);
	expect_delay(s, "bob", "unix", 1000);
}

static void test_off(void **state)
{
	struct setup *s = *state;
	struct guesses *off = guesses_new(s->loop, &(struct guess_config){ .max_pairs = 1 }, NULL);
	struct guess_wait wait = { 0 };
	int64_t ms;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(guess_ask(off, "bob", HERE, &wait, &ms), GUESS_NOW);
		assert_int_equal(guess_wrong(off, "bob", HERE, &wait), GUESS_NOW);
	}
	guesses_free(off);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A name may be found to be another one between asking and checking: then its password is right while others wait in the pair
 * of that one. */
static void test_right_while_others_wait(void **state)
{
	struct setup *s = *state;
	struct try wrong = { 0 }, later = { .right = true };

	assert_int_equal(try(s, &wrong, "bob", HERE), GUESS_NOW);
	assert_int_equal(try(s, &later, "bob", HERE), GUESS_LATER);
	guess_right(s->guesses, "bob", HERE);
	assert_false(wrong.told || later.checked);
	run(s, 1000);
	assert_true(wrong.told && later.told);
	assert_int_equal(metric(s, "guess_pairs"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_doubles),
		TEST(test_is_forgotten),
		TEST(test_one_at_a_time),
		TEST(test_hang_up),
		TEST(test_right_while_others_wait),
		TEST(test_made_up_names),
		TEST(test_max_pairs),
		TEST(test_addresses),
		TEST(test_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
