/*
 * Calls and conferences at a phone
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/event.h"
#include "mcxd/core/life.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"

/* Alice's client calls Bob, whose phone takes calls as this set of modalities says. */
struct call {
	struct phone *phone;
	struct fake_leg *caller;
	uint64_t id;
};

static void ring(struct call *c, struct fixture *f, unsigned modalities,
		 const struct invitation *inv)
{
	c->phone = fixture_phone(f, f->bob, "one");
	session_set_media(c->phone, &(struct phone_media){ .modalities = modalities });
	fixture_subscribe(c->phone);
	c->caller = fake_leg_new();
	c->id = route_invite(f->core, &c->caller->leg, inv);
	fixture_settle(f);
}

static const struct invitation audio = { .from = "alice@lab.test",
					 .to = "bob@lab.test",
					 .media = MEDIA_AUDIO };
static const struct invitation meeting = { .from = "alice@lab.test",
					   .to = "bob@lab.test",
					   .conference = true };

static void set_number(struct fixture *f, const char *number, bool off)
{
	struct user_spec spec = user_spec_of(f->bob);

	spec.outside_number = number;
	spec.policy.no_outside_voice = off;
	user_update(f->bob, &spec);
}

static const struct event *newest(const struct phone *p, enum event_kind kind)
{
	const struct event *found = NULL;

	list_for_each (node, &p->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->kind == kind)
			found = e;
	}
	if (!found)
		abort();
	return found;
}

static void check_events(struct fixture *f, struct phone *p, const char *want)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), want);
}

/* It is pushed as a call, shown by the app, and where it is accepted it goes on at the user's telephone. */
static void test_accepted(void **state)
{
	struct fixture *f = *state;
	struct call c;

	set_number(f, "+1 (555) 0100", false);
	fixture_register(f, "sip:bob@127.0.0.1:5062");
	ring(&c, f, MODALITY_PHONE_AUDIO, &audio);
	assert_string_equal(text_str(&f->pushes),
			    "bob@lab.test<-alice@lab.test - 1 [audio normal]\n");
	assert_int_equal(newest(c.phone, EVENT_INVITATION_STARTED)->what, INVITATION_PHONE_AUDIO);
	check_events(f, c.phone, "communication invited conv+(Incoming) local+ participant+ ");
	assert_int_equal(phone_callee_accept(c.phone, c.id), PHONE_OK);
	assert_int_equal(phone_callee_accept(c.phone, c.id), PHONE_NOT_FOUND);
	fixture_settle(f);
	assert_non_null(strstr(text_str(&c.caller->told), "refuse(302 tel:+15550100) free "));
	assert_non_null(strstr(text_str(&f->dialled->told), "cancel("));
	assert_true(newest(c.phone, EVENT_INVITATION_COMPLETED)->success);
	check_events(f, c.phone, "completed participant- local- conv- ");
	assert_int_equal(c.phone->n_missed, 0);
}

static void check_refused(struct fixture *f, struct call *c, const char *status, const char *reason)
{
	const struct event *completed;

	fixture_settle(f);
	assert_non_null(strstr(text_str(&c->caller->told), status));
	completed = newest(c->phone, EVENT_INVITATION_COMPLETED);
	assert_false(completed->success);
	assert_non_null(strstr(completed->reason, reason));
}

static void test_accepted_without_a_number(void **state)
{
	struct fixture *f = *state;
	struct call c;

	ring(&c, f, MODALITY_PHONE_AUDIO, &audio);
	phone_callee_accept(c.phone, c.id);
	check_refused(f, &c, "refuse(488) ", "no number");
}

static void test_accepted_against_policy(void **state)
{
	struct fixture *f = *state;
	struct call c;

	set_number(f, "555", true);
	ring(&c, f, MODALITY_PHONE_AUDIO, &audio);
	phone_callee_accept(c.phone, c.id);
	check_refused(f, &c, "refuse(488) ", "may not take calls");
}

static void test_declined(void **state)
{
	struct fixture *f = *state;
	struct call c;

	ring(&c, f, MODALITY_PHONE_AUDIO, &audio);
	assert_int_equal(phone_callee_decline(c.phone, c.id), PHONE_OK);
	check_refused(f, &c, "refuse(603) ", "declined");
	assert_int_equal(c.phone->n_missed, 0);
}

static void test_missed(void **state)
{
	struct fixture *f = *state;
	struct call c;

	ring(&c, f, MODALITY_PHONE_AUDIO, &audio);
	fixture_advance(f, 60000);
	assert_non_null(strstr(text_str(&c.caller->told), "refuse(408) "));
	assert_int_equal(c.phone->n_missed, 1);
}

/* An app that does not take calls: its owner hears of it by push, and of what was missed. */
static void test_other_app(void **state)
{
	struct fixture *f = *state;
	struct call c;

	ring(&c, f, MODALITY_MESSAGING, &audio);
	assert_string_equal(text_str(&f->pushes),
			    "bob@lab.test<-alice@lab.test - 1 [audio normal]\n");
	assert_null(phone_leg_find(c.phone, c.id));
	assert_int_equal(phone_callee_accept(c.phone, c.id), PHONE_NOT_FOUND);
	fixture_advance(f, 60000);
	assert_int_equal(c.phone->n_missed, 1);
	check_events(f, c.phone, "communication my-presence missed ");
}

static void test_conference(void **state)
{
	struct fixture *f = *state;
	struct call c;

	ring(&c, f, MODALITY_MESSAGING, &meeting);
	assert_string_equal(text_str(&f->pushes),
			    "bob@lab.test<-alice@lab.test - 1 [conference, text normal]\n");
	assert_int_equal(newest(c.phone, EVENT_INVITATION_STARTED)->what, INVITATION_MEETING);
	phone_callee_accept(c.phone, c.id);
	check_refused(f, &c, "refuse(488) ", "not emulated");
}

static void test_declined_conference(void **state)
{
	struct fixture *f = *state;
	struct call c;

	ring(&c, f, MODALITY_MESSAGING, &meeting);
	phone_callee_decline(c.phone, c.id);
	check_refused(f, &c, "refuse(603) ", "declined");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_accepted),
		TEST(test_accepted_without_a_number),
		TEST(test_accepted_against_policy),
		TEST(test_declined),
		TEST(test_missed),
		TEST(test_other_app),
		TEST(test_conference),
		TEST(test_declined_conference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
