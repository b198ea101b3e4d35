/*
 * The settings of mcxd, and the README's table of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/settings.h"

static void test_table_is_sound(void **state)
{
	const char *why = setting_check_table(&settings_table);

	(void)state;
	if (why)
		fail_msg("%s", why);
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t = TEXT_INIT;
	char block[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(block, 1, sizeof(block), f)))
		text_add_bytes(&t, block, n);
	fclose(f);
	return text_take(&t);
}

static void test_readme_has_the_table(void **state)
{
	static const char begin[] = "<!-- settings -->\n", end[] = "<!-- /settings -->";
	CLEANUP(mem_free_string) char *readme = read_file(README);
	CLEANUP(text_deinit) struct text table = TEXT_INIT;
	char *from = strstr(readme, begin), *to = strstr(readme, end);

	(void)state;
	assert_non_null(from);
	assert_non_null(to);
	*to = '\0';
	setting_markdown(&settings_table, &table);
	/* When this fails: put what `mcxd --settings` prints between the two marks. */
	assert_string_equal(from + strlen(begin), text_str(&table));
}

static void check_refused(const char *arg, const char *why)
{
	struct settings s = { 0 };
	CLEANUP(text_deinit) struct text error = TEXT_INIT;

	setting_defaults(&settings_table, &s);
	assert_true(setting_set_arg(&settings_table, &s, arg, &error) < 0);
	assert_non_null(strstr(text_str(&error), why));
	setting_deinit(&settings_table, &s);
}

static void test_bad_values(void **state)
{
	(void)state;
	check_refused("sip.tcp=5060", "an address and a port");
	check_refused("sip.tcp=127.0.0.1:70000", "port");
	check_refused("push.next_hop=127.0.0.1:5061", "SIP URI");
	check_refused("core.invite_timeout=soon", "core.invite_timeout");
	check_refused("core.invite_timeuot=1s", "core.invite_timeout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_sound),
		cmocka_unit_test(test_readme_has_the_table),
		cmocka_unit_test(test_bad_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
