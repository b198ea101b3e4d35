/*
 * Name-addr
 */
#include "proto/sip/name_addr.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_name_addr(void **state)
{
	struct name_addr a;
	char value[8];

	(void)state;
	assert_int_equal(
		name_addr_decode(
			"\"B \\\\ \\\"x\\\"\"<sip:b@lab;a=1> ; tag = \"q\\\"r\" ;epid=12;lr", &a,
			NULL),
		0);
	assert_string_equal(a.display_name, "B \\ \"x\"");
	assert_memory_equal(a.uri, "sip:b@lab;a=1", a.n_uri);
	assert_int_equal(a.n_uri, 13);
	assert_int_equal(name_addr_param(&a, "TAG", value, sizeof(value)), 0);
	assert_string_equal(value, "q\"r");
	assert_int_equal(name_addr_param(&a, "epid", value, sizeof(value)), 0);
	assert_string_equal(value, "12");
	assert_int_equal(name_addr_param(&a, "lr", value, sizeof(value)), 0);
	assert_string_equal(value, "");
	assert_int_equal(name_addr_param(&a, "epi", value, sizeof(value)), 1);
	assert_int_equal(name_addr_param(&a, "epid-and-more-than-there-is", value, sizeof(value)),
			 1);
	assert_int_equal(name_addr_param(&a, "epid", value, 2), -EINVAL);
	/* Without brackets the parameters belong to the header. */
	assert_int_equal(name_addr_decode("sip:b@lab;tag=7", &a, NULL), 0);
	assert_int_equal(a.n_uri, 9);
	assert_int_equal(name_addr_param(&a, "tag", value, sizeof(value)), 0);
	assert_string_equal(value, "7");
}

static void test_name_addr_refusals(void **state)
{
	static const char *const bad[] = {
		"<sip:b@lab>x",        "<sip:b@lab>;",        "<sip:b@lab>;=1",
		"<sip:b@lab>;a=",      "<sip:b@lab>;a=\"b",   "\"b\" sip:b@lab",
		"b\x01 <sip:b@lab>",   "\"b\n\" <sip:b@lab>", "b\"c <sip:b@lab>",
		"<sip:b@lab>;tag=a b",
	};
	struct name_addr a;
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		why = NULL;
		assert_int_equal(name_addr_decode(bad[i], &a, &why), -EINVAL);
		assert_non_null(why);
	}
}

/* Cut between characters, not within one. */
static void test_long_display_name(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct name_addr a;

	(void)state;
	text_add(&t, "\"");
	for (unsigned i = 0; i < URI_MAX_USER; i++)
		text_add(&t, "\xE2\x82\xAC");
	text_add(&t, "\"<sip:b@lab>");
	assert_int_equal(name_addr_decode(text_str(&t), &a, NULL), 0);
	assert_int_equal(strlen(a.display_name), URI_MAX_USER / 3 * 3);
}

static void test_display(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	name_addr_add_display(&t, NULL);
	name_addr_add_display(&t, "");
	assert_string_equal(text_str(&t), "");
	name_addr_add_display(&t, "B\r\n\"\\");
	assert_string_equal(text_str(&t), "\"B\\\"\\\\\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_addr),
		cmocka_unit_test(test_name_addr_refusals),
		cmocka_unit_test(test_display),
		cmocka_unit_test(test_long_display_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
