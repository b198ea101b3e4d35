/*
 * Bodies of requests as the samples of UCWA's reference have them
 */
#include "proto/text/mem.h"
#include "proto/ucwa/body.h"
#include "proto/ucwa/body_member.h"
#include "proto/ucwa/watch_body.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_sip_uris(void **state)
{
	static const struct {
		const char *sent, *uri;
	} rows[] = {
		{ "sip:bob@lab.test", "sip:bob@lab.test" },
		{ "sip : bob@lab.test", "sip:bob@lab.test" },
		{ " sip: bob@lab.test ", "sip:bob@lab.test" },
		{ "\"sip : bob@lab.test\"", "sip:bob@lab.test" },
		{ "\" sip :bob@lab.test \"", "sip:bob@lab.test" },
		{ " bob@lab.test", "bob@lab.test" },
		{ "\"bob@lab.test\"", "bob@lab.test" },
		/* what is wrong stays wrong */
		{ "s ip:bob@lab.test", "s ip:bob@lab.test" },
		{ "sip:b ob@lab.test", "sip:b ob@lab.test" },
		{ "\"Bob\" <sip:bob@lab.test>", "\"Bob\" <sip:bob@lab.test>" },
		{ "\"sip:bob@lab.test", "\"sip:bob@lab.test" },
		{ "sip:bob\"@lab.test\"", "sip:bob\"@lab.test\"" },
		{ "\"", "\"" },
		{ "\"\"", "" },
		{ " ", "" },
		{ "", "" },
		{ ":", ":" },
		{ " : ", ":" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *uri = body_sip_uri(rows[i].sent);

		assert_string_equal(uri, rows[i].uri);
	}
}

static void test_start(void **state)
{
	static const char body[] =
		"{\n\"importance\" : \"Normal\",\n\"operationId\" : "
		"\"74cb7404e0a247d5a2d4eb0376a47dbf\",\n"
		"\"subject\" : \"SkypeforBusiness\",\n\"to\" : \"sip : bob@lab.test\",\n"
		"\"_links\" : {\n\"customContent\" : {\n\"href\" : \"data : "
		"application/sdp;base64,\\n  AAAA\"\n},\n"
		"\"message\" : {\n\"href\" : \"data : text/plain;base64,\\n      "
		"SGkgQm9i\"\n}\n}\n}";
	struct ucwa_problem p;
	struct ucwa_start s;

	(void)state;
	assert_int_equal(ucwa_start_decode(body, strlen(body), &s, &p), 0);
	assert_string_equal(s.to, "sip:bob@lab.test");
	assert_string_equal(s.text, "Hi Bob");
	assert_string_equal(s.text_type, "text/plain");
	ucwa_start_deinit(&s);
}

static void test_start_with_a_message(void **state)
{
	static const char body[] = "{\"to\":\"a@b\",\"message\":\" data : text/html, %3Cb%3E\"}";
	struct ucwa_problem p;
	struct ucwa_start s;

	(void)state;
	assert_int_equal(ucwa_start_decode(body, strlen(body), &s, &p), 0);
	assert_string_equal(s.text, " <b>");
	assert_string_equal(s.text_type, "text/html");
	ucwa_start_deinit(&s);
}

static void test_watch(void **state)
{
	static const char body[] = "{\"duration\":15,\"uris\":[\"\\\"sip : "
				   "alice@lab.test\\\"\",\"\\\"sip : bob@lab.test\\\"\"]}";
	struct ucwa_watch_body b;
	struct ucwa_problem p;

	(void)state;
	assert_int_equal(ucwa_watch_body_decode(body, strlen(body), &b, &p), 0);
	assert_int_equal(b.n_uris, 2);
	assert_string_equal(b.uris[0], "sip:alice@lab.test");
	assert_string_equal(b.uris[1], "sip:bob@lab.test");
	ucwa_watch_body_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sip_uris),
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_start_with_a_message),
		cmocka_unit_test(test_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
