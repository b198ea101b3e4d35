/*
 * Faults: what is held, for whom, and how it ends
 */
#include "faults_fixture.h"

#include "mcxd/base/fault.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "raw.h"
#include "tests/loop/front_end_fixture.h"

#include <errno.h>
#include <sys/socket.h>

static const struct fault_rule holding[] = {
	{ .what = FAULT_DELAY, .ms = 90000 },
	{ .what = FAULT_SILENCE },
	{ .what = FAULT_DROP },
	{ .what = FAULT_SLOW, .ms = 90000 },
};

static void hold_and_mend(struct stage *s, enum fault_joint where, const struct fault_rule *like)
{
	print_message("%s %s\n", fault_joints[where].name, fault_what_names[like->what]);
	begin(s, where, like);
	set(s, NULL, 0);
	if (like->what == FAULT_DROP) {
		expect_nothing(s);
	} else {
		expect_answer(s);
		assert_non_null(strstr(text_str(&s->r.in), "\r\n\r\n"));
	}
	raw_close(&s->r);
}

/* Mended before the time is up: what is held goes on, whatever holds it. */
static void test_mended(void **state)
{
	for (int where = 0; where < N_FAULT_JOINTS; where++)
		for (size_t i = 0; i < ARRAY_SIZE(holding); i++)
			hold_and_mend(*state, (enum fault_joint)where, &holding[i]);
}

/* The lab is reset: what is held never happens. Over HTTP its connection ends, so that the client knows. */
static void test_lost(void **state)
{
	struct stage *s = *state;

	for (int where = 0; where < N_FAULT_JOINTS; where++) {
		for (int i = 0; i < 2; i++) {
			print_message("%s %s\n", fault_joints[where].name,
				      fault_what_names[holding[i].what]);
			begin(s, (enum fault_joint)where, &holding[i]);
			faults_reset(s->f->faults, NULL);
			assert_string_equal(come(s), "");
			assert_int_equal(s->r.closed, !is_sip((enum fault_joint)where));
			fixture_advance(s->f, 100000);
			assert_string_equal(come(s), "");
			mend(s, (enum fault_joint)where);
		}
	}
}

/* The other rules are set again around it, and it is held on. */
static void test_kept(void **state)
{
	struct stage *s = *state;
	struct fault_rule rules[] = { { FAULT_SIP_PEER, FAULT_GARBAGE, .user = "x@lab.test" },
				      { FAULT_EDGE_CLEARING_HOUSE, FAULT_SILENCE } };

	begin(s, FAULT_EDGE_CLEARING_HOUSE, &rules[1]);
	set(s, rules, 2);
	expect_nothing(s);
	set(s, rules, 1);
	expect_answer(s);
	raw_close(&s->r);
}

static void test_hung_up(void **state)
{
	struct stage *s = *state;

	for (int where = 0; where < N_FAULT_JOINTS; where++) {
		for (size_t i = 0; i < ARRAY_SIZE(holding); i++) {
			begin(s, (enum fault_joint)where, &holding[i]);
			raw_close(&s->r);
			run_rounds(s->f->loop, 20);
			fixture_advance(s->f, 100000);
			ask(s, (enum fault_joint)where);
			run_rounds(s->f->loop, 20);
			mend(s, (enum fault_joint)where);
		}
	}
}

/* The fixture is torn down while something is held at every joint, also what comes at the last moment. */
static void test_shut_down(void **state)
{
	struct stage *s = *state;
	struct fault_rule rules[N_FAULT_JOINTS];
	struct raw peers[N_FAULT_JOINTS];

	for (size_t i = 0; i < ARRAY_SIZE(holding); i++) {
		for (int where = 0; where < N_FAULT_JOINTS; where++) {
			rules[where] = holding[i];
			rules[where].where = (enum fault_joint)where;
		}
		set(s, rules, N_FAULT_JOINTS);
		for (int where = 0; where < N_FAULT_JOINTS; where++) {
			raw_tcp(&peers[where], s->f->loop, s->addresses[where]);
			send_nth(++s->n_sent, (enum fault_joint)where, &peers[where]);
		}
		if (i + 1 < ARRAY_SIZE(holding))
			run_rounds(s->f->loop, 30);
		faults_teardown(state);
		for (int where = 0; where < N_FAULT_JOINTS; where++)
			raw_close(&peers[where]);
		faults_setup(state);
		s = *state;
	}
}

/* ---- whom, and what else ---- */

/* A user whom nobody here is, and one who is. */
static void test_whom(void **state)
{
	struct stage *s = *state;
	struct fault_rule rule = { FAULT_SIP_PEER, FAULT_STATUS, .status = 503,
				   .user = "nobody@lab.test" };

	set(s, &rule, 1);
	ask(s, FAULT_SIP_PEER);
	expect_answer(s);
	assert_int_not_equal(status_of(text_str(&s->r.in)), 503);
	assert_int_equal(struck(s), 0);
	raw_close(&s->r);
	rule.user = "Bob@lab.test";
	set(s, &rule, 1);
	ask(s, FAULT_SIP_PEER);
	expect_answer(s);
	assert_int_equal(status_of(text_str(&s->r.in)), 503);
	raw_close(&s->r);
}

static void repeat(struct stage *s)
{
	send_nth(s->n_sent, FAULT_EDGE_CLEARING_HOUSE, &s->r);
	run_rounds(s->f->loop, 10);
}

/* Over UDP a client repeats what has no answer. What is lost is lost once; what is held is one request. */
static void test_udp(void **state)
{
	static const struct {
		enum fault_what what;
		int64_t n_struck; /* of three */
	} rows[] = { { FAULT_DROP, 3 },  { FAULT_SILENCE, 1 }, { FAULT_DELAY, 1 },
		     { FAULT_RESET, 0 }, { FAULT_CLOSE, 0 },   { FAULT_SLOW, 0 } };
	struct stage *s = *state;
	const char *udp = agent_udp(clearing_house_agent(s->clearing_house));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fault_rule rule = { FAULT_EDGE_CLEARING_HOUSE, rows[i].what };

		print_message("%s\n", fault_what_names[rule.what]);
		if (rule.what == FAULT_DELAY || rule.what == FAULT_SLOW)
			rule.ms = 90000;
		set(s, &rule, 1);
		raw_udp(&s->r, s->f->loop, udp);
		s->n_sent++;
		for (int j = 0; j < 3; j++)
			repeat(s);
		assert_int_equal(struck(s), rows[i].n_struck);
		if (!rows[i].n_struck)
			expect_answer(s);
		else
			expect_nothing(s);
		set(s, NULL, 0);
		if (rows[i].n_struck == 1)
			expect_answer(s);
		/* That was one request, and its answer is kept as any other. */
		text_reset(&s->r.in);
		repeat(s);
		expect_answer(s);
		raw_close(&s->r);
	}
}

/* After 64 * T1 no client waits for an answer any more. */
static void test_silence_ends(void **state)
{
	struct stage *s = *state;

	begin(s, FAULT_FRONT_END_EDGE, &holding[1]);
	fixture_advance(s->f, 32000);
	set(s, NULL, 0);
	expect_nothing(s);
	raw_close(&s->r);
}

/* What is sent over the connection meanwhile waits behind the slow answer, in order. */
static void test_behind(void **state)
{
	struct stage *s = *state;
	const char *second;

	begin(s, FAULT_EDGE_CLEARING_HOUSE, &holding[3]);
	send_nth(++s->n_sent, FAULT_FRONT_END_EDGE, &s->r);
	raw_sendf(&s->r, "\n\n"); /* a ping, RFC 5626 3.5.1 */
	come(s);
	fixture_advance(s->f, 90000);
	expect_answer(s);
	second = strstr(text_str(&s->r.in) + 1, "SIP/2.0 405");
	assert_non_null(second);
	assert_non_null(strstr(second, "\r\n\r\n\r\n"));
	raw_close(&s->r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mended, faults_setup, faults_teardown),
		cmocka_unit_test_setup_teardown(test_lost, faults_setup, faults_teardown),
		cmocka_unit_test_setup_teardown(test_kept, faults_setup, faults_teardown),
		cmocka_unit_test_setup_teardown(test_hung_up, faults_setup, faults_teardown),
		cmocka_unit_test_setup_teardown(test_shut_down, faults_setup, faults_teardown),
		cmocka_unit_test_setup_teardown(test_whom, faults_setup, faults_teardown),
		cmocka_unit_test_setup_teardown(test_udp, faults_setup, faults_teardown),
		cmocka_unit_test_setup_teardown(test_silence_ends, faults_setup, faults_teardown),
		cmocka_unit_test_setup_teardown(test_behind, faults_setup, faults_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
