/*
 * Trickle
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/trickle.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct sink {
	struct text in;
	size_t room;
	bool done;
};

static size_t take(void *magic, const char *p, size_t n)
{
	struct sink *s = magic;

	if (n > s->room)
		n = s->room;
	s->room -= n;
	text_add_bytes(&s->in, p, n);
	return n;
}

static void on_done(void *magic)
{
	struct sink *s = magic;

	assert_false(s->done);
	s->done = true;
}

static const struct trickle_ops ops = { take, on_done };

struct stage {
	struct loop *loop;
	struct sink sink;
	struct trickle trickle;
};

static int setup(void **state)
{
	struct stage *s = MEM_NEW(struct stage);

	assert_int_equal(loop_new(&s->loop), 0);
	loop_freeze(s->loop);
	s->sink.room = 1000;
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;

	trickle_deinit(&s->trickle);
	text_deinit(&s->sink.in);
	loop_free(s->loop);
	free(s);
	return 0;
}

/* After that much more time so much has come. */
static void expect(struct stage *s, int64_t ms, const char *in)
{
	loop_jump(s->loop, ms);
	loop_step(s->loop, 0);
	assert_string_equal(text_str(&s->sink.in), in);
}

static void test_pieces(void **state)
{
	struct stage *s = *state;

	trickle_init(&s->trickle, s->loop, 9000, &ops, &s->sink);
	trickle_add(&s->trickle, "abcdefghijklmnopqrst", 20);
	assert_int_equal(trickle_n_left(&s->trickle), 20);
	expect(s, 0, "ab");
	expect(s, 999, "ab");
	expect(s, 1, "abcd");
	for (int i = 2; i < 9; i++) {
		CLEANUP(mem_free_string)
		char *in = mem_memdup("abcdefghijklmnopqrst", 2 * (size_t)i + 2);

		expect(s, 1000, in);
	}
	assert_false(s->sink.done);
	expect(s, 1000, "abcdefghijklmnopqrst");
	assert_true(s->sink.done);
}

/* A time that ten pieces do not divide, and fewer bytes than pieces. */
static void test_few(void **state)
{
	struct stage *s = *state;

	trickle_init(&s->trickle, s->loop, 4, &ops, &s->sink);
	trickle_add(&s->trickle, "abc", 3);
	expect(s, 0, "");
	for (int i = 0; i < 3; i++) {
		loop_jump(s->loop, 1);
		for (int j = 0; j < 10; j++)
			loop_step(s->loop, 0);
	}
	assert_false(s->sink.done);
	loop_jump(s->loop, 1);
	for (int j = 0; j < 10; j++)
		loop_step(s->loop, 0);
	assert_string_equal(text_str(&s->sink.in), "abc");
	assert_true(s->sink.done);
}

static void test_more(void **state)
{
	struct stage *s = *state;

	trickle_init(&s->trickle, s->loop, 9000, &ops, &s->sink);
	trickle_add(&s->trickle, "abcdefghij", 10);
	expect(s, 0, "a");
	trickle_add(&s->trickle, "klmnopqrst", 10);
	expect(s, 1000, "abcd");
	trickle_flush(&s->trickle);
	assert_string_equal(text_str(&s->sink.in), "abcdefghijklmnopqrst");
	assert_true(s->sink.done);
}

static void test_no_room(void **state)
{
	struct stage *s = *state;

	s->sink.room = 3;
	trickle_init(&s->trickle, s->loop, 9000, &ops, &s->sink);
	trickle_add(&s->trickle, "abcdefghijklmnopqrst", 20);
	expect(s, 0, "ab");
	expect(s, 1000, "abc");
	trickle_flush(&s->trickle);
	assert_false(s->sink.done);
	assert_int_equal(trickle_n_left(&s->trickle), 17);
	s->sink.room = 1000;
	trickle_offer(&s->trickle);
	assert_string_equal(text_str(&s->sink.in), "abcdefghijklmnopqrst");
	assert_true(s->sink.done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(test_few, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_room, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
