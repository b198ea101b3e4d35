/*
 * Conversations: every way in which an invitation can end, once.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/life.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/push.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/store/store.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static void check_told(const struct fake_leg *l, const char *want)
{
	assert_string_equal(text_str(&l->told), want);
}

static void test_table(void **state)
{
	(void)state;
	assert_null(fsm_check(&conversation_fsm));
	assert_null(fsm_check(&phone_leg_fsm));
	assert_null(fsm_check(&delivery_fsm));
}

static void test_unknown_user(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *l = fake_leg_new();

	route_invite(f->core, &l->leg,
		     &(struct invitation){
			     .from = "alice@lab.test", .to = "nobody@lab.test", .key = "sip:x" });
	fixture_settle(f);
	check_told(l, "refuse(404) free ");
}

static void test_nowhere_registered(void **state)
{
	struct fixture *f = *state;

	check_told(fixture_invite(f, "Hi", NULL), "refuse(480) free ");
}

static void test_ignored_without_subscription(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	struct fake_leg *l = fixture_invite(f, "Hi Brendan", NULL);
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	fixture_advance(f, 50000);
	check_told(l, "ring(WPLync/4.1.7947.0) ");
	fixture_advance(f, 10000);
	check_told(l, "ring(WPLync/4.1.7947.0) refuse(408) free ");
	assert_string_equal(l->info, "No push subscription for target device");
	assert_int_equal(p->n_missed, 1);
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "missed ");
	assert_string_equal(LIST_ENTRY(p->missed.next, struct missed, of_phone)->first_line,
			    "Hi Brendan");
	assert_string_equal(text_str(&f->pushes), "");
}

static void test_ignored_push(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	struct fake_leg *l;

	fixture_subscribe(p);
	l = fixture_invite(f, "Hi Brendan", NULL);
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test Hi Brendan 1\n");
	push_on_answer(f->core, f->last_push,
		       &(struct push_answer){ .sip_status = 200, .diag_id = 30000 });
	fixture_advance(f, 60000);
	check_told(l, "ring(WPLync/4.1.7947.0) refuse(408) free ");
	assert_string_equal(l->info, "");
	fixture_invite(f, "Again", NULL);
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test Hi Brendan 1\n"
						  "bob@lab.test<-alice@lab.test Again 2\n");
	fixture_advance(f, 60000);
	assert_int_equal(p->n_missed, 2);
}

static void test_refused_push_is_in_the_408(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *l;

	fixture_subscribe(fixture_phone(f, f->bob, "phone-1"));
	l = fixture_invite(f, "Hi", NULL);
	push_on_answer(
		f->core, f->last_push,
		&(struct push_answer){ .sip_status = 504, .diag_id = 1009, .reason = "DNS" });
	fixture_advance(f, 60000);
	assert_string_equal(l->info, "Push notification refused: DNS");
}

static void test_accepted(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id, message = 0;
	struct fake_leg *l = fixture_invite(f, "Hi Brendan", &id);
	struct im im = {
		.id = 7, .content_type = "text/plain", .body = "How are you?", .n_body = 12
	};

	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events),
			    "invited(Hi Brendan) conv+(Incoming) local+ participant+ ");
	assert_int_equal(phone_callee_accept(p, id), PHONE_OK);
	assert_int_equal(phone_callee_accept(p, id), PHONE_CONFLICT);
	check_told(l, "ring(WPLync/4.1.7947.0) answer(bob@lab.test) ");
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events),
			    "invited=(Hi Brendan) messaging(Connected) conv=(Connected) "
			    "localIM+ IM+ participant= completed message(Hi Brendan) ");

	leg_on_said(&l->leg, &im);
	im = (struct im){ .content_type = "text/plain", .body = "Fine", .n_body = 4 };
	assert_int_equal(phone_leg_say(p, id, &im, &message), PHONE_OK);
	check_told(l, "ring(WPLync/4.1.7947.0) answer(bob@lab.test) said(7,200) say(Fine) ");
	leg_on_delivered(&l->leg, l->im_id,
			 &(struct diag){ .code = DIAG_SUCCESS, .sip_status = 200 });
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "message(How are you?) message ");

	leg_on_typing(&l->leg, true);
	assert_int_equal(phone_leg_typing(p, id), PHONE_OK);
	leg_on_ended(&l->leg);
	fixture_settle(f);
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "messaging(Disconnected) IM- localIM- participant- "
					       "local- conv=(Disconnected) conv- ");
	assert_int_equal(phone_leg_say(p, id, &im, &message), PHONE_NOT_FOUND);
	check_told(l, "ring(WPLync/4.1.7947.0) answer(bob@lab.test) said(7,200) say(Fine) "
		      "typing(1) free ");
	assert_int_equal(p->n_missed, 0);
}

static void test_first_line_once(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id;
	struct fake_leg *l = fixture_invite(f, "Hi Brendan", &id);
	struct im im = {
		.id = 1, .content_type = "text/plain", .body = "Hi Brendan", .n_body = 10
	};

	phone_callee_accept(p, id);
	fixture_events(f, p, &events);
	leg_on_said(&l->leg, &im);
	im.id = 2;
	leg_on_said(&l->leg, &im);
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "message(Hi Brendan) ");
	assert_non_null(strstr(text_str(&l->told), "said(1,200) said(2,200) "));
	assert_int_equal(f->core->metrics.repeats_total.value, 1);
}

/* A callee that did not take the first line from the invitation gets it from the caller's client, as a message. */
static void test_first_line_needed(void **state)
{
	struct fixture *f = *state;
	uint64_t id;
	struct fake_leg *l;
	const struct im im = { .id = 1, .content_type = "text/plain", .body = "Hi", .n_body = 2 };
	const struct diag refused = diag_make(DIAG_BAD_TYPE);

	fixture_register(f, "sip:bob@127.0.0.1:5062");
	l = fixture_invite(f, "Hi", &id);
	leg_on_answered(&f->dialled->leg,
			&(struct party){ .aor = "bob@lab.test", .needs_first_line = true });
	leg_on_said(&l->leg, &im);
	assert_string_equal(text_str(&f->dialled->told), "offer(Hi) say(Hi) ");
	leg_on_delivered(&f->dialled->leg, im.id, &refused);
	assert_non_null(strstr(text_str(&l->told), "said(1,415) "));
	assert_int_equal(f->core->metrics.repeats_total.value, 0);
}

static void test_same_line_later_is_a_message(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id;
	struct fake_leg *l = fixture_invite(f, "Hi", &id);
	struct im im = { .id = 1, .content_type = "text/plain", .body = "Hi", .n_body = 2 };

	phone_callee_accept(p, id);
	fixture_events(f, p, &events);
	fixture_advance(f, 2001);
	leg_on_said(&l->leg, &im);
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "message(Hi) ");
}

static void test_declined(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id;
	struct fake_leg *l = fixture_invite(f, "Hi", &id);

	fixture_events(f, p, &events);
	assert_int_equal(phone_callee_decline(p, id), PHONE_OK);
	assert_int_equal(phone_callee_accept(p, id), PHONE_NOT_FOUND);
	fixture_settle(f);
	check_told(l, "ring(WPLync/4.1.7947.0) refuse(603) free ");
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), "participant- local- conv- completed(The invitation "
					       "was declined by this application) ");
	assert_int_equal(p->n_missed, 0);
}

static void test_cancelled(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct fake_leg *l = fixture_invite(f, "Hi", NULL);

	fixture_events(f, p, &events);
	leg_on_cancelled(&l->leg);
	fixture_settle(f);
	check_told(l, "ring(WPLync/4.1.7947.0) refuse(487) free ");
	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events),
			    "participant- local- conv- completed(Request was cancelled) missed ");
	fixture_advance(f, 60000);
	check_told(l, "ring(WPLync/4.1.7947.0) refuse(487) free ");
}

static void test_two_phones(void **state)
{
	struct fixture *f = *state;
	struct phone *one = fixture_phone(f, f->bob, "phone-1");
	struct phone *two = fixture_phone(f, f->bob, "phone-2");
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id;

	fixture_invite(f, "Hi", &id);
	fixture_events(f, two, &events);
	assert_int_equal(phone_callee_accept(one, id), PHONE_OK);
	assert_int_equal(phone_callee_accept(two, id), PHONE_NOT_FOUND);
	fixture_events(f, two, &events);
	assert_string_equal(text_str(&events), "participant- local- conv- completed(The invitation "
					       "was accepted at another endpoint) ");
	assert_int_equal(two->n_missed, 0);
	assert_int_equal(phone_leg_terminate(one, id), PHONE_OK);
}

static void test_phone_leaves_while_ringing(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	struct fake_leg *l = fixture_invite(f, "Hi", NULL);

	session_sign_out(p);
	fixture_settle(f);
	check_told(l, "ring(WPLync/4.1.7947.0) refuse(480) free ");
}

static void test_user_removed_while_connected(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	uint64_t id;
	struct fake_leg *l = fixture_invite(f, "Hi", &id);

	phone_callee_accept(p, id);
	user_remove(f->bob);
	fixture_settle(f);
	assert_non_null(strstr(text_str(&l->told), "end free "));
	assert_int_equal(f->core->metrics.conversations.value, 0);
}

static void test_desktop_and_phone(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	struct fake_leg *l;
	uint64_t id;

	fixture_register(f, "sip:bob@127.0.0.1:5062");
	l = fixture_invite(f, "Hi", &id);
	check_told(f->dialled, "offer(Hi) ");
	leg_on_refused(&f->dialled->leg, &(struct diag){ .code = DIAG_LIMIT, .sip_status = 486 });
	assert_null(strstr(text_str(&l->told), "refuse"));
	assert_int_equal(phone_callee_accept(p, id), PHONE_OK);
	check_told(l, "ring(WPLync/4.1.7947.0) answer(bob@lab.test) ");

	l = fixture_invite(f, "Hi", &id);
	leg_on_answered(&f->dialled->leg, &(struct party){ .aor = "bob@lab.test" });
	fixture_settle(f);
	assert_int_equal(phone_callee_accept(p, id), PHONE_NOT_FOUND);
	check_told(l, "ring(WPLync/4.1.7947.0) answer(bob@lab.test) ");
	leg_on_refused(&f->dialled->leg, &(struct diag){ .sip_status = 500 });
	check_told(l, "ring(WPLync/4.1.7947.0) answer(bob@lab.test) ");
	leg_on_ended(&l->leg);
}

/* The refusal that goes out keeps its own reason, even if a push fails later. */
static void test_refusal_keeps_its_own_info(void **state)
{
	struct fixture *f = *state;
	struct phone *one = fixture_phone(f, f->bob, "phone-1");
	struct phone *two = fixture_phone(f, f->bob, "phone-2");
	struct diag busy = { .code = DIAG_BUSY, .sip_status = 486, .info = "In a meeting" };
	struct fake_leg *l;

	fixture_subscribe(two);
	fixture_register(f, "sip:bob@127.0.0.1:5062");
	l = fixture_invite(f, "Hi", NULL);
	leg_on_refused(&f->dialled->leg, &busy);
	push_on_answer(
		f->core, f->last_push,
		&(struct push_answer){ .sip_status = 504, .diag_id = 1009, .reason = "DNS" });
	session_sign_out(one);
	session_sign_out(two);
	fixture_settle(f);
	check_told(l, "ring(WPLync/4.1.7947.0) ring(WPLync/4.1.7947.0) refuse(486) free ");
	assert_string_equal(l->info, "In a meeting");
}

static void test_decline_has_no_push_info(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "phone-1");
	uint64_t id;
	struct fake_leg *l = fixture_invite(f, "Hi", &id);

	assert_int_equal(phone_callee_decline(p, id), PHONE_OK);
	assert_string_equal(l->info, "");
}

static void test_accepted_push_gives_the_408_no_reason(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *l;

	fixture_subscribe(fixture_phone(f, f->bob, "phone-1"));
	fixture_phone(f, f->bob, "phone-2");
	l = fixture_invite(f, "Hi", NULL);
	push_on_answer(f->core, f->last_push, &(struct push_answer){ .sip_status = 200 });
	fixture_advance(f, 60000);
	assert_string_equal(l->info, "");
}

static void test_contact_hangs_up_before_it_answers(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *l;

	fixture_register(f, "sip:bob@127.0.0.1:5062");
	l = fixture_invite(f, "Hi", NULL);
	leg_on_ended(&f->dialled->leg);
	fixture_settle(f);
	check_told(l, "refuse(480) free ");
}

static void test_stopping_refuses(void **state)
{
	struct fixture *f = *state;

	fixture_phone(f, f->bob, "phone-1");
	core_stop(f->core);
	check_told(fixture_invite(f, "Hi", NULL), "refuse(503) free ");
}

static void on_registered(void *magic, enum register_result result, const struct user *u)
{
	(void)u;
	*(enum register_result *)magic = result;
}

/* A REGISTER that waits for the store is dropped when core is freed, and leaves nothing in the loop. */
static void test_register_under_way_at_the_end(void **state)
{
	struct fixture *f = *state;
	enum register_result result = REGISTER_FAILED;
	struct register_contact contact = { .uri = "sip:bob@127.0.0.1:5062", .expires_s = -1 };

	binding_register(f->core,
			 &(struct register_request){ .aor = "bob@lab.test",
						     .call_id = "r1",
						     .cseq = 1,
						     .route = "sip:127.0.0.1:5062",
						     .expires_s = -1,
						     .contacts = &contact,
						     .n_contacts = 1 },
			 on_registered, &result);
	core_free(f->core);
	f->store = store_free(f->store);
	f->core = NULL;
	fixture_settle(f);
	assert_int_equal(result, REGISTER_FAILED);
}

static void test_limit(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *last = NULL;

	fixture_phone(f, f->bob, "phone-1");
	for (int i = 0; i < 9; i++)
		last = fixture_invite(f, NULL, NULL);
	assert_string_equal(text_str(&last->told), "refuse(503) free ");
	assert_int_equal(f->core->metrics.conversations.value, 8);
	assert_true(f->core->metrics.limits_total.value > 0);
}

static void test_history_is_bounded(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 9; i++)
		fixture_invite(f, "Hi", NULL);
	assert_int_equal(f->core->n_history, 5);
}

static void test_shutdown(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *l;

	fixture_phone(f, f->bob, "phone-1");
	l = fixture_invite(f, "Hi", NULL);
	core_stop(f->core);
	fixture_settle(f);
	check_told(l, "ring(WPLync/4.1.7947.0) refuse(503) free ");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		CASE(unknown_user),
		CASE(nowhere_registered),
		CASE(ignored_without_subscription),
		CASE(ignored_push),
		CASE(refused_push_is_in_the_408),
		CASE(accepted),
		CASE(first_line_once),
		CASE(first_line_needed),
		CASE(same_line_later_is_a_message),
		CASE(declined),
		CASE(cancelled),
		CASE(two_phones),
		CASE(phone_leaves_while_ringing),
		CASE(user_removed_while_connected),
		CASE(desktop_and_phone),
		CASE(refusal_keeps_its_own_info),
		CASE(decline_has_no_push_info),
		CASE(accepted_push_gives_the_408_no_reason),
		CASE(contact_hangs_up_before_it_answers),
		CASE(stopping_refuses),
		CASE(register_under_way_at_the_end),
		CASE(limit),
		CASE(history_is_bounded),
		CASE(shutdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
