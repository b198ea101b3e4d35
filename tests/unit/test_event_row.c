/*
 * A phone's queue in a store that outlives the process: nothing is promised or sent before it is stored, and after a
 * restart everything goes on where it was.
 */
#include "tests/unit/talk_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/event_row.h"
#include "mcxd/core/life.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/store_row.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/unit/core_fixture.h"

/* ---- the tests ---- */

static void test_every_kind_has_a_name(void **state)
{
	(void)state;
	for (int kind = 0; kind < N_EVENT_KINDS; kind++) {
		assert_non_null(event_row_kind((enum event_kind)kind));
		for (int other = 0; other < kind; other++)
			assert_string_not_equal(event_row_kind((enum event_kind)kind),
						event_row_kind((enum event_kind)other));
	}
}

static void test_a_message_is_delivered_once_it_is_stored(void **state)
{
	struct talk *t = *state;

	talk_connect(t);
	talk_say(t, 7, "one");
	assert_string_equal(text_str(&t->alice->told), "");
	talk_complete(t->f);
	assert_string_equal(text_str(&t->alice->told), "said(7,200) ");
}

static void test_a_message_that_is_not_stored_is_refused_and_dropped(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;

	talk_connect(t);
	talk_fail_to_store(true);
	talk_say(t, 7, "one");
	talk_complete(t->f);
	assert_string_equal(text_str(&t->alice->told), "said(7,503) ");
	talk_fail_to_store(false);
	talk_say(t, 8, "two");
	talk_ask(t, 2);
	talk_complete(t->f);
	talk_take(t, &packet);
	assert_string_equal(text_str(&packet), "message-completed/2(two) ");
}

static void test_a_packet_is_stored_before_it_is_sent(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;

	talk_connect(t);
	talk_ask(t, 2);
	talk_say(t, 7, "one");
	assert_false(talk_is_woken(t));
	talk_say(t, 8, "too late for it");
	talk_complete(t->f);
	assert_int_equal(talk_take(t, &packet), 2);
	assert_string_equal(text_str(&packet), "message-completed/1(one) ");
	talk_ask(t, 3);
	talk_complete(t->f);
	assert_int_equal(talk_take(t, &packet), 3);
	assert_string_equal(text_str(&packet), "message-completed/2(too late for it) ");
}

static void test_a_packet_that_is_not_stored_is_not_sent(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;
	uint64_t number;

	talk_connect(t);
	talk_say(t, 7, "one");
	talk_complete(t->f);
	talk_fail_to_store(true);
	talk_ask(t, 2);
	talk_complete(t->f);
	assert_true(talk_is_woken(t));
	assert_int_equal(delivery_take(t->f->core, t->phone->id, t->poll_id, &number),
			 POLL_NOT_STORED);
	talk_fail_to_store(false);
	talk_ask(t, 2);
	talk_complete(t->f);
	assert_int_equal(talk_take(t, &packet), 2);
	assert_string_equal(text_str(&packet), "message-completed/1(one) ");
}

static void test_a_request_that_has_gone_is_not_woken(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;

	talk_connect(t);
	talk_ask(t, 2);
	talk_say(t, 7, "one");
	delivery_drop(t->f->core, t->phone->id, t->poll_id);
	talk_complete(t->f);
	assert_false(talk_is_woken(t));
	talk_ask(t, 2);
	talk_complete(t->f);
	assert_int_equal(talk_take(t, &packet), 2);
	assert_string_equal(text_str(&packet), "message-completed/1(one) ");
}

static void test_a_restart_repeats_the_packet_and_goes_on(void **state)
{
	CLEANUP(text_deinit) struct text before = TEXT_INIT;
	CLEANUP(text_deinit) struct text after = TEXT_INIT;
	struct talk *t = *state;

	talk_connect(t);
	talk_ask(t, 2);
	talk_say(t, 7, "one");
	talk_complete(t->f);
	talk_take(t, &before);
	talk_say(t, 8, "two"); /* not in it */
	talk_complete(t->f);
	talk_restart(t);
	talk_ask(t, 2);
	talk_complete(t->f);
	assert_int_equal(talk_take(t, &after), 2);
	assert_string_equal(text_str(&before), text_str(&after));
	talk_ask(t, 3);
	talk_complete(t->f);
	assert_int_equal(talk_take(t, &after), 3);
	assert_non_null(strstr(text_str(&after), "message-completed/2(two) "));
	talk_ask(t, 4); /* acknowledges all of it */
	talk_restart(t);
	assert_null(event_find(&t->phone->events, 5));
	list_for_each (node, &t->phone->events.events)
		assert_int_not_equal(LIST_ENTRY(node, struct event, of_queue)->kind,
				     EVENT_MESSAGE_COMPLETED);
	/* no number is given twice, also if everything was acknowledged */
	assert_true(t->phone->last_message > 2);
	assert_true(t->phone->events.packet >= 3);
}

static void on_event_row(void *magic, const struct store_row *row)
{
	*(int64_t *)magic += row->kind == STORE_EVENT;
}

static int64_t count_event_rows(const struct talk *t)
{
	int64_t n = 0;

	store_memory_port.load(t->f->store, on_event_row, &n);
	return n;
}

static void on_typing_row(void *magic, const struct store_row *row)
{
	*(int64_t *)magic += row->kind == STORE_EVENT && !strcmp(row->event.kind, "typing-added");
}

/* What the phone was not told is not told later: nobody would say that it has ended. */
static void test_typing_ends_with_a_restart(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;
	int64_t before = 0, after = 0;

	talk_connect(t);
	leg_on_typing(&t->alice->leg, true);
	talk_complete(t->f);
	store_memory_port.load(t->f->store, on_typing_row, &before);
	assert_int_equal(before, 1);
	talk_restart(t);
	store_memory_port.load(t->f->store, on_typing_row, &after);
	assert_int_equal(after, 0);
	talk_ask(t, 2);
	talk_complete(t->f);
	talk_take(t, &packet);
	assert_null(strstr(text_str(&packet), "typing"));
}

static unsigned count_recent(const struct talk *t)
{
	unsigned n = 0;

	for (uint64_t message = 1; message < 10; message++)
		n += event_recall(&t->phone->events, EVENT_MESSAGE_COMPLETED, t->conversation,
				  message) != NULL;
	return n;
}

static void say_and_take(struct talk *t, uint64_t packet, uint64_t id, const char *words)
{
	CLEANUP(text_deinit) struct text taken = TEXT_INIT;

	talk_ask(t, packet);
	talk_say(t, id, words);
	talk_complete(t->f);
	assert_int_equal(talk_take(t, &taken), packet);
	assert_non_null(strstr(text_str(&taken), words));
}

/* What clients have links to is there after it was acknowledged, as many as the limit allows. */
static void test_acknowledged_messages_are_recalled_after_a_restart(void **state)
{
	struct talk *t = *state;
	const struct event *e;

	talk_connect(t);
	say_and_take(t, 2, 7, "one");
	say_and_take(t, 3, 8, "two");
	talk_ask(t, 4);
	talk_complete(t->f);
	talk_restart(t);
	e = event_recall(&t->phone->events, EVENT_MESSAGE_COMPLETED, t->conversation, 2);
	assert_string_equal(e->text, "two");
	assert_non_null(
		event_recall(&t->phone->events, EVENT_INVITATION_COMPLETED, t->conversation, 0));
	assert_null(
		event_recall(&t->phone->events, EVENT_MESSAGE_COMPLETED, t->conversation + 1, 2));
	assert_int_equal(count_recent(t), 2);
}

static void test_the_oldest_are_forgotten(void **state)
{
	struct talk *t = *state;

	talk_connect(t);
	for (uint64_t i = 0; i < 6; i++)
		say_and_take(t, 2 + i, 7 + i, "words");
	talk_ask(t, 8);
	talk_complete(t->f);
	assert_int_equal(count_recent(t), 3);
	assert_null(
		event_recall(&t->phone->events, EVENT_INVITATION_COMPLETED, t->conversation, 0));
	assert_int_equal(count_event_rows(t), 3);
	talk_restart(t);
	assert_int_equal(count_recent(t), 3);
}

static void on_left(void *magic, const struct store_row *row)
{
	(void)magic;
	if (row->kind != STORE_COUNTER)
		fail_msg("a row of kind %s is left", store_tables[row->kind].name);
}

static void test_signing_out_leaves_no_rows(void **state)
{
	struct talk *t = *state;

	talk_connect(t);
	talk_say(t, 7, "one");
	talk_complete(t->f);
	user_remove(t->f->bob);
	talk_complete(t->f);
	store_memory_port.load(t->f->store, on_left, NULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, talk_setup, talk_teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_kind_has_a_name),
		CASE(a_message_is_delivered_once_it_is_stored),
		CASE(a_message_that_is_not_stored_is_refused_and_dropped),
		CASE(a_packet_is_stored_before_it_is_sent),
		CASE(a_packet_that_is_not_stored_is_not_sent),
		CASE(a_request_that_has_gone_is_not_woken),
		CASE(a_restart_repeats_the_packet_and_goes_on),
		CASE(typing_ends_with_a_restart),
		CASE(acknowledged_messages_are_recalled_after_a_restart),
		CASE(the_oldest_are_forgotten),
		CASE(signing_out_leaves_no_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
