/*
 * Paths: where the state is by default
 */
#include "mcxd/base/paths.h"

#include "proto/text/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void set(const char *name, const char *value)
{
	assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void test_state_dir(void **state)
{
	static const struct {
		const char *xdg, *home, *dir;
	} rows[] = {
		{ "/x", "/home/bob", "/x/mcxd" },
		{ NULL, "/home/bob", "/home/bob/.local/state/mcxd" },
		{ "", "/home/bob", "/home/bob/.local/state/mcxd" },
		{ "relative", "/home/bob", "/home/bob/.local/state/mcxd" },
		{ NULL, NULL, "/var/lib/mcxd" },
		{ NULL, "relative", "/var/lib/mcxd" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *dir = NULL;
		CLEANUP(mem_free_string) char *socket = NULL;

		set("XDG_STATE_HOME", rows[i].xdg);
		set("HOME", rows[i].home);
		dir = paths_default_state_dir();
		socket = paths_default_lab_socket();
		assert_string_equal(dir, rows[i].dir);
		assert_int_equal(strncmp(socket, dir, strlen(dir)), 0);
		assert_string_equal(socket + strlen(dir), "/lab.sock");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
