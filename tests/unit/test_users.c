/*
 * The users file.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/log.h"
#include "mcxd/core/core.h"
#include "mcxd/core/user.h"
#include "mcxd/users.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <unistd.h>

static void write_file(const char *path, const char *contents)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(contents, f);
	fclose(f);
}

static void test_demo(void **state)
{
	struct fixture *f = *state;
	struct users *users = users_new(f->core, NULL);
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;

	assert_int_equal(users_load(users, &errors), 0);
	assert_int_equal(strtab_count(&f->core->users), 5);
	assert_true(user_password_is(user_find(f->core, "erin@lab.test"), "secret"));
	assert_false(user_password_is(user_find(f->core, "erin@lab.test"), "secre"));
	assert_false(user_password_is(user_find(f->core, "erin@lab.test"), ""));
	users_free(users);
}

static void test_reload(void **state)
{
	char path[] = "/tmp/mcxd-users-XXXXXX";
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	struct users *users;

	close(mkstemp(path));
	write_file(path, "[user bob@lab.test]\ndisplay_name = Robert\npassword = x\n"
			 "enable_push = no\n[user One@LAB.test]\npassword = y\n");
	users = users_new(f->core, path);
	assert_int_equal(users_load(users, &errors), 0);
	assert_string_equal(f->bob->display_name, "Robert");
	assert_false(f->bob->policy.enable_push);
	assert_true(f->bob->policy.enable_mobility);
	assert_non_null(user_find(f->core, "one@lab.test"));

	write_file(path, "[user bob@lab.test]\npassword = z\n");
	assert_int_equal(users_load(users, &errors), 0);
	assert_null(user_find(f->core, "one@lab.test"));
	assert_true(user_password_is(f->bob, "z"));
	assert_non_null(user_find(f->core, "alice@lab.test")); /* not from the file: stays */

	write_file(path, "[user bob@lab.test]\nenable_push = perhaps\n[user nobody]\nage = 3\n");
	assert_true(users_load(users, &errors) < 0);
	assert_non_null(strstr(text_str(&errors), ":2: "));
	assert_non_null(strstr(text_str(&errors), ":3: \"nobody\" is not an address"));
	assert_null(strstr(text_str(&errors), ":4: "));
	text_reset(&errors);
	write_file(path, "age = 3\n[user bob@lab.test]\n[group all]\n[user Bob@lab.test]\n");
	assert_true(users_load(users, &errors) < 0);
	assert_non_null(
		strstr(text_str(&errors), ":1: age: a key must be in a section [user ADDRESS]"));
	assert_non_null(
		strstr(text_str(&errors), ":3: [group]: expected a section [user ADDRESS]"));
	assert_non_null(strstr(text_str(&errors), ":4: bob@lab.test has a section already"));
	assert_true(user_password_is(f->bob, "z"));
	users_free(users);
	unlink(path);
}

/* SIP does not ask for passwords, so this is a warning and not an error. */
static void test_no_password(void **state)
{
	char path[] = "/tmp/mcxd-users-XXXXXX", logged[512] = "";
	CLEANUP(mem_free_string) char *expected = NULL;
	struct fixture *f = *state;
	struct users *users;
	int fds[2];

	close(mkstemp(path));
	write_file(path, "[user bob@lab.test]\npassword = x\n\n[user dave@lab.test]\n"
			 "[user erin@lab.test]\npassword =\n");
	users = users_new(f->core, path);
	assert_int_equal(pipe(fds), 0);
	log_set_fd(fds[1]);
	log_set_levels("warn");
	assert_int_equal(users_load(users, NULL), 0);
	log_set_levels("info");
	log_set_fd(STDERR_FILENO);
	assert_true(read(fds[0], logged, sizeof(logged) - 1) > 0);
	expected = text_format("%s:4: dave@lab.test has no password", path);
	assert_non_null(strstr(logged, expected));
	assert_non_null(strstr(logged, ":5: erin@lab.test has no password"));
	assert_null(strstr(logged, "bob@lab.test"));
	assert_non_null(user_find(f->core, "dave@lab.test"));
	close(fds[0]);
	close(fds[1]);
	users_free(users);
	unlink(path);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(demo),
		CASE(reload),
		CASE(no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
