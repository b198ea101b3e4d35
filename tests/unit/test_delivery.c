/*
 * Delivery: the event channel
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define HOUR_MS INT64_C(3600000)

static void take(struct fixture *f, const struct phone *p, uint64_t poll_id, uint64_t expected)
{
	uint64_t packet = 0;

	assert_int_equal(delivery_take(f->core, p->id, poll_id, &packet), POLL_PACKET);
	assert_int_equal(packet, expected);
}

/* ---- what is acknowledged ---- */

static void test_numbers_out_of_order(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");

	assert_int_equal(delivery_poll(p, 0, 11, 0), POLL_WRONG_ACK);
	assert_int_equal(delivery_poll(p, 2, 11, 0), POLL_WRONG_ACK);
	assert_int_equal(event_queue_next(&p->events), 1);
	assert_int_equal(delivery_poll(p, 1, 11, 0), POLL_HELD);
	/* Nobody can acknowledge what was not sent; and the held request is not disturbed. */
	assert_int_equal(delivery_poll(p, 2, 12, 0), POLL_WRONG_ACK);
	assert_int_equal(event_queue_next(&p->events), 1);
	assert_int_equal(f->n_woken, 0);
	fixture_invite(f, "Hi", NULL);
	take(f, p, 11, 1);
	assert_int_equal(event_queue_next(&p->events), 1);
	assert_int_equal(delivery_poll(p, 0, 13, 0), POLL_WRONG_ACK);
	assert_int_equal(delivery_poll(p, 3, 13, 0), POLL_WRONG_ACK);
	assert_int_equal(delivery_poll(p, 2, 13, 0), POLL_HELD);
	assert_true(list_empty(&p->events.events));
	assert_int_equal(delivery_poll(p, 1, 14, 0), POLL_WRONG_ACK);
	assert_int_equal(event_queue_next(&p->events), 2);
}

/* Nothing but the acknowledgement removes an event: not that it was sent, nor a hang-up, nor silence. */
static void test_only_an_ack_removes(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	fixture_invite(f, "Hi", NULL);
	for (uint64_t id = 11; id < 14; id++) {
		assert_int_equal(delivery_poll(p, 1, id, 0), POLL_READY);
		take(f, p, id, 1);
		delivery_drop(f->core, p->id, id);
		fixture_advance(f, 11000);
		assert_false(list_empty(&p->events.events));
	}
	assert_int_equal(delivery_poll(p, 1, 14, 0), POLL_READY);
	delivery_drop(f->core, p->id, 14);
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "");
}

/* A request that crossed with the answer to another one for the same packet gets that answer once more, and what came
 * after it is in the next packet. So it is with an empty one, after a timeout. */
static void test_a_packet_that_was_sent_does_not_grow(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	const struct event *last;

	fixture_invite(f, "Hi", NULL);
	assert_int_equal(delivery_poll(p, 1, 11, 0), POLL_READY);
	take(f, p, 11, 1);
	fixture_invite(f, "Hello", NULL);
	last = LIST_ENTRY(p->events.events.prev, struct event, of_queue);
	assert_int_equal(delivery_poll(p, 1, 12, 0), POLL_READY);
	take(f, p, 12, 1);
	assert_int_equal(last->packet, 0);
	assert_int_equal(p->events.last_sent, 4);
	assert_int_equal(delivery_poll(p, 2, 13, 0), POLL_READY);
	take(f, p, 13, 2);
	assert_int_equal(last->packet, 2);
	assert_int_equal(delivery_poll(p, 3, 14, 1000), POLL_HELD);
	fixture_advance(f, 1000);
	take(f, p, 14, 3);
	fixture_invite(f, "Hey", NULL);
	assert_int_equal(delivery_poll(p, 3, 15, 0), POLL_READY);
	take(f, p, 15, 3);
	last = LIST_ENTRY(p->events.events.prev, struct event, of_queue);
	assert_int_equal(last->packet, 0);
	assert_int_equal(delivery_poll(p, 4, 16, 0), POLL_READY);
	take(f, p, 16, 4);
	assert_int_equal(last->packet, 4);
}

/* ---- aggregation ---- */

static void queue(struct phone *p, enum event_kind kind)
{
	assert_non_null(event_add(&p->events, kind, false));
	delivery_gather(p);
}

/* A phone that knows everything so far, and holds a request. */
static struct phone *listening(struct fixture *f)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct phone *p;

	f->config.event_delay_ms = 50;
	f->config.medium_delay_ms = 5000;
	f->config.low_delay_ms = 15000;
	p = fixture_phone(f, f->bob, "one");
	fixture_events(f, p, &events);
	assert_int_equal(delivery_poll(p, 2, 11, 0), POLL_HELD);
	assert_true(list_empty(&p->events.events));
	f->n_woken = 0;
	return p;
}

static void test_waits_by_urgency(void **state)
{
	struct fixture *f = *state;
	struct phone *p = listening(f);

	queue(p, EVENT_CONTACT_PRESENCE);
	fixture_advance(f, 4000);
	queue(p, EVENT_CONTACT_NOTE);
	fixture_advance(f, 999);
	assert_int_equal(f->n_woken, 0);
	fixture_advance(f, 1);
	assert_int_equal(f->n_woken, 1);
	take(f, p, 11, 2);
	assert_int_equal(delivery_poll(p, 3, 12, 0), POLL_HELD);
	assert_true(list_empty(&p->events.events));
	queue(p, EVENT_TYPING_ADDED);
	fixture_advance(f, 49);
	assert_int_equal(f->n_woken, 1);
	fixture_advance(f, 1);
	assert_int_equal(f->n_woken, 2);
}

/* What is urgent takes along what is not, behind which it stays if that was there first. */
static void test_urgent_takes_along(void **state)
{
	struct fixture *f = *state;
	struct phone *p = listening(f);
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	const struct event *first;

	queue(p, EVENT_CONTACT_PRESENCE);
	fixture_invite(f, "Hi", NULL);
	assert_int_equal(f->n_woken, 1);
	first = LIST_ENTRY(p->events.events.next, struct event, of_queue);
	assert_int_equal(first->kind, EVENT_CONTACT_PRESENCE);
	fixture_events(f, p, &events);
	assert_non_null(strstr(text_str(&events), " invited(Hi) "));
}

static void test_urgent_comes_later(void **state)
{
	struct fixture *f = *state;
	struct phone *p = listening(f);

	queue(p, EVENT_CONTACT_PRESENCE);
	fixture_advance(f, 1000);
	queue(p, EVENT_TYPING_ADDED);
	queue(p, EVENT_CONTACT_NOTE);
	fixture_advance(f, 49);
	assert_int_equal(f->n_woken, 0);
	fixture_advance(f, 1);
	assert_int_equal(f->n_woken, 1);
}

/* Also while nobody asks. */
static void test_waiting_counts_from_the_event(void **state)
{
	struct fixture *f = *state;
	struct phone *p = listening(f);

	queue(p, EVENT_CONTACT_PRESENCE);
	fixture_advance(f, 3000);
	delivery_drop(f->core, p->id, 11);
	fixture_advance(f, 1000);
	assert_int_equal(delivery_poll(p, 2, 12, 0), POLL_HELD);
	fixture_advance(f, 999);
	assert_int_equal(f->n_woken, 0);
	fixture_advance(f, 1);
	assert_int_equal(f->n_woken, 1);
	assert_int_equal(delivery_poll(p, 2, 13, 0), POLL_READY);
	take(f, p, 13, 2);
	/* What was sent before does not wait again. */
	assert_int_equal(delivery_poll(p, 2, 14, 0), POLL_READY);
}

static void test_phone_chooses(void **state)
{
	struct fixture *f = *state;
	struct phone *p = listening(f);

	delivery_set_delays(p, 60000, 0);
	queue(p, EVENT_CONTACT_PRESENCE);
	fixture_advance(f, 5001);
	assert_int_equal(f->n_woken, 0);
	/* A shorter time holds for what waits already, and each of the two is remembered. */
	delivery_set_delays(p, 0, 600000);
	delivery_set_delays(p, 1000, 0);
	assert_int_equal(delivery_poll(p, 2, 12, 0), POLL_READY);
	take(f, p, 12, 2);
	assert_int_equal(delivery_poll(p, 3, 13, 0), POLL_HELD);
	f->n_woken = 0;
	queue(p, EVENT_CONTACT_PRESENCE);
	fixture_advance(f, 999);
	assert_int_equal(f->n_woken, 0);
	fixture_advance(f, 1);
	assert_int_equal(f->n_woken, 1);
}

/* ---- hanging up ---- */

static void test_comes_back_in_time(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");

	fixture_subscribe(p);
	delivery_poll(p, 1, 11, 0);
	delivery_drop(f->core, p->id, 11);
	fixture_invite(f, "Hi", NULL);
	fixture_advance(f, 1000);
	assert_int_equal(delivery_poll(p, 1, 12, 0), POLL_READY);
	take(f, p, 12, 1);
	fixture_advance(f, 9000);
	assert_string_equal(text_str(&f->pushes), "");
	assert_int_equal(delivery_poll(p, 2, 13, 0), POLL_HELD);
	assert_string_equal(text_str(&f->pushes), "");
}

/* ---- a long absence ---- */

static void connect(struct fixture *f, struct phone *p, struct fake_leg **ret_caller)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id;

	*ret_caller = fixture_invite(f, "Hi", &id);
	assert_int_equal(phone_callee_accept(p, id), PHONE_OK);
	fixture_events(f, p, &events);
}

static void test_absence_ends_conversations(void **state)
{
	struct fixture *f = *state;
	struct phone *p;
	struct fake_leg *caller;

	f->config.channel_expiry_ms = 24 * HOUR_MS;
	f->config.invite_timeout_ms = 60000;
	p = fixture_phone(f, f->bob, "one");
	fixture_subscribe(p);
	connect(f, p, &caller);
	fixture_advance(f, 23 * HOUR_MS);
	assert_null(strstr(text_str(&caller->told), "end"));
	assert_int_equal(delivery_poll(p, 2, 11, 0), POLL_HELD);
	assert_false(p->events.reset);
	delivery_drop(f->core, p->id, 11);
	fixture_advance(f, 24 * HOUR_MS);
	assert_non_null(strstr(text_str(&caller->told), "end"));
	assert_null(phone_leg_next(p, NULL));
	assert_true(p->events.reset);

	/* It is told in every copy of the next packet, and not in the one after. */
	for (uint64_t id = 12; id < 14; id++) {
		assert_int_equal(delivery_poll(p, 2, id, 0), POLL_READY);
		take(f, p, id, 2);
		assert_true(p->events.reset);
	}
	assert_int_equal(delivery_poll(p, 3, 14, 0), POLL_HELD);
	assert_false(p->events.reset);
}

static void test_held_request_is_presence(void **state)
{
	struct fixture *f = *state;
	struct phone *p;
	struct fake_leg *caller;

	f->config.channel_expiry_ms = HOUR_MS;
	p = fixture_phone(f, f->bob, "one");
	connect(f, p, &caller);
	assert_int_equal(delivery_poll(p, 2, 11, 2 * HOUR_MS), POLL_HELD);
	phone_touch(p);
	fixture_advance(f, HOUR_MS + HOUR_MS / 2);
	assert_null(strstr(text_str(&caller->told), "end"));
	assert_false(p->events.reset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers_out_of_order),
		TEST(test_only_an_ack_removes),
		TEST(test_a_packet_that_was_sent_does_not_grow),
		TEST(test_waits_by_urgency),
		TEST(test_urgent_takes_along),
		TEST(test_urgent_comes_later),
		TEST(test_waiting_counts_from_the_event),
		TEST(test_phone_chooses),
		TEST(test_comes_back_in_time),
		TEST(test_absence_ends_conversations),
		TEST(test_held_request_is_presence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
