/*
 * Log
 */
#include "mcxd/base/log.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <json-c/json.h>
#include <unistd.h>

struct fixture {
	int pipe[2];
	char line[4096];
};

static int64_t noon(const void *magic)
{
	(void)magic;
	return INT64_C(1300000000123456);
}

static int setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	assert_int_equal(pipe(f->pipe), 0);
	log_set_fd(f->pipe[1]);
	log_set_clock(noon, NULL);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_set_fd(STDERR_FILENO);
	log_set_clock(NULL, NULL);
	log_set_format(LOG_FORMAT_TEXT);
	log_set_levels("info");
	close(f->pipe[0]);
	close(f->pipe[1]);
	free(f);
	return 0;
}

/* What was logged since the last time; a line is one write. */
static const char *logged(struct fixture *f)
{
	ssize_t n;

	/* A mark, so that the read returns when nothing was logged. */
	assert_int_equal(write(f->pipe[1], "\f", 1), 1);
	n = read(f->pipe[0], f->line, sizeof(f->line) - 1);
	assert_true(n > 0);
	f->line[n - 1] = '\0';
	return f->line;
}

static void a_plain_line(void **state)
{
	struct fixture *f = *state;

	log_info("sip", NULL, "listens on %s:%d", "127.0.0.1", 5060);
	assert_string_equal(logged(f), "2011-03-13T07:06:40.123Z info  sip: listens on "
				       "127.0.0.1:5060\n");
	log_error("core", "conv(17){ALERTING}", "boom");
	assert_string_equal(logged(f),
			    "2011-03-13T07:06:40.123Z error core conv(17){ALERTING}: boom\n");
}

static void a_json_line(void **state)
{
	struct fixture *f = *state;

	log_set_format(LOG_FORMAT_JSON);
	log_warn("web", "phone(3){HELD}", "say \"%s\"\\", "h\xC3\xA4\x01\xFF\n");
	assert_string_equal(logged(f),
			    "{\"time\":\"2011-03-13T07:06:40.123Z\",\"level\":\"warn\","
			    "\"room\":\"web\",\"name\":\"phone(3)\",\"state\":\"HELD\","
			    "\"message\":\"say \\\"h\xC3\xA4\\u0001\\ufffd\\u000a\\\"\\\\\"}\n");
	log_warn("web", NULL, "\xED\xA0\x80 \xF0\x9F\x98\x80 \xE2\x82");
	assert_string_equal(logged(f), "{\"time\":\"2011-03-13T07:06:40.123Z\",\"level\":\"warn\","
				       "\"room\":\"web\","
				       "\"message\":\"\\ufffd\\ufffd\\ufffd \xF0\x9F\x98\x80 "
				       "\\ufffd\\ufffd\"}\n");
}

/* Whatever a peer sent, a line is one object, and its members are those that we wrote. */
static void a_json_line_is_never_broken(void **state)
{
	static const char *const hostile[] = {
		"\",\"level\":\"error",
		"}\n{\"time\":\"x\"}",
		"\\",
		"\\\"",
		"\xFF\xC3",
		"\xE2\x80\xA8\xE2\x80\xAE",
		"{}",
		"{",
		"}{",
		"a{b}c",
	};
	struct fixture *f = *state;

	log_set_format(LOG_FORMAT_JSON);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct json_object *o, *member;
		const char *line;

		log_warn("web", hostile[i], "%s", hostile[i]);
		line = logged(f);
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		assert_true(utf8_is_text(line, strlen(line)));
		o = json_tokener_parse(line);
		assert_non_null(o);
		assert_true(json_object_object_get_ex(o, "level", &member));
		assert_string_equal(json_object_get_string(member), "warn");
		assert_true(json_object_object_get_ex(o, "message", &member));
		if (utf8_is_text(hostile[i], strlen(hostile[i])))
			assert_string_equal(json_object_get_string(member), hostile[i]);
		assert_true(json_object_object_length(o) <= 6);
		json_object_put(o);
	}
}

/* Text from outside can neither begin a line nor steer a terminal. */
static void a_line_stays_one_line(void **state)
{
	struct fixture *f = *state;

	log_info("sip", "x\ny", "a\r\nb\x1b[2J\x7f\tz");
	assert_string_equal(
		logged(f),
		"2011-03-13T07:06:40.123Z info  sip x\\ny: a\\r\\nb\\x1b[2J\\x7f\\x09z\n");
	log_info("sip", NULL,
		 "\xC2\x9B"
		 "2J \xE2\x80\xAE \xE2\x81\xA6 \xD8\x9C \xFF \xC3\xA4 \xE2\x82\xAC");
	assert_string_equal(logged(f),
			    "2011-03-13T07:06:40.123Z info  sip: \\xc2\\x9b2J \\xe2\\x80\\xae "
			    "\\xe2\\x81\\xa6 \\xd8\\x9c \\xff \xC3\xA4 \xE2\x82\xAC\n");
}

static void levels_by_category(void **state)
{
	struct fixture *f = *state;

	assert_false(log_enabled(LOG_DEBUG, "sip"));
	assert_int_equal(log_set_levels("warn,sip=debug,web=error"), 0);
	assert_true(log_enabled(LOG_DEBUG, "sip"));
	assert_true(log_enabled(LOG_ERROR, "web"));
	assert_false(log_enabled(LOG_WARN, "web"));
	assert_true(log_enabled(LOG_WARN, "core"));
	assert_false(log_enabled(LOG_INFO, "core"));
	log_info("core", NULL, "silence");
	assert_string_equal(logged(f), "");
	assert_int_equal(log_set_levels("sip=info"), 0);
	assert_true(log_enabled(LOG_INFO, "core"));
	assert_false(log_enabled(LOG_DEBUG, "sip"));
}

static void bad_levels_change_nothing(void **state)
{
	static const char *const bad[] = { "",
					   "loud",
					   "info,",
					   "sip=",
					   "=info",
					   "sip=loud",
					   "info,a-name-that-is-too-long=info" };

	(void)state;
	assert_int_equal(log_set_levels("error"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(log_set_levels(bad[i]), -EINVAL);
	assert_false(log_enabled(LOG_WARN, "sip"));
	assert_true(log_enabled(LOG_ERROR, "sip"));
}

static void a_category_may_be_named_often(void **state)
{
	struct text levels = TEXT_INIT;

	(void)state;
	text_add(&levels, "error");
	for (int i = 0; i < 100; i++)
		text_add(&levels, ",sip=debug");
	text_add(&levels, ",sip=warn");
	assert_int_equal(log_set_levels(text_str(&levels)), 0);
	assert_true(log_enabled(LOG_WARN, "sip"));
	assert_false(log_enabled(LOG_INFO, "sip"));
	text_deinit(&levels);
}

static void errno_survives(void **state)
{
	(void)state;
	errno = EXDEV;
	log_info("sip", NULL, "x");
	assert_int_equal(errno, EXDEV);
}

static void throttle(void **state)
{
	struct log_throttle t = { 0 };
	int64_t n = -1;

	(void)state;
	assert_true(log_throttle_passes(&t, 5, &n));
	assert_int_equal(n, 0);
	for (int i = 0; i < 1000; i++)
		assert_false(log_throttle_passes(&t, 5 + i, &n));
	assert_false(log_throttle_passes(&t, 4 + LOG_THROTTLE_MS, &n));
	assert_true(log_throttle_passes(&t, 5 + LOG_THROTTLE_MS, &n));
	assert_int_equal(n, 1001);
	assert_true(log_throttle_passes(&t, 5 + 2 * LOG_THROTTLE_MS, &n));
	assert_int_equal(n, 0);
}

static void left_out(void **state)
{
	char text[LOG_LEFT_OUT_SIZE];

	(void)state;
	assert_string_equal(log_left_out(0, text), "");
	assert_string_equal(log_left_out(1, text), " (and 1 more since this was last said)");
	assert_non_null(strstr(log_left_out(INT64_MAX, text), " since this was last said)"));
}

int main(void)
{
#define LOG_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(throttle),
		cmocka_unit_test(left_out),
		LOG_TEST(a_plain_line),
		LOG_TEST(a_json_line),
		LOG_TEST(a_json_line_is_never_broken),
		LOG_TEST(a_line_stays_one_line),
		LOG_TEST(levels_by_category),
		LOG_TEST(bad_levels_change_nothing),
		LOG_TEST(a_category_may_be_named_often),
		LOG_TEST(errno_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
