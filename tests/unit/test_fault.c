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

static struct faults *make(struct loop *l, struct journal *j)
{
	struct faults *f = faults_new(l, j);

	for (int i = 0; i < N_FAULT_JOINTS; i++)
		faults_attend(f, (enum fault_joint)i, true);
	return f;
}

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
	struct faults *f = make(NULL, NULL);
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
	struct faults *f = make(NULL, NULL);
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
	struct faults *f = make(NULL, NULL);
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
		{ { FAULT_FRONT_END_EDGE, FAULT_STATUS, .status = 200 }, "from 400 to 699" },
		{ { FAULT_PHONE_FRONT_END, FAULT_STATUS, .status = 600 }, "from 400 to 599" },
		{ { FAULT_PUSH_SERVICE_PHONE, FAULT_DELAY }, "delay needs \"ms\"" },
		{ { FAULT_SIP_PEER, FAULT_DELAY, .ms = FAULT_MAX_MS + 1 }, "from 1 to 86400000" },
		{ { FAULT_SIP_PEER, FAULT_SLOW }, "slow needs \"ms\"" },
		{ { FAULT_SIP_PEER, FAULT_DROP, .ms = 1 }, "drop has no \"ms\"" },
		{ { FAULT_SIP_PEER, FAULT_DROP, .status = 503 }, "drop has no status" },
		{ { FAULT_SIP_PEER, FAULT_DROP, .times = 1, .nth = 1 }, "at most one of" },
		{ { FAULT_SIP_PEER, FAULT_DROP, .times = -1 }, "not negative" },
	};
	struct faults *f = make(NULL, NULL);
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

/* Nobody is there who would ask, or nothing that could be ended. */
static void test_not_there(void **state)
{
	struct faults *f = faults_new(NULL, NULL);
	struct fault_rule rule = { FAULT_SIP_PEER, FAULT_DROP };

	(void)state;
	for (int attended = 0; attended < 2; attended++) {
		CLEANUP(text_deinit) struct text why = TEXT_INIT;

		assert_true(faults_set(f, &rule, 1, 0, &why) < 0);
		assert_non_null(strstr(text_str(&why),
				       attended ? "there is only UDP" : "Nothing in this process"));
		faults_attend(f, FAULT_SIP_PEER, false);
		rule.what = FAULT_RESET;
	}
	rule.what = FAULT_GARBAGE;
	set(f, &rule, 1, 0);
	faults_attend(f, FAULT_SIP_PEER, true);
	rule.what = FAULT_SLOW;
	rule.ms = 1;
	set(f, &rule, 1, 0);
	faults_free(f);
}

static void test_datagrams(void **state)
{
	struct faults *f = make(NULL, NULL);
	struct fault_passing p = { .where = FAULT_SIP_PEER, .is_datagram = true };
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;

	(void)state;
	for (int what = 0; what < N_FAULT_WHATS; what++) {
		bool ends = what == FAULT_RESET || what == FAULT_CLOSE || what == FAULT_SLOW;

		set(f,
		    &(struct fault_rule){ .where = FAULT_SIP_PEER,
					  .what = (enum fault_what)what,
					  .status = what == FAULT_STATUS ? 503 : 0,
					  .ms = what == FAULT_DELAY || what == FAULT_SLOW },
		    1, 0);
		pass(f, &p, 1, &seen);
		assert_string_equal(text_str(&seen), ends ? "." : "x");
	}
	faults_free(f);
}

/* The first that is due strikes, and those behind it do not see the request. */
static void test_order(void **state)
{
	const struct fault_rule rules[] = {
		{ FAULT_SIP_PEER, FAULT_DROP, .nth = 2 },
		{ FAULT_SIP_PEER, FAULT_STATUS, .status = 503, .times = 2 },
		{ FAULT_SIP_PEER, FAULT_GARBAGE },
	};
	static const enum fault_what expected[] = { FAULT_STATUS, FAULT_DROP, FAULT_STATUS,
						    FAULT_GARBAGE };
	struct faults *f = make(NULL, NULL);
	struct fault_strike strike;
	const struct fault_rule *now;
	size_t n;

	(void)state;
	set(f, rules, ARRAY_SIZE(rules), 0);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_true(faults_strike(f, &(struct fault_passing){ .where = FAULT_SIP_PEER },
					  &strike));
		assert_int_equal(strike.what, expected[i]);
	}
	now = faults_rules(f, &n);
	assert_int_equal(now[0].seen, 4);
	assert_int_equal(now[1].seen, 3);
	assert_int_equal(now[2].seen, 1);
	faults_free(f);
}

/* What GET shows can be PUT back, and counting goes on. */
static void test_goes_on(void **state)
{
	const struct fault_rule rule = { FAULT_SIP_PEER, FAULT_DROP, .nth = 3 };
	struct fault_passing p = { .where = FAULT_SIP_PEER };
	struct faults *f = make(NULL, NULL);
	CLEANUP(text_deinit) struct text seen = TEXT_INIT;
	struct fault_rule copy;
	size_t n;

	(void)state;
	set(f, &rule, 1, 0);
	pass(f, &p, 2, &seen);
	copy = *faults_rules(f, &n);
	set(f, &copy, 1, 0);
	pass(f, &p, 2, &seen);
	assert_string_equal(text_str(&seen), "x.");
	set(f, &rule, 1, 0);
	pass(f, &p, 3, &seen);
	assert_string_equal(text_str(&seen), "..x");
	faults_free(f);
}

static void note_over(void *magic, enum fault_over how)
{
	text_add(magic, how == FAULT_TIME_IS_UP ? "up "
			: how == FAULT_MENDED   ? "mended "
						: "lost ");
}

static void hold_one(struct faults *f, struct fault_hold *h, int64_t ms, struct text *told)
{
	struct fault_strike strike;

	assert_true(faults_strike(f, &(struct fault_passing){ .where = FAULT_SIP_PEER }, &strike));
	faults_hold(f, h, &strike, ms, note_over, told);
}

static void test_hold(void **state)
{
	const struct fault_rule rules[] = { { FAULT_SIP_PEER, FAULT_SILENCE },
					    { FAULT_FRONT_END_EDGE, FAULT_DROP } };
	CLEANUP(text_deinit) struct text told = TEXT_INIT;
	struct fault_hold h[3];
	struct loop *l;
	struct faults *f;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	f = make(l, NULL);
	set(f, rules, 1, 0);
	hold_one(f, &h[0], 1000, &told);
	hold_one(f, &h[1], 0, &told);
	hold_one(f, &h[2], 0, &told);
	loop_jump(l, 1000);
	loop_step(l, 0);
	assert_string_equal(text_str(&told), "up ");
	/* Another rule besides changes nothing for those that stay. */
	set(f, rules, 2, 0);
	loop_step(l, 0);
	assert_string_equal(text_str(&told), "up ");
	fault_hold_end(&h[2]);
	set(f, &rules[1], 1, 0);
	assert_string_equal(text_str(&told), "up ");
	loop_step(l, 0);
	assert_string_equal(text_str(&told), "up mended ");
	set(f, rules, 2, 0);
	hold_one(f, &h[0], 0, &told);
	faults_reset(f, NULL);
	assert_false(faults_are_set(f));
	loop_step(l, 0);
	assert_string_equal(text_str(&told), "up mended lost ");
	faults_free(f);
	loop_free(l);
}

static void test_reset_one(void **state)
{
	const struct fault_rule rules[] = {
		{ FAULT_SIP_PEER, FAULT_DROP, .user = "a@lab.test" },
		{ FAULT_SIP_PEER, FAULT_GARBAGE, .user = "b@lab.test" },
		{ FAULT_SIP_PEER, FAULT_SILENCE },
	};
	struct faults *f = make(NULL, NULL);
	const struct fault_rule *left;
	size_t n;

	(void)state;
	set(f, rules, ARRAY_SIZE(rules), 5);
	faults_reset(f, "B@lab.test");
	left = faults_rules(f, &n);
	assert_int_equal(n, 2);
	assert_int_equal(left[0].what, FAULT_DROP);
	assert_string_equal(left[0].user, "a@lab.test");
	assert_int_equal(left[1].what, FAULT_SILENCE);
	assert_int_equal(faults_seed(f), 5);
	faults_reset(f, NULL);
	faults_rules(f, &n);
	assert_int_equal(n, 0);
	faults_free(f);
}

/* Others neither count anew nor draw other numbers. */
static void test_add(void **state)
{
	const struct fault_rule other = { FAULT_FRONT_END_EDGE, FAULT_DROP, .probability = 3 };
	const struct fault_rule mine = { FAULT_SIP_PEER, FAULT_DROP, .user = "a@lab.test" };
	const struct fault_rule bad = { FAULT_SIP_PEER, FAULT_STATUS, .status = 42 };
	CLEANUP(text_deinit) struct text alone = TEXT_INIT;
	CLEANUP(text_deinit) struct text first = TEXT_INIT;
	CLEANUP(text_deinit) struct text second = TEXT_INIT;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct faults *f = make(NULL, NULL);
	const struct fault_rule *rules;
	uint64_t id, same;
	size_t n;

	(void)state;
	set(f, &other, 1, 5);
	pass(f, &edge, 40, &alone);
	set(f, &other, 1, 5);
	pass(f, &edge, 20, &first);
	id = faults_add(f, &mine, &why);
	same = faults_add(f, &mine, &why);
	assert_true(id && same && id != same);
	assert_int_equal(faults_add(f, &bad, &why), 0);
	assert_true(why.n);
	rules = faults_rules(f, &n);
	assert_int_equal(n, 3);
	assert_string_equal(rules[0].user, "a@lab.test");
	assert_int_equal(rules[2].seen, 20);
	faults_remove(f, id);
	faults_remove(f, id);
	faults_remove(f, same);
	rules = faults_rules(f, &n);
	assert_int_equal(n, 1);
	pass(f, &edge, 20, &second);
	assert_int_equal(rules[0].seen, 40);
	text_add(&first, text_str(&second));
	assert_string_equal(text_str(&first), text_str(&alone));
	faults_free(f);
}

/* What it holds goes on. */
static void test_remove(void **state)
{
	const struct fault_rule rule = { FAULT_SIP_PEER, FAULT_SILENCE };
	CLEANUP(text_deinit) struct text told = TEXT_INIT;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	struct loop *l;
	struct fault_hold h;
	struct faults *f;
	uint64_t id;

	(void)state;
	assert_int_equal(loop_new(&l), 0);
	f = make(l, NULL);
	id = faults_add(f, &rule, &why);
	hold_one(f, &h, 0, &told);
	faults_remove(f, id);
	assert_string_equal(text_str(&told), "");
	loop_step(l, 0);
	assert_string_equal(text_str(&told), "mended ");
	faults_free(f);
	loop_free(l);
}

static void test_garbage(void **state)
{
	struct faults *f = make(NULL, NULL);
	char first[FAULT_GARBAGE_BYTES], again[FAULT_GARBAGE_BYTES];

	(void)state;
	set(f, NULL, 0, 7);
	faults_garbage(f, first);
	for (int i = 0; i < FAULT_GARBAGE_BYTES; i++)
		assert_true(first[i] & 0x80);
	faults_garbage(f, again);
	assert_memory_not_equal(first, again, sizeof(first));
	set(f, NULL, 0, 7);
	faults_garbage(f, again);
	assert_memory_equal(first, again, sizeof(first));
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
	f = make(l, j);
	set(f, rules, ARRAY_SIZE(rules), 0);
	assert_true(faults_strike(f, &edge, &strike));
	assert_int_equal(journal_last(j), 0);
	faults_record(f, &strike, &(struct fault_passing){ .key = "sip:x" });
	assert_int_equal(strike.what, FAULT_STATUS);
	assert_int_equal(strike.status, 503);
	r = journal_get(j, 1);
	assert_string_equal(r->kind, "fault");
	assert_string_equal(r->summary, "Fault 1 of 3: status 503");
	assert_string_equal(r->fault, r->summary);
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
	assert_int_equal(fault_joint_of("edge->clearing-house"), FAULT_EDGE_CLEARING_HOUSE);
	assert_int_equal(fault_joint_of("edge->clearing"), N_FAULT_JOINTS);
	assert_int_equal(fault_joint_of("edg->eclearing-house"), N_FAULT_JOINTS);
	assert_int_equal(fault_joint_of("->"), N_FAULT_JOINTS);
	assert_int_equal(fault_joint_of("x"), N_FAULT_JOINTS);
	assert_int_equal(fault_what_of("x"), N_FAULT_WHATS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_how_often), cmocka_unit_test(test_probability),
		cmocka_unit_test(test_for_whom),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_there), cmocka_unit_test(test_datagrams),
		cmocka_unit_test(test_order),     cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_hold),      cmocka_unit_test(test_reset_one),
		cmocka_unit_test(test_garbage),   cmocka_unit_test(test_record),
		cmocka_unit_test(test_names),     cmocka_unit_test(test_add),
		cmocka_unit_test(test_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
