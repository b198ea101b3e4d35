/*
 * Memory for what goes in the order in which it came
 */
#include "mcxd/base/fifo.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { N = 3000, KEPT = 100 };

static size_t size_of(uint64_t number)
{
	return number % 500 == 0 ? 200000 : number * 37 % 1500;
}

/* Pieces of all sizes, also of more than a block, keep what is in them until they are given back. */
static void pieces_do_not_overlap(void **state)
{
	struct fifo f = { 0 };
	unsigned char *pieces[N];

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		pieces[i] = fifo_take(&f, i, size_of(i));
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		memset(pieces[i], (int)(i % 251), size_of(i));
		if (i < KEPT)
			continue;
		for (size_t at = 0; at < size_of(i - KEPT); at++)
			assert_int_equal(pieces[i - KEPT][at], (i - KEPT) % 251);
		fifo_give_back(&f, i - KEPT);
	}
	fifo_deinit(&f);
}

static void an_empty_one_can_be_used_again(void **state)
{
	struct fifo f = { 0 };

	(void)state;
	fifo_give_back(&f, 7);
	assert_non_null(fifo_take(&f, 8, 1));
	fifo_give_back(&f, 8);
	assert_non_null(fifo_take(&f, 9, 0));
	fifo_give_back(&f, 9);
	fifo_deinit(&f);
	fifo_deinit(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(an_empty_one_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
