/*
 * Settings, files
 */
#include "mcxd/base/setting.h"

#include "mcxd/base/file.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct config {
	char *listen;
	char *name;
	bool push;
	int64_t retries;
	int64_t timeout_ms;
	int64_t expires_s;
	int64_t max_bytes;
	int64_t linger_ms;
	int64_t max_peers, sip_max_peers, push_max_peers;
};

static void check_listen(const char *value, struct text *why)
{
	if (*value && !strchr(value, ':'))
		text_add(why, "not of the form address:port");
}

#define AT(member) offsetof(struct config, member)
static const struct setting_override by_peers[] = {
	{ "sip", AT(sip_max_peers) },
	{ "push", AT(push_max_peers) },
	{ 0 },
};
static const struct setting rows[] = {
	{ .section = "sip",
	  .key = "udp",
	  .type = SETTING_STRING,
	  .offset = AT(listen),
	  .def = "127.0.0.1:5060",
	  .help = "Where SIP over UDP is served.",
	  .check = check_listen },
	{ .section = "server",
	  .key = "name",
	  .type = SETTING_STRING,
	  .offset = AT(name),
	  .max = 10,
	  .help = "Its name | what it is called." },
	{ .section = "push",
	  .key = "microsoft",
	  .type = SETTING_BOOL,
	  .offset = AT(push),
	  .def = "yes",
	  .help = "Whether pushes go out." },
	{ .section = "push",
	  .key = "retries",
	  .type = SETTING_INT,
	  .offset = AT(retries),
	  .def = "3",
	  .min = -1,
	  .max = 100,
	  .help = "How often." },
	{ .section = "core",
	  .key = "invite_timeout",
	  .type = SETTING_MS,
	  .offset = AT(timeout_ms),
	  .def = "60s",
	  .min = 1000,
	  .max = 3600000,
	  .help = "How long a call rings." },
	{ .section = "core",
	  .key = "expires",
	  .type = SETTING_SECONDS,
	  .offset = AT(expires_s),
	  .def = "1h",
	  .help = "Of a registration." },
	{ .section = "core",
	  .key = "linger",
	  .type = SETTING_MS,
	  .offset = AT(linger_ms),
	  .def = "250",
	  .unit = "ms",
	  .help = "After a poll." },
	{ .section = "limits",
	  .key = "max_bytes",
	  .type = SETTING_BYTES,
	  .offset = AT(max_bytes),
	  .def = "64k",
	  .help = "Of a message." },
	{ .section = "limits",
	  .key = "max_peers",
	  .type = SETTING_INT,
	  .offset = AT(max_peers),
	  .def = "8",
	  .min = 1,
	  .max = 100,
	  .help = "At once.",
	  .overrides = by_peers },
};
static const struct setting_table table = { rows, ARRAY_SIZE(rows) };

struct fixture {
	struct config config;
	struct text text;
	char dir[32];
	char *path;
};

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	snprintf(f->dir, sizeof(f->dir), "/tmp/mcxd-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->path = text_format("%s/mcxd.ini", f->dir);
	setting_defaults(&table, &f->config);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	setting_deinit(&table, &f->config);
	text_deinit(&f->text);
	unlink(f->path);
	rmdir(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void defaults_are_there(void **state)
{
	struct fixture *f = *state;

	assert_true(setting_check_table(&table, NULL));
	assert_string_equal(f->config.listen, "127.0.0.1:5060");
	assert_string_equal(f->config.name, "");
	assert_true(f->config.push);
	assert_int_equal(f->config.retries, 3);
	assert_int_equal(f->config.timeout_ms, 60000);
	assert_int_equal(f->config.expires_s, 3600);
	assert_int_equal(f->config.max_bytes, 65536);
	assert_int_equal(f->config.linger_ms, 250);
}

static int set(struct fixture *f, const char *arg)
{
	text_reset(&f->text);
	return setting_set_arg(&table, &f->config, arg, &f->text);
}

static void values_are_read(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(set(f, "sip.udp="), 0);
	assert_string_equal(f->config.listen, "");
	assert_int_equal(set(f, "server.name=a=b c"), 0);
	assert_string_equal(f->config.name, "a=b c");
	assert_int_equal(set(f, "push.microsoft=OFF"), 0);
	assert_false(f->config.push);
	assert_int_equal(set(f, "push.retries=-1"), 0);
	assert_int_equal(f->config.retries, -1);
	assert_int_equal(set(f, "core.invite_timeout=1500ms"), 0);
	assert_int_equal(f->config.timeout_ms, 1500);
	assert_int_equal(set(f, "core.invite_timeout=90"), 0);
	assert_int_equal(f->config.timeout_ms, 90000);
	assert_int_equal(set(f, "core.invite_timeout=10 m"), 0);
	assert_int_equal(f->config.timeout_ms, 600000);
	assert_int_equal(set(f, "core.expires=3d"), 0);
	assert_int_equal(f->config.expires_s, 259200);
	assert_int_equal(set(f, "core.linger=2s"), 0);
	assert_int_equal(f->config.linger_ms, 2000);
	assert_int_equal(set(f, "core.linger=30"), 0);
	assert_int_equal(f->config.linger_ms, 30);
	assert_int_equal(set(f, "limits.max_bytes=2M"), 0);
	assert_int_equal(f->config.max_bytes, 2097152);
	assert_string_equal(text_str(&f->text), "");
}

static void wrong_values_are_refused(void **state)
{
	static const struct {
		const char *arg, *why;
	} bad[] = {
		{ "sip.udp", "sip.udp: expected section.key=value" },
		{ "sip.udp=here", "sip.udp: not of the form address:port" },
		{ "sip.udp=a:\n1", "sip.udp: must not contain control characters" },
		{ "server.name=eleven chars", "server.name: its length must be 0 to 10" },
		{ "push.microsoft=maybe", "push.microsoft: \"maybe\" is not yes or no" },
		{ "push.microsoft=", "push.microsoft: \"\" is not yes or no" },
		{ "push.retries=3x", "push.retries: \"3x\" is not a whole number" },
		{ "push.retries= 3", "push.retries: \" 3\" is not a whole number" },
		{ "push.retries=-2", "push.retries: must be -1 to 100" },
		{ "push.retries=99999999999999999999", "push.retries: must be -1 to 100" },
		{ "core.invite_timeout=999ms", "core.invite_timeout: must be 1s to 1h" },
		{ "core.invite_timeout=9223372036854775807d",
		  "core.invite_timeout: must be 1s to 1h" },
		{ "core.invite_timeout=60 parsecs",
		  "core.invite_timeout: \"60 parsecs\" is not a time such as 500ms, 60s, 10m, 8h "
		  "or 3d" },
		{ "core.expires=1500ms",
		  "core.expires: \"1500ms\" is not a time in whole seconds such as 60s, 10m, 8h or "
		  "3d" },
		{ "limits.max_bytes=9223372036854775807k",
		  "limits.max_bytes: the number is too large" },
		{ "limits.max_bytes=-",
		  "limits.max_bytes: \"-\" is not a number of bytes such as 4096, 64k or 16M" },
		{ "core.invite_timout=3s", "core.invite_timout: unknown setting; did you mean "
					   "core.invite_timeout?" },
		{ "push.nonsense=1", "push.nonsense: unknown setting" },
		{ "=", ": unknown setting" },
	};
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text before = TEXT_INIT;
	CLEANUP(text_deinit) struct text after = TEXT_INIT;

	setting_dump(&table, &f->config, &before);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(set(f, bad[i].arg), -EINVAL);
		assert_string_equal(text_str(&f->text), bad[i].why);
	}
	setting_dump(&table, &f->config, &after);
	assert_string_equal(text_str(&after), text_str(&before));
}

static void add_line(void *magic, const struct setting_entry *e)
{
	text_addf(magic, "%s.%s=%s %d\n", e->row->section, e->key, e->value, (int)e->number);
}

static void each_is_told(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text told = TEXT_INIT;

	assert_int_equal(set(f, "core.invite_timeout=90"), 0);
	setting_each(&table, &f->config, add_line, &told);
	assert_non_null(strstr(text_str(&told), "sip.udp=127.0.0.1:5060 0\n"));
	assert_non_null(strstr(text_str(&told), "core.invite_timeout=90s 90000\n"));
}

static int load(struct fixture *f, const char *contents)
{
	text_reset(&f->text);
	assert_int_equal(file_replace(f->path, contents, strlen(contents), 0600), 0);
	return setting_load(&table, &f->config, f->path, &f->text);
}

static void a_file_is_read(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(load(f, "\xEF\xBB\xBF; a comment\r\n"
				 "[sip]\r\n"
				 "udp = 0.0.0.0:5070\r\n"
				 "\n"
				 "[core]\n"
				 "# another\n"
				 "  invite_timeout=2m\n"
				 "\texpires : 10m\n"
				 "[server]\n"
				 "name ="),
			 0);
	assert_string_equal(text_str(&f->text), "");
	assert_string_equal(f->config.listen, "0.0.0.0:5070");
	assert_int_equal(f->config.timeout_ms, 120000);
	assert_int_equal(f->config.expires_s, 600);
	assert_string_equal(f->config.name, "");
}

static void assert_errors(struct fixture *f, const char *contents, const char *expected)
{
	CLEANUP(text_deinit) struct text without_path = TEXT_INIT;
	const char *at;

	assert_int_equal(load(f, contents), -EINVAL);
	for (at = text_str(&f->text); *at; at = strchr(at, '\n') + 1) {
		assert_int_equal(strncmp(at, f->path, strlen(f->path)), 0);
		text_addf(&without_path, "%.*s\n", (int)(strcspn(at, "\n") - strlen(f->path)),
			  at + strlen(f->path));
	}
	assert_string_equal(text_str(&without_path), expected);
}

static void errors_name_the_line(void **state)
{
	assert_errors(*state,
		      "[sip]\n"
		      "udp = nowhere\n"
		      "\n"
		      "upd = :1\n"
		      "[core]\n"
		      "invite_timeout = 61s\n"
		      "expires = soon\n",
		      ":2: sip.udp: not of the form address:port\n"
		      ":4: sip.upd: unknown setting; did you mean sip.udp?\n"
		      ":7: core.expires: \"soon\" is not a time in whole seconds such as 60s, 10m, "
		      "8h or 3d\n");
	assert_int_equal(((struct fixture *)*state)->config.timeout_ms, 61000);
	assert_errors(*state, "udp = :1\n", ":1: udp: a setting must be in a [section]\n");
	assert_errors(*state, "[sip bob]\nudp = :1\n",
		      ":1: [sip bob]: a section of settings has no second word\n");
	assert_errors(*state, "[sip]\n\nnonsense\n",
		      ":3: neither \"[section]\" nor \"key = value\"\n");
	assert_errors(*state, "[sip\n", ":1: neither \"[section]\" nor \"key = value\"\n");
	assert_errors(*state, "[sip bob too]\nudp = :1\n",
		      ":1: a section is a word, or a word and a name\n");
	assert_errors(*state, "[spi]\n", ":1: [spi]: unknown section\n");
}

static void a_file_that_cannot_be_read(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string)
	char *expected = text_format("%s: No such file or directory\n", f->path);

	assert_int_equal(setting_load(&table, &f->config, f->path, &f->text), -ENOENT);
	assert_string_equal(text_str(&f->text), expected);
	assert_int_equal(setting_load(&table, &f->config, f->dir, &f->text), -EISDIR);
	assert_int_equal(file_replace(f->path, "[sip]\n\0\n", 8, 0600), 0);
	assert_int_equal(setting_load(&table, &f->config, f->path, &f->text), -EINVAL);
}

static void settings_can_be_printed(void **state)
{
	static const char head[] =
		"| Setting | Default | Range | Live | Meaning |\n"
		"|---|---|---|---|---|\n"
		"| `sip.udp` | `127.0.0.1:5060` |  |  | Where SIP over UDP is served. |\n"
		"| `server.name` | empty |  |  | Its name \\| what it is called. |\n"
		"| `push.microsoft` | `yes` | yes, no |  | Whether pushes go out. |\n"
		"| `push.retries` | `3` | -1 to 100 |  | How often. |\n";
	struct fixture *f = *state;

	set(f, "core.invite_timeout=120s");
	set(f, "push.microsoft=0");
	set(f, "limits.max_bytes=1000");
	setting_dump(&table, &f->config, &f->text);
	assert_string_equal(text_str(&f->text), "[sip]\n"
						"# Where SIP over UDP is served.\n"
						"udp = 127.0.0.1:5060\n"
						"\n"
						"[server]\n"
						"# Its name | what it is called.\n"
						"name =\n"
						"\n"
						"[push]\n"
						"# Whether pushes go out.\n"
						"microsoft = no\n"
						"# How often.\n"
						"retries = 3\n"
						"\n"
						"[core]\n"
						"# How long a call rings.\n"
						"invite_timeout = 2m\n"
						"# Of a registration.\n"
						"expires = 1h\n"
						"# After a poll.\n"
						"linger = 250\n"
						"\n"
						"[limits]\n"
						"# Of a message.\n"
						"max_bytes = 1000\n"
						"# At once.\n"
						"max_peers = 8\n");
	text_reset(&f->text);
	setting_markdown(&table, &f->text);
	assert_int_equal(strncmp(text_str(&f->text), head, strlen(head)), 0);
}

static void sections_override_what_is_shared(void **state)
{
	struct fixture *f = *state;
	CLEANUP(text_deinit) struct text dump = TEXT_INIT;

	assert_int_equal(f->config.sip_max_peers, SETTING_UNSET);
	assert_int_equal(setting_or_shared(f->config.sip_max_peers, f->config.max_peers), 8);
	/* The order does not matter. */
	assert_int_equal(load(f, "[sip]\nmax_peers = 3\n[limits]\nmax_peers = 5\n"), 0);
	assert_int_equal(setting_or_shared(f->config.sip_max_peers, f->config.max_peers), 3);
	assert_int_equal(setting_or_shared(f->config.push_max_peers, f->config.max_peers), 5);
	/* A section's own value stays its own if it is equal to the shared one. */
	assert_int_equal(set(f, "push.max_peers=5"), 0);
	assert_int_equal(set(f, "limits.max_peers=6"), 0);
	assert_int_equal(setting_or_shared(f->config.push_max_peers, f->config.max_peers), 5);
	setting_dump(&table, &f->config, &dump);
	assert_non_null(strstr(text_str(&dump), "5060\nmax_peers = 3\n\n[server]"));
	assert_non_null(strstr(text_str(&dump), "retries = 3\nmax_peers = 5\n\n[core]"));
	assert_non_null(strstr(text_str(&dump), "# At once.\nmax_peers = 6\n"));
}

static void overrides_have_names(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(set(f, "push.max_peers=0"), -EINVAL);
	assert_string_equal(text_str(&f->text), "push.max_peers: must be 1 to 100");
	assert_int_equal(set(f, "push.max_pers=1"), -EINVAL);
	assert_string_equal(text_str(&f->text),
			    "push.max_pers: unknown setting; did you mean push.max_peers?");
	assert_int_equal(set(f, "core.max_peers=1"), -EINVAL);
	assert_string_equal(text_str(&f->text),
			    "core.max_peers: unknown setting; did you mean limits.max_peers?");
	text_reset(&f->text);
	setting_markdown(&table, &f->text);
	assert_non_null(
		strstr(text_str(&f->text),
		       "| `limits.max_peers` | `8` | 1 to 100 |  | At once. May be overridden "
		       "in sip and push, as `sip.max_peers`. |\n"));
	assert_null(strstr(text_str(&f->text), "| `sip.max_peers`"));
}

static void assert_unsound(const struct setting *bad, size_t n, const char *expected)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	assert_false(setting_check_table(&(struct setting_table){ bad, n }, &why));
	assert_string_equal(text_str(&why), expected);
}

static void tables_are_checked(void **state)
{
	struct setting bad[3] = { rows[3], rows[4] };
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	(void)state;
	assert_true(setting_check_table(&(struct setting_table){ bad, 2 }, &why));
	assert_string_equal(text_str(&why), "");
	bad[0].def = "101";
	assert_unsound(bad, 2, "push.retries: must be -1 to 100");
	bad[0] = bad[1];
	assert_unsound(bad, 2, "core.invite_timeout: twice, or its name is too long");
	bad[0].key = "other";
	bad[0].help = NULL;
	assert_unsound(bad, 2, "core.other: no help");
	bad[0] = rows[3];
	bad[1] = rows[1];
	bad[1].overrides = by_peers;
	assert_unsound(bad, 2, "server.name: only numbers can be shared");
	bad[1] = rows[8];
	assert_unsound(bad, 2, "sip.max_peers: its section has no rows");
	bad[1] = rows[4];
	bad[2] = rows[2];
	assert_unsound(bad, 3, "push.microsoft: not next to the other rows of its section");
}

static void a_file_is_replaced_whole(void **state)
{
	struct fixture *f = *state;
	CLEANUP(mem_free_string) char *nowhere = text_format("%s/no/file", f->dir);
	struct stat st;
	mode_t mask = umask(0777);

	assert_int_equal(file_replace(f->path, "one", 3, 0644), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(file_replace(f->path, "", 0, 0600), 0);
	umask(mask);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(file_replace(nowhere, "x", 1, 0600), -ENOENT);
	/* Writing onto a directory fails and leaves no file behind, or rmdir in the teardown would fail. */
	assert_true(file_replace(f->dir, "x", 1, 0600) < 0);
}

int main(void)
{
#define SETTING_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		SETTING_TEST(defaults_are_there),
		SETTING_TEST(values_are_read),
		SETTING_TEST(each_is_told),
		SETTING_TEST(wrong_values_are_refused),
		SETTING_TEST(a_file_is_read),
		SETTING_TEST(errors_name_the_line),
		SETTING_TEST(a_file_that_cannot_be_read),
		SETTING_TEST(settings_can_be_printed),
		SETTING_TEST(sections_override_what_is_shared),
		SETTING_TEST(overrides_have_names),
		SETTING_TEST(tables_are_checked),
		SETTING_TEST(a_file_is_replaced_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
