/*
 * Faults
 */
#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct fault_passing edge = { .where = FAULT_FRONT_END_EDGE };

static void set(struct faults *f, const struct fault_rule *rules, size_t n, uint64_t seed)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	assert_int_equal(faults_set(f, rules, n, seed, &why), 0);
	assert_int_equal(why.n, 0);
}

/* Which of n that pass are struck: "x" and ".". */
static void pass(struct faults *f, const struct fault_passing *p, int n, struct text *ret)
{
	struct fault_strike strike;

	text_reset(ret);
	for (int i = 0; i < n; i++)
		text_add(ret, faults_strike(f, p, &strike) ? "x" : ".");
}

static void test_how_often(void **state)
{
	static const struct {
		int64_t times, nth;
		const char *expected;
	} rows[] = { { 0, 0, "xxxxx" }, { 2, 0, "xx..." }, { 0, 3, "..x.." } };
	struct faults *f = faults_new(NULL);
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;

	(void)state;
	pass(NULL, &edge, 2, &seen);
	assert_string_equal(text_str(&seen), "..");
	pass(f, &edge, 2, &seen);
	assert_string_equal(text_str(&seen), "..");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		set(f,
		    &(struct fault_rule){ .where = FAULT_FRONT_END_EDGE,
					  .what = FAULT_DROP,
					  .times = rows[i].times,
					  .nth = rows[i].nth },
		    1, 0);
		pass(f, &(struct fault_passing){ .where = FAULT_SIP_PEER }, 3, &seen);
		assert_string_equal(text_str(&seen), "...");
		pass(f, &edge, 5, &seen);
		assert_string_equal(text_str(&seen), rows[i].expected);
	}
	faults_free(f);
}

/* The same seed strikes the same ones, another seed others, and about as many as was asked for. */
static void test_probability(void **state)
{
	const struct fault_rule rule = { .where = FAULT_FRONT_END_EDGE,
					 .what = FAULT_DROP,
					 .probability = 4 };
	struct faults *f = faults_new(NULL);
	CLEANUP(text_deinit) struct text first = TEXT_INIT;
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	size_t n;

	(void)state;
	set(f, &rule, 1, 7);
	assert_int_equal(faults_seed(f), 7);
	pass(f, &edge, 1000, &first);
	n = (size_t)faults_rules(f, &n)->struck;
	assert_in_range(n, 200, 300);
	set(f, &rule, 1, 7);
	pass(f, &edge, 1000, &again);
	assert_string_equal(text_str(&first), text_str(&again));
	set(f, &rule, 1, 8);
	pass(f, &edge, 1000, &again);
	assert_string_not_equal(text_str(&first), text_str(&again));
	faults_free(f);
}

static void test_for_whom(void **state)
{
	struct faults *f = faults_new(NULL);
	struct fault_passing p = { .where = FAULT_SIP_PEER, .users = { "a@lab.test", NULL } };
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;

	(void)state;
	set(f,
	    &(struct fault_rule){
		    .where = FAULT_SIP_PEER, .what = FAULT_DROP, .user = "b@lab.test" },
	    1, 0);
	pass(f, &p, 1, &seen);
	assert_string_equal(text_str(&seen), ".");
	p.users[1] = "B@lab.test";
	pass(f, &p, 1, &seen);
	assert_string_equal(text_str(&seen), "x");
	faults_free(f);
}

static void test_refused(void **state)
{
	static const struct {
		struct fault_rule rule;
		const char *word;
	} rows[] = {
		{ { FAULT_FRONT_END_EDGE, FAULT_GARBAGE },
		  "garbage is not possible; possible are: status drop." },
		{ { FAULT_PHONE_FRONT_END, FAULT_DELAY, .ms = 1 }, "delay is not possible" },
		{ { FAULT_FRONT_END_EDGE, FAULT_STATUS, .status = 200 }, "from 400 to 699" },
		{ { FAULT_PHONE_FRONT_END, FAULT_STATUS, .status = 600 }, "from 400 to 599" },
		{ { FAULT_PUSH_SERVICE_PHONE, FAULT_DELAY }, "needs \"ms\"" },
		{ { FAULT_SIP_PEER, FAULT_DROP, .times = 1, .nth = 1 }, "at most one of" },
		{ { FAULT_SIP_PEER, FAULT_DROP, .times = -1 }, "not negative" },
		{ { FAULT_FRONT_END_EDGE, FAULT_DROP, .user = "b@lab.test" },
		  "cannot name a user" },
	};
	struct faults *f = faults_new(NULL);
	struct fault_rule both[2] = { { FAULT_FRONT_END_EDGE, FAULT_DROP } };
	size_t n;

	(void)state;
	set(f, both, 1, 3);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;

		both[1] = rows[i].rule;
		assert_true(faults_set(f, both, 2, 4, &why) < 0);
		if (!strstr(text_str(&why), rows[i].word))
			fail_msg("\"%s\" is not in \"%s\"", rows[i].word, text_str(&why));
		assert_int_equal(faults_rules(f, &n)[0].what, FAULT_DROP);
		assert_int_equal(n, 1);
		assert_int_equal(faults_seed(f), 3);
	}
	faults_free(f);
}

static void test_record(void **state)
{
	struct fault_rule rules[] = {
		{ FAULT_SIP_PEER, FAULT_DROP },
		{ FAULT_FRONT_END_EDGE, FAULT_STATUS, .status = 503, .times = 3 },
	};
	struct loop *l;
	struct journal *j;
	struct faults *f;
	struct fault_strike strike;
	const struct record *r;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	j = journal_new(l, &(struct journal_config){ 100, 1 << 20 });
	f = faults_new(j);
	set(f, rules, ARRAY_SIZE(rules), 0);
	assert_true(faults_strike(
		f, &(struct fault_passing){ .where = FAULT_FRONT_END_EDGE, .key = "sip:x" },
		&strike));
	assert_int_equal(strike.what, FAULT_STATUS);
	assert_int_equal(strike.status, 503);
	r = journal_get(j, 1);
	assert_string_equal(r->kind, "fault");
	assert_string_equal(r->summary, "Fault 1 of 3: status 503");
	assert_string_equal(r->key, "sip:x");
	assert_string_equal(record_value(r, "joint"), "front-end\u2192edge");
	assert_string_equal(record_value(r, "rule"), "2");
	assert_string_equal(record_value(r, "count"), "1");
	faults_free(f);
	journal_free(j);
	loop_free(l);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < N_FAULT_JOINTS; i++)
		assert_int_equal(fault_joint_of(fault_joints[i].name), i);
	for (int i = 0; i < N_FAULT_WHATS; i++)
		assert_int_equal(fault_what_of(fault_what_names[i]), i);
	assert_int_equal(fault_joint_of("x"), N_FAULT_JOINTS);
	assert_int_equal(fault_what_of("x"), N_FAULT_WHATS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_how_often), cmocka_unit_test(test_probability),
		cmocka_unit_test(test_for_whom),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_record),    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
