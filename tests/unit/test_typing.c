/*
 * Typing: what a phone hears of it, whether it asks for events at the moment or not.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/route.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

enum { TYPING_MS = 10000 };

static const struct im words = { .id = 7, .content_type = "text/plain", .body = "Hi", .n_body = 2 };

struct talk {
	struct fixture *f;
	struct phone *phone;
	struct fake_leg *alice;
	uint64_t id;
};

/* Alice and Bob's phone talk. It has what was told until now, and asks for nothing. */
static void connect_them(struct talk *t, struct fixture *f)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	*t = (struct talk){ .f = f, .phone = fixture_phone(f, f->bob, "one") };
	t->alice = fixture_invite(f, "Hello", &t->id);
	fixture_events(f, t->phone, &events);
	assert_int_equal(phone_callee_accept(t->phone, t->id), PHONE_OK);
	fixture_events(f, t->phone, &events);
}

static bool is_typing(const struct talk *t)
{
	return phone_leg_peer_types(phone_leg_find(t->phone, t->id));
}

/* What the phone has waiting when it asks. */
static void check_events(struct talk *t, const char *expected)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	fixture_events(t->f, t->phone, &events);
	assert_string_equal(text_str(&events), expected);
}

static void go_away(struct talk *t)
{
	fixture_advance(t->f, 10000);
	assert_true(delivery_is_away(t->phone));
}

static void end(struct talk *t)
{
	leg_on_ended(&t->alice->leg);
	fixture_settle(t->f);
}

static void test_told_once(void **state)
{
	struct talk t;

	connect_them(&t, *state);
	for (int i = 0; i < 100; i++)
		leg_on_typing(&t.alice->leg, true);
	check_events(&t, "typing+ ");
	go_away(&t);
	leg_on_typing(&t.alice->leg, false);
	leg_on_typing(&t.alice->leg, false);
	check_events(&t, "typing- ");
	end(&t);
}

static void test_begins_while_it_is_away(void **state)
{
	struct talk t;

	connect_them(&t, *state);
	go_away(&t);
	assert_false(is_typing(&t));
	leg_on_typing(&t.alice->leg, true);
	assert_true(is_typing(&t));
	assert_string_equal(text_str(&t.f->pushes), "");
	check_events(&t, "typing+ ");
	leg_on_typing(&t.alice->leg, false);
	assert_false(is_typing(&t));
	check_events(&t, "typing- ");
	end(&t);
}

static void test_begins_and_stops_unseen(void **state)
{
	struct talk t;

	connect_them(&t, *state);
	go_away(&t);
	for (int i = 0; i < 3; i++) {
		leg_on_typing(&t.alice->leg, true);
		leg_on_typing(&t.alice->leg, false);
	}
	assert_false(is_typing(&t));
	check_events(&t, "");
	leg_on_typing(&t.alice->leg, true);
	check_events(&t, "typing+ ");
	end(&t);
}

static void test_a_message_ends_it(void **state)
{
	struct talk t;

	connect_them(&t, *state);
	leg_on_typing(&t.alice->leg, true);
	leg_on_said(&t.alice->leg, &words);
	assert_false(is_typing(&t));
	check_events(&t, "message(Hi) ");
	leg_on_typing(&t.alice->leg, true);
	check_events(&t, "typing+ ");
	leg_on_said(&t.alice->leg, &words);
	check_events(&t, "typing- message(Hi) ");
	end(&t);
}

static void test_the_end_ends_it(void **state)
{
#define END "messaging(Disconnected) IM- localIM- participant- local- conv=(Disconnected) conv- "
	struct talk t;

	connect_them(&t, *state);
	leg_on_typing(&t.alice->leg, true);
	end(&t);
	check_events(&t, END);

	connect_them(&t, *state);
	leg_on_typing(&t.alice->leg, true);
	check_events(&t, "typing+ ");
	end(&t);
	check_events(&t, "typing- " END);
}

/* Two phones, of which one types: nobody says that it has stopped. */
static void test_it_lapses(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");
	struct talk t = { .f = f, .phone = fixture_phone(f, f->bob, "b") };
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	assert_int_equal(route_call(a, &(struct route_call){ .to = "bob@lab.test" }, &t.id),
			 PHONE_OK);
	assert_int_equal(phone_callee_accept(t.phone, t.id), PHONE_OK);
	fixture_events(f, t.phone, &events);
	assert_int_equal(phone_leg_typing(a, t.id), PHONE_OK);
	assert_true(is_typing(&t));
	fixture_advance(f, TYPING_MS);
	assert_false(is_typing(&t));
	check_events(&t, "");
	assert_int_equal(phone_leg_typing(a, t.id), PHONE_OK);
	check_events(&t, "typing+ ");
	fixture_advance(f, TYPING_MS);
	check_events(&t, "typing- ");
	assert_int_equal(phone_leg_terminate(a, t.id), PHONE_OK);
	fixture_settle(f);
}

/* There is no room for it. The next sign of it finds some. */
static void test_full_queue(void **state)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct talk t;

	connect_them(&t, *state);
	while (event_queue_has_room(&t.phone->events, 1))
		leg_on_said(&t.alice->leg, &words);
	leg_on_typing(&t.alice->leg, true);
	assert_true(is_typing(&t));
	fixture_events(t.f, t.phone, &events);
	assert_null(strstr(text_str(&events), "typing"));
	check_events(&t, "");
	leg_on_typing(&t.alice->leg, true);
	check_events(&t, "typing+ ");
	end(&t);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(told_once),
		CASE(begins_while_it_is_away),
		CASE(begins_and_stops_unseen),
		CASE(a_message_ends_it),
		CASE(the_end_ends_it),
		CASE(it_lapses),
		CASE(full_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
