/*
 * Own addresses
 */
#include "mcxd/own_address.h"

#include "mcxd/net/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool reaches(const char *to, const char *listener)
{
	struct address a;

	assert_true(address_read(to, &a));
	return own_address_reaches(&a, listener);
}

static void test_listeners(void **state)
{
	(void)state;
	assert_true(reaches("127.0.0.1:8090", "127.0.0.1:8090"));
	assert_true(reaches("127.0.0.1:8090", "http://127.0.0.1:8090"));
	assert_true(reaches("127.0.0.1:8090", "https://127.0.0.1:8090/console/"));
	assert_true(reaches("[::1]:8090", "http://[::1]:8090"));
	assert_false(reaches("127.0.0.1:8091", "127.0.0.1:8090"));
	assert_false(reaches("127.0.0.2:8090", "127.0.0.1:8090"));
	assert_false(reaches("[::1]:8090", "127.0.0.1:8090"));
	assert_false(reaches("192.0.2.1:8090", "127.0.0.1:8090"));
	assert_false(reaches("127.0.0.1:8090", ""));
	assert_false(reaches("127.0.0.1:8090", "/run/lab.sock"));
}

/* Other ways to the same socket. */
static void test_spellings(void **state)
{
	(void)state;
	assert_true(reaches("0.0.0.0:8090", "127.0.0.1:8090"));
	assert_true(reaches("[::]:8090", "[::1]:8090"));
	assert_true(reaches("[::ffff:127.0.0.1]:8090", "127.0.0.1:8090"));
	assert_true(reaches("127.0.0.1:8090", "0.0.0.0:8090"));
	assert_true(reaches("127.9.9.9:8090", "0.0.0.0:8090"));
	assert_true(reaches("[::ffff:127.0.0.1]:8090", "[::]:8090"));
	assert_true(reaches("0.0.0.0:8090", "0.0.0.0:8090"));
	assert_false(reaches("0.0.0.0:8090", "192.0.2.1:8090"));
	/* the documentation's network is nobody's */
	assert_false(reaches("192.0.2.1:8090", "0.0.0.0:8090"));
	assert_false(reaches("[2001:db8::1]:8090", "[::]:8090"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_spellings),
	};

	return cmocka_run_group_tests_name("own_address", tests, NULL, NULL);
}
