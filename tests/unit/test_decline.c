/*
 * An invitation that rings at several endpoints of its callee: who is told what when it ends.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

/* What a phone is told last. */
static void check_told_last(struct fixture *f, struct phone *p, const char *want)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	fixture_events(f, p, &events);
	if (events.n < strlen(want) ||
	    strcmp(text_str(&events) + events.n - strlen(want), want) != 0)
		fail_msg("\"%s\" does not end with \"%s\"", text_str(&events), want);
}

static void test_declined_for_all(void **state)
{
	struct fixture *f = *state;
	struct phone *one = fixture_phone(f, f->bob, "one"), *two = fixture_phone(f, f->bob, "two");
	struct fake_leg *l;
	uint64_t id;

	fixture_register(f, "sip:bob@127.0.0.1:5062");
	l = fixture_invite(f, "Hi", &id);
	check_told_last(f, two, "participant+ ");
	assert_int_equal(phone_callee_decline(one, id), PHONE_OK);
	fixture_settle(f);
	assert_non_null(strstr(text_str(&l->told), "refuse(603) "));
	assert_non_null(strstr(text_str(&f->dialled->told), "cancel"));
	check_told_last(f, one, "completed(The invitation was declined by this application) ");
	check_told_last(f, two, "completed(The invitation was declined at another endpoint) ");
	assert_int_equal(one->n_missed + two->n_missed, 0);
}

/* The others ring on, and it fails once all have declined. */
static void test_declined_at_one_endpoint(void **state)
{
	struct fixture *f = *state;
	struct phone *one = fixture_phone(f, f->bob, "one"), *two = fixture_phone(f, f->bob, "two");
	struct fake_leg *l;
	uint64_t id;

	l = fixture_invite(f, "Hi", &id);
	assert_int_equal(phone_callee_decline_here(one, id), PHONE_OK);
	assert_int_equal(phone_callee_decline_here(one, id), PHONE_NOT_FOUND);
	check_told_last(f, one, "completed(The invitation was declined by this application) ");
	check_told_last(f, two, "participant+ ");
	assert_null(strstr(text_str(&l->told), "refuse"));
	assert_int_equal(phone_callee_decline_here(two, id), PHONE_OK);
	fixture_settle(f);
	assert_non_null(strstr(text_str(&l->told), "refuse(486) free "));

	l = fixture_invite(f, "Hi", &id);
	assert_int_equal(phone_callee_decline_here(one, id), PHONE_OK);
	assert_int_equal(phone_callee_accept(two, id), PHONE_OK);
	assert_non_null(strstr(text_str(&l->told), "answer("));
	check_told_last(f, one, "completed(The invitation was declined by this application) ");
	leg_on_ended(&l->leg);

	fixture_invite(f, "Hi", &id);
	check_told_last(f, two, "participant+ ");
	assert_int_equal(phone_callee_decline_here(one, id), PHONE_OK);
	fixture_advance(f, 60000);
	check_told_last(f, two, "completed(The client did not respond to the invitation) missed ");
	assert_int_equal(one->n_missed, 0);
	assert_int_equal(two->n_missed, 1);
}

/* Whoever rings at the same time is told how it has ended. */
static void test_what_the_others_are_told(void **state)
{
	struct fixture *f = *state;
	struct phone *one = fixture_phone(f, f->bob, "one"), *two = fixture_phone(f, f->bob, "two");
	const struct diag busy = { .code = DIAG_BUSY, .sip_status = 600 };
	struct fake_leg *l;
	uint64_t id;

	fixture_register(f, "sip:bob@127.0.0.1:5062");
	fixture_invite(f, "Hi", &id);
	check_told_last(f, two, "participant+ ");
	leg_on_refused(&f->dialled->leg, &busy);
	check_told_last(f, two, "completed(The invitation was declined at another endpoint) ");

	l = fixture_invite(f, "Hi", &id);
	check_told_last(f, two, "participant+ ");
	assert_int_equal(phone_callee_accept(one, id), PHONE_OK);
	check_told_last(f, two, "completed(The invitation was accepted at another endpoint) ");
	leg_on_ended(&l->leg);
	assert_int_equal(two->n_missed, 0);

	l = fixture_invite(f, "Hi", &id);
	check_told_last(f, two, "participant+ ");
	leg_on_cancelled(&l->leg);
	check_told_last(f, two, "completed(Request was cancelled) missed ");
	assert_int_equal(two->n_missed, 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(declined_for_all),
		CASE(declined_at_one_endpoint),
		CASE(what_the_others_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
