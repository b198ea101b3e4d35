/*
 * The users file.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/idtab.h"
#include "mcxd/base/log.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/user.h"
#include "mcxd/users.h"
#include "proto/text/display_name.h"
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

/* ---- those whom the lab API added ---- */

static struct user *add(struct core *c, const char *aor)
{
	struct user *u = NULL;

	assert_int_equal(user_join(c,
				   &(struct user_spec){ .aor = aor,
							.display_name = "Carol",
							.password = "secret",
							.number = "+1 555 0100",
							.policy = { .enable_mobility = true },
							.origin = USER_ADDED },
				   &u),
			 0);
	return u;
}

static struct core *load_again(struct fixture *f)
{
	struct core *c = core_new(&(struct core_args){
		.loop = f->loop, .config = &f->config, .ports = &f->core->ports });

	assert_int_equal(core_load(c), 0);
	return c;
}

static void test_added_users_are_stored(void **state)
{
	struct fixture *f = *state;
	struct user *u = add(f->core, "carol@lab.test");
	struct user_spec spec = user_spec_of(u);
	struct core *second;

	add(f->core, "dave@lab.test");
	user_remove(user_find(f->core, "dave@lab.test"));
	spec.display_name = "Caroline";
	user_update(u, &spec);
	fixture_settle(f);
	second = load_again(f);
	u = user_find(second, "carol@lab.test");
	assert_non_null(u);
	assert_string_equal(u->display_name, "Caroline");
	assert_string_equal(u->number, "+1 555 0100");
	assert_true(user_password_is(u, "secret"));
	assert_true(u->policy.enable_mobility);
	assert_false(u->policy.enable_push);
	assert_int_equal(u->origin, USER_ADDED);
	assert_null(user_find(second, "dave@lab.test"));
	assert_null(user_find(second, "bob@lab.test")); /* the file's */
	add(second, "erin@lab.test");
	core_free(second);
	fixture_settle(f);
	second = load_again(f);
	assert_non_null(user_find(second, "erin@lab.test")); /* in a row of its own */
	assert_non_null(user_find(second, "carol@lab.test"));
	core_free(second);
}

static void test_the_file_takes_over_who_was_added(void **state)
{
	char path[] = "/tmp/mcxd-users-XXXXXX";
	struct fixture *f = *state;
	struct user *u = add(f->core, "carol@lab.test");
	struct users *users;
	struct core *second;

	add(f->core, "dave@lab.test");
	close(mkstemp(path));
	write_file(path, "[user carol@lab.test]\nnumber = 7\npassword = x\n");
	users = users_new(f->core, path);
	assert_int_equal(users_load(users, NULL), 0);
	assert_int_equal(u->origin, USER_OF_FILE);
	assert_string_equal(u->number, "7");
	assert_int_equal(user_find(f->core, "dave@lab.test")->origin, USER_ADDED);
	fixture_settle(f);
	second = load_again(f);
	assert_null(user_find(second, "carol@lab.test"));
	assert_non_null(user_find(second, "dave@lab.test"));
	core_free(second);
	write_file(path, "[user erin@lab.test]\npassword = x\n");
	assert_int_equal(users_load(users, NULL), 0);
	assert_null(user_find(f->core, "carol@lab.test"));
	assert_non_null(user_find(f->core, "dave@lab.test"));
	users_free(users);
	unlink(path);
}

/* A row of one who is in the file, too: since the daemon ended, the file has been written. */
static void test_the_file_goes_first(void **state)
{
	struct fixture *f = *state;
	struct core *second;

	add(f->core, "carol@lab.test");
	fixture_settle(f);
	second = core_new(&(struct core_args){
		.loop = f->loop, .config = &f->config, .ports = &f->core->ports });
	user_add(second, &(struct user_spec){ .aor = "carol@lab.test", .number = "9" }, NULL);
	assert_int_equal(core_load(second), 0);
	assert_string_equal(user_find(second, "carol@lab.test")->number, "9");
	core_free(second);
	fixture_settle(f);
	second = load_again(f);
	assert_null(user_find(second, "carol@lab.test"));
	core_free(second);
}

/* ---- what a user is made of ---- */

static void test_flaws(void **state)
{
	static const struct {
		enum user_text what;
		const char *value, *flaw; /* NULL: none */
	} rows[] = {
		{ USER_AOR, "sip:Carol@lab.test;x=y", NULL },
		{ USER_AOR, "carol", "an address" },
		{ USER_AOR, "ca\arol@lab.test", "an address" },
		{ USER_AOR, "ca\xFFrol@lab.test", "an address" },
		{ USER_AOR, "ca\xC2\x9Brol@lab.test", "an address" },
		{ USER_DISPLAY_NAME, "Carol \"<b>\" \\ O'Hara", NULL },
		{ USER_DISPLAY_NAME, "\xE2\x80\xAE evil", NULL },
		{ USER_DISPLAY_NAME, "", "empty" },
		{ USER_DISPLAY_NAME, "  ", "empty" },
		{ USER_DISPLAY_NAME, "a\ab", "control" },
		{ USER_DISPLAY_NAME, "a\tb", "control" },
		{ USER_DISPLAY_NAME, "a\x7F", "control" },
		{ USER_DISPLAY_NAME, "a\xC2\x9B", "control" },
		{ USER_DISPLAY_NAME, "a\xE2\x80\xA8", "line ends" },
		{ USER_DISPLAY_NAME, "a\xFF", "UTF-8" },
		{ USER_PASSWORD, "", NULL },
		{ USER_PASSWORD, "p\"\\\xC3\xA9\xE2\x80\xAE", NULL },
		{ USER_PASSWORD, "a\nb", "control" },
		{ USER_PASSWORD, "a\xFF", "UTF-8" },
		{ USER_NUMBER, "", NULL },
		{ USER_NUMBER, "+1 (555) 01-00", NULL },
		{ USER_NUMBER, "+", "telephone number" },
		{ USER_NUMBER, "1\t2", "telephone number" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *flaw = user_text_flaw(rows[i].what, rows[i].value);

		if (rows[i].flaw)
			assert_non_null(strstr(flaw ? flaw : "", rows[i].flaw));
		else
			assert_null(flaw);
	}
}

/* Lengths are in characters: each of these has two bytes. */
static void test_longest(void **state)
{
	char value[2 * (DISPLAY_NAME_MAX + 1) + 1];

	(void)state;
	for (size_t n = DISPLAY_NAME_MAX; n <= DISPLAY_NAME_MAX + 1; n++) {
		bool fits = n == DISPLAY_NAME_MAX;

		for (size_t i = 0; i < n; i++)
			memcpy(value + 2 * i, "\xC3\xA9", 2);
		value[2 * n] = '\0';
		assert_int_equal(!user_text_flaw(USER_DISPLAY_NAME, value), fits);
		assert_int_equal(!user_text_flaw(USER_PASSWORD, value), fits);
	}
	memset(value, '1', USER_MAX_NUMBER + 1);
	value[USER_MAX_NUMBER + 1] = '\0';
	assert_non_null(user_text_flaw(USER_NUMBER, value));
	value[USER_MAX_NUMBER] = '\0';
	assert_null(user_text_flaw(USER_NUMBER, value));
}

static void test_usual_name(void **state)
{
	static const struct {
		const char *aor, *name;
	} rows[] = {
		{ "Dave@lab.test", "Dave" },
		{ "sip:Erin@lab.test;x=y", "Erin" },
		{ "\"E\" <sips:frank:pw@lab.test:5061;transport=tls>", "frank" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct user *u = NULL;

		assert_int_equal(user_add(f->core, &(struct user_spec){ .aor = rows[i].aor }, &u),
				 0);
		assert_string_equal(u->display_name, rows[i].name);
	}
}

static void test_flaws_in_the_file(void **state)
{
	char path[] = "/tmp/mcxd-users-XXXXXX";
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	struct users *users;

	close(mkstemp(path));
	write_file(path, "[user dave@lab.test]\ndisplay_name =\npassword = a\x1B[31mb\n"
			 "number = one\n[user e\xC2\x9B@lab.test]\n");
	users = users_new(f->core, path);
	assert_true(users_load(users, &errors) < 0);
	assert_non_null(strstr(text_str(&errors), ":2: display_name: must not be empty"));
	assert_non_null(strstr(text_str(&errors), ":3: password: must not have control"));
	assert_non_null(strstr(text_str(&errors), ":4: number: must be a telephone number"));
	assert_non_null(strstr(text_str(&errors), ":5: \"e\xC2\x9B@lab.test\" is not an address"));
	assert_null(user_find(f->core, "dave@lab.test"));
	write_file(path, "[user Dave@lab.test]\npassword = x\n");
	assert_int_equal(users_load(users, NULL), 0);
	assert_string_equal(user_find(f->core, "dave@lab.test")->display_name, "dave");
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
		CASE(added_users_are_stored),
		CASE(the_file_takes_over_who_was_added),
		CASE(the_file_goes_first),
		CASE(flaws),
		CASE(longest),
		CASE(usual_name),
		CASE(flaws_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
