/*
 * Prefixes
 */
#include "mcxd/net/address.h"
#include "mcxd/net/prefixes.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool contains(const char *list, const char *host)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct prefixes *p = prefixes_read(list, &why);
	struct address a;
	bool r;

	if (!p)
		fail_msg("%s", text_str(&why));
	assert_true(address_read_host(host, &a));
	r = prefixes_contain(p, &a);
	prefixes_free(p);
	return r;
}

static void knows_addresses_and_networks(void **state)
{
	static const struct {
		const char *list, *host;
		bool expected;
	} rows[] = {
		{ "", "127.0.0.1", false },
		{ "127.0.0.1", "127.0.0.1", true },
		{ "127.0.0.1", "127.0.0.2", false },
		{ "127.0.0.0/8", "127.255.0.2", true },
		{ "127.0.0.0/8", "128.0.0.1", false },
		{ "10.1.2.0/23, 192.0.2.128/25", "10.1.3.255", true },
		{ "10.1.2.0/23, 192.0.2.128/25", "10.1.4.0", false },
		{ "10.1.2.0/23, 192.0.2.128/25", "192.0.2.127", false },
		{ "10.1.2.0/23, 192.0.2.128/25", "192.0.2.129", true },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "2001:db8::/33", "2001:db8:7fff::1", true },
		{ "2001:db8::/33", "2001:db8:8000::1", false },
		{ "::1", "[::1]", true },
		{ "[::1]", "::1", true },
		{ "127.0.0.0/8", "::ffff:127.0.0.1", true },
		{ "::ffff:127.0.0.1", "127.0.0.1", true },
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (contains(rows[i].list, rows[i].host) != rows[i].expected)
			fail_msg("\"%s\", %s", rows[i].list, rows[i].host);
	assert_true(address_read_host("127.0.0.1", &a));
	assert_false(prefixes_contain(NULL, &a));
}

static void refuses_the_malformed(void **state)
{
	static const char *const bad[] = {
		"lab.test", "127.0.0.1/33", "127.0.0.1/",  "127.0.0.1/8",
		"::1/129",  "10.0.0.0/x",   "10.0.0.0/-1", "10.0.0.0/ 8",
		"::1/64",   "127.0.0.1:80", "127.0.0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;

		if (prefixes_read(bad[i], &why) || !why.n)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_addresses_and_networks),
		cmocka_unit_test(refuses_the_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
