/*
 * Autodiscover
 */
#include "proto/ucwa/autodiscover.h"
#include "proto/ucwa/body.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/hal.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BASE "https://127.0.0.1:8443"

static void test_query(void **state)
{
	struct autodiscover_query q;
	struct ucwa_problem p;

	(void)state;
	assert_int_equal(autodiscover_query_decode("sip:Bob@Lab.Test", NULL, &q, &p), 0);
	assert_string_equal(q.aor, "bob@lab.test");
	assert_string_equal(q.domain, "lab.test");
	assert_int_equal(autodiscover_query_decode("bob@lab.test", "lab.test", &q, &p), 0);
	assert_string_equal(q.aor, "bob@lab.test");
	assert_int_equal(autodiscover_query_decode(NULL, "lab.test", &q, &p), 0);
	assert_string_equal(q.domain, "lab.test");
	assert_string_equal(q.aor, "");
	assert_int_equal(autodiscover_query_decode(NULL, NULL, &q, &p), 0);
	assert_string_equal(q.domain, "");
}

static void test_bad_query(void **state)
{
	static const char *const uris[] = {
		"bob",     "@lab.test", "bob@",   "sip:bob@lab test", "bob@lab.test\"><x",
		"tel:123", "bob@-lab",  "b\x01@c"
	};
	static const char *const domains[] = { "a b", "lab..test", ".test",  "lab.test.",
					       "\"",  "a/b",       "lab&x=y" };
	struct autodiscover_query q;
	struct ucwa_problem p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(uris); i++) {
		assert_true(autodiscover_query_decode(uris[i], NULL, &q, &p) < 0);
		assert_int_equal(p.n_parameters, 1);
		assert_string_equal(p.parameters[0].name, "sipuri");
		assert_string_equal(q.aor, "");
		assert_string_equal(q.domain, "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(domains); i++)
		assert_true(autodiscover_query_decode("bob@lab.test", domains[i], &q, &p) < 0);
	assert_true(autodiscover_query_decode("bob", "a b", &q, &p) < 0);
	assert_int_equal(p.n_parameters, 2);
	assert_string_equal(p.message, "originalDomain must be a domain name.");
}

static void check_json(enum autodiscover_answer what, const char *expected)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	struct hal *o = autodiscover_json(what, BASE, "lab.test");

	text_add(&text, hal_text(o, NULL));
	hal_free(o);
	assert_string_equal(text_str(&text), expected);
}

static void test_json(void **state)
{
	(void)state;
	check_json(AUTODISCOVER_ROOT,
		   "{\"_links\":{\"self\":{\"href\":\"" BASE
		   "/autodiscover/autodiscoverservice.svc/root?originalDomain=lab.test\"},"
		   "\"user\":{\"href\":\"" BASE
		   "/autodiscover/autodiscoverservice.svc/root/oauth/user"
		   "?originalDomain=lab.test\"},\"xframe\":{\"href\":\"" BASE
		   "/Autodiscover/XFrame/XFrame.html\"}}}");
	check_json(AUTODISCOVER_REDIRECT,
		   "{\"_links\":{\"redirect\":{\"href\":\"" BASE
		   "/autodiscover/autodiscoverservice.svc/root?originalDomain=lab.test\"},"
		   "\"user\":{\"href\":\"" BASE
		   "/autodiscover/autodiscoverservice.svc/root/oauth/user"
		   "?originalDomain=lab.test\"}}}");
	check_json(
		AUTODISCOVER_USER,
		"{\"_links\":{\"self\":{\"href\":\"" BASE
		"/autodiscover/autodiscoverservice.svc/root/oauth/user?originalDomain=lab.test\"},"
		"\"applications\":{\"href\":\"" BASE
		"/ucwa/oauth/v1/applications\",\"revision\":\"2\"},"
		"\"xframe\":{\"href\":\"" BASE "/Autodiscover/XFrame/XFrame.html\"}}}");
}

static void check_xml(enum autodiscover_answer what, const char *const *parts)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;

	autodiscover_xml(&text, what, BASE, "lab.test");
	for (; *parts; parts++)
		assert_non_null(strstr(text_str(&text), *parts));
}

static void test_xml(void **state)
{
	static const char *const redirect[] = {
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<AutodiscoverResponse AccessLocation=\"Internal\"><Root>"
		"<Link token=\"Redirect\" href=\"" BASE
		"/autodiscover/autodiscoverservice.svc/root?originalDomain=lab.test\"/>"
		"<Link token=\"User\" href=\"" BASE
		"/autodiscover/autodiscoverservice.svc/root/oauth/user?originalDomain=lab.test\"/>"
		"</Root></AutodiscoverResponse>\n",
		NULL
	};
	static const char *const root[] = { "<Root><Link token=\"Domain\"", "<Link token=\"User\"",
					    "<Link token=\"Self\"", NULL };
	static const char *const user[] = {
		"<User>",
		"<Link token=\"Internal/Mcx\" href=\"" BASE "/Mcx/McxService.svc\"/>",
		"<Link token=\"External/Mcx\" href=\"" BASE "/Mcx/McxService.svc\"/>",
		"<Link token=\"XFrame\" href=\"" BASE "/Autodiscover/XFrame/XFrame.html\"/>",
		"<Link token=\"Ucwa\" href=\"" BASE "/ucwa/oauth/v1/applications\"/>",
		"</User>",
		NULL
	};

	(void)state;
	check_xml(AUTODISCOVER_REDIRECT, redirect);
	check_xml(AUTODISCOVER_ROOT, root);
	check_xml(AUTODISCOVER_USER, user);
}

static void test_accept(void **state)
{
	(void)state;
	assert_false(autodiscover_wants_xml(NULL));
	assert_false(autodiscover_wants_xml("*/*"));
	assert_false(autodiscover_wants_xml("application/json"));
	assert_true(autodiscover_wants_xml("application/vnd.microsoft.rtc.autodiscover+xml;v=1"));
	assert_true(autodiscover_wants_xml("application/xml, */*"));
	assert_false(autodiscover_wants_xml("application/json, application/xml;q=0.5"));
	assert_false(autodiscover_wants_xml("application/xml;q=0.5, application/json"));
	assert_true(autodiscover_wants_xml("application/json;q=0.2, application/xml"));
	assert_true(autodiscover_wants_xml("application/xml;q=0.9, */*;q=0.8"));
	assert_false(autodiscover_wants_xml("application/xml;q=0.5, */*"));
	assert_false(autodiscover_wants_xml("application/xml;q=0, */*;q=0"));
	assert_true(autodiscover_wants_xml("text/xml, application/json"));
	assert_false(autodiscover_wants_xml("application/json, text/xml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query),  cmocka_unit_test(test_bad_query),
		cmocka_unit_test(test_json),   cmocka_unit_test(test_xml),
		cmocka_unit_test(test_accept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
