/*
 * URLs
 */
#include "proto/text/url.h"

#include "proto/text/mem.h"

/* cmocka needs these four. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check_origin(const char *url, const char *want)
{
	CLEANUP(mem_free_string) char *origin = url_origin(url);

	if (!want)
		assert_null(origin);
	else
		assert_string_equal(origin, want);
}

static void test_origin(void **state)
{
	(void)state;
	check_origin("https://127.0.0.1:8443/a/b?c", "https://127.0.0.1:8443");
	check_origin("http://lab.test?x", "http://lab.test");
	check_origin("http://lab.test", "http://lab.test");
	check_origin("/a", NULL);
	check_origin("127.0.0.1:80", NULL);
	check_origin("://x", NULL);
	check_origin("", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
