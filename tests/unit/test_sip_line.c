/*
 * Header lines
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/sip/line.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

static const char message[] = "INVITE sip:bob@lab.test SIP/2.0\r\n"
			      "Via: SIP/2.0/UDP a\r\n"
			      "v : SIP/2.0/UDP b\r\n"
			      "Subject:\r\n one,\r\n\ttwo\r\n"
			      "no colon\r\n"
			      "two words: 1\r\n"
			      ": nameless\r\n"
			      "Empty:\r\n"
			      "\r\n"
			      "Body: 1\r\n";

static void check_value(const struct sip_line *l, const char *expected)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	sip_line_add_value(&value, l);
	assert_string_equal(text_str(&value), expected);
}

static void test_read(void **state)
{
	static const struct {
		size_t n_name;
		const char *value;
	} expected[] = {
		{ 3, "SIP/2.0/UDP a" },
		{ 1, "SIP/2.0/UDP b" },
		{ 7, "one, two" },
		{ 0, NULL },
		{ 0, "1" },
		{ 0, "nameless" },
		{ 5, "" },
	};
	const char *p = strchr(message, '\n') + 1, *end = message + sizeof(message) - 1;
	struct sip_line l;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const char *begin = p;

		assert_true(sip_line_read(&p, end, &l));
		assert_ptr_equal(l.p, begin);
		assert_ptr_equal(l.p + l.n, p);
		assert_int_equal(l.n_name, expected[i].n_name);
		if (expected[i].value)
			check_value(&l, expected[i].value);
		else
			assert_null(l.value);
	}
	assert_false(sip_line_read(&p, end, &l));
	assert_memory_equal(p, "\r\nBody", 6);
}

static void test_cut(void **state)
{
	static const char *const cut[] = { "", "\r", "\r\n", "A: 1", "A: 1\r", "A: 1\n" };
	struct sip_line l;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cut); i++) {
		const char *p = cut[i];

		assert_false(sip_line_read(&p, cut[i] + strlen(cut[i]), &l));
		assert_ptr_equal(p, cut[i]);
	}
}

static void test_is(void **state)
{
	const char *lines = "v: 1\r\n: 2\r\n", *p = lines;
	struct sip_line l;

	(void)state;
	assert_true(sip_line_read(&p, lines + strlen(lines), &l));
	assert_true(sip_line_is(&l, "Via", 'v'));
	assert_false(sip_line_is(&l, "Via", 0));
	assert_false(sip_line_is(&l, "To", 't'));
	assert_true(sip_line_is(&l, "V", 0));
	assert_true(sip_line_read(&p, lines + strlen(lines), &l));
	assert_false(sip_line_is(&l, "", 0));
}

static void test_find(void **state)
{
	struct sip_line l;

	(void)state;
	assert_true(sip_line_find(message, sizeof(message) - 1, "subject", &l));
	check_value(&l, "one, two");
	assert_false(sip_line_find(message, sizeof(message) - 1, "Body", &l));
	assert_false(sip_line_find(message, sizeof(message) - 1, "INVITE sip", &l));
	assert_false(sip_line_find("Via: 1", 6, "Via", &l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_is),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
