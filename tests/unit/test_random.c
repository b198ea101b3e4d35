/*
 * Random
 */
#include "mcxd/base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_hex(void **state)
{
	char hex[2 * 40 + 1];

	(void)state;
	memset(hex, 'x', sizeof(hex));
	random_hex(40, hex);
	assert_int_equal(strspn(hex, "0123456789abcdef"), 80);
	assert_int_equal(hex[80], '\0');
	random_hex(0, hex);
	assert_string_equal(hex, "");
}

static void test_uuid(void **state)
{
	static const char form[] = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
	char before[RANDOM_UUID_SIZE] = "";

	(void)state;
	for (int round = 0; round < 100; round++) {
		char uuid[RANDOM_UUID_SIZE];

		random_uuid(uuid);
		assert_int_equal(strlen(uuid), strlen(form));
		for (size_t i = 0; form[i]; i++) {
			const char may_be[] = { form[i], '\0' };

			assert_non_null(strchr(form[i] == 'x'   ? "0123456789abcdef"
					       : form[i] == 'v' ? "89ab"
								: may_be,
					       uuid[i]));
		}
		assert_string_not_equal(uuid, before);
		memcpy(before, uuid, sizeof(before));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
