/*
 * A desktop and a phone in one process with the front end that they use: one loop, no standard input or
 * output, and a host that only listens and calls functions.
 */
#include "front_end_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/user.h"
#include "mcxd/sim/desktop.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"
#include "web/http/http.h"
#include "web/ucwa/ucwa.h"

/* What a client has reported. */
struct client {
	struct text events; /* "name summary;" */
	struct text problems;
	bool ended;
	int n_over;
	enum sim_outcome outcome;
};

static void on_event(void *magic, const struct sim_event *event)
{
	struct client *c = magic;

	text_addf(&c->events, "%s %s;", sim_event_rows[event->kind].name,
		  event->summary ? event->summary : "");
}

static void on_problem(void *magic, const char *sentence)
{
	struct client *c = magic;

	text_addf(&c->problems, "%s;", sentence);
}

static void on_over(void *magic, enum sim_outcome outcome)
{
	struct client *c = magic;

	c->n_over++;
	c->outcome = outcome;
}

static void on_end(void *magic, enum sim_outcome outcome)
{
	struct client *c = magic;

	c->ended = true;
	c->outcome = outcome;
}

static const struct sim_ops ops = {
	.on_event = on_event,
	.on_problem = on_problem,
	.on_over = on_over,
	.on_end = on_end,
};

struct stage {
	struct front_end_fixture *f;
	struct ucwa *ucwa;
	char *base;
	struct sim_desktop *desktop;
	struct sim_phone *phone;
	struct client alice, bob; /* at the desktop, with the phone */
};

/* It reported no problem that the test did not check. */
static void client_deinit(struct client *c)
{
	assert_string_equal(text_str(&c->problems), "");
	text_deinit(&c->events);
	text_deinit(&c->problems);
}

static int setup(void **state)
{
	struct stage *s = MEM_NEW(struct stage);
	struct http *http;

	fixture_setup((void **)&s->f);
	s->ucwa = ucwa_new(&(struct ucwa_args){ .loop = s->f->loop,
						.core = s->f->core,
						.journal = s->f->journal,
						.metrics = s->f->metrics,
						.config = &UCWA_CONFIG_DEFAULT });
	assert_int_equal(ucwa_listen(s->ucwa, "http",
				     &(struct http_config){ .listen = "127.0.0.1:0",
							    .max_body_bytes = 2000 },
				     &http),
			 0);
	s->base = text_format("http://%s", http_listen(http));
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;

	s->desktop = sim_desktop_free(s->desktop);
	s->phone = sim_phone_free(s->phone);
	run_rounds(s->f->loop, 5);
	ucwa_free(s->ucwa);
	client_deinit(&s->alice);
	client_deinit(&s->bob);
	free(s->base);
	fixture_teardown((void **)&s->f);
	free(s);
	return 0;
}

/* Run until a client has reported this, then forget its reports. */
static void expect(struct stage *s, struct client *c, const char *event)
{
	for (int i = 0; i < 5000 && !strstr(text_str(&c->events), event); i++)
		run_rounds(s->f->loop, 1);
	if (!strstr(text_str(&c->events), event))
		fail_msg("expected \"%s\" in \"%s\"", event, text_str(&c->events));
	text_reset(&c->events);
}

/* The same for a problem, after the events are forgotten. */
static void expect_problem(struct stage *s, struct client *c, const char *problem)
{
	for (int i = 0; i < 5000 && !c->problems.n; i++)
		run_rounds(s->f->loop, 1);
	assert_string_equal(text_str(&c->problems), problem);
	text_reset(&c->problems);
}

/* A phone of Bob's in place of the one before. */
static void start_phone(struct stage *s, enum sim_reaction on_invite, const char *endpoint_id)
{
	s->phone = sim_phone_free(s->phone);
	s->phone = sim_phone_new(s->f->loop,
				 &(struct sim_phone_config){ .server = s->base,
							     .user = "bob@lab.test",
							     .password = "secret",
							     .endpoint_id = endpoint_id,
							     .on_invite = on_invite },
				 &ops, &s->bob);
	sim_phone_start(s->phone);
}

static void start_both(struct stage *s, enum sim_reaction on_invite)
{
	s->desktop = sim_desktop_new(s->f->stack,
				     &(struct sim_desktop_config){
					     .server = fixture_tcp(s->f),
					     .user = "alice@lab.test",
					     .name = "Alice",
					     .on_invite = SIM_IGNORE,
				     },
				     &ops, &s->alice);
	sim_desktop_start(s->desktop);
	start_phone(s, on_invite, NULL);
	expect(s, &s->alice, "registered alice@lab.test;");
	expect(s, &s->bob, "signed-in bob@lab.test;");
}

/* The story, twice: a client can have one conversation after the other. */
static void test_story(void **state)
{
	struct stage *s = *state;

	start_both(s, SIM_IGNORE);
	for (int i = 1; i <= 2; i++) {
		assert_true(sim_desktop_invite(s->desktop, "bob", "Hi Bob"));
		assert_false(sim_desktop_invite(s->desktop, "bob", "Hi again"));
		expect(s, &s->bob, "invited Alice: Hi Bob;");
		assert_true(sim_phone_say(s->phone, "Hi Alice")); /* once connected */
		assert_true(sim_phone_accept(s->phone));
		expect(s, &s->alice, "message Bob: Hi Alice;");
		assert_true(sim_phone_type(s->phone));
		expect(s, &s->alice, "typing Bob;");
		assert_true(sim_desktop_say(s->desktop, "Lunch?"));
		expect(s, &s->bob, "message Alice: Lunch?;");
		if (i == 1)
			assert_true(sim_desktop_hang_up(s->desktop));
		else
			assert_true(sim_phone_hang_up(s->phone));
		expect(s, &s->bob, "ended Alice;");
		expect(s, &s->alice, "ended Bob;");
		assert_int_equal(sim_desktop_state(s->desktop), SIM_CALL_IDLE);
		assert_int_equal(s->alice.n_over, i);
		assert_int_equal(s->bob.n_over, i);
	}
	assert_true(sim_phone_sign_out(s->phone));
	assert_true(sim_desktop_end(s->desktop, SIM_DONE));
	assert_true(run_until(s->f->loop, &s->bob.ended));
	assert_true(run_until(s->f->loop, &s->alice.ended));
	assert_int_equal(s->bob.outcome, SIM_DONE);
	assert_int_equal(s->alice.outcome, SIM_DONE);
	assert_int_equal(list_length(&s->f->bob->phones), 0);
}

static void test_declined_and_cancelled(void **state)
{
	struct stage *s = *state;

	start_both(s, SIM_DECLINE);
	assert_true(sim_desktop_invite(s->desktop, "bob@lab.test", "Hi Bob"));
	expect(s, &s->alice, "failed Bob: 603 ");
	assert_int_equal(s->alice.outcome, SIM_FAILED);
	start_phone(s, SIM_IGNORE, NULL);
	expect(s, &s->bob, "signed-in");
	assert_true(sim_desktop_invite(s->desktop, "bob@lab.test", "Hi Bob"));
	expect(s, &s->bob, "invited");
	expect(s, &s->alice, "Waiting for a response");
	assert_true(sim_desktop_hang_up(s->desktop));
	assert_false(sim_desktop_hang_up(s->desktop));
	expect(s, &s->alice, "failed Bob: 487 ");
	expect(s, &s->bob, "ended Alice");
}

/* What the server has not told yet is asked for; what does not ring is not answered later either. */
static void test_answer_unheard(void **state)
{
	struct stage *s = *state;

	start_both(s, SIM_IGNORE);
	assert_true(sim_phone_accept(s->phone));
	expect_problem(s, &s->bob, "nobody is ringing;");
	assert_true(sim_desktop_invite(s->desktop, "bob", "Hi Bob"));
	expect(s, &s->bob, "invited Alice: Hi Bob;");
	run_rounds(s->f->loop, 20);
	assert_null(strstr(text_str(&s->bob.events), "accepted"));
	assert_true(sim_phone_accept(s->phone));
	expect(s, &s->alice, "connected");
	assert_true(sim_phone_decline(s->phone));
	expect_problem(s, &s->bob, "nobody is ringing; a conversation with Alice is open;");
	assert_true(sim_desktop_hang_up(s->desktop));
	expect(s, &s->bob, "ended Alice;");

	/* It rings while the app is being opened. */
	start_phone(s, SIM_ACCEPT, "phone");
	expect(s, &s->bob, "signed-in");
	s->phone = sim_phone_free(s->phone);
	assert_true(sim_desktop_invite(s->desktop, "bob", "Hi again"));
	expect(s, &s->alice, "Waiting for a response");
	start_phone(s, SIM_ACCEPT, "phone");
	assert_true(sim_phone_decline(s->phone));
	expect(s, &s->alice, "failed Bob: 603 ");
}

/* Whatever the call is doing, the other side is told that the desktop ends, and the server that it has ended. */
static void test_desktop_ends_in_a_call(void **state)
{
	struct stage *s = *state;
	struct client carol = { 0 };
	struct sim_desktop *other =
		sim_desktop_new(s->f->stack,
				&(struct sim_desktop_config){ .server = fixture_tcp(s->f),
							      .user = "bob@lab.test",
							      .on_invite = SIM_IGNORE },
				&ops, &carol);

	start_both(s, SIM_IGNORE);
	sim_desktop_start(other);
	expect(s, &carol, "registered");
	assert_true(sim_desktop_invite(s->desktop, "bob", "Hi Bob"));
	expect(s, &carol, "invited alice@lab.test;");
	expect(s, &s->alice, "Waiting for a response");
	assert_true(sim_desktop_end(s->desktop, SIM_FAILED));
	expect(s, &s->alice, "failed Bob: 487 ");
	expect(s, &carol, "ended alice@lab.test;");
	expect(s, &s->bob, "ended Alice: Canceled;");
	assert_true(run_until(s->f->loop, &s->alice.ended));
	assert_int_equal(s->alice.outcome, SIM_FAILED);
	assert_int_equal(list_length(&s->f->alice->bindings), 0);
	s->desktop = sim_desktop_free(s->desktop);
	s->phone = sim_phone_free(s->phone);

	s->alice.ended = false;
	start_both(s, SIM_IGNORE);
	assert_true(sim_desktop_invite(s->desktop, "bob", "Hi Bob"));
	expect(s, &s->bob, "invited");
	assert_true(sim_phone_accept(s->phone));
	expect(s, &s->alice, "connected");
	assert_true(sim_desktop_end(s->desktop, SIM_DONE));
	expect(s, &s->bob, "ended Alice;");
	assert_true(run_until(s->f->loop, &s->alice.ended));
	s->phone = sim_phone_free(s->phone);
	s->desktop = sim_desktop_free(s->desktop);
	sim_desktop_free(other);
	client_deinit(&carol);
}

/* Two desktops: the one that is invited answers when its host says so. */
static void test_two_desktops(void **state)
{
	struct stage *s = *state;
	struct client carol = { 0 };
	struct sim_desktop *other = sim_desktop_new(
		s->f->stack,
		&(struct sim_desktop_config){
			.server = fixture_udp(s->f), .user = "bob@lab.test", .transport = "udp" },
		&ops, &carol);

	start_both(s, SIM_IGNORE);
	s->phone = sim_phone_free(s->phone);
	sim_desktop_start(other);
	expect(s, &carol, "registered");
	assert_true(sim_desktop_invite(other, "alice", "Hi"));
	expect(s, &s->alice, "invited bob@lab.test;");
	assert_true(sim_desktop_decline(s->desktop));
	expect(s, &carol, "failed Alice: 603 ");
	assert_true(sim_desktop_invite(other, "alice", "Hi"));
	expect(s, &s->alice, "invited bob@lab.test;");
	assert_true(sim_desktop_accept(s->desktop));
	assert_false(sim_desktop_accept(s->desktop));
	expect(s, &carol, "connected");
	sim_desktop_finish(other);
	expect(s, &s->alice, "ended bob@lab.test;");
	expect(s, &carol, "ended");
	sim_desktop_free(other);
	client_deinit(&carol);
}

enum { TOKEN_LIFETIME_MS = 28800000 }; /* of UCWA_CONFIG_DEFAULT */

/* Requests that were refused because the token has expired are sent again with a new one. */
static void test_token_renewed(void **state)
{
	struct stage *s = *state;

	start_both(s, SIM_ACCEPT);
	fixture_advance(s->f, TOKEN_LIFETIME_MS + 1000);
	assert_true(sim_desktop_invite(s->desktop, "bob", "Hi Bob"));
	expect(s, &s->bob, "connected");
	assert_true(sim_phone_say(s->phone, "Hi Alice"));
	expect(s, &s->alice, "message Bob: Hi Alice;");
}

/* The password does not get another token: the phone says so once, and ends. */
static void test_token_refused(void **state)
{
	struct stage *s = *state;

	start_both(s, SIM_ACCEPT);
	mem_set_string(&s->f->bob->password, "changed");
	/* The next event request comes when the held one is over, after three minutes. */
	fixture_advance(s->f, TOKEN_LIFETIME_MS + 181000);
	assert_true(run_until(s->f->loop, &s->bob.ended));
	assert_int_equal(s->bob.outcome, SIM_FAILED);
	assert_string_equal(text_str(&s->bob.problems),
			    "the server does not accept this password for bob@lab.test "
			    "(invalid_grant);");
	text_reset(&s->bob.problems);
}

/* In the middle of a conversation the host may simply drop both. */
static void test_free_while_connected(void **state)
{
	struct stage *s = *state;

	start_both(s, SIM_ACCEPT);
	assert_true(sim_desktop_invite(s->desktop, "bob", "Hi Bob"));
	expect(s, &s->alice, "connected");
	assert_true(sim_desktop_say(s->desktop, "Unanswered"));
	assert_true(sim_phone_say(s->phone, "On its way"));
}

static void on_autodiscover(void *magic, struct http_request *r)
{
	const char *elsewhere = magic;
	CLEANUP(mem_free_string)
	char *body = text_format("{\"_links\":{\"redirect\":{\"href\":\"%s/\"}}}", elsewhere);

	http_answer(r, 200, "application/json", body, strlen(body));
}

static const struct http_route autodiscover[] = { { "GET", "/", on_autodiscover } };

static struct sim_phone_config phone_config(const char *server)
{
	return (struct sim_phone_config){ .server = server,
					  .user = "bob@lab.test",
					  .password = "secret",
					  .on_invite = SIM_IGNORE };
}

/* The server sends it elsewhere: one that stays says so, and nothing is sent there. */
static void test_stays(void **state)
{
	struct stage *s = *state;
	struct http *other;
	CLEANUP(mem_free_string) char *server = NULL;
	struct sim_phone_config config;

	assert_int_equal(http_new(
				 &(struct http_args){
					 .loop = s->f->loop,
					 .name = "other",
					 .config = &(struct http_config){ .listen = "127.0.0.1:0" },
					 .routes = autodiscover,
					 .n_routes = 1,
					 .magic = s->base },
				 &other),
			 0);
	server = text_format("http://%s", http_listen(other));
	config = phone_config(server);
	s->phone = sim_phone_new(s->f->loop, &config, &ops, &s->bob);
	sim_phone_start(s->phone);
	expect(s, &s->bob, "signed-in");
	s->phone = sim_phone_free(s->phone);

	config.stays = true;
	s->phone = sim_phone_new(s->f->loop, &config, &ops, &s->bob);
	sim_phone_start(s->phone);
	assert_true(run_until(s->f->loop, &s->bob.ended));
	assert_int_equal(s->bob.outcome, SIM_FAILED);
	assert_string_equal(text_str(&s->bob.events), "");
	assert_non_null(strstr(text_str(&s->bob.problems), "none of the lab's addresses"));
	text_reset(&s->bob.problems);
	http_free(other);
}

/* Without a network nothing that is sent arrives, and what is held open goes on when it is back. */
static void test_network_lost(void **state)
{
	struct stage *s = *state;

	start_both(s, SIM_ACCEPT);
	assert_true(sim_desktop_invite(s->desktop, "bob", "Hi Bob"));
	expect(s, &s->bob, "connected");
	sim_phone_set_online(s->phone, false);
	assert_true(sim_phone_say(s->phone, "Lost"));
	expect(s, &s->bob, "not-sent Alice: Lost;");
	assert_string_equal(text_str(&s->bob.problems),
			    "a message was refused: there is no network;");
	text_reset(&s->bob.problems);
	assert_true(sim_desktop_say(s->desktop, "Hello?"));
	run_rounds(s->f->loop, 20);
	assert_string_equal(text_str(&s->bob.events), "");
	sim_phone_set_online(s->phone, true);
	expect(s, &s->bob, "message Alice: Hello?;");
	assert_true(sim_phone_say(s->phone, "Found"));
	expect(s, &s->alice, "message Bob: Found;");
}

/* A phone that signs in without one cannot, and one that is freed without one leaves nothing behind. */
static void test_network_absent(void **state)
{
	struct stage *s = *state;
	struct sim_phone_config config = phone_config(s->base);

	s->phone = sim_phone_new(s->f->loop, &config, &ops, &s->bob);
	sim_phone_set_online(s->phone, false);
	sim_phone_start(s->phone);
	assert_true(run_until(s->f->loop, &s->bob.ended));
	assert_int_equal(s->bob.outcome, SIM_FAILED);
	assert_non_null(strstr(text_str(&s->bob.problems), "there is no network"));
	text_reset(&s->bob.problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_story, setup, teardown),
		cmocka_unit_test_setup_teardown(test_declined_and_cancelled, setup, teardown),
		cmocka_unit_test_setup_teardown(test_answer_unheard, setup, teardown),
		cmocka_unit_test_setup_teardown(test_desktop_ends_in_a_call, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_desktops, setup, teardown),
		cmocka_unit_test_setup_teardown(test_token_renewed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_token_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_free_while_connected, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_network_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_network_absent, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
