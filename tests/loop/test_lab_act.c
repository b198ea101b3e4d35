/*
 * Actors of the lab API: where they connect to, and a lab that has nothing to connect to. What they do is in
 * tests/scenario/actors.mjs.
 */
#include "lab_fixture.h"

#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "web/lab/actor/actor.h"
#include "web/lab/lab.h"
#include "web/lab/private.h"

static void info_of_everywhere(void *magic, struct lab_info *ret)
{
	static const struct lab_listener listeners[] = {
		{ "sip.tcp", "0.0.0.0:5060" },          { "sip.udp", "[::]:5060" },
		{ "sip.tls", "192.0.2.10.0.0.0:5061" }, { "https", "https://0.0.0.0:8443" },
		{ "http", "http://[::]:8080" },         { "push_service", "http://192.0.2.7:8080" },
	};

	(void)magic;
	*ret = (struct lab_info){ .listeners = listeners, .n_listeners = ARRAY_SIZE(listeners) };
}

/* A listener on every address of the machine is reached by the loopback, any other where it is. */
static void test_listener(void **state)
{
	static const struct {
		const char *name, *expected;
	} rows[] = {
		{ "sip.tcp", "127.0.0.1:5060" },        { "sip.udp", "[::1]:5060" },
		{ "sip.tls", "192.0.2.10.0.0.0:5061" }, { "https", "https://127.0.0.1:8443" },
		{ "http", "http://[::1]:8080" },        { "push_service", "http://192.0.2.7:8080" },
	};
	struct fixture *f = *state;
	char *none;

	f->lab->info = info_of_everywhere;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *where = actor_listener(f->lab, rows[i].name);

		assert_string_equal(where, rows[i].expected);
	}
	none = actor_listener(f->lab, "sip");
	assert_null(none);
}

/* The lab of the fixture has no SIP stack and no HTTPS. What is refused does not count. */
static void test_nothing_to_connect_to(void **state)
{
	struct fixture *f = *state;
	struct call call;

	assert_int_equal(user_add(f->core,
				  &(struct user_spec){ .aor = "bob@lab.test",
						       .display_name = "Bob",
						       .password = "secret" },
				  NULL),
			 0);
	for (int i = 0; i < 3; i++) {
		refused(f, 409, "SIP listener", "POST", "actors",
			"{'kind':'desktop','user':'bob@lab.test'}");
		refused(f, 409, "HTTPS listener", "POST", "actors",
			"{'kind':'phone','user':'bob@lab.test'}");
	}
	refused(f, 404, "x@lab.test is not a user", "POST", "actors",
		"{'kind':'phone','user':'x@lab.test'}");
	ask(f, &call, "GET", "actors", NULL);
	assert_int_equal(json_object_array_length(at(call.json, "actors")), 0);
	call_deinit(&call);
	wait_for_metric(f, "act_refused_total", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_listener, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_nothing_to_connect_to, lab_setup,
						lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
