/*
 * Simulated clients as libraries: links, words, and clients whose host only listens
 */
#include "mcxd/base/loop.h"
#include "mcxd/sim/desktop.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/links.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"
#include "mcxd/sip/stack.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

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
	assert_string_equal(sim_link_href(o, "self"), "/a");
	assert_string_equal(sim_link_href(o, "many"), "/b");
	assert_null(sim_link_href(o, "odd"));
	assert_null(sim_link_href(o, "none"));
	assert_null(sim_link_href(o, "other"));
	assert_null(sim_link_href(NULL, "self"));
	assert_string_equal(json_in_string(sim_link_embedded(o, "one", 0), "name"), "x");
	assert_null(sim_link_embedded(o, "one", 1));
	assert_string_equal(json_in_string(sim_link_embedded(o, "two", 1), "name"), "z");
	assert_null(sim_link_embedded(o, "two", 2));
	assert_null(json_in_string(o, "_links"));
	json_object_put(o);
}

static void check_resolved(const char *href, const char *want)
{
	CLEANUP(mem_free_string) char *url = sim_link_resolve("https://127.0.0.1:8443", href);

	assert_string_equal(url, want);
}

static void test_urls(void **state)
{
	(void)state;
	check_resolved("/a?b=c", "https://127.0.0.1:8443/a?b=c");
	check_resolved("a", "https://127.0.0.1:8443/a");
	check_resolved("http://lab.test/x", "http://lab.test/x");
}

static void check_text(const char *href, const char *want)
{
	CLEANUP(mem_free_string) char *text = sim_link_text(href);

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

/* ---- words ---- */

static void test_reactions(void **state)
{
	enum sim_reaction r = SIM_IGNORE;

	(void)state;
	assert_true(sim_reaction_parse("accept,", 6, &r));
	assert_int_equal(r, SIM_ACCEPT);
	assert_false(sim_reaction_parse("accept,", 7, &r));
	assert_false(sim_reaction_parse("", 0, &r));
	assert_string_equal(sim_event_rows[SIM_EVENT_REGISTERED].name, "registered");
	assert_string_equal(sim_event_rows[SIM_EVENT_ENDED].name, "ended");
}

static void test_lines(void **state)
{
	struct sim_lines l;
	char *text;

	(void)state;
	sim_lines_init(&l);
	assert_null(sim_lines_take(&l));
	for (int i = 0; i < SIM_MAX_LINES; i++)
		assert_true(sim_lines_add(&l, i ? "more" : "first"));
	assert_false(sim_lines_add(&l, "too many"));
	text = sim_lines_take(&l);
	assert_string_equal(text, "first");
	free(text);
	assert_true(sim_lines_add(&l, "again"));
	sim_lines_deinit(&l);
}

/* ---- hosts ---- */

/* What a client has reported to its host. */
struct told {
	struct text events, problems;
	int n_ends;
	enum sim_outcome outcome;
	struct sim_phone *to_free; /* when it ends */
};

static void on_event(void *magic, const struct sim_event *event)
{
	struct told *t = magic;

	text_addf(&t->events, "%s;", sim_event_rows[event->kind].name);
}

static void on_problem(void *magic, const char *sentence)
{
	struct told *t = magic;

	text_addf(&t->problems, "%s;", sentence);
}

static void on_end(void *magic, enum sim_outcome outcome)
{
	struct told *t = magic;

	t->n_ends++;
	t->outcome = outcome;
	t->to_free = sim_phone_free(t->to_free);
}

static const struct sim_ops ops = {
	.on_event = on_event,
	.on_problem = on_problem,
	.on_end = on_end,
};

static const struct sim_ops no_ops;

struct stage {
	struct loop *loop;
	struct stack *stack;
	struct told told;
	int out, err, file; /* descriptors 1 and 2 as they were, and what stands in for them */
};

/* From here to teardown() nothing may be written to standard output and standard error. */
static int setup(void **state)
{
	struct stage *s = MEM_NEW(struct stage);
	char path[] = "/tmp/test_sim.XXXXXX";

	fflush(NULL);
	s->out = dup(STDOUT_FILENO);
	s->err = dup(STDERR_FILENO);
	s->file = mkstemp(path);
	assert_true(s->file >= 0);
	unlink(path);
	dup2(s->file, STDOUT_FILENO);
	dup2(s->file, STDERR_FILENO);
	assert_int_equal(loop_new(&s->loop), 0);
	assert_int_equal(stack_new(s->loop, NULL, &s->stack), 0);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;
	off_t n;

	stack_free(s->stack);
	loop_free(s->loop); /* asserts that no timer, call or descriptor is left */
	fflush(NULL);
	n = lseek(s->file, 0, SEEK_CUR);
	dup2(s->out, STDOUT_FILENO);
	dup2(s->err, STDERR_FILENO);
	close(s->out);
	close(s->err);
	close(s->file);
	text_deinit(&s->told.events);
	text_deinit(&s->told.problems);
	free(s);
	return n == 0 ? 0 : -1;
}

static void run(struct stage *s, int rounds)
{
	for (int i = 0; i < rounds; i++)
		loop_step(s->loop, 1);
}

static void run_to_end(struct stage *s)
{
	for (int i = 0; i < 5000 && !s->told.n_ends; i++)
		loop_step(s->loop, 1);
	assert_int_equal(s->told.n_ends, 1);
}

/* Nothing listens at port 1. */
static const struct sim_phone_config phone_config = { .server = "http://127.0.0.1:1",
						      .user = "bob@lab.test",
						      .password = "secret" };
static const struct sim_desktop_config desktop_config = { .server = "127.0.0.1:1",
							  .user = "alice@lab.test",
							  .name = "Alice" };

static void test_phone_without_server(void **state)
{
	struct stage *s = *state;
	struct sim_phone *p = sim_phone_new(s->loop, &phone_config, &ops, &s->told);

	sim_phone_start(p);
	run_to_end(s);
	assert_int_equal(s->told.outcome, SIM_UNREACHABLE);
	assert_string_equal(text_str(&s->told.events), "");
	assert_int_equal(
		strncmp(text_str(&s->told.problems), "cannot reach http://127.0.0.1:1/", 32), 0);
	run(s, 5);
	assert_int_equal(s->told.n_ends, 1);
	sim_phone_free(p);
}

static void test_desktop_without_server(void **state)
{
	struct stage *s = *state;
	struct sim_desktop *d = sim_desktop_new(s->stack, &desktop_config, &ops, &s->told);

	sim_desktop_start(d);
	run_to_end(s);
	assert_int_equal(s->told.outcome, SIM_UNREACHABLE);
	assert_string_equal(text_str(&s->told.events), "");
	assert_int_equal(strncmp(text_str(&s->told.problems), "cannot reach 127.0.0.1:1 (503", 29),
			 0);
	sim_desktop_free(d);
	run(s, 5);
}

static void test_bad_config(void **state)
{
	struct stage *s = *state;
	struct sim_phone_config pc = phone_config;
	struct sim_desktop_config dc = desktop_config;
	struct sim_desktop *d;

	pc.server = "127.0.0.1:1";
	s->told.to_free = sim_phone_new(s->loop, &pc, &ops, &s->told);
	sim_phone_start(s->told.to_free);
	run_to_end(s);
	assert_int_equal(s->told.outcome, SIM_FAILED);
	assert_null(s->told.to_free);

	s->told.n_ends = 0;
	dc.user = "<alice@lab.test>";
	d = sim_desktop_new(s->stack, &dc, &ops, &s->told);
	sim_desktop_start(d);
	run_to_end(s);
	assert_int_equal(s->told.outcome, SIM_FAILED);
	sim_desktop_free(d);
}

/* Actions fail while there is nothing to act on. */
static void test_actions(void **state)
{
	struct stage *s = *state;
	struct sim_phone *p = sim_phone_new(s->loop, &phone_config, &ops, &s->told);
	struct sim_desktop *d = sim_desktop_new(s->stack, &desktop_config, &ops, &s->told);

	assert_false(sim_phone_say(p, "to nobody"));
	assert_true(sim_phone_accept(p)); /* once it has signed in */
	assert_true(sim_phone_decline(p));
	assert_false(sim_phone_type(p));
	assert_false(sim_phone_hang_up(p));
	assert_false(sim_phone_hang_up_all(p));
	assert_false(sim_phone_to_foreground(p));
	assert_false(sim_phone_to_background(p));
	assert_false(sim_phone_is_busy(p));
	assert_false(sim_phone_say(p, ""));
	assert_true(sim_phone_say(p, "kept")); /* for what it is to accept */
	assert_true(sim_phone_is_busy(p));
	assert_true(sim_phone_sign_out(p));
	assert_false(sim_phone_sign_out(p));
	assert_false(sim_phone_say(p, "too late"));
	assert_false(sim_phone_accept(p));
	sim_phone_free(p);

	assert_int_equal(sim_desktop_state(d), SIM_CALL_IDLE);
	assert_false(sim_desktop_invite(d, "bob", "Hi"));
	assert_false(sim_desktop_accept(d));
	assert_false(sim_desktop_decline(d));
	assert_false(sim_desktop_hang_up(d));
	assert_false(sim_desktop_say(d, ""));
	assert_false(sim_desktop_say(d, "to nobody"));
	sim_desktop_finish(d);
	assert_true(sim_desktop_end(d, SIM_DONE));
	assert_false(sim_desktop_end(d, SIM_FAILED));
	assert_true(sim_desktop_is_ending(d));
	assert_false(sim_desktop_say(d, "too late"));
	sim_desktop_free(d);
	run(s, 5);
	assert_int_equal(s->told.n_ends, 0);
}

/* Whatever a client is about to do: once it is freed it calls nothing more, and leaves nothing in the loop. */
static void test_free_at_any_time(void **state)
{
	struct stage *s = *state;

	assert_null(sim_phone_free(NULL));
	assert_null(sim_desktop_free(NULL));
	for (int rounds = -1; rounds < 6; rounds++) {
		struct sim_phone *p = sim_phone_new(s->loop, &phone_config, &no_ops, NULL);
		struct sim_desktop *d = sim_desktop_new(s->stack, &desktop_config, &no_ops, NULL);

		if (rounds >= 0) {
			sim_phone_start(p);
			sim_desktop_start(d);
		}
		run(s, rounds);
		sim_phone_free(p);
		sim_desktop_free(d);
		run(s, 2);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_true(sim_desktop_is_address("alice@lab.test"));
	assert_false(sim_desktop_is_address("alice"));
	assert_false(sim_desktop_is_address("@lab.test"));
	assert_false(sim_desktop_is_address("alice@"));
	assert_false(sim_desktop_is_address("a@lab.test>\r\nX: y"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_reactions),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_phone_without_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_desktop_without_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_config, setup, teardown),
		cmocka_unit_test_setup_teardown(test_actions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_free_at_any_time, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
