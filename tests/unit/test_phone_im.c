/*
 * Messages of a phone and what becomes of them, and the gathering of events.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/session.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <inttypes.h>

static const struct im more = { .content_type = "text/plain", .body = "More", .n_body = 4 };

/* Longer than the SIP transaction that tells of it. */
enum { WAIT_MS = 40000 };

/* A conversation of Bob's phone with Alice, its events taken. */
static struct fake_leg *talk(struct fixture *f, struct phone *p, uint64_t *ret_id)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct fake_leg *l = fixture_invite(f, "Hi", ret_id);

	fixture_events(f, p, &events);
	phone_callee_accept(p, *ret_id);
	fixture_events(f, p, &events);
	return l;
}

static void test_messages_under_way_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	enum phone_result result = PHONE_OK;
	uint64_t id, message;
	struct fake_leg *l = talk(f, p, &id);
	int n = 0;

	for (; result == PHONE_OK && n < 1000; n++)
		result = phone_leg_say(p, id, &more, &message);
	assert_int_equal(result, PHONE_FULL);
	assert_true(n <= 41);
	leg_on_delivered(&l->leg, message, &(struct diag){ .code = DIAG_SUCCESS });
	leg_on_ended(&l->leg);
	fixture_advance(f, WAIT_MS);
	assert_int_equal(p->n_sending, 0);
}

/* The outcomes of its messages that the phone is told: "id reason". */
static void add_outcomes(const struct phone *p, struct text *ret)
{
	list_for_each (node, &p->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->kind == EVENT_MESSAGE_COMPLETED && e->outgoing)
			text_addf(ret, "%" PRIu64 " %s\n", e->message,
				  e->success ? "Success" : e->reason);
	}
}

/* What has been passed on may have arrived although the conversation has ended; what never gets an answer has not. */
static void check_every_message_has_an_outcome(struct fixture *f, bool we_end)
{
	struct phone *p = fixture_phone(f, f->bob, "one");
	CLEANUP(text_deinit) struct text outcomes = TEXT_INIT;
	CLEANUP(text_deinit) struct text expected = TEXT_INIT;
	struct diag timeout = diag_make(DIAG_HOP_TIMEOUT);
	const char *timeout_reason = diag_row(DIAG_HOP_TIMEOUT)->reason;
	const char *gone = diag_row(DIAG_CONVERSATION_ENDED)->reason;
	uint64_t id, first, second, third, fourth;
	struct fake_leg *l = talk(f, p, &id);

	assert_int_equal(phone_leg_say(p, id, &more, &first), PHONE_OK);
	assert_int_equal(phone_leg_say(p, id, &more, &second), PHONE_OK);
	assert_int_equal(phone_leg_say(p, id, &more, &third), PHONE_OK);
	leg_on_delivered(&l->leg, second, &timeout);
	if (we_end)
		phone_leg_terminate(p, id);
	else
		leg_on_ended(&l->leg);
	assert_int_equal(!!strstr(text_str(&l->told), "end "), we_end);
	assert_int_equal(phone_leg_say(p, id, &more, &fourth), PHONE_NOT_FOUND);
	assert_int_equal(phone_leg_terminate(p, id), PHONE_NOT_FOUND);
	leg_on_delivered(&l->leg, first, &(struct diag){ .code = DIAG_SUCCESS });
	assert_non_null(phone_leg_find(p, id));
	fixture_advance(f, WAIT_MS);
	assert_null(phone_leg_find(p, id));
	add_outcomes(p, &outcomes);
	text_addf(&expected, "%" PRIu64 " %s\n", second, timeout_reason);
	text_addf(&expected, "%" PRIu64 " Success\n%" PRIu64 " %s\n", first, third, gone);
	assert_string_equal(text_str(&outcomes), text_str(&expected));
	assert_int_equal(p->n_sending, 0);
}

/* The phone learns what became of its messages before it learns of the end, which comes as soon as all are known. */
static void check_end_comes_last(struct fixture *f, bool we_end)
{
	struct phone *p = fixture_phone(f, f->bob, "one");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id, message;
	struct fake_leg *l = talk(f, p, &id);

	assert_int_equal(phone_leg_say(p, id, &more, &message), PHONE_OK);
	if (we_end)
		phone_leg_terminate(p, id);
	else
		leg_on_ended(&l->leg);
	leg_on_delivered(&l->leg, message, &(struct diag){ .code = DIAG_SUCCESS });
	fixture_events(f, p, &events);
	if (!strstr(text_str(&events), "message messaging(Disconnected) IM- localIM- participant- "
				       "local- conv=(Disconnected) conv- "))
		fail_msg("got %s", text_str(&events));
	fixture_settle(f);
	assert_null(conversation_find(f->core, id));
}

static void test_end_comes_last(void **state)
{
	check_end_comes_last(*state, true);
	check_end_comes_last(*state, false);
}

static void test_other_side_ends(void **state)
{
	check_every_message_has_an_outcome(*state, false);
}

static void test_phone_ends(void **state)
{
	check_every_message_has_an_outcome(*state, true);
}

/* There is nobody left to tell. */
static void test_phone_signs_out(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	uint64_t id, message, phone_id = p->id;
	struct fake_leg *l = talk(f, p, &id);

	assert_int_equal(phone_leg_say(p, id, &more, &message), PHONE_OK);
	session_sign_out(p);
	leg_on_delivered(&l->leg, message, &(struct diag){ .code = DIAG_SUCCESS });
	assert_null(phone_get(f->core, phone_id));
}

/* Events within the delay go out together, whether the phone asks during the delay or has asked before. */
static void test_events_are_gathered(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id, packet = 0;
	struct fake_leg *l;

	l = talk(f, p, &id);
	f->config.event_delay_ms = 20;
	leg_on_said(&l->leg, &more);
	assert_int_equal(delivery_poll(p, p->events.packet + 1, 11, 0), POLL_HELD);
	fixture_advance(f, 15);
	leg_on_said(&l->leg, &more);
	assert_int_equal(f->n_woken, 0);
	fixture_advance(f, 5);
	assert_int_equal(f->n_woken, 1);
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "message(More) message(More) ");
	/* after the delay there is nothing to wait for */
	leg_on_said(&l->leg, &more);
	fixture_advance(f, 20);
	assert_int_equal(delivery_poll(p, p->events.packet + 1, 12, 0), POLL_READY);
	assert_int_equal(delivery_take(f->core, p->id, 12, &packet), POLL_PACKET);
	leg_on_ended(&l->leg);
}

static void test_invitation_does_not_wait(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");

	f->config.event_delay_ms = 20;
	assert_int_equal(delivery_poll(p, 1, 11, 0), POLL_HELD);
	fixture_invite(f, "Hi", NULL);
	assert_int_equal(f->n_woken, 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(messages_under_way_are_bounded),
		CASE(other_side_ends),
		CASE(phone_ends),
		CASE(end_comes_last),
		CASE(phone_signs_out),
		CASE(events_are_gathered),
		CASE(invitation_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
