/*
 * Parts of the simulated clients: links, options, lines
 */
#include "mcxd/sim/phone/phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- links ---- */

static void test_links(void **state)
{
	struct json_object *o =
		json_tokener_parse("{\"_links\":{\"self\":{\"href\":\"/a\"},\"many\":[{\"href\":\"/"
				   "b\"},{\"href\":\"/c\"}],"
				   "\"odd\":3,\"none\":[]},\"_embedded\":{\"one\":{\"name\":\"x\"},"
				   "\"two\":[{\"name\":\"y\"},"
				   "{\"name\":\"z\"}]}}");

	(void)state;
	assert_string_equal(link_href(o, "self"), "/a");
	assert_string_equal(link_href(o, "many"), "/b");
	assert_null(link_href(o, "odd"));
	assert_null(link_href(o, "none"));
	assert_null(link_href(o, "other"));
	assert_null(link_href(NULL, "self"));
	assert_string_equal(link_string(link_embedded(o, "one", 0), "name"), "x");
	assert_null(link_embedded(o, "one", 1));
	assert_string_equal(link_string(link_embedded(o, "two", 1), "name"), "z");
	assert_null(link_embedded(o, "two", 2));
	assert_null(link_string(o, "_links"));
	json_object_put(o);
}

static void check_resolved(const char *href, const char *want)
{
	CLEANUP(mem_free_string) char *url = link_resolve("https://127.0.0.1:8443", href);

	assert_string_equal(url, want);
}

static void check_origin(const char *url, const char *want)
{
	CLEANUP(mem_free_string) char *origin = link_origin(url);

	if (!want)
		assert_null(origin);
	else
		assert_string_equal(origin, want);
}

static void test_urls(void **state)
{
	(void)state;
	check_resolved("/a?b=c", "https://127.0.0.1:8443/a?b=c");
	check_resolved("a", "https://127.0.0.1:8443/a");
	check_resolved("http://lab.test/x", "http://lab.test/x");
	check_origin("https://127.0.0.1:8443/a/b?c", "https://127.0.0.1:8443");
	check_origin("http://lab.test?x", "http://lab.test");
	check_origin("http://lab.test", "http://lab.test");
	check_origin("/a", NULL);
	check_origin("127.0.0.1:80", NULL);
	check_origin("://x", NULL);
}

static void check_text(const char *href, const char *want)
{
	CLEANUP(mem_free_string) char *text = link_text(href);

	if (!want)
		assert_null(text);
	else
		assert_string_equal(text, want);
}

static void test_data(void **state)
{
	(void)state;
	check_text("data:text/plain;charset=utf-8,Hi+Bob%0d%0a", "Hi Bob\r\n");
	check_text("data:text/plain,1%2b1", "1+1");
	check_text("/not/data", NULL);
	check_text(NULL, NULL);
}

/* ---- options ---- */

static int parse(struct phone_options *o, const char *arguments)
{
	CLEANUP(mem_free_string) char *copy = text_format("phone %s", arguments);
	char *rest = copy, *word;
	char *argv[32] = { NULL };
	int argc = 0;

	/* What is kept points into it. */
	while ((word = strsep(&rest, " ")))
		if (*word)
			argv[argc++] = word;
	*o = (struct phone_options){ 0 };
	return phone_options_parse(argc, argv, o);
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
	assert_true(o.background);
	assert_true(o.echo);
	assert_false(o.json);
	assert_int_equal(o.count, 3);
	assert_int_equal(o.n_on_toast, 3);
	assert_int_equal(o.on_toast[0], REACT_IGNORE);
	assert_int_equal(o.on_toast[1], REACT_DECLINE);
	assert_int_equal(o.on_toast[2], REACT_ACCEPT);
	assert_int_equal(o.on_invite, REACT_IGNORE);
	assert_ptr_equal(o.device_name, o.user);
	phone_options_deinit(&o);

	assert_int_equal(parse(&o, "--server http://127.0.0.1:1 --user bob@lab.test --password x"),
			 -1);
	assert_int_equal(o.n_on_toast, 1);
	assert_int_equal(o.on_toast[0], REACT_ACCEPT);
	assert_non_null(strstr(o.user_agent, "WPLync"));
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
		assert_int_equal(parse(&o, bad[i]), SIM_USAGE);
		phone_options_deinit(&o);
	}
	assert_int_equal(parse(&o, "--ready-file /nonexistent --user bob@lab.test --password x"),
			 SIM_UNREACHABLE);
	phone_options_deinit(&o);
}

/* ---- the ready file ---- */

static void test_ready(void **state)
{
	struct json_object *o = json_tokener_parse(
		"{\"https\":\"https://x\",\"sip\":{\"tcp\":\"y\",\"udp\":\"\"},\"pid\":1}");

	(void)state;
	assert_string_equal(sim_ready_get(o, "https"), "https://x");
	assert_string_equal(sim_ready_get(o, "sip.tcp"), "y");
	assert_null(sim_ready_get(o, "sip.udp"));
	assert_null(sim_ready_get(o, "sip.tls"));
	assert_null(sim_ready_get(o, "sip"));
	assert_null(sim_ready_get(o, "pid"));
	assert_null(sim_ready_get(o, "https.x"));
	json_object_put(o);
}

/* ---- events ---- */

/* What sim_event() prints. */
static char *printed(bool json, const char *event, const char *text)
{
	const struct sim_field fields[] = { { "text", text }, { "none", NULL } };
	int pipe_fds[2], saved = dup(STDOUT_FILENO);
	char buffer[512];
	ssize_t n;

	fflush(stdout);
	assert_int_equal(pipe(pipe_fds), 0);
	dup2(pipe_fds[1], STDOUT_FILENO);
	sim_event(json, event, text, fields, ARRAY_SIZE(fields));
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(pipe_fds[1]);
	n = read(pipe_fds[0], buffer, sizeof(buffer));
	close(pipe_fds[0]);
	assert_true(n > 0);
	return mem_memdup(buffer, (size_t)n);
}

static void check_printed(bool json, const char *event, const char *text, const char *want)
{
	CLEANUP(mem_free_string) char *line = printed(json, event, text);

	assert_string_equal(line, want);
}

static void test_events(void **state)
{
	(void)state;
	check_printed(false, "background", NULL, "background\n");
	check_printed(false, "toast", "Alice: Hi", "toast  Alice: Hi\n");
	check_printed(false, "message", "a\r\nended\tx\x1B[2J\xC2\x9B\xC3\xA9",
		      "message  a ended x?[2J?\xC3\xA9\n");
	check_printed(true, "message", "a\n\"b\"/",
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

static void on_eof(void *magic)
{
	struct lines *l = magic;

	l->ended = true;
}

static void test_input(void **state)
{
	struct lines l = { 0 };
	struct sim_input *in;
	struct loop *loop;
	int fds[2];

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(pipe(fds), 0);
	in = sim_input_new(loop, fds[0], on_line, on_eof, &l);
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
	sim_input_free(in);
	close(fds[0]);
	loop_free(loop);
	text_deinit(&l.all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),       cmocka_unit_test(test_urls),
		cmocka_unit_test(test_data),        cmocka_unit_test(test_options),
		cmocka_unit_test(test_bad_options), cmocka_unit_test(test_ready),
		cmocka_unit_test(test_events),      cmocka_unit_test(test_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
