/*
 * Network: half of an IPv6 address, and all of what else a client may be called
 */
#include "proto/text/mem.h"
#include "proto/text/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_of(void **state)
{
	static const char *const rows[][2] = {
		{ "127.0.0.1", "127.0.0.1" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::" },
		{ "2001:DB8:1:2::9", "2001:db8:1:2::" },
		{ "::ffff:10.1.2.3", "::ffff:10.1.2.3" },
		{ "unix", "unix" },
	};
	char text[NETWORK_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(network_of(rows[i][0], text), rows[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_of) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
