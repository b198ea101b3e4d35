/*
 * Header lines
 */
#include "proto/sip/line.h"
#include "proto/text/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char head[] = "OPTIONS sip:bob@lab.test SIP/2.0\r\n"
			   "f : <sip:a@b>\r\n"
			   "Subject:\r\n  folded\r\n\tagain\r\n"
			   "To:  <sip:b@b> \r\n"
			   "Content-Length: 5\r\n"
			   "\r\n"
			   "CSeq: 1 OPTIONS\r\n\r\n";

static void test_found(void **state)
{
	static const struct {
		const char *name, *compact, *value;
	} rows[] = {
		{ "From", "f", "<sip:a@b>" },
		{ "FROM", "F", "<sip:a@b>" },
		{ "subject", "s", "folded\r\n\tagain" },
		{ "To", "t", "<sip:b@b> " },
		{ "Content-Length", NULL, "5" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sip_line l;

		assert_true(
			sip_line_find(head, sizeof(head) - 1, rows[i].name, rows[i].compact, &l));
		assert_int_equal(l.n_value, strlen(rows[i].value));
		assert_memory_equal(l.value, rows[i].value, l.n_value);
	}
}

static void test_absent(void **state)
{
	struct sip_line l;

	(void)state;
	assert_false(sip_line_find(head, sizeof(head) - 1, "From", NULL, &l));
	assert_false(sip_line_find(head, sizeof(head) - 1, "CSeq", NULL, &l)); /* of the body */
	assert_false(sip_line_find(head, sizeof(head) - 1, "OPTIONS sip", NULL, &l));
	assert_false(sip_line_find(head, 40, "From", "f", &l)); /* not complete */
	assert_false(sip_line_find("", 0, "From", "f", &l));
	assert_false(sip_line_find("a\r\nb", 4, "b", NULL, &l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
