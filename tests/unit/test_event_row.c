/*
 * A phone's queue in a store that outlives the process: nothing is promised or sent before it is stored, and after a
 * restart everything goes on where it was.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/event_row.h"
#include "mcxd/core/life.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/session.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "mcxd/store/store.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

/* ---- a store that completes when the test says so ---- */

struct pending {
	struct list of_slow;
	store_done_h *done;
	void *magic;
	int err;
};

static struct slow {
	struct store *store;
	struct list pending;
	bool fails;
} slow;

static void wait_for_it(store_done_h *done, void *magic)
{
	struct pending *p = MEM_NEW(struct pending);

	*p = (struct pending){ .done = done, .magic = magic, .err = slow.fails ? -ENOSPC : 0 };
	list_append(&slow.pending, &p->of_slow);
}

static void slow_save(void *adapter, const struct store_row *row, store_done_h *done, void *magic)
{
	(void)adapter;
	if (!slow.fails)
		store_memory_port.save(slow.store, row, NULL, NULL);
	wait_for_it(done, magic);
}

static void slow_remove(void *adapter, enum store_kind kind, uint64_t id, store_done_h *done,
			void *magic)
{
	(void)adapter;
	store_memory_port.remove(slow.store, kind, id, NULL, NULL);
	wait_for_it(done, magic);
}

static int slow_load(void *adapter, store_row_h *on_row, void *magic)
{
	(void)adapter;
	return store_memory_port.load(slow.store, on_row, magic);
}

static void slow_sync(void *adapter, store_done_h *done, void *magic)
{
	(void)adapter;
	wait_for_it(done, magic);
}

static const struct store_port slow_port = { .save = slow_save,
					     .remove = slow_remove,
					     .load = slow_load,
					     .sync = slow_sync,
					     .durable = true };

static void complete(struct fixture *f)
{
	fixture_settle(f);
	while (!list_empty(&slow.pending)) {
		struct pending *p = LIST_ENTRY(slow.pending.next, struct pending, of_slow);

		list_remove(&p->of_slow);
		if (p->done)
			p->done(p->magic, p->err);
		free(p);
		fixture_settle(f);
	}
}

static void forget_pending(void)
{
	list_for_each_safe (node, &slow.pending) {
		struct pending *p = LIST_ENTRY(node, struct pending, of_slow);

		list_remove(&p->of_slow);
		free(p);
	}
}

/* ---- Bob's phone in a conversation with Alice ---- */

struct talk {
	struct fixture *f;
	struct phone *phone;
	struct fake_leg *alice;
	uint64_t conversation;
	uint64_t poll_id;
};

static int setup(void **state)
{
	struct talk *t = MEM_NEW(struct talk);

	assert_int_equal(fixture_setup((void **)&t->f), 0);
	t->f->core->ports.store = &slow_port;
	t->f->config.event_delay_ms = 0;
	slow = (struct slow){ .store = t->f->store };
	list_init(&slow.pending);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct talk *t = *state;

	if (t->f->core) {
		assert_int_equal(t->f->core->metrics.unexpected_events_total.value, 0);
		t->f->core = core_free(t->f->core);
	}
	forget_pending();
	fixture_teardown((void **)&t->f);
	free(t);
	return 0;
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	struct talk *t = magic;

	(void)is_new;
	assert_int_equal(result, PHONE_OK);
	t->phone = phone_get(t->f->core, phone_id);
}

/* Ask for a packet; the request is left open. */
static void ask(struct talk *t, uint64_t packet)
{
	assert_int_equal(delivery_poll(t->phone, packet, ++t->poll_id, 0), POLL_HELD);
}

static bool is_woken(const struct talk *t)
{
	return t->f->n_woken > 0 && t->f->woken[t->f->n_woken - 1] == t->poll_id;
}

/* What is in the packet that has been announced. */
static uint64_t take(struct talk *t, struct text *ret)
{
	uint64_t packet = 0;

	assert_true(is_woken(t));
	assert_int_equal(delivery_take(t->f->core, t->phone->id, t->poll_id, &packet), POLL_PACKET);
	text_reset(ret);
	list_for_each (node, &t->phone->events.events) {
		const struct event *e = LIST_ENTRY(node, struct event, of_queue);

		if (e->packet == packet)
			text_addf(ret, "%s/%llu(%s) ", event_row_kind(e->kind),
				  (unsigned long long)e->message, e->text ? e->text : "");
	}
	return packet;
}

static void connect_phone(struct talk *t)
{
	CLEANUP(text_deinit) struct text ignored = TEXT_INIT;

	session_sign_in(t->f->bob, &(struct phone_spec){ .endpoint_id = "e1" }, on_signed_in, t);
	complete(t->f);
	phone_make_available(t->phone);
	t->alice = fixture_invite(t->f, NULL, &t->conversation);
	complete(t->f);
	assert_int_equal(phone_callee_accept(t->phone, t->conversation), PHONE_OK);
	ask(t, 1);
	complete(t->f);
	assert_int_equal(take(t, &ignored), 1);
	text_reset(&t->alice->told);
}

static void say(struct talk *t, uint64_t id, const char *words)
{
	leg_on_said(&t->alice->leg, &(struct im){ .id = id,
						  .content_type = "text/plain",
						  .body = words,
						  .n_body = strlen(words) });
	fixture_settle(t->f);
}

/* The process ends, and another one begins. */
static void restart(struct talk *t)
{
	struct core_args args = { .loop = t->f->loop,
				  .config = &t->f->config,
				  .ports = &t->f->core->ports };
	struct ports ports = t->f->core->ports;
	char *app_id = mem_strdup(t->phone->app_id);

	args.ports = &ports;
	core_free(t->f->core);
	forget_pending();
	t->f->core = core_new(&args);
	user_add(t->f->core,
		 &(struct user_spec){ .aor = "bob@lab.test",
				      .policy = { .enable_mobility = true, .enable_push = true } },
		 &t->f->bob);
	assert_int_equal(core_load(t->f->core), 0);
	t->phone = phone_find(t->f->core, app_id);
	assert_non_null(t->phone);
	free(app_id);
}

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

	connect_phone(t);
	say(t, 7, "one");
	assert_string_equal(text_str(&t->alice->told), "");
	complete(t->f);
	assert_string_equal(text_str(&t->alice->told), "said(7,200) ");
}

static void test_a_message_that_is_not_stored_is_refused_and_dropped(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;

	connect_phone(t);
	slow.fails = true;
	say(t, 7, "one");
	complete(t->f);
	assert_string_equal(text_str(&t->alice->told), "said(7,503) ");
	slow.fails = false;
	say(t, 8, "two");
	ask(t, 2);
	complete(t->f);
	take(t, &packet);
	assert_string_equal(text_str(&packet), "message-completed/2(two) ");
}

static void test_a_packet_is_stored_before_it_is_sent(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;

	connect_phone(t);
	ask(t, 2);
	say(t, 7, "one");
	assert_false(is_woken(t));
	say(t, 8, "too late for it");
	complete(t->f);
	assert_int_equal(take(t, &packet), 2);
	assert_string_equal(text_str(&packet), "message-completed/1(one) ");
	ask(t, 3);
	complete(t->f);
	assert_int_equal(take(t, &packet), 3);
	assert_string_equal(text_str(&packet), "message-completed/2(too late for it) ");
}

static void test_a_packet_that_is_not_stored_is_not_sent(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;
	uint64_t number;

	connect_phone(t);
	say(t, 7, "one");
	complete(t->f);
	slow.fails = true;
	ask(t, 2);
	complete(t->f);
	assert_true(is_woken(t));
	assert_int_equal(delivery_take(t->f->core, t->phone->id, t->poll_id, &number),
			 POLL_NOT_STORED);
	slow.fails = false;
	ask(t, 2);
	complete(t->f);
	assert_int_equal(take(t, &packet), 2);
	assert_string_equal(text_str(&packet), "message-completed/1(one) ");
}

static void test_a_request_that_has_gone_is_not_woken(void **state)
{
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;

	connect_phone(t);
	ask(t, 2);
	say(t, 7, "one");
	delivery_drop(t->f->core, t->phone->id, t->poll_id);
	complete(t->f);
	assert_false(is_woken(t));
	ask(t, 2);
	complete(t->f);
	assert_int_equal(take(t, &packet), 2);
	assert_string_equal(text_str(&packet), "message-completed/1(one) ");
}

static void test_a_restart_repeats_the_packet_and_goes_on(void **state)
{
	CLEANUP(text_deinit) struct text before = TEXT_INIT;
	CLEANUP(text_deinit) struct text after = TEXT_INIT;
	struct talk *t = *state;

	connect_phone(t);
	ask(t, 2);
	say(t, 7, "one");
	complete(t->f);
	take(t, &before);
	say(t, 8, "two"); /* not in it */
	complete(t->f);
	restart(t);
	ask(t, 2);
	complete(t->f);
	assert_int_equal(take(t, &after), 2);
	assert_true(!strncmp(text_str(&before), text_str(&after), before.n));
	assert_non_null(strstr(text_str(&after), "message-completed/2(two) "));
	ask(t, 3); /* acknowledges all of it */
	restart(t);
	assert_null(event_find(&t->phone->events, 5));
	list_for_each (node, &t->phone->events.events)
		assert_int_not_equal(LIST_ENTRY(node, struct event, of_queue)->kind,
				     EVENT_MESSAGE_COMPLETED);
	/* no number is given twice, also if everything was acknowledged */
	assert_true(t->phone->last_message > 2);
	assert_true(t->phone->events.packet >= 2);
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

	ask(t, packet);
	say(t, id, words);
	complete(t->f);
	assert_int_equal(take(t, &taken), packet);
	assert_non_null(strstr(text_str(&taken), words));
}

/* What clients have links to is there after it was acknowledged, as many as the limit allows. */
static void test_acknowledged_messages_are_recalled_after_a_restart(void **state)
{
	struct talk *t = *state;
	const struct event *e;

	connect_phone(t);
	say_and_take(t, 2, 7, "one");
	say_and_take(t, 3, 8, "two");
	ask(t, 4);
	complete(t->f);
	restart(t);
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

	connect_phone(t);
	for (uint64_t i = 0; i < 6; i++)
		say_and_take(t, 2 + i, 7 + i, "words");
	ask(t, 8);
	complete(t->f);
	assert_int_equal(count_recent(t), 3);
	assert_null(
		event_recall(&t->phone->events, EVENT_INVITATION_COMPLETED, t->conversation, 0));
	assert_int_equal(count_event_rows(t), 3);
	restart(t);
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

	connect_phone(t);
	say(t, 7, "one");
	complete(t->f);
	user_remove(t->f->bob);
	complete(t->f);
	store_memory_port.load(t->f->store, on_left, NULL);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(every_kind_has_a_name),
		CASE(a_message_is_delivered_once_it_is_stored),
		CASE(a_message_that_is_not_stored_is_refused_and_dropped),
		CASE(a_packet_is_stored_before_it_is_sent),
		CASE(a_packet_that_is_not_stored_is_not_sent),
		CASE(a_request_that_has_gone_is_not_woken),
		CASE(a_restart_repeats_the_packet_and_goes_on),
		CASE(acknowledged_messages_are_recalled_after_a_restart),
		CASE(the_oldest_are_forgotten),
		CASE(signing_out_leaves_no_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
