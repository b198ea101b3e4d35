/*
 * Settings: maps
 */
#include "mcxd/base/setting_map.h"

#include "mcxd/base/file.h"
#include "mcxd/base/setting.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

struct config {
	char *name;
	struct setting_map ports;
};

static void check_word(const char *name, struct text *why)
{
	if (!*name || strchr(name, ' '))
		text_add(why, "not a word");
}

static void check_port(const char *value, struct text *why)
{
	if (*value && !strchr("123456789", *value))
		text_add(why, "not a port");
}

static const struct setting rows[] = {
	{ .section = "server",
	  .key = "name",
	  .type = SETTING_STRING,
	  .offset = offsetof(struct config, name),
	  .help = "Its name." },
	{ .section = "ports",
	  .key = "NAME",
	  .type = SETTING_MAP,
	  .offset = offsetof(struct config, ports),
	  .max = 5,
	  .help = "Port of a service.",
	  .check = check_port,
	  .check_name = check_word },
};
static const struct setting_table table = { rows, ARRAY_SIZE(rows) };

static int set(struct config *c, const char *arg, struct text *why)
{
	text_reset(why);
	return setting_set_arg(&table, c, arg, why);
}

static int load(struct config *c, const char *contents, struct text *errors)
{
	char path[] = "/tmp/mcxd-test-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(file_replace(path, contents, strlen(contents), 0600), 0);
	text_reset(errors);
	err = setting_load(&table, c, path, errors);
	unlink(path);
	return err;
}

static void any_name_is_taken(void **state)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(text_deinit) struct text dump = TEXT_INIT;
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	struct config c = { 0 };

	(void)state;
	setting_defaults(&table, &c);
	setting_dump(&table, &c, &dump);
	assert_string_equal(text_str(&dump), "[server]\n# Its name.\nname =\n\n"
					     "[ports]\n# Port of a service.\n");
	text_reset(&dump);
	assert_int_equal(c.ports.n, 0);
	assert_int_equal(load(&c, "[ports]\nsip.main = 5060\nempty =\nHTTP = 80\n", &why), 0);
	/* what is set later, on the command line, wins */
	assert_int_equal(set(&c, "ports.http=8080", &why), 0);
	assert_int_equal(c.ports.n, 3);
	assert_string_equal(c.ports.pairs[0]->value, "5060");
	assert_string_equal(c.ports.pairs[2]->name, "HTTP");
	assert_string_equal(c.ports.pairs[2]->value, "8080");
	setting_dump(&table, &c, &dump);
	assert_non_null(strstr(text_str(&dump), "[ports]\n# Port of a service.\nsip.main = 5060\n"
						"empty =\nHTTP = 8080\n"));
	setting_deinit(&table, &c);
	assert_int_equal(c.ports.n, 0);
	setting_defaults(&table, &c);
	assert_int_equal(load(&c, text_str(&dump), &why), 0);
	setting_dump(&table, &c, &again);
	assert_string_equal(text_str(&again), text_str(&dump));
	setting_deinit(&table, &c);
}

static void names_and_values_are_checked(void **state)
{
	static const struct {
		const char *arg, *why;
	} bad[] = {
		{ "ports.=1", "ports.: not a word" },
		{ "ports.a b=1", "ports.a b: not a word" },
		{ "ports.a=x", "ports.a: not a port" },
		{ "ports.a=123456", "ports.a: its length must be 0 to 5" },
		{ "ports.a=1\n", "ports.a: must not contain control characters" },
		{ "ports=1", "ports: unknown setting" },
		{ "xyzzy.a=1", "xyzzy.a: unknown setting" },
	};
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct config c = { 0 };

	(void)state;
	setting_defaults(&table, &c);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(set(&c, bad[i].arg, &why), -EINVAL);
		assert_string_equal(text_str(&why), bad[i].why);
	}
	assert_int_equal(c.ports.n, 0);
	assert_int_equal(load(&c, "[ports]\na = 1\nb = x\nA = 2\n", &why), -EINVAL);
	assert_non_null(strstr(text_str(&why), ":3: ports.b: not a port\n"));
	assert_non_null(strstr(text_str(&why), ":4: A was already set in line 2\n"));
	assert_string_equal(c.ports.pairs[0]->value, "1");
	setting_deinit(&table, &c);
}

static void assert_unsound(const struct setting *bad, size_t n, const char *expected)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	assert_false(setting_check_table(&(struct setting_table){ bad, n }, &why));
	assert_string_equal(text_str(&why), expected);
}

static void rows_are_checked(void **state)
{
	static const struct setting_override by_server[] = { { "server", 0 }, { 0 } };
	struct setting bad[2] = { rows[1], rows[0] };
	CLEANUP(text_deinit) struct text markdown = TEXT_INIT;

	(void)state;
	assert_true(setting_check_table(&table, NULL));
	setting_markdown(&table, &markdown);
	assert_non_null(strstr(text_str(&markdown),
			       "| `ports.NAME` | empty |  |  | Port of a service. |\n"));
	bad[1].section = "ports";
	assert_unsound(bad, 2, "ports.NAME: a map must be alone in its section");
	bad[1] = rows[0];
	bad[0].def = "80";
	assert_unsound(bad, 2, "ports.NAME: a map has no default");
	bad[0].overrides = by_server;
	assert_unsound(bad, 2, "ports.NAME: only numbers can be shared");
}

static void many_names(void **state)
{
	enum { N = 2000 };
	struct setting_map map = { 0 };
	char name[32];

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "Host-%d", i);
		setting_map_set(&map, name, "a");
	}
	for (int i = 0; i < N; i += 2) {
		snprintf(name, sizeof(name), "hOST-%d", i);
		setting_map_set(&map, name, "b");
	}
	assert_int_equal(map.n, N);
	for (int i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "Host-%d", i);
		assert_string_equal(map.pairs[i]->name, name);
		assert_string_equal(map.pairs[i]->value, i % 2 ? "a" : "b");
	}
	setting_map_deinit(&map);
	setting_map_deinit(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_name_is_taken),
		cmocka_unit_test(names_and_values_are_checked),
		cmocka_unit_test(rows_are_checked),
		cmocka_unit_test(many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
