/*
 * URI
 */
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int decode(const char *s, struct uri *ret)
{
	const char *why = NULL;
	int r = uri_decode(s, strlen(s), ret, &why);

	assert_true(r == 0 || r == -EINVAL);
	assert_true((r == 0) == (why == NULL));
	return r;
}

static void test_parts(void **state)
{
	struct uri u;

	(void)state;
	assert_int_equal(decode("sip:Bob@LAB.Test:5061;transport=TLS;lr?Subject=x", &u), 0);
	assert_false(u.secure);
	assert_string_equal(u.user, "Bob");
	assert_string_equal(u.host, "lab.test");
	assert_int_equal(u.port, 5061);
	assert_memory_equal(u.params, ";transport=TLS;lr", u.n_params);
	assert_int_equal(u.n_params, strlen(";transport=TLS;lr"));

	assert_int_equal(decode("SIPS:lab.test.", &u), 0);
	assert_true(u.secure);
	assert_string_equal(u.user, "");
	assert_string_equal(u.host, "lab.test");
	assert_int_equal(u.port, 0);
	assert_int_equal(u.n_params, 0);
}

static void test_transports(void **state)
{
	static const struct {
		const char *uri, *transport;
		unsigned port;
	} rows[] = {
		{ "sip:lab.test", "tcp", 5060 },
		{ "sip:lab.test;transport=UDP", "udp", 5060 },
		{ "sip:lab.test:99;transport=tls", "tls", 99 },
		{ "sip:lab.test;transport=TLS", "tls", 5061 },
		{ "sip:lab.test;transport=a.very.long.transport", "tcp", 5060 },
		{ "sips:lab.test", "tls", 5061 },
		{ "sips:lab.test:5060", "tls", 5060 },
		{ "sips:lab.test;transport=tcp", "tls", 5061 },
		{ "sips:lab.test;transport=udp", "tls", 5061 },
	};
	char transport[URI_MAX_TRANSPORT + 1];
	struct uri u;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(decode(rows[i].uri, &u), 0);
		uri_transport(&u, "tcp", transport);
		assert_string_equal(transport, rows[i].transport);
		assert_int_equal(uri_target_port(&u, transport), rows[i].port);
	}
}

static void test_hosts(void **state)
{
	static const char *const good[] = { "sip:a@lab",         "sip:a@127.0.0.1:5060",
					    "sip:a@[::1]:5060",  "sip:a@[2001:db8::7]",
					    "sip:a@x-1.y2.test", "sip:a@1x.test" };
	static const char *const bad[] = {
		"sip:a@",
		"sip:a@-x.test",
		"sip:a@x-.test",
		"sip:a@x..test",
		"sip:a@.test",
		"sip:a@256.1.1.1",
		"sip:a@1.2.3",
		"sip:a@[::g]",
		"sip:a@[::1",
		"sip:a@::1",
		"sip:a@la_b",
		"sip:a@lab test",
		"sip:a@lab\r\nX: y",
		"sip:a@b@lab",
		"sip:a@l%61b",
		"sip:a@\xC3\xA9.test",
	};
	struct uri u;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(decode(good[i], &u), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &u), -EINVAL);
	assert_int_equal(decode("sip:a@lab.", &u), 0);
	assert_string_equal(u.host, "lab");
}

static void test_ports(void **state)
{
	static const char *const bad[] = { "sip:a@lab:",       "sip:a@lab:0",
					   "sip:a@lab:65536",  "sip:a@lab:99999",
					   "sip:a@lab:100000", "sip:a@lab:5x",
					   "sip:a@lab:-1",     "sip:a@lab:18446744073709551617" };
	struct uri u;

	(void)state;
	assert_int_equal(decode("sip:a@lab:65535", &u), 0);
	assert_int_equal(u.port, 65535);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &u), -EINVAL);
}

static void test_users(void **state)
{
	static const char *const bad[] = {
		"sip:@lab",    "sip:a%@lab",   "sip:a%4@lab",   "sip:a%zz@lab",     "sip:%Z%45@lab",
		"sip:a b@lab", "sip:a\"b@lab", "sip:a<b@lab",   "sip:a\tb@lab",     "sip:a[b@lab",
		"sip::pw@lab", "sip:a^b@lab",  "sip:a\x7F@lab", "sip:\xC3\xA9@lab", "sip:a\\b@lab",
	};
	static const struct {
		const char *uri, *user;
	} good[] = {
		{ "sip:b%6Fb%2Esmith@lab", "bob.smith" },
		{ "sip:+49(30)1-2;x=1?/a@lab", "+49(30)1-2;x=1?/a" },
		{ "sip:a%3Bb%3d%2f@lab", "a;b=/" },
		/* What would not be a user part, or end it, if it were not escaped. */
		{ "sip:sips%3Auser%40example.com@lab", "sips%3auser%40example.com" },
		{ "sip:I%20have%20spaces@lab", "I%20have%20spaces" },
		{ "sip:null-%00-null@lab", "null-%00-null" },
		{ "sip:%00@lab", "%00" },
		{ "sip:%00%00@lab", "%00%00" },
		{ "sip:a%0d%0Ab@lab", "a%0d%0ab" },
		{ "sip:%C3%A9%7F%ff@lab", "%c3%a9%7f%ff" },
		{ "sip:100%25@lab", "100%25" },
		{ "sip:%2541@lab", "%2541" },
		{ "sip:a%22%3C%3e@lab", "a%22%3c%3e" },
	};
	struct uri u;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(decode(good[i].uri, &u), 0);
		assert_string_equal(u.user, good[i].user);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &u), -EINVAL);
}

static void test_passwords(void **state)
{
	static const char *const good[] = {
		"sip:bob:@lab", "sip:bob:s3cret@lab", "sip:bob:%00%40%3a@lab",
		"sip:bob:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@lab"
	};
	static const char *const bad[] = { "sip:bob:a:b@lab",     "sip:bob:a;b@lab",
					   "sip:bob:a/b@lab",     "sip:bob:a b@lab",
					   "sip:bob:%4@lab",      "sip:bob:?@lab",
					   "sip:bob:\xC3\xA9@lab" };
	struct uri u;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(decode(good[i], &u), 0);
		assert_string_equal(u.user, "bob");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &u), -EINVAL);
}

/* RFC 5118: brackets, ports behind them; RFC 3261 has no zones. */
static void test_ipv6_references(void **state)
{
	static const struct {
		const char *uri, *host;
		unsigned port;
	} good[] = {
		{ "sip:a@[2001:db8::10]:5070", "[2001:db8::10]", 5070 },
		{ "sip:a@[2001:db8::10:5070]", "[2001:db8::10:5070]", 0 },
		{ "sip:a@[2001:0DB8:0:0::10]", "[2001:db8::10]", 0 },
		{ "sip:a@[::ffff:192.0.2.10]:19823", "[::ffff:192.0.2.10]", 19823 },
		{ "sip:a@[2001:db8::192.0.2.1];lr", "[2001:db8::c000:201]", 0 },
		{ "sip:[::1]", "[::1]", 0 },
	};
	static const char *const bad[] = {
		"sip:2001:db8::10",
		"sip:a@2001:db8::10",
		"sip:a@[2001:db8:::192.0.2.1]",
		"sip:a@[fe80::1%eth0]",
		"sip:a@[fe80::1%25eth0]",
		"sip:a@[::1]5060",
		"sip:a@[::1]:",
		"sip:a@[]",
		"sip:a@[127.0.0.1]",
		"sip:a@[::1]x:5060",
		"sip:a@[[::1]]",
		"sip:a@[::%31]",
		"sip:a@[1:2:3:4:5:6:7]",
		"sip:a@[::10000]",
		"sip:a@[::1]:65536",
	};
	struct uri u;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(decode(good[i].uri, &u), 0);
		assert_string_equal(u.host, good[i].host);
		assert_int_equal(u.port, good[i].port);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &u), -EINVAL);
}

static void test_others(void **state)
{
	static const char *const bad[] = { "",
					   "sip:",
					   "sip",
					   "tel:+4930",
					   "http://lab/",
					   "bob@lab",
					   "sip:a@lab;",
					   "sip:a@lab;;lr",
					   "sip:a@lab;=x",
					   "sip:a@lab;x=\"y\"",
					   "sip:a@lab;x=%0d",
					   "sip:a@lab?a=b\r\n",
					   "<sip:a@lab>" };
	struct uri u = { .port = 7 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i], &u), -EINVAL);
	/* A failure leaves the result unchanged. */
	assert_int_equal(u.port, 7);
	assert_int_equal(uri_decode("sip:a@lab\0.test", 15, &u, NULL), -EINVAL);
	assert_int_equal(uri_decode("sip:a\0b@lab", 11, &u, NULL), -EINVAL);
}

static void test_lengths(void **state)
{
	char s[URI_MAX_BYTES + 64];
	struct uri u;

	(void)state;
	snprintf(s, sizeof(s), "sip:%0*d@lab", URI_MAX_USER, 0);
	assert_int_equal(decode(s, &u), 0);
	snprintf(s, sizeof(s), "sip:%0*d@lab", URI_MAX_USER + 1, 0);
	assert_int_equal(decode(s, &u), -EINVAL);
	/* an escape takes three */
	snprintf(s, sizeof(s), "sip:%0*d%%00@lab", URI_MAX_USER - 3, 0);
	assert_int_equal(decode(s, &u), 0);
	snprintf(s, sizeof(s), "sip:%0*d%%00@lab", URI_MAX_USER - 2, 0);
	assert_int_equal(decode(s, &u), -EINVAL);
	snprintf(s, sizeof(s), "sip:a@%0*d.lab", 63, 0);
	assert_int_equal(decode(s, &u), 0);
	snprintf(s, sizeof(s), "sip:a@%0*d.lab", 64, 0);
	assert_int_equal(decode(s, &u), -EINVAL);
	snprintf(s, sizeof(s), "sip:a@lab;x=%0*d", URI_MAX_BYTES, 0);
	assert_int_equal(decode(s, &u), -EINVAL);
}

static void test_params(void **state)
{
	static const char s[] = "sip:a@lab;transport=tcp;lr;opaque=user%3Ax;X=";
	char value[16], tiny[4];
	struct uri u;

	(void)state;
	assert_int_equal(decode(s, &u), 0);
	assert_int_equal(uri_param(&u, "Transport", value, sizeof(value)), 0);
	assert_string_equal(value, "tcp");
	assert_int_equal(uri_param(&u, "lr", value, sizeof(value)), 0);
	assert_string_equal(value, "");
	assert_int_equal(uri_param(&u, "opaque", value, sizeof(value)), 0);
	assert_string_equal(value, "user:x");
	assert_int_equal(uri_param(&u, "x", value, sizeof(value)), 0);
	assert_string_equal(value, "");
	assert_int_equal(uri_param(&u, "l", value, sizeof(value)), 1);
	assert_int_equal(uri_param(&u, "maddr", value, sizeof(value)), 1);
	assert_int_equal(uri_param(&u, "transport", tiny, 3), -EINVAL);
	assert_int_equal(uri_param(&u, "transport", tiny, 4), 0);
}

static void test_odd_params(void **state)
{
	static const char *const with_lr[] = { "sip:h;lr", "sip:h;LR", "sip:h;lr=on",
					       "sip:h;lr=true;x", "sip:h;x;lr=" };
	char value[16];
	struct uri u;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(with_lr); i++) {
		assert_int_equal(decode(with_lr[i], &u), 0);
		assert_int_equal(uri_param(&u, "lr", value, sizeof(value)), 0);
	}
	assert_int_equal(decode("sip:h;l;r;xlr;lrx=lr", &u), 0);
	assert_int_equal(uri_param(&u, "lr", value, sizeof(value)), 1);
	assert_int_equal(decode("sip:h;%6C%72;n%61me=v%61lue%25%34%31;nul=%30", &u), 0);
	assert_int_equal(uri_param(&u, "lr", value, sizeof(value)), 0);
	assert_int_equal(uri_param(&u, "Name", value, sizeof(value)), 0);
	assert_string_equal(value, "value%41");
	assert_int_equal(uri_param(&u, "n", value, sizeof(value)), 1);
	assert_int_equal(uri_param(&u, "named", value, sizeof(value)), 1);
	assert_int_equal(uri_param(&u, "nul", value, sizeof(value)), 0);
	assert_string_equal(value, "0");
	/* a NUL would end the value for whoever reads it */
	assert_int_equal(decode("sip:h;x=%00", &u), -EINVAL);
	assert_int_equal(decode("sip:h;user=phone;maddr=[::1];ttl=1;method=INVITE", &u), 0);
	assert_int_equal(uri_param(&u, "maddr", value, sizeof(value)), 0);
	assert_string_equal(value, "[::1]");
}

static void check_aor(const char *s, const char *expected)
{
	char aor[URI_MAX_AOR + 1] = "untouched";
	const char *why = NULL;
	int r = uri_aor(s, aor, &why);

	if (expected) {
		assert_int_equal(r, 0);
		assert_string_equal(aor, expected);
	} else {
		assert_int_equal(r, -EINVAL);
		assert_non_null(why);
		assert_string_equal(aor, "untouched");
	}
}

static void test_aor(void **state)
{
	(void)state;
	check_aor("sip:Bob@Lab.Test", "bob@lab.test");
	check_aor("bob@lab.test", "bob@lab.test");
	check_aor("bob@lab.test:5060", "bob@lab.test");
	check_aor("sip:bob@lab.test:5060;transport=tcp", "bob@lab.test");
	check_aor("<sip:bob@lab.test;opaque=user:epid:x;gruu>;tag=1", "bob@lab.test");
	check_aor("\"Bob \\\"B\\\" <x@y>\" <sip:BOB@lab.test>;tag=a;epid=b", "bob@lab.test");
	check_aor("Bob Smith <sips:bob@lab.test>", "bob@lab.test");
	check_aor("  <bob@lab.test>", "bob@lab.test");
	/* RFC 3261 10.3, step 5, and 19.1.4: the same user */
	check_aor("sip:%62%6f%42@lab.test", "bob@lab.test");
	check_aor("sip:bob:secret@lab.test", "bob@lab.test");
	check_aor("sip:null-%00-null@lab.test", "null-%00-null@lab.test");
	check_aor("sip:sips%3Auser%40x@lab.test", "sips%3auser%40x@lab.test");
	check_aor("sip:%C3%a9@lab.test", "%c3%a9@lab.test");
	check_aor("sip:bob@[2001:DB8:0::1]", "bob@[2001:db8::1]");
	/* a semicolon before the host is the user's (RFC 4475 3.1.1.9), with and without brackets */
	check_aor("sip:user;par=u%40example.net@lab.test", "user;par=u%40example.net@lab.test");
	check_aor("<sip:user;par=1@lab.test;lr>;tag=1", "user;par=1@lab.test");
	check_aor("sip:a;b@lab.test;transport=tcp", "a;b@lab.test");
	check_aor("sip:a%3Bb@lab.test", "a;b@lab.test");
	check_aor("a;b@lab.test:5060", "a;b@lab.test");
	check_aor("sip:a?,/;*&=+$@lab.test?Subject=x", "a?,/;*&=+$@lab.test");
	check_aor("sip:bob@lab.test ;tag=1", NULL);
	check_aor("sip:bob@lab.test;tag=\"1\"", NULL);
	check_aor("sip:lab.test", NULL);
	check_aor("bob", NULL);
	check_aor("", NULL);
	check_aor("tel:+4930", NULL);
	check_aor("mailto:bob@lab.test", NULL);
	check_aor("<sip:bob@lab.test", NULL);
	check_aor("\"Bob <sip:bob@lab.test>", NULL);
	check_aor("<sip:bob@lab.test>, <sip:eve@lab.test>", NULL);
	check_aor("<sip:bob@lab.test>\r\nEvil: 1", NULL);
	check_aor("<>", NULL);
}

static void test_is_aor(void **state)
{
	(void)state;
	assert_true(uri_is_aor("bob@lab.test"));
	assert_true(uri_is_aor("a;b?c@lab.test"));
	assert_false(uri_is_aor("Bob@lab.test"));
	assert_false(uri_is_aor("%62ob@lab.test"));
	assert_false(uri_is_aor("a%C3@lab.test"));
	assert_false(uri_is_aor("a%3bb@lab.test"));
	assert_false(uri_is_aor("bob:x@lab.test"));
	assert_false(uri_is_aor("sip:bob@lab.test"));
	assert_false(uri_is_aor("bob@lab.test;x=y"));
	assert_false(uri_is_aor("<bob@lab.test>"));
	assert_false(uri_is_aor(" bob@lab.test"));
	assert_false(uri_is_aor(""));
}

static void check_back(const char *aor, const char *expected)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	assert_true(uri_is_aor(aor));
	uri_add_aor(&t, aor);
	assert_string_equal(text_str(&t), expected);
	check_aor(text_str(&t), aor);
}

static void test_from_aor(void **state)
{
	CLEANUP(text_deinit) struct text odd = TEXT_INIT;

	(void)state;
	check_back("bob@lab.test", "sip:bob@lab.test");
	check_back("bob.o'neil+1@lab.test", "sip:bob.o'neil+1@lab.test");
	check_back("a?b,c/d@lab.test", "sip:a%3Fb%2Cc/d@lab.test");
	check_back("a;b@lab.test", "sip:a%3Bb@lab.test");
	check_back("bob@[::1]", "sip:bob@[::1]");
	check_back("null-%00-null@lab.test", "sip:null-%00-null@lab.test");
	check_back("a%25b%40c@lab.test", "sip:a%25b%40c@lab.test");
	/* what is no address of record does not get out of a quoted string either */
	uri_add_aor(&odd, "bob@la\"b>\\test");
	assert_string_equal(text_str(&odd), "sip:bob@la%22b%3E%5Ctest");
}

static void test_host_port(void **state)
{
	static const char *const good[] = { "lab.test", "edge_1.lab.test:5061", "127.0.0.1",
					    "127.0.0.1:443", "[::1]:8443" };
	static const char *const bad[] = { "",         "a b",       "x;y=z@",    "bob@lab.test",
					   "a/b",      "a\r\nX: y", "lab.test?", "<lab.test>",
					   "b\xC3\xBC" };
	char name[URI_MAX_HOST + 8];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(uri_is_host_port(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(uri_is_host_port(bad[i]));
	memset(name, 'a', sizeof(name));
	name[URI_MAX_HOST + 6] = '\0';
	assert_true(uri_is_host_port(name));
	name[URI_MAX_HOST + 6] = 'a';
	name[URI_MAX_HOST + 7] = '\0';
	assert_false(uri_is_host_port(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),           cmocka_unit_test(test_transports),
		cmocka_unit_test(test_hosts),           cmocka_unit_test(test_ports),
		cmocka_unit_test(test_users),           cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_ipv6_references), cmocka_unit_test(test_others),
		cmocka_unit_test(test_lengths),         cmocka_unit_test(test_params),
		cmocka_unit_test(test_odd_params),      cmocka_unit_test(test_aor),
		cmocka_unit_test(test_is_aor),          cmocka_unit_test(test_from_aor),
		cmocka_unit_test(test_host_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
