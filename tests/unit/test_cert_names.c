/*
 * Names in a certificate
 */
#include "mcxd/cert_names.h"
#include "mcxd/net/pki.h"
#include "proto/text/mem.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdbool.h>

static bool has(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void names_and_addresses(void **state)
{
	CLEANUP(cert_names_deinit) struct cert_names n = { 0 };
	struct pki_names got;

	(void)state;
	cert_names_add(&n, "fe.lab.test");
	cert_names_add_list(&n, "localhost, 192.0.2.7 [::1] FE.lab.test,, 0:0::1 127.0.0.2");
	cert_names_add_listener(&n, "127.0.0.1:5060");
	cert_names_add_listener(&n, "127.0.0.1:5061");
	cert_names_add_listener(&n, "[::1]:0");
	cert_names_add_listener(&n, "");
	got = cert_names_get(&n);
	assert_int_equal(got.n_dns, 2);
	assert_string_equal(got.dns[0], "fe.lab.test");
	assert_string_equal(got.dns[1], "localhost");
	assert_int_equal(got.n_ips, 4);
	assert_string_equal(got.ips[0], "127.0.0.1");
	assert_string_equal(got.ips[1], "127.0.0.2");
	assert_string_equal(got.ips[2], "192.0.2.7");
	assert_string_equal(got.ips[3], "::1");
}

/* Whatever the order in which they came. */
static void the_same_addresses_are_the_same(void **state)
{
	static const char *const lists[] = { "::1 127.0.0.1 10.0.0.1", "10.0.0.1 ::1 127.0.0.1" };
	struct cert_names n[2] = { 0 };
	struct pki_names got[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		cert_names_add_list(&n[i], lists[i]);
		got[i] = cert_names_get(&n[i]);
	}
	assert_int_equal(got[0].n_ips, got[1].n_ips);
	for (size_t i = 0; i < got[0].n_ips; i++)
		assert_string_equal(got[0].ips[i], got[1].ips[i]);
	cert_names_deinit(&n[0]);
	cert_names_deinit(&n[1]);
}

/* Every address that the kernel lists, and no other. */
static void check_everywhere(const char *listen, bool v6)
{
	CLEANUP(cert_names_deinit) struct cert_names n = { 0 };
	struct pki_names got;
	struct ifaddrs *all;
	char host[INET6_ADDRSTRLEN];

	cert_names_add_listener(&n, listen);
	got = cert_names_get(&n);
	assert_true(has(got.ips, got.n_ips, "127.0.0.1"));
	assert_false(has(got.ips, got.n_ips, "0.0.0.0"));
	assert_false(has(got.ips, got.n_ips, "::"));
	assert_int_equal(getifaddrs(&all), 0);
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;
		const char *sockaddr = (const char *)i->ifa_addr;

		if (family == AF_INET)
			inet_ntop(family, sockaddr + offsetof(struct sockaddr_in, sin_addr), host,
				  sizeof(host));
		else if (family == AF_INET6)
			inet_ntop(family, sockaddr + offsetof(struct sockaddr_in6, sin6_addr), host,
				  sizeof(host));
		else
			continue;
		assert_int_equal(has(got.ips, got.n_ips, host), family == AF_INET || v6);
	}
	freeifaddrs(all);
}

static void a_listener_everywhere(void **state)
{
	(void)state;
	check_everywhere("0.0.0.0:5061", false);
	check_everywhere("[::]:5061", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_addresses),
		cmocka_unit_test(the_same_addresses_are_the_same),
		cmocka_unit_test(a_listener_everywhere),
	};

	return cmocka_run_group_tests_name("cert_names", tests, NULL, NULL);
}
