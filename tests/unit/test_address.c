/*
 * Address and hosts
 */
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void text_and_back(void **state)
{
	static const char *const good[] = { "127.0.0.1:5060", "0.0.0.0:0", "255.255.255.255:65535",
					    "[::1]:5061",     "[::]:0",    "[2001:db8::7]:1" };
	struct address a;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_true(address_read(good[i], &a));
		assert_string_equal(address_format(&a, text), good[i]);
	}
}

static void what_is_not_an_address(void **state)
{
	static const char *const bad[] = {
		"",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"127.0.0.1:+1",
		"127.0.0.1: 1",
		"127.0.0.1:1x",
		"256.0.0.1:1",
		"127.1:1",
		"127.0.0.1.1:1",
		"lab.test:5060",
		"localhost:5060",
		"::1:5060",
		"[::1]",
		"[::1:5060",
		"[]:1",
		"[127.0.0.1]:1",
		"[::g]:1",
		":5060",
		" 127.0.0.1:1",
		"127.0.0.1:00000123456",
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(address_read(bad[i], &a));
	assert_false(address_read(NULL, &a));
	assert_false(address_read_host(NULL, &a));
	assert_false(address_read_host("lab.test", &a));
}

static void hosts_without_ports(void **state)
{
	struct address a;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_true(address_read_host("::1", &a));
	assert_string_equal(address_format_host(&a, true, text), "[::1]");
	assert_string_equal(address_format_host(&a, false, text), "::1");
	assert_true(address_read_host("[::1]", &a));
	assert_int_equal(address_port(&a), 0);
	address_set_port(&a, 7);
	assert_string_equal(address_format(&a, text), "[::1]:7");
	assert_true(address_read_host("127.8.9.10", &a));
	assert_false(address_is_any(&a));
	assert_true(address_read_host("0.0.0.0", &a) && address_is_any(&a));
	assert_true(address_read_host("::", &a) && address_is_any(&a));
}

static void comparing(void **state)
{
	struct address a, b;

	(void)state;
	assert_true(address_read("127.0.0.1:1", &a) && address_read("127.0.0.1:1", &b));
	assert_true(address_equal(&a, &b));
	assert_int_equal(address_hash(&a), address_hash(&b));
	assert_true(address_read("127.0.0.1:2", &b));
	assert_false(address_equal(&a, &b));
	assert_true(address_same_host(&a, &b));
	assert_true(address_hash(&a) != address_hash(&b));
	/* the same bits in the other family are another address */
	assert_true(address_read("[::1]:1", &a) && address_read("0.0.0.1:1", &b));
	assert_false(address_same_host(&a, &b));
}

static void from_the_kernel(void **state)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr local = { .sa_family = AF_UNIX };
	struct address a;

	(void)state;
	assert_true(address_from_sockaddr((struct sockaddr *)&v6, sizeof(v6), &a));
	assert_int_equal(address_length(&a), sizeof(v6));
	assert_false(address_from_sockaddr((struct sockaddr *)&v6, sizeof(struct sockaddr_in), &a));
	assert_false(address_from_sockaddr(&local, sizeof(local), &a));
}

static void names(void **state)
{
	struct hosts *h = hosts_new();
	struct address a;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_int_equal(hosts_add(h, "Edge.Lab.Test", "127.0.0.1"), 0);
	assert_int_equal(hosts_add(h, "six", "[::1]"), 0);
	assert_int_equal(hosts_add(h, "edge.lab.test", "127.0.0.2"), -EEXIST);
	assert_true(hosts_resolve(h, "EDGE.lab.test", 5061, &a));
	assert_string_equal(address_format(&a, text), "127.0.0.1:5061");
	assert_true(hosts_resolve(h, "six", 1, &a));
	assert_string_equal(address_format(&a, text), "[::1]:1");
	assert_true(hosts_resolve(h, "127.0.0.9", 9, &a));
	assert_false(hosts_resolve(h, "localhost.lab.test", 9, &a));
	assert_false(hosts_resolve(h, NULL, 9, &a));
	assert_true(hosts_resolve(NULL, "::1", 9, &a));
	assert_false(hosts_resolve(NULL, "edge.lab.test", 9, &a));
	assert_true(address_read_host("127.0.0.1", &a));
	assert_string_equal(hosts_name_of(h, &a), "edge.lab.test");
	assert_null(hosts_name_of(NULL, &a));
	assert_int_equal(hosts_add(h, "other", "::1"), 0);
	assert_true(address_read_host("::1", &a));
	assert_null(hosts_name_of(h, &a));
	hosts_free(h);
	hosts_free(NULL);
}

static void localhost_is_this_machine(void **state)
{
	struct hosts *h = hosts_new();
	struct address a;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_true(hosts_resolve(NULL, "localhost", 9, &a));
	assert_true(hosts_resolve(h, "LocalHost", 9, &a));
	assert_string_equal(address_format(&a, text), "127.0.0.1:9");
	assert_null(hosts_name_of(h, &a));
	assert_int_equal(hosts_add(h, "localhost", "::1"), 0);
	assert_true(hosts_resolve(h, "localhost", 9, &a));
	assert_string_equal(address_format(&a, text), "[::1]:9");
	hosts_free(h);
}

static void what_is_not_a_name(void **state)
{
	static const char *const bad[] = { "",   ".",    "a.",  ".a",  "a..b",     "-a",
					   "a-", "a-.b", "a b", "a/b", "\xC3\xA9", "1.2.3.4" };
	struct hosts *h = hosts_new();
	char label[65 + 1] = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(hosts_add(h, bad[i], "127.0.0.1"), -EINVAL);
	memset(label, 'a', 64);
	assert_int_equal(hosts_add(h, label, "127.0.0.1"), -EINVAL);
	label[63] = '\0';
	assert_int_equal(hosts_add(h, label, "127.0.0.1"), 0);
	assert_int_equal(hosts_add(h, "a_b", "127.0.0.1"), 0);
	assert_int_equal(hosts_add(h, "c", "lab.test"), -EINVAL);
	assert_int_equal(hosts_add(h, "c", "127.0.0.1:5060"), -EINVAL);
	hosts_free(h);
}

static void many_names(void **state)
{
	enum { N = 2000 };
	CLEANUP(mem_free_string) char *too_long = text_format("%0300d", 1);
	struct hosts *h = hosts_new();
	char name[32], number[32], text[ADDRESS_TEXT_SIZE];
	struct address a;

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "Host-%d.lab.test", i);
		snprintf(number, sizeof(number), "127.0.%d.%d", i / 250, 1 + i % 250);
		assert_int_equal(hosts_add(h, name, number), 0);
	}
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "hOST-%d.lab.test", i);
		snprintf(number, sizeof(number), "127.0.%d.%d:9", i / 250, 1 + i % 250);
		assert_int_equal(hosts_add(h, name, "127.0.0.1"), -EEXIST);
		assert_true(hosts_resolve(h, name, 9, &a));
		assert_string_equal(address_format(&a, text), number);
	}
	assert_false(hosts_resolve(h, too_long, 9, &a));
	assert_false(hosts_resolve(h, "", 9, &a));
	hosts_free(h);
}

static void unmaps(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = { { "[::ffff:127.0.0.1]:80", "127.0.0.1:80" },
		     { "127.0.0.1:80", "127.0.0.1:80" },
		     { "[::1]:80", "[::1]:80" },
		     { "[::fffe:127.0.0.1]:80", "[::fffe:7f00:1]:80" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[ADDRESS_TEXT_SIZE];
		struct address a;

		assert_true(address_read(rows[i].from, &a));
		address_unmap(&a);
		assert_string_equal(address_format(&a, text), rows[i].to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unmaps),
		cmocka_unit_test(text_and_back),
		cmocka_unit_test(what_is_not_an_address),
		cmocka_unit_test(hosts_without_ports),
		cmocka_unit_test(comparing),
		cmocka_unit_test(from_the_kernel),
		cmocka_unit_test(names),
		cmocka_unit_test(many_names),
		cmocka_unit_test(localhost_is_this_machine),
		cmocka_unit_test(what_is_not_a_name),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
