/*
 * Invitations to clients that know no sessions, and get messages instead
 */
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/route.h"
#include "mcxd/core/user.h"
#include "pager_fixture.h"
#include "proto/text/mem.h"
#include "tests/loop/raw.h"

/* ---- from a phone to a client without sessions ---- */

static uint64_t call_bob(struct front_end_fixture *f)
{
	uint64_t id;

	assert_int_equal(route_call(f->phone,
				    &(struct route_call){ .to = "bob@lab.test",
							  .first_line = "Hi Bob",
							  .first_line_type = "text/plain" },
				    &id),
			 PHONE_OK);
	return id;
}

static void refuse_session(struct raw *bob, const char *status)
{
	CLEANUP(mem_free_string) char *invite = raw_expect(bob, "INVITE ");

	fixture_answer(bob, invite, status, "", "");
	free(raw_expect(bob, "ACK "));
}

static const char *const without_sessions[] = { "488 Not Acceptable Here", "415 Unsupported Media",
						"405 Method Not Allowed", "501 Not Implemented" };

static void test_paged(void **state)
{
	struct front_end_fixture *f = *state;

	fixture_phone_of(f, f->alice, false);
	for (size_t i = 0; i < ARRAY_SIZE(without_sessions); i++) {
		struct raw bob;
		uint64_t id;

		client(f, &bob, "bob");
		id = call_bob(f);
		refuse_session(&bob, without_sessions[i]);
		take(&bob, "Hi Bob", "200 OK");
		wait_event(f, EVENT_INVITATION_COMPLETED);
		while (phone_leg_get_state(phone_leg_find(f->phone, id)) != PHONE_LEG_CONNECTED)
			run_rounds(f->loop, 1);
		phone_says(f, id, "More");
		take(&bob, "More", "200 OK");
		page(&bob, &(struct page){ .from = "bob", .to = "alice", .body = "Fine" });
		fixture_advance(f, WAIT_MS);
		free(raw_expect(&bob, "SIP/2.0 202"));
		expect_texts(f, "Fine; ");
		assert_int_equal(phone_leg_terminate(f->phone, id), PHONE_OK);
		/* It is known by now. */
		id = call_bob(f);
		take(&bob, "Hi Bob", "200 OK");
		run_rounds(f->loop, 5);
		assert_int_equal(phone_leg_terminate(f->phone, id), PHONE_OK);
		no_conversation(f);
		raw_close(&bob);
		while (!list_empty(&f->bob->bindings))
			binding_remove(LIST_ENTRY(f->bob->bindings.next, struct binding, of_user));
		list_for_each_safe (node, &f->phone->events.events)
			event_drop(&f->phone->events, LIST_ENTRY(node, struct event, of_queue));
	}
}

/* ---- beside a phone ---- */

/* Alice invites Bob's phone and his client, which knows no sessions and has taken the first line: that is nobody's answer. */
static void ring_both(struct front_end_fixture *f, struct raw *alice, struct raw *bob)
{
	fixture_phone(f, false);
	client(f, bob, "bob");
	raw_tcp(alice, f->loop, fixture_tcp(f));
	fixture_send_invite(alice, &(struct invite){ .call_id = "both", .headers = FIRST_LINE });
	free(raw_expect(alice, "SIP/2.0 100"));
	free(raw_expect(alice, "SIP/2.0 180"));
	refuse_session(bob, "488 Not Acceptable Here");
	take(bob, "Hi Bob", "200 OK");
	raw_expect_silence(alice, 20);
}

static void check_answered(struct front_end_fixture *f, struct raw *alice, struct raw *bob)
{
	CLEANUP(mem_free_string) char *answer = raw_skip_to(alice, "SIP/2.0 200");

	fixture_ack(alice, answer);
	fixture_in_dialog(alice, answer, "MESSAGE", 3, "text/plain", "More");
	take(bob, "More", "200 OK");
	free(raw_expect(alice, "SIP/2.0 200"));
	fixture_in_dialog(alice, answer, "BYE", 4, NULL, "");
	free(raw_expect(alice, "SIP/2.0 200"));
	no_conversation(f);
	raw_close(alice);
	raw_close(bob);
}

static void test_reply_answers(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *answer = NULL, *message = NULL;
	struct raw alice, bob;

	ring_both(f, &alice, &bob);
	page(&bob, &(struct page){ .from = "bob", .to = "alice", .body = "Fine" });
	answer = raw_expect(&alice, "SIP/2.0 200");
	fixture_ack(&alice, answer);
	message = raw_expect(&alice, "MESSAGE ");
	expect_body(message, "Fine");
	fixture_answer(&alice, message, "200 OK", "", "");
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&bob, "SIP/2.0 202"));
	assert_null(fixture_event(f, EVENT_INVITATION_STARTED)); /* it has never seen it */
	fixture_in_dialog(&alice, answer, "BYE", 4, NULL, "");
	free(raw_expect(&alice, "SIP/2.0 200"));
	no_conversation(f);
	raw_close(&alice);
	raw_close(&bob);
}

static void test_phone_declines(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, bob;

	ring_both(f, &alice, &bob);
	assert_int_equal(phone_callee_decline_here(f->phone, conversation_of(f)), PHONE_OK);
	check_answered(f, &alice, &bob);
}

static void test_phone_is_silent(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, bob;

	ring_both(f, &alice, &bob);
	fixture_advance(f, f->core_config.invite_timeout_ms);
	check_answered(f, &alice, &bob);
}

static void test_phone_accepts(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *answer = NULL;
	struct raw alice, bob;

	ring_both(f, &alice, &bob);
	assert_int_equal(phone_callee_accept(f->phone, conversation_of(f)), PHONE_OK);
	answer = raw_expect(&alice, "SIP/2.0 200");
	fixture_ack(&alice, answer);
	fixture_in_dialog(&alice, answer, "MESSAGE", 3, "text/plain", "More");
	free(raw_expect(&alice, "SIP/2.0 200"));
	raw_expect_silence(&bob, 20);
	fixture_in_dialog(&alice, answer, "BYE", 4, NULL, "");
	free(raw_expect(&alice, "SIP/2.0 200"));
	no_conversation(f);
	raw_close(&alice);
	raw_close(&bob);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pager_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_paged),           TEST(test_reply_answers), TEST(test_phone_declines),
		TEST(test_phone_is_silent), TEST(test_phone_accepts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
