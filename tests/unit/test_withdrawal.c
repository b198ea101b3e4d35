/*
 * Withdrawals
 */
#include "proto/push/withdrawal.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ID   "0b5ce4f2-7e3d-4c5a-9a53-0f6a5f1f7c11"
#define ROOT "<withdrawal xmlns=\"urn:mcxd:withdrawal:1\">"

static void test_there_and_back(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	char id[WITHDRAWAL_ID_SIZE];
	const char *why;

	(void)state;
	withdrawal_encode(&t, ID);
	assert_string_equal(text_str(&t), "<?xml version=\"1.0\" encoding=\"utf-8\"?>" ROOT
					  "<push>" ID "</push></withdrawal>");
	assert_int_equal(withdrawal_decode(t.data, t.n, id, &why), 0);
	assert_string_equal(id, ID);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"<a/>",
		"<withdrawal><push>" ID "</push></withdrawal>",
		"<withdrawal xmlns=\"urn:mcxd:withdrawal:2\"><push>" ID "</push></withdrawal>",
		ROOT "</withdrawal>",
		ROOT "<push>" ID "0</push></withdrawal>",
		ROOT "<push></push></withdrawal>",
		ROOT "<push>" ID "</push><push>" ID "</push></withdrawal>",
		ROOT "<a><push>" ID "</push></a></withdrawal>",
		"<!DOCTYPE a [<!ENTITY b 'c'>]>" ROOT "<push>" ID "</push></withdrawal>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char id[WITHDRAWAL_ID_SIZE];
		const char *why = NULL;

		assert_int_equal(withdrawal_decode(bad[i], strlen(bad[i]), id, &why), -EINVAL);
		assert_non_null(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("withdrawal", tests, NULL, NULL);
}
