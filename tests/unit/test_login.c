/*
 * Login names
 */
#include "proto/text/mem.h"
#include "proto/ucwa/login.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_address(void **state)
{
	static const char *const none[] = { "bob", "LAB\\bob", "LAB\\bob@lab.test",
					    "",    "sip:",     "sip:bob" };

	(void)state;
	assert_string_equal(login_address("bob@lab.test"), "bob@lab.test");
	assert_string_equal(login_address("SIP:Bob@Lab.Test"), "Bob@Lab.Test");
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_null(login_address(none[i]));
}

static void test_may_mean(void **state)
{
	static const char *const good[] = { "bob", "BOB", "LAB\\bob", "lab\\Bob", "lab.test\\bob" };
	static const char *const bad[] = {
		"",
		"bo",
		"bobb",
		"LAB\\",
		"\\bob",
		"LA\\bob",
		"LABS\\bob",
		"lab.\\bob",
		"test\\bob",
		"LAB\\bo",
		"LAB\\\\bob",
		"LAB\\bob\\x",
		"LAB\\bob@lab.test",
		"bob@lab.test",
		"LAB/bob",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(login_may_mean(good[i], "bob@lab.test"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(login_may_mean(bad[i], "bob@lab.test"));
	assert_false(login_may_mean("bob", "bob"));
	assert_true(login_may_mean("LAB\\bob", "bob@lab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_may_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
