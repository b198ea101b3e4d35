/*
 * Accept (RFC 9110, 12.5.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/text/accept.h"

static void test_quality(void **state)
{
	static const struct {
		const char *header;
		int quality;
	} rows[] = {
		{ NULL, 1000 },
		{ "", 0 },
		{ "application/json", 1000 },
		{ "Application/JSON;q=0.5", 500 },
		{ "application/json ; charset=utf-8 ; Q=0.25", 250 },
		{ "application/*;q=0.3, */*;q=0.1", 300 },
		{ "*/*;q=0.1, application/json", 1000 },
		{ "text/html, application/xml;q=0.9, */*;q=0.8", 800 },
		{ "application/json;q=0, */*", 0 },
		{ "application/json;q=7", 0 },
		{ "application/json;q=1.5", 0 },
		{ "application/json;q", 1000 },
		{ "text/*", 0 },
		{ "application/jso", 0 },
		{ "application/", 0 },
		{ ",,", 0 },
		{ "*", 1000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (accept_quality(rows[i].header, "application/json") != rows[i].quality)
			fail_msg("%s: %d", rows[i].header,
				 accept_quality(rows[i].header, "application/json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_quality) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
