/*
 * Running settings: changed, read again, reset; all or nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mcxd/running.h"

#include "mcxd/base/log.h"
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_change.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/core/core.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/settings.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

struct fixture {
	struct running running;
	const char *file[4]; /* what is read again, as on a command line */
	struct text changes; /* "name=value " for each */
	int n_applied;
	struct text errors;
};

static int load(const void *origin, struct settings *ret, struct text *errors)
{
	const struct fixture *f = origin;

	setting_defaults(&settings_table, ret);
	for (size_t i = 0; f->file[i]; i++)
		if (setting_set_arg(&settings_table, ret, f->file[i], errors) < 0)
			return -EINVAL;
	return 0;
}

static void on_changed(void *magic, const char *name, const char *value)
{
	struct fixture *f = magic;

	text_addf(&f->changes, "%s=%s ", name, value);
}

static void apply(void *magic)
{
	struct fixture *f = magic;

	f->n_applied++;
}

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	struct settings s = { 0 };

	f->file[0] = "core.invite_timeout=20s";
	assert_int_equal(load(f, &s, &f->errors), 0);
	running_init(&f->running, &s,
		     &(struct running_ops){ .load = load,
					    .origin = f,
					    .on_changed = on_changed,
					    .apply = apply,
					    .magic = f });
	setting_deinit(&settings_table, &s);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	running_deinit(&f->running);
	text_deinit(&f->changes);
	text_deinit(&f->errors);
	free(f);
	return 0;
}

static int change(struct fixture *f, size_t n, const struct setting_change *changes)
{
	text_reset(&f->changes);
	text_reset(&f->errors);
	return running_change(&f->running, changes, n, &f->errors);
}

#define CHANGE(f, ...)                                                                             \
	change(f,                                                                                  \
	       sizeof((struct setting_change[]){ __VA_ARGS__ }) / sizeof(struct setting_change),   \
	       (struct setting_change[]){ __VA_ARGS__ })

static void test_change(void **state)
{
	struct fixture *f = *state;
	const struct settings *now = &f->running.now;

	assert_int_equal(CHANGE(f, { "core.invite_timeout", "5s" }, { "log.level", "info" }), 0);
	assert_string_equal(text_str(&f->changes), "log.level=info core.invite_timeout=5s ");
	assert_int_equal(f->n_applied, 1);
	assert_int_equal(now->core.invite_timeout_ms, 5000);
	assert_string_equal(now->log_level, "info");
	assert_string_equal(setting_map_get(&f->running.changed, "core.invite_timeout"), "5s");
	/* One goes back to what it was at the start, the other stays. */
	assert_int_equal(CHANGE(f, { "core.invite_timeout", NULL }), 0);
	assert_int_equal(now->core.invite_timeout_ms, 20000);
	assert_string_equal(now->log_level, "info");
	assert_int_equal(f->running.changed.n, 1);
	running_reset(&f->running);
	assert_string_equal(now->log_level, "warn");
	assert_int_equal(f->running.changed.n, 0);
}

static void check_refused(struct fixture *f, const char *name, const char *value, const char *why)
{
	assert_int_equal(CHANGE(f, { "log.level", "debug" }, { name, value }), -EINVAL);
	if (!strstr(text_str(&f->errors), why))
		fail_msg("%s=%s: %s", name, value ? value : "", text_str(&f->errors));
	assert_string_equal(text_str(&f->changes), "");
	assert_string_equal(f->running.now.log_level, "warn");
	assert_int_equal(f->running.changed.n, 0);
	assert_int_equal(f->n_applied, 0);
}

static void test_all_or_nothing(void **state)
{
	struct fixture *f = *state;

	check_refused(f, "core.invite_timeot", "5s", "did you mean core.invite_timeout?");
	check_refused(f, "core.invite_timeot", NULL, "did you mean core.invite_timeout?");
	check_refused(f, "core.invite_timeout", "soon", "\"soon\" is not a time");
	check_refused(f, "core.invite_timeout", "0s", "must be 100ms to 1d");
	check_refused(f, "sip.tcp", "127.0.0.1:1", "sip.tcp: cannot change while the program runs");
	check_refused(f, "https.listen", NULL, "cannot change");
	check_refused(f, "hosts.a.lab.test", "127.0.0.1", "cannot change");
	check_refused(f, "sip.max_message", "9k", "cannot change");
	check_refused(f, "", "", "unknown setting");
	/* Each is sound, but not both together. */
	check_refused(f, "core.min_expires", "3h", "must not be longer than core.max_expires");
}

static void test_every_error_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(CHANGE(f, { "core.nothing", "1" }, { "core.max_phones", "x" }), -EINVAL);
	assert_string_equal(text_str(&f->errors), "core.nothing: unknown setting\n"
						  "core.max_phones: \"x\" is not a whole number\n");
}

static void test_reading_again(void **state)
{
	struct fixture *f = *state;
	const struct settings *now = &f->running.now;

	assert_int_equal(CHANGE(f, { "core.invite_timeout", "5s" }), 0);
	f->file[0] = "core.invite_timeout=30s";
	f->file[1] = "core.call_timeout=7s";
	f->file[2] = "sip.tcp=127.0.0.1:7";
	text_reset(&f->changes);
	assert_int_equal(running_reload(&f->running, &f->errors), 0);
	/* What the lab API said holds on, and a listener stays where it is. */
	assert_string_equal(text_str(&f->changes), "core.call_timeout=7s ");
	assert_int_equal(now->core.invite_timeout_ms, 5000);
	assert_string_equal(now->sip.agent.tcp, "127.0.0.1:5060");
	assert_int_equal(CHANGE(f, { "core.invite_timeout", NULL }), 0);
	assert_int_equal(now->core.invite_timeout_ms, 30000);
	/* A file with an error changes nothing. */
	f->file[0] = "core.call_timeout=9s";
	f->file[1] = "core.call_timeout=often";
	assert_int_equal(running_reload(&f->running, &f->errors), -EINVAL);
	assert_int_equal(now->core.call_timeout_ms, 7000);
	/* Nor does one that does not go with what the lab API has changed. */
	assert_int_equal(CHANGE(f, { "core.min_expires", "1h" }), 0);
	f->file[0] = "core.max_expires=10m";
	f->file[1] = NULL;
	text_reset(&f->errors);
	assert_int_equal(running_reload(&f->running, &f->errors), -EINVAL);
	assert_non_null(strstr(text_str(&f->errors), "core.min_expires"));
	assert_int_equal(now->core.max_expires_s, 7200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_or_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_error_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reading_again, setup, teardown),
	};

	log_set_levels("error");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
