/*
 * Parts of mcxsim: options, ready file, output, input
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/desktop_options.h"
#include "mcxd/tools/mcxsim/input.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/names.h"
#include "mcxd/tools/mcxsim/out.h"
#include "mcxd/tools/mcxsim/phone_options.h"
#include "mcxd/tools/mcxsim/ready.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- options ---- */

enum { MAX_WORDS = 32 };

/* Argument vector of the words in text, which is split in place. */
static int split(char *text, char *argv[MAX_WORDS])
{
	char *word;
	int argc = 0;

	while ((word = strsep(&text, " ")))
		if (*word)
			argv[argc++] = word;
	return argc;
}

/* Strings of the options point into the arguments, which are freed here: check only numbers and constants. */
static int parse(struct phone_options *o, const char *arguments)
{
	CLEANUP(mem_free_string) char *copy = text_format("phone %s", arguments);
	char *argv[MAX_WORDS] = { NULL };

	return phone_options_parse(split(copy, argv), argv, o);
}

/* Strings of the options stay until the next call. */
static int parse_desktop(struct desktop_options *o, const char *arguments)
{
	static char words[256];
	char *argv[MAX_WORDS] = { NULL };

	snprintf(words, sizeof(words), "desktop %s", arguments);
	return desktop_options_parse(split(words, argv), argv, o);
}

static void test_options(void **state)
{
	struct phone_options o;

	(void)state;
	assert_int_equal(
		parse(&o, "--server http://127.0.0.1:1 --user bob@lab.test --password x "
			  "--push-service-url http://127.0.0.1:2 --background "
			  "--on-toast ignore,decline,accept --on-invite ignore --count 3 --echo"),
		-1);
	assert_true(o.phone.background);
	assert_true(o.phone.echo);
	assert_false(o.json);
	assert_int_equal(o.count, 3);
	assert_int_equal(o.phone.n_on_toast, 3);
	assert_int_equal(o.phone.on_toast[0], SIM_IGNORE);
	assert_int_equal(o.phone.on_toast[1], SIM_DECLINE);
	assert_int_equal(o.phone.on_toast[2], SIM_ACCEPT);
	assert_int_equal(o.phone.on_invite, SIM_IGNORE);
	sim_phone_config_complete(&o.phone);
	assert_ptr_equal(o.phone.phone_name, o.phone.user);
	phone_options_deinit(&o);

	assert_int_equal(parse(&o, "--server http://127.0.0.1:1 --user bob@lab.test --password x"),
			 -1);
	sim_phone_config_complete(&o.phone);
	assert_int_equal(o.phone.n_on_toast, 1);
	assert_int_equal(o.phone.on_toast[0], SIM_ACCEPT);
	assert_non_null(strstr(o.phone.user_agent, "WPLync"));
	phone_options_deinit(&o);
}

static void test_bad_options(void **state)
{
	static const char *const bad[] = {
		"",
		"--server http://127.0.0.1:1 --password x",
		"--server http://127.0.0.1:1 --user bob --password x",
		"--server 127.0.0.1:1 --user bob@lab.test --password x",
		"--server http://127.0.0.1:1 --user bob@lab.test --password x --background",
		"--server http://127.0.0.1:1 --user bob@lab.test --password x --push-service-url x",
		"--server http://127.0.0.1:1 --user bob@lab.test --password x --count 0",
		"--server http://127.0.0.1:1 --user bob@lab.test --password x --count 1x",
		"--server http://127.0.0.1:1 --user bob@lab.test --password x --on-toast ignore,",
		"--server http://127.0.0.1:1 --user bob@lab.test --password x --on-invite maybe",
		"--server http://127.0.0.1:1 --user bob@lab.test --password x extra",
		"--nonsense",
	};
	struct phone_options o;

	(void)state;
	unsetenv("MCXSIM_PASSWORD");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(&o, bad[i]), MCXSIM_USAGE);
		phone_options_deinit(&o);
	}
	assert_int_equal(parse(&o, "--ready-file /nonexistent --user bob@lab.test --password x"),
			 MCXSIM_UNREACHABLE);
	phone_options_deinit(&o);
}

static void test_desktop_options(void **state)
{
	struct desktop_options o;

	(void)state;
	assert_int_equal(parse_desktop(&o,
				       "--server 127.0.0.1:1 --user bob@lab.test --transport udp "
				       "--on-invite ignore --hang-up-after 2 im carol Hi"),
			 -1);
	assert_string_equal(o.desktop.transport, "udp");
	assert_int_equal(o.desktop.on_invite, SIM_IGNORE);
	assert_int_equal(o.desktop.hang_up_after, 2);
	assert_non_null(o.peer);
	desktop_options_deinit(&o);

	assert_int_equal(parse_desktop(&o, "--server 127.0.0.1:1 --user bob@lab.test"), -1);
	assert_string_equal(o.desktop.transport, "tcp");
	assert_int_equal(o.desktop.on_invite, SIM_ACCEPT);
	assert_null(o.peer);
	desktop_options_deinit(&o);

	assert_int_equal(parse_desktop(&o, "--server 127.0.0.1:1 --user bob@lab.test "
					   "--transport tls --ca ca.pem"),
			 -1);
	assert_string_equal(o.desktop.transport, "tls");
	assert_string_equal(o.ca_file, "ca.pem");
	desktop_options_deinit(&o);
	assert_int_equal(
		parse_desktop(&o, "--server 127.0.0.1:1 --user bob@lab.test --transport tls"),
		MCXSIM_USAGE);
	desktop_options_deinit(&o);
	assert_int_equal(
		parse_desktop(&o, "--server 127.0.0.1:1 --user bob@lab.test --transport sctp"),
		MCXSIM_USAGE);
	desktop_options_deinit(&o);
}

/* ---- names ---- */

static void test_host_option(void **state)
{
	static const char *const bad[] = { "fe.lab.test",          "=127.0.0.1",
					   "a..b=127.0.0.1",       "fe.lab.test=",
					   "fe.lab.test=lab.test", "127.0.0.1=127.0.0.2" };
	struct phone_options o;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(mem_free_string)
		char *line = text_format("--server http://127.0.0.1:1 --user bob@lab.test "
					 "--password x --host %s",
					 bad[i]);

		assert_int_equal(parse(&o, line), MCXSIM_USAGE);
		phone_options_deinit(&o);
	}
	assert_int_equal(parse(&o, "--server http://127.0.0.1:1 --user bob@lab.test --password x "
				   "--host web.lab.test=127.0.0.2 --host six=::1 "
				   "--host Web.lab.test=127.0.0.3"),
			 -1);
	assert_int_equal(o.hosts.n, 2);
	assert_string_equal(o.hosts.pairs[0]->name, "web.lab.test");
	assert_string_equal(o.hosts.pairs[0]->value, "127.0.0.3");
	phone_options_deinit(&o);
}

static void test_names(void **state)
{
	/* None of these has to be looked up. */
	const char *const known[] = { "https://127.0.0.1:8443/x",
				      "[::1]:5060",
				      "http://[::1]/",
				      "localhost:5060",
				      "http://localhost?x",
				      "https://web.lab.test",
				      "web.lab.test:5060",
				      NULL };
	/* This is not asked for: it is no name. */
	const char *const bad[] = { "http://a..b:80/", NULL };
	struct setting_map given = { 0 };
	struct hosts *h = hosts_new();
	struct address a;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	setting_map_set(&given, "web.lab.test", "127.0.0.3");
	assert_true(names_find(h, &given, known));
	assert_true(hosts_resolve(h, "WEB.lab.test", 1, &a));
	assert_string_equal(address_format(&a, text), "127.0.0.3:1");
	assert_false(names_find(h, &given, bad));
	assert_false(hosts_resolve(h, "a..b", 1, &a));
	setting_map_deinit(&given);
	hosts_free(h);
}

/* A pipe takes the place of a descriptor. */
struct capture {
	int fd, saved, reader;
};

static struct capture capture_start(int fd)
{
	struct capture c = { .fd = fd, .saved = dup(fd) };
	int fds[2];

	fflush(NULL);
	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], fd);
	close(fds[1]);
	c.reader = fds[0];
	return c;
}

/* What was written meanwhile; free() it. */
static char *capture_end(struct capture *c)
{
	char buffer[4096];
	ssize_t n;

	fflush(NULL);
	dup2(c->saved, c->fd);
	close(c->saved);
	n = read(c->reader, buffer, sizeof(buffer));
	close(c->reader);
	assert_true(n >= 0);
	return mem_memdup(buffer, n > 0 ? (size_t)n : 0);
}

/* One line, which begins and ends like this. */
static void check_refusal(const char *arguments, const char *start, const char *end)
{
	struct capture c = capture_start(STDERR_FILENO);
	struct desktop_options o;
	int code = parse_desktop(&o, arguments);
	CLEANUP(mem_free_string) char *line = capture_end(&c);
	size_t n = strlen(line);

	desktop_options_deinit(&o);
	assert_int_equal(code, MCXSIM_USAGE);
	assert_int_equal(strncmp(line, start, strlen(start)), 0);
	assert_true(n > strlen(end));
	assert_string_equal(line + n - strlen(end), end);
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
}

static void test_refusals(void **state)
{
	const char *end = "; see mcxsim desktop --help\n";

	(void)state;
	check_refusal("", "mcxsim: no user given", end);
	check_refusal("--user bob@lab.test", "mcxsim: no server given", end);
	check_refusal("--what", "mcxsim: unknown option \"--what\"", end);
	check_refusal("-w", "mcxsim: unknown option \"-w\"", end);
	check_refusal("--user", "mcxsim: --user needs a value: ADDRESS", end);
	check_refusal("--echo=1", "mcxsim: --echo takes no value", end);
	check_refusal("--help=1", "mcxsim: --help takes no value", end);
	check_refusal("--user bob", "mcxsim: invalid value \"bob\" for --user: expected ", end);
	check_refusal("--transport sctp", "mcxsim: invalid value \"sctp\" for --transport", end);
	check_refusal("--hang-up-after 0", "mcxsim: invalid value \"0\" for --hang-up-after", end);
	check_refusal("--user b@l --server 1:1 call", "mcxsim: unexpected argument \"call\"", end);
	check_refusal("--user b@l --server 1:1 im carol", "mcxsim: im needs a user and a text",
		      end);
	check_refusal("--user b@l --server 1:1 im <c> Hi", "mcxsim: \"<c>\" cannot be invited",
		      end);
}

/* ---- the ready file ---- */

static void test_ready(void **state)
{
	struct json_object *o = json_tokener_parse(
		"{\"https\":\"https://x\",\"sip\":{\"tcp\":\"y\",\"udp\":\"\"},\"pid\":1}");

	(void)state;
	assert_string_equal(ready_get(o, "https"), "https://x");
	assert_string_equal(ready_get(o, "sip.tcp"), "y");
	assert_null(ready_get(o, "sip.udp"));
	assert_null(ready_get(o, "sip.tls"));
	assert_null(ready_get(o, "sip"));
	assert_null(ready_get(o, "pid"));
	assert_null(ready_get(o, "https.x"));
	json_object_put(o);
}

/* ---- events ---- */

/* What out_event() prints; free() it. */
static char *printed(bool json, enum sim_event_kind kind, const char *text)
{
	const struct sim_field fields[] = { { "text", text }, { "none", NULL } };
	const struct sim_event event = {
		.kind = kind, .summary = text, .fields = fields, .n_fields = ARRAY_SIZE(fields)
	};
	struct capture c = capture_start(STDOUT_FILENO);

	out_event(json, &event);
	return capture_end(&c);
}

static void check_printed(bool json, enum sim_event_kind kind, const char *text, const char *want)
{
	CLEANUP(mem_free_string) char *line = printed(json, kind, text);

	assert_string_equal(line, want);
}

static void test_events(void **state)
{
	(void)state;
	check_printed(false, SIM_EVENT_BACKGROUND, NULL, "background\n");
	check_printed(false, SIM_EVENT_TOAST, "Alice: Hi", "toast  Alice: Hi\n");
	check_printed(false, SIM_EVENT_MESSAGE, "a\r\nended\tx\x1B[2J\xC2\x9B\xC3\xA9",
		      "message  a ended x?[2J?\xC3\xA9\n");
	check_printed(true, SIM_EVENT_MESSAGE, "a\n\"b\"/",
		      "{\"event\":\"message\",\"text\":\"a\\n\\\"b\\\"/\"}\n");
}

/* ---- lines ---- */

struct lines {
	struct text all;
	bool ended;
};

static void on_line(void *magic, const char *line)
{
	struct lines *l = magic;

	text_addf(&l->all, "[%s]", line);
}

static void on_end(void *magic)
{
	struct lines *l = magic;

	l->ended = true;
}

static void test_input(void **state)
{
	struct lines l = { 0 };
	struct input *in;
	struct loop *loop;
	int fds[2];

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(pipe(fds), 0);
	in = input_new(loop, fds[0], on_line, on_end, &l);
	assert_non_null(in);
	assert_int_equal(write(fds[1], "one\r\n\ntw", 8), 8);
	loop_step(loop, 100);
	assert_string_equal(text_str(&l.all), "[one][]");
	assert_int_equal(write(fds[1], "o\nlast", 6), 6);
	close(fds[1]);
	for (int i = 0; i < 10 && !l.ended; i++)
		loop_step(loop, 100);
	assert_true(l.ended);
	assert_string_equal(text_str(&l.all), "[one][][two][last]");
	input_free(in);
	close(fds[0]);
	loop_free(loop);
	text_deinit(&l.all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),         cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_desktop_options), cmocka_unit_test(test_host_option),
		cmocka_unit_test(test_names),           cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_ready),           cmocka_unit_test(test_events),
		cmocka_unit_test(test_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
