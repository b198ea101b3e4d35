/*
 * Agent: out of file descriptors
 */
#include "agent_fixture.h"
#include "mcxd/base/loop.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <sys/resource.h>
#include <unistd.h>

enum { WATCHED_MS = 300, STEP_MS = 50, MAX_ROUNDS = 100 };

/* No descriptor more; returns what the limit was. */
static struct rlimit forbid_descriptors(void)
{
	struct rlimit before, none;
	int first_free = dup(STDERR_FILENO);

	assert_true(first_free >= 0);
	close(first_free);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = (rlim_t)first_free, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return before;
}

static void expect_served(struct raw *r, const char *call_id)
{
	agent_fixture_send(r, "OPTIONS", call_id, "");
	free(raw_expect(r, "SIP/2.0 200"));
}

/* A connection that cannot be accepted keeps its listener ready: without pauses the loop would make a round after the other, some
 * ten thousand in this time. Meanwhile everybody else is served, and they are when there are descriptors again. */
static void test_accepting_pauses_and_goes_on(void **state)
{
	struct agent_fixture *f = *state;
	struct raw old, udp, waiting[2];
	struct rlimit before;
	int64_t until_ms;
	int n_rounds = 0;

	raw_tcp(&old, f->loop, agent_tcp(f->agent));
	expect_served(&old, "old-1");
	raw_udp(&udp, f->loop, agent_udp(f->agent));
	raw_tcp(&waiting[0], f->loop, agent_tcp(f->agent));
	raw_tcp(&waiting[1], f->loop, agent_tcp(f->agent));
	before = forbid_descriptors();
	for (until_ms = loop_real_ms(f->loop) + WATCHED_MS; loop_real_ms(f->loop) < until_ms;
	     n_rounds++)
		loop_step(f->loop, STEP_MS);
	assert_in_range(n_rounds, 1, MAX_ROUNDS);
	assert_in_range(agent_fixture_metric(f, "sip_edge_accepts_paused_total"), 1, MAX_ROUNDS);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections"), 1);
	expect_served(&old, "old-2");
	expect_served(&udp, "udp");

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	expect_served(&waiting[0], "waiting-0");
	expect_served(&waiting[1], "waiting-1");
	raw_close(&old);
	raw_close(&udp);
	raw_close(&waiting[0]);
	raw_close(&waiting[1]);
}

/* One descriptor becomes free, and one of two gets in. */
static void test_one_that_becomes_free_is_used(void **state)
{
	struct agent_fixture *f = *state;
	int spare = dup(STDERR_FILENO);
	struct raw waiting[2];
	struct rlimit before;

	raw_tcp(&waiting[0], f->loop, agent_tcp(f->agent));
	raw_tcp(&waiting[1], f->loop, agent_tcp(f->agent));
	before = forbid_descriptors();
	while (agent_fixture_metric(f, "sip_edge_accepts_paused_total") == 0)
		loop_step(f->loop, STEP_MS);
	close(spare);
	expect_served(&waiting[0], "first");
	assert_int_equal(agent_fixture_metric(f, "sip_edge_connections"), 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	expect_served(&waiting[1], "second");
	raw_close(&waiting[0]);
	raw_close(&waiting[1]);
}

/* What we want to connect to is unreachable then, and not for ever. */
static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct agent_fixture *f = (struct agent_fixture *)magic;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	f->status = sip->sip_status->st_status;
	f->answered = true;
	assert_int_equal(agent_failure(orq, f->status, &why), DIAG_TEMPORARILY_NO_ROUTE);
	assert_string_equal(text_str(&why), "cannot connect: Too many open files");
	return 0;
}

static void test_connecting_fails_at_once(void **state)
{
	struct agent_fixture *f = *state;
	CLEANUP(text_deinit) struct text message = TEXT_INIT;
	struct rlimit before = forbid_descriptors();
	nta_outgoing_t *orq;

	text_add(&message, "MESSAGE sip:push@lab.test SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\n"
			   "To: <sip:push@lab.test>\r\nCall-ID: no-fd\r\nCSeq: 1 MESSAGE\r\n"
			   "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
	orq = agent_send_text(f->agent, "sip:127.0.0.1:9;transport=tcp", &message, on_response, f);
	assert_non_null(orq);
	assert_true(run_until(f->loop, &f->answered));
	assert_int_equal(f->status, 503);
	nta_outgoing_destroy(orq);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_accepting_pauses_and_goes_on),
		TEST(test_one_that_becomes_free_is_used),
		TEST(test_connecting_fails_at_once),
	};

	return cmocka_run_group_tests_name("agent_descriptors", tests, NULL, NULL);
}
