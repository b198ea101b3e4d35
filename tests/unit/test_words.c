/*
 * Words of a list
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void splits(void **state)
{
	static const struct {
		const char *list, *words[4];
	} rows[] = {
		{ "", { NULL } },
		{ " ,, ", { NULL } },
		{ "a", { "a" } },
		{ "a b", { "a", "b" } },
		{ "a,b", { "a", "b" } },
		{ ", a ,,  b=c,", { "a", "b=c" } },
		{ "::1 [::1] x.y", { "::1", "[::1]", "x.y" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(words_free) char **words = words_split(rows[i].list);
		size_t n = 0;

		for (; rows[i].words[n]; n++)
			assert_string_equal(words[n], rows[i].words[n]);
		assert_null(words[n]);
		assert_int_equal(words_count(words), n);
	}
}

static void of_any_number(void **state)
{
	enum { N = 10000 };
	CLEANUP(text_deinit) struct text list = TEXT_INIT;

	(void)state;
	for (int i = 0; i < N; i++)
		text_add(&list, "x ");
	CLEANUP(words_free) char **words = words_split(text_str(&list));
	assert_int_equal(words_count(words), N);
	assert_string_equal(words[N - 1], "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits),
		cmocka_unit_test(of_any_number),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
