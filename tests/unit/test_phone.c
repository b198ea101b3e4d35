/*
 * Phones: event requests and delivery
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/life.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/push.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static void test_held_request_is_woken_once(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	uint64_t packet = 0;

	fixture_subscribe(p);
	assert_int_equal(delivery_poll(p, 1, 11, 0), POLL_HELD);
	fixture_invite(f, "Hi", NULL);
	assert_int_equal(f->n_woken, 1);
	assert_int_equal(f->woken[0], 11);
	assert_string_equal(text_str(&f->pushes), "");
	assert_int_equal(delivery_take(f->core, p->id, 11, &packet), POLL_PACKET);
	assert_int_equal(packet, 1);
	assert_int_equal(delivery_poll(p, 2, 12, 0), POLL_HELD);
	assert_true(list_empty(&p->events.events));
}

static void test_repeat_and_wrong_ack(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t packet = 0;

	fixture_invite(f, "Hi", NULL);
	assert_int_equal(delivery_poll(p, 1, 11, 0), POLL_READY);
	delivery_take(f->core, p->id, 11, &packet);
	assert_int_equal(delivery_poll(p, 7, 12, 0), POLL_WRONG_ACK);
	assert_int_equal(delivery_poll(p, 1, 13, 0), POLL_READY);
	delivery_take(f->core, p->id, 13, &packet);
	assert_int_equal(packet, 1);
	assert_false(list_empty(&p->events.events));
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "");
}

static void test_replaced(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	uint64_t packet;

	assert_int_equal(delivery_poll(p, 1, 11, 0), POLL_HELD);
	assert_int_equal(delivery_poll(p, 1, 12, 0), POLL_HELD);
	assert_int_equal(f->n_woken, 1);
	assert_int_equal(f->woken[0], 11);
	assert_int_equal(delivery_take(f->core, p->id, 11, &packet), POLL_REPLACED);
	delivery_drop(f->core, p->id, 11);
	assert_false(delivery_is_away(p));
}

static void test_empty_packet_at_the_timeout(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	uint64_t packet = 0;

	assert_int_equal(delivery_poll(p, 1, 11, 200000), POLL_HELD);
	fixture_advance(f, 190000);
	assert_int_equal(f->n_woken, 0);
	fixture_advance(f, 10000);
	assert_int_equal(f->n_woken, 1);
	assert_int_equal(delivery_take(f->core, p->id, 11, &packet), POLL_PACKET);
	assert_int_equal(packet, 1);
	assert_true(list_empty(&p->events.events));
}

static void test_hang_up_while_invited_pushes(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");

	fixture_subscribe(p);
	delivery_poll(p, 1, 11, 0);
	delivery_drop(f->core, p->id, 11);
	assert_false(delivery_is_away(p));
	fixture_advance(f, 1999);
	fixture_invite(f, "Hi", NULL);
	assert_string_equal(text_str(&f->pushes), "");
	fixture_advance(f, 1);
	assert_true(delivery_is_away(p));
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test Hi 1\n");
}

/* The answer was written to a dead connection, which shows only in the silence afterwards. */
static void test_unacknowledged_is_pushed(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	uint64_t packet;

	fixture_subscribe(p);
	delivery_poll(p, 1, 11, 0);
	fixture_invite(f, "Hi", NULL);
	delivery_take(f->core, p->id, 11, &packet);
	fixture_advance(f, 5000);
	assert_string_equal(text_str(&f->pushes), "");
	fixture_advance(f, 5000);
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test Hi 1\n");
}

static void test_acknowledged_is_not_pushed(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	uint64_t packet;

	fixture_subscribe(p);
	delivery_poll(p, 1, 11, 0);
	fixture_invite(f, "Hi", NULL);
	delivery_take(f->core, p->id, 11, &packet);
	delivery_poll(p, 2, 12, 0);
	delivery_drop(f->core, p->id, 12);
	assert_string_equal(text_str(&f->pushes), "");
}

static void test_message_to_background_is_pushed(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct im im = { .id = 1, .content_type = "text/plain", .body = "More", .n_body = 4 };
	struct fake_leg *l;
	uint64_t id;

	f->takes_pushes = true;
	fixture_subscribe(p);
	l = fixture_invite(f, "Hi", &id);
	text_reset(&f->pushes);
	fixture_events(f, p, &events);
	phone_callee_accept(p, id);
	fixture_events(f, p, &events);
	fixture_advance(f, 10000);
	leg_on_said(&l->leg, &im);
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test More 0\n");
	leg_on_ended(&l->leg);
}

static void test_subscribes_while_it_rings(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	struct fake_leg *l = fixture_invite(f, "Hi", NULL);

	assert_string_equal(text_str(&f->pushes), "");
	fixture_subscribe(p);
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test Hi 1\n");
	push_on_answer(f->core, f->last_push, &(struct push_answer){ .sip_status = 200 });
	fixture_advance(f, 60000);
	assert_string_equal(l->info, "");
}

static void test_tile_counts_what_rings(void **state)
{
	struct fixture *f = *state;

	f->takes_pushes = true;
	fixture_subscribe(fixture_phone(f, f->bob, "one"));
	fixture_invite(f, "a", NULL);
	fixture_invite(f, "b", NULL);
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test a 1\n"
						  "bob@lab.test<-alice@lab.test b 2\n");
}

static void test_full_queue_refuses_invitations(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	struct fake_leg *l;

	while (event_add(&p->events, EVENT_TYPING_ADDED, false))
		;
	l = fixture_invite(f, "Hi", NULL);
	assert_string_equal(text_str(&l->told), "refuse(503) free ");
}

static void test_full_queue(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct im im = { .id = 1, .content_type = "text/plain", .body = "More", .n_body = 4 };
	struct fake_leg *l;
	uint64_t id;

	l = fixture_invite(f, "Hi", &id);
	fixture_events(f, p, &events);
	phone_callee_accept(p, id);
	for (int i = 0; i < 50; i++)
		leg_on_said(&l->leg, &im);
	assert_int_equal(p->events.budget.used, 40);
	assert_non_null(strstr(text_str(&l->told), "said(1,200) "));
	assert_null(strstr(strrchr(text_str(&l->told), '('), "200"));
	leg_on_ended(&l->leg);
	fixture_settle(f);
	fixture_events(f, p, &events);
	assert_non_null(strstr(text_str(&events),
			       "messaging(Disconnected) IM- localIM- participant- "
			       "local- conv=(Disconnected) conv- "));
}

static void test_policy(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	struct subscription s = { 0 };

	assert_string_equal(push_obstacle(p), "No push subscription for target device");
	fixture_subscribe(p);
	assert_null(push_obstacle(p));
	f->config.enable_microsoft_push = false;
	assert_non_null(push_obstacle(p));
	f->config.enable_microsoft_push = true;
	f->bob->policy.enable_push = false;
	assert_non_null(push_obstacle(p));
	assert_int_equal(session_subscribe(p, &s), PHONE_PUSH_OFF);
	assert_int_equal(session_unsubscribe(p), PHONE_OK);
	assert_int_equal(session_unsubscribe(p), PHONE_NOT_FOUND);
}

static void test_sign_out_wakes_the_request(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	uint64_t id = p->id, packet;

	delivery_poll(p, 1, 11, 0);
	session_sign_out(p);
	assert_int_equal(f->n_woken, 1);
	assert_int_equal(delivery_take(f->core, id, 11, &packet), POLL_GONE);
}

static void test_missed_are_bounded_and_read(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id;

	for (int i = 0; i < 5; i++)
		fixture_invite(f, "Hi", &id);
	fixture_advance(f, 60000);
	assert_int_equal(p->n_missed, 3);
	assert_non_null(missed_find(p, id));
	fixture_events(f, p, &events);
	missed_read(missed_find(p, id));
	assert_int_equal(p->n_missed, 3);
	assert_int_equal(p->n_unread, 2);
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "missed ");
	missed_read(missed_find(p, id));
	assert_false(event_queue_has(&p->events, EVENT_MISSED_UPDATED, NULL));
	assert_int_equal(p->n_unread, 2);
	missed_remove(missed_find(p, id));
	assert_int_equal(p->n_missed, 2);
	assert_int_equal(p->n_unread, 2);
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "missed ");
	missed_clear(p);
	assert_int_equal(p->n_missed, 0);
	assert_int_equal(p->n_unread, 0);
	assert_false(event_queue_has(&p->events, EVENT_MISSED_UPDATED, NULL));
}

static void test_store_brings_back(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	char *app_id = mem_strdup(p->app_id), *epid = mem_strdup(p->epid);
	struct core_args args = { .loop = f->loop, .config = &f->config, .ports = &f->core->ports };
	struct user_spec spec = { .aor = "bob@lab.test",
				  .policy = { .enable_mobility = true, .enable_push = true } };
	struct core *second;

	fixture_subscribe(p);
	fixture_invite(f, "Hi", NULL);
	fixture_advance(f, 60000);
	second = core_new(&args);
	user_add(second, &spec, NULL);
	assert_int_equal(core_load(second), 0);
	p = phone_find(second, app_id);
	assert_non_null(p);
	assert_true(p->available);
	assert_string_equal(p->epid, epid);
	assert_null(push_obstacle(p));
	assert_int_equal(p->n_missed, 1);
	core_free(second); /* its rows stay in the store */
	second = core_new(&args);
	user_add(second, &spec, NULL);
	assert_int_equal(core_load(second), 0);
	assert_non_null(phone_find(second, app_id));
	core_free(second);
	free(app_id);
	free(epid);
}

static void on_test_done(void *magic, const struct push *result)
{
	*(int *)magic = result->diag_id;
}

static void test_synthetic_transaction(void **state)
{
	struct fixture *f = *state;
	int diag_id = 0;

	push_test(f->core, NULL, 0, "sip:127.0.0.1:5061;transport=tcp", on_test_done, &diag_id);
	assert_int_equal(diag_id, 0);
	push_on_answer(f->core, f->last_push,
		       &(struct push_answer){ .sip_status = 200, .diag_id = 30007 });
	assert_int_equal(diag_id, 30007);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(held_request_is_woken_once),
		CASE(repeat_and_wrong_ack),
		CASE(replaced),
		CASE(empty_packet_at_the_timeout),
		CASE(hang_up_while_invited_pushes),
		CASE(unacknowledged_is_pushed),
		CASE(acknowledged_is_not_pushed),
		CASE(message_to_background_is_pushed),
		CASE(subscribes_while_it_rings),
		CASE(tile_counts_what_rings),
		CASE(full_queue_refuses_invitations),
		CASE(full_queue),
		CASE(policy),
		CASE(sign_out_wakes_the_request),
		CASE(missed_are_bounded_and_read),
		CASE(store_brings_back),
		CASE(synthetic_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
