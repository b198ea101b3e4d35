/*
 * Quality
 */
#include "proto/text/mem.h"
#include "proto/text/quality.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void weighs_tokens(void **state)
{
	static const struct {
		const char *list;
		int weight;
	} rows[] = {
		{ "", -1 },
		{ ",, ,", -1 },
		{ "gzip", 1000 },
		{ "deflate, gzip", 1000 },
		{ "GZIP , br", 1000 },
		{ "gzip;q=0.5", 500 },
		{ "gzip ; Q = 0.125", 125 },
		{ "gzip;q=1.000", 1000 },
		{ "gzip;q=1.", 1000 },
		{ "gzip;q=0", 0 },
		{ "gzip;q=0.000, *", 0 },
		{ "gzip;x=y;q=0.3;z, br", 300 },
		{ "gzip;x=y", 1000 },
		{ "*", 1000 },
		{ "*;q=0", 0 },
		{ "*;q=0.2, br", 200 },
		{ "*;q=0, gzip;q=0.7", 700 },
		{ "identity", -1 },
		{ "gzip2, gzi, x-gzip", -1 },
		{ "br;q=1.0, deflate;q=0.5", -1 },
		/* Malformed. */
		{ "gzip;q=", 0 },
		{ "gzip;q=2", 0 },
		{ "gzip;q=1.5", 0 },
		{ "gzip;q=0.1234", 0 },
		{ "gzip;q=high", 0 },
		{ "gzip;q=-1", 0 },
		{ "gzip;", 1000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int got = quality_of(rows[i].list, "gzip");

		if (got != rows[i].weight)
			fail_msg("\"%s\": got %d", rows[i].list, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(weighs_tokens) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
