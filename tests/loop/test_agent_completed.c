/*
 * Agent: repeated requests over UDP
 */
#include "agent_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "tests/loop/raw.h"

static void ask(struct raw *r, const char *method, const char *branch, const char *call_id)
{
	raw_sendf(r,
		  "%s sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/UDP %s;branch=%s\n"
		  "From: <sip:alice@lab.test>;tag=1\nTo: <sip:bob@lab.test>\nCall-ID: %s\n"
		  "CSeq: 1 %s\nMax-Forwards: 70\nContent-Length: 0\n\n",
		  method, r->local, branch, call_id, method);
}

static void test_answer_is_repeated(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	ask(&r, "OPTIONS", "z9hG4bKsame", "same");
	CLEANUP(mem_free_string) char *first = raw_expect(&r, "SIP/2.0 200");
	for (int i = 0; i < 2; i++) {
		run_rounds(f->loop, 5);
		ask(&r, "OPTIONS", "z9hG4bKsame", "same");
		CLEANUP(mem_free_string) char *again = raw_expect(&r, "SIP/2.0 200");
		assert_string_equal(again, first);
	}
	assert_int_equal(f->n_requests, 1);
	/* and the journal has them all */
	assert_int_equal(journal_last(f->journal), 6);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_messages_received_total"), 3);
	assert_int_equal(agent_fixture_metric(f, "sip_edge_messages_sent_total"), 3);
	raw_close(&r);
}

/* Timer J. */
static void test_answers_are_forgotten(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	ask(&r, "OPTIONS", "z9hG4bKold", "old");
	free(raw_expect(&r, "SIP/2.0 200"));
	loop_jump(f->loop, 31000);
	run_rounds(f->loop, 5);
	ask(&r, "OPTIONS", "z9hG4bKold", "old");
	free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(f->n_requests, 1);
	loop_jump(f->loop, 1100);
	run_rounds(f->loop, 5);
	ask(&r, "OPTIONS", "z9hG4bKold", "old");
	free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(f->n_requests, 2);
	raw_close(&r);
}

static void test_other_requests_are_not_repetitions(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	ask(&r, "OPTIONS", "z9hG4bKone", "one");
	free(raw_expect(&r, "SIP/2.0 200"));
	ask(&r, "INFO", "z9hG4bKone", "one");
	free(raw_expect(&r, "SIP/2.0 200"));
	ask(&r, "OPTIONS", "z9hG4bKtwo", "two");
	free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(f->n_requests, 3);
	raw_close(&r);
}

/* Until the request is answered sofia recognizes repetitions, and it does those over TCP. */
static void test_before_the_answer(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	f->hold = true;
	ask(&r, "OPTIONS", "z9hG4bKheld", "held");
	while (!f->held)
		loop_step(f->loop, 1);
	ask(&r, "OPTIONS", "z9hG4bKheld", "held");
	raw_expect_silence(&r, 5);
	ask(&r, "OPTIONS", "z9hG4bKother", "held");
	CLEANUP(mem_free_string) char *merged = raw_expect(&r, "SIP/2.0 482");
	assert_non_null(strstr(sip_header(merged, "ms-diagnostics", 0), "31015;"));
	agent_reply(f->agent, f->held, 200, NULL, NULL);
	free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(f->n_requests, 1);
	ask(&r, "OPTIONS", "z9hG4bKheld", "held");
	free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(f->n_requests, 1);
	raw_close(&r);
}

/* RFC 2543 had no unique branch. */
static void test_branch_of_rfc_2543(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	for (int i = 0; i < 2; i++) {
		ask(&r, "OPTIONS", "1", "old-branch");
		free(raw_expect(&r, "SIP/2.0 200"));
	}
	assert_int_equal(f->n_requests, 1);
	raw_close(&r);
}

/* An answered request counts against the limit while it may be repeated. */
static void test_limit(void **state)
{
	struct agent_fixture *f = *state;
	struct raw r;

	raw_udp(&r, f->loop, agent_udp(f->agent));
	for (int i = 0; i < 6; i++) {
		char branch[32];

		snprintf(branch, sizeof(branch), "z9hG4bK-%d", i);
		ask(&r, "OPTIONS", branch, branch);
		free(raw_expect(&r, i < 4 ? "SIP/2.0 200" : "SIP/2.0 503"));
	}
	ask(&r, "OPTIONS", "z9hG4bK-0", "z9hG4bK-0");
	free(raw_expect(&r, "SIP/2.0 200"));
	assert_int_equal(f->n_requests, 4);
	loop_jump(f->loop, 33000);
	run_rounds(f->loop, 5);
	ask(&r, "OPTIONS", "z9hG4bK-later", "later");
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, agent_fixture_setup, agent_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer_is_repeated),
		TEST(test_answers_are_forgotten),
		TEST(test_other_requests_are_not_repetitions),
		TEST(test_before_the_answer),
		TEST(test_branch_of_rfc_2543),
		TEST(test_limit),
	};

	return cmocka_run_group_tests_name("agent_completed", tests, NULL, NULL);
}
