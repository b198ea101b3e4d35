/*
 * Faults: each joint with each thing that can happen there
 *
 * Each test sees what the fault makes of a request, and that the answer comes again once it is mended.
 */
#include "faults_fixture.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "proto/record.h"
#include "proto/text/text.h"
#include "raw.h"
#include "tests/loop/front_end_fixture.h"

#include <errno.h>
#include <sys/socket.h>

/* The record of the strike, and that of the request, which names it. */
static void check_records(const struct stage *s, const char *joint, bool has_request)
{
	const struct journal *j = s->f->journal;
	const struct record *strike = NULL, *request = NULL;

	for (uint64_t seq = journal_first(j); seq <= journal_last(j); seq++) {
		const struct record *r = journal_get(j, seq);

		if (strcmp(r->kind, "fault") == 0 && record_value(r, "joint") &&
		    strcmp(record_value(r, "joint"), joint) == 0)
			strike = r;
		else if (r->fault)
			request = r;
	}
	assert_non_null(strike);
	if (!strike)
		return;
	assert_int_equal(strncmp(strike->summary, "Fault 1: ", 9), 0);
	assert_true(request || !has_request);
	if (request && has_request)
		assert_string_equal(request->fault, strike->summary);
}

/* ---- what happens ---- */

static void expect_status(struct stage *s)
{
	expect_answer(s);
	assert_int_equal(status_of(text_str(&s->r.in)), 503);
}

static void expect_delay(struct stage *s)
{
	expect_nothing(s);
	fixture_advance(s->f, 89999);
	expect_nothing(s);
	fixture_advance(s->f, 1);
	expect_answer(s);
}

/* Neither later nor when it is mended. */
static void expect_drop(struct stage *s)
{
	expect_nothing(s);
	fixture_advance(s->f, 20000);
	set(s, NULL, 0);
	expect_nothing(s);
}

static void expect_end(struct stage *s, int error)
{
	char byte;
	ssize_t n = -1;

	errno = EAGAIN;
	for (int i = 0; i < 5000 && n < 0 && errno == EAGAIN; i++) {
		run_rounds(s->f->loop, 1);
		n = recv(s->r.fd, &byte, 1, MSG_DONTWAIT);
	}
	assert_int_equal(n, error ? -1 : 0);
	if (error)
		assert_int_equal(errno, error);
}

static void expect_reset(struct stage *s)
{
	expect_end(s, ECONNRESET);
}

static void expect_close(struct stage *s)
{
	expect_end(s, 0);
}

/* A tenth at once, more with time, and all of it at the end. */
static void expect_slow(struct stage *s)
{
	size_t n_first, n_half;

	for (int i = 0; i < 150 && !*come(s); i++) {
	}
	n_first = s->r.in.n;
	assert_false(strstr(text_str(&s->r.in), "\r\n\r\n"));
	fixture_advance(s->f, 45000);
	come(s);
	n_half = s->r.in.n;
	assert_true(n_half > n_first);
	fixture_advance(s->f, 45000);
	come(s);
	assert_true(s->r.in.n > n_half);
	expect_answer(s);
	assert_non_null(strstr(text_str(&s->r.in), "\r\n\r\n"));
}

static void expect_garbage(struct stage *s)
{
	for (int i = 0; i < 150 && s->r.in.n < FAULT_GARBAGE_BYTES; i++)
		come(s);
	assert_int_equal(s->r.in.n, FAULT_GARBAGE_BYTES);
	for (size_t i = 0; i < s->r.in.n; i++)
		assert_true(s->r.in.data[i] & 0x80);
}

static void expect_silence(struct stage *s)
{
	expect_nothing(s);
	fixture_advance(s->f, 20000);
	expect_nothing(s);
	set(s, NULL, 0);
	expect_answer(s);
}

static const struct {
	struct fault_rule rule;
	void (*expect)(struct stage *s);
} whats[N_FAULT_WHATS] = {
	[FAULT_STATUS] = { { .what = FAULT_STATUS, .status = 503 }, expect_status },
	[FAULT_DELAY] = { { .what = FAULT_DELAY, .ms = 90000 }, expect_delay },
	[FAULT_DROP] = { { .what = FAULT_DROP }, expect_drop },
	[FAULT_RESET] = { { .what = FAULT_RESET }, expect_reset },
	[FAULT_CLOSE] = { { .what = FAULT_CLOSE }, expect_close },
	[FAULT_SLOW] = { { .what = FAULT_SLOW, .ms = 90000 }, expect_slow },
	[FAULT_GARBAGE] = { { .what = FAULT_GARBAGE }, expect_garbage },
	[FAULT_SILENCE] = { { .what = FAULT_SILENCE }, expect_silence },
};

static void test_matrix(void **state)
{
	struct stage *s = *state;

	for (int where = 0; where < N_FAULT_JOINTS; where++) {
		for (int what = 0; what < N_FAULT_WHATS; what++) {
			struct fault_rule rule = whats[what].rule;

			print_message("%s %s\n", fault_joints[where].name, fault_what_names[what]);
			rule.where = (enum fault_joint)where;
			set(s, &rule, 1);
			ask(s, rule.where);
			for (int i = 0; i < 150 && !struck(s); i++)
				run_rounds(s->f->loop, 30);
			assert_int_equal(struck(s), 1);
			whats[what].expect(s);
			check_records(s, fault_joints[where].name,
				      where != FAULT_PUSH_SERVICE_PHONE);
			mend(s, rule.where);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_matrix, faults_setup, faults_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
