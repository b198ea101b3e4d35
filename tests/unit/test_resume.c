/*
 * What a phone is told after a restart of the messages that were under way.
 */
#include "tests/unit/talk_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/store.h"
#include "tests/unit/core_fixture.h"

static const struct im hello = { .content_type = "text/plain", .body = "Hello", .n_body = 5 };

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	(void)result;
	(void)is_new;
	*(uint64_t *)magic = phone_id;
}

/* Alice's phone calls Bob's, who accepts, and says something; nobody knows of its outcome. Returns her phone's id. */
static uint64_t say_from_a_phone(struct talk *t, uint64_t *ret_message)
{
	uint64_t id = 0;
	struct phone *a;

	talk_connect(t);
	session_sign_in(t->f->alice, &(struct phone_spec){ .endpoint_id = "a1" }, on_signed_in,
			&id);
	talk_complete(t->f);
	a = phone_get(t->f->core, id);
	assert_int_equal(
		route_call(a, &(struct route_call){ .to = "bob@lab.test" }, &t->conversation),
		PHONE_OK);
	talk_complete(t->f);
	assert_int_equal(phone_callee_accept(t->phone, t->conversation), PHONE_OK);
	talk_complete(t->f);
	assert_int_equal(phone_leg_say(a, t->conversation, &hello, ret_message), PHONE_OK);
	fixture_settle(t->f);
	return id;
}

static const struct event *outcome(const struct talk *t, uint64_t phone_id, uint64_t message)
{
	return event_recall(&phone_get(t->f->core, phone_id)->events, EVENT_MESSAGE_COMPLETED,
			    t->conversation, message);
}

static void test_a_message_that_was_stored_has_come(void **state)
{
	struct talk *t = *state;
	uint64_t message, id = say_from_a_phone(t, &message);

	assert_null(outcome(t, id, message));
	for (int i = 0; i < 2; i++) {
		talk_restart(t); /* the second one changes nothing */
		assert_true(outcome(t, id, message)->outgoing);
		assert_true(outcome(t, id, message)->success);
		assert_true(event_has_come(&t->phone->events, t->conversation, message));
		talk_complete(t->f);
	}
}

static void on_row(void *magic, const struct store_row *row)
{
	if (row->kind == STORE_EVENT && row->event.text && !strcmp(row->event.text, "Hello"))
		*(uint64_t *)magic = row->id;
}

/* The store could not keep it, and the process ended before that was dealt with. */
static void test_a_message_that_was_not_stored_has_failed(void **state)
{
	struct talk *t = *state;
	uint64_t message, row = 0, id = say_from_a_phone(t, &message);

	store_memory_port.load(t->f->store, on_row, &row);
	assert_true(row);
	store_memory_port.remove(t->f->store, STORE_EVENT, row, NULL, NULL);
	talk_restart(t);
	assert_false(outcome(t, id, message)->success);
	assert_string_equal(outcome(t, id, message)->reason, "The server was restarted");
	assert_false(event_has_come(&t->phone->events, t->conversation, message));
}

/* Its receiver has acknowledged it, and its sender's outcome was not yet stored. */
static void test_a_message_that_was_acknowledged_has_come(void **state)
{
	struct talk *t = *state;
	uint64_t message, id = say_from_a_phone(t, &message);

	list_for_each_safe (node, &t->phone->events.events)
		event_acknowledge(&t->phone->events, LIST_ENTRY(node, struct event, of_queue));
	talk_restart(t);
	assert_true(outcome(t, id, message)->success);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, talk_setup, talk_teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_message_that_was_stored_has_come),
		CASE(a_message_that_was_not_stored_has_failed),
		CASE(a_message_that_was_acknowledged_has_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
