/*
 * Phones that call: what they are told, whom they ring, and how a call ends before it is answered.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/limit.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_caller.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/relay.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define BEGUN "invited(Hi) conv+(Connecting) local+ messaging(Connecting) "
/* The end of a conversation, and of a call that nobody answered. */
#define OVER  "messaging(Disconnected) IM- localIM- participant- local- conv=(Disconnected) conv- "
#define ALONE "messaging(Disconnected) local- conv=(Disconnected) conv- "

static const struct im hello = { .content_type = "text/plain", .body = "Hello", .n_body = 5 };

static uint64_t call_as(struct fixture *f, struct phone *p, const struct route_call *call)
{
	uint64_t id = 0;

	assert_int_equal(route_call(p, call, &id), PHONE_OK);
	fixture_settle(f);
	return id;
}

static uint64_t call(struct fixture *f, struct phone *p, const char *to)
{
	return call_as(f, p,
		       &(struct route_call){
			       .to = to, .first_line = "Hi", .first_line_type = "text/plain" });
}

static void check_events(struct fixture *f, struct phone *p, const char *want)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), want);
}

static void test_phone_calls_phone(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");
	uint64_t id = call(f, a, "bob@lab.test"), message;

	check_events(f, a, BEGUN);
	check_events(f, b, "invited(Hi) conv+(Incoming) local+ participant+ ");
	assert_int_equal(phone_callee_accept(a, id), PHONE_CONFLICT);
	assert_int_equal(phone_leg_say(a, id, &hello, &message), PHONE_CONFLICT);
	assert_int_equal(phone_callee_accept(b, id), PHONE_OK);
	check_events(f, a,
		     "conv=(Connected) participant+ IM+ localIM+ messaging(Connected) completed ");
	check_events(f, b,
		     "invited=(Hi) messaging(Connected) conv=(Connected) localIM+ IM+ participant= "
		     "completed message(Hi) ");
	assert_int_equal(phone_caller_cancel(a, id), PHONE_CONFLICT);

	assert_int_equal(phone_leg_say(a, id, &hello, &message), PHONE_OK);
	check_events(f, b, "message(Hello) ");
	check_events(f, a, "message ");
	assert_int_equal(phone_leg_say(b, id, &hello, &message), PHONE_OK);
	check_events(f, a, "message(Hello) ");
	assert_int_equal(phone_leg_terminate(a, id), PHONE_OK);
	fixture_settle(f);
	check_events(f, a, OVER);
	assert_int_equal(f->alice->conversations.used + f->bob->conversations.used, 0);
}

/* A line that is the same as the first one is a message like others: no phone sends the first line twice. */
static void test_same_line_is_a_message(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");
	uint64_t id = call(f, a, "bob@lab.test"), message;
	const struct im again = { .content_type = "text/plain", .body = "Hi", .n_body = 2 };

	check_events(f, b, "invited(Hi) conv+(Incoming) local+ participant+ ");
	phone_callee_accept(b, id);
	assert_int_equal(phone_leg_say(a, id, &again, &message), PHONE_OK);
	check_events(f, b,
		     "invited=(Hi) messaging(Connected) conv=(Connected) localIM+ IM+ participant= "
		     "completed message(Hi) message(Hi) ");
}

static void test_phone_calls_desktop(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");
	uint64_t id, message;

	fixture_register(f, "sip:bob@127.0.0.1:5062");
	id = call(f, a, "bob@lab.test");
	check_events(f, a, BEGUN);
	leg_on_ringing(&f->dialled->leg, &(struct party){ .aor = "bob@lab.test" });
	leg_on_answered(&f->dialled->leg, &(struct party){ .aor = "bob@lab.test" });
	check_events(f, a,
		     "conv=(Connected) participant+ IM+ localIM+ messaging(Connected) completed ");
	phone_leg_say(a, id, &hello, &message);
	leg_on_said(&f->dialled->leg, &hello);
	check_events(f, a, "message(Hello) ");
	leg_on_delivered(&f->dialled->leg, f->dialled->im_id,
			 &(struct diag){ .code = DIAG_SUCCESS });
	leg_on_ended(&f->dialled->leg);
	fixture_settle(f);
	check_events(f, a, "message " OVER);
	assert_string_equal(text_str(&f->dialled->told), "offer(Hi) say(Hello) said(0,200) free ");
}

/* The phone hears of its first line again only if the callee, who did not take it from the invitation, refuses it. */
static void test_first_line_refused(void **state)
{
	static const struct party bob = { .aor = "bob@lab.test", .needs_first_line = true };
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");
	uint64_t id;

	fixture_register(f, "sip:bob@127.0.0.1:5062");
	for (int refused = 0; refused < 2; refused++) {
		const struct diag outcome = diag_make(refused ? DIAG_BAD_TYPE : DIAG_SUCCESS);
		CLEANUP(mem_free_string)
		char *want = text_concat(
			BEGUN "conv=(Connected) participant+ IM+ localIM+ messaging(Connected) "
			      "completed ",
			refused ? "message(This content type is not supported) " : "");

		id = call(f, a, "bob@lab.test");
		leg_on_answered(&f->dialled->leg, &bob);
		leg_on_delivered(&f->dialled->leg, f->dialled->im_id, &outcome);
		check_events(f, a, want);
		assert_string_equal(text_str(&f->dialled->told), "offer(Hi) say(Hi) ");
		assert_int_equal(a->n_sending, 0);
		assert_int_equal(phone_leg_terminate(a, id), PHONE_OK);
		fixture_settle(f);
		check_events(f, a, OVER);
	}
}

static void check_refusal(struct fixture *f, enum diag_code code, const char *word)
{
	CLEANUP(mem_free_string)
	char *want =
		text_concat(BEGUN ALONE "completed(", word ? word : diag_row(code)->reason, ") ");
	struct phone *a = fixture_phone(f, f->alice, "a");
	struct diag why = diag_make(code);

	call(f, a, "bob@lab.test");
	leg_on_refused(&f->dialled->leg, &why);
	fixture_settle(f);
	check_events(f, a, want);
	session_sign_out(a);
}

static void test_refused(void **state)
{
	struct fixture *f = *state;

	fixture_register(f, "sip:bob@127.0.0.1:5062");
	check_refusal(f, DIAG_BUSY, NULL);
	check_refusal(f, DIAG_DECLINED, NULL);
	check_refusal(f, DIAG_UNREACHABLE, NULL);
}

static void test_nobody_to_ring(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");

	call(f, a, "carol@lab.test");
	check_events(f, a, BEGUN ALONE "completed(User does not exist) ");
	call(f, a, "bob@other.test");
	check_events(f, a, BEGUN ALONE "completed(Cannot route to destination domain) ");
	call(f, a, "bob@lab.test");
	check_events(f, a, BEGUN ALONE "completed(The user is not signed in at any endpoint) ");
	call(f, a, "alice@lab.test");
	check_events(f, a, BEGUN ALONE "completed(The user is not signed in at any endpoint) ");
	assert_int_equal(f->alice->conversations.used, 0);
}

/* Another endpoint of the same user rings, the one that calls does not. */
static void test_calls_itself(void **state)
{
	struct fixture *f = *state;
	struct phone *one = fixture_phone(f, f->alice, "1"), *two = fixture_phone(f, f->alice, "2");
	uint64_t id = call(f, one, "alice@lab.test");

	check_events(f, one, BEGUN);
	check_events(f, two, "invited(Hi) conv+(Incoming) local+ participant+ ");
	assert_int_equal(phone_callee_accept(two, id), PHONE_OK);
	check_events(f, one,
		     "conv=(Connected) participant+ IM+ localIM+ messaging(Connected) completed ");
	phone_leg_terminate(two, id);
	fixture_settle(f);
	check_events(f, one, OVER);
}

static void test_timeout(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");

	f->config.call_timeout_ms = 30000;
	call(f, a, "bob@lab.test");
	check_events(f, a, BEGUN);
	fixture_advance(f, 29000);
	assert_int_equal(f->core->metrics.timeouts_total.value, 0);
	fixture_advance(f, 1000);
	check_events(f, a,
		     ALONE "completed(The client did not respond to the invitation: "
			   "No push subscription for target device) ");
	assert_int_equal(b->n_missed, 1);
}

static void test_cancel(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");
	uint64_t id = call(f, a, "bob@lab.test");

	check_events(f, a, BEGUN);
	check_events(f, b, "invited(Hi) conv+(Incoming) local+ participant+ ");
	assert_int_equal(phone_caller_cancel(b, id), PHONE_CONFLICT);
	assert_int_equal(phone_caller_cancel(a, id), PHONE_OK);
	assert_int_equal(phone_caller_cancel(a, id), PHONE_NOT_FOUND);
	assert_int_equal(phone_callee_accept(b, id), PHONE_NOT_FOUND);
	fixture_settle(f);
	check_events(f, a, ALONE "completed(The invitation was cancelled by this application) ");
	check_events(f, b, "participant- local- conv- completed(Request was cancelled) missed ");
}

static void test_declined(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");
	uint64_t id = call(f, a, "bob@lab.test");

	assert_int_equal(phone_callee_decline(b, id), PHONE_OK);
	fixture_settle(f);
	check_events(f, a, BEGUN ALONE "completed(The user declined the invitation) ");
}

static void test_caller_signs_out(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");
	uint64_t id = call(f, a, "bob@lab.test");

	check_events(f, b, "invited(Hi) conv+(Incoming) local+ participant+ ");
	session_sign_out(a);
	fixture_settle(f);
	assert_null(conversation_find(f->core, id));
	check_events(f, b, "participant- local- conv- completed(Request was cancelled) missed ");
	a = fixture_phone(f, f->alice, "a");
	id = call(f, a, "bob@lab.test");
	phone_callee_accept(b, id);
	session_sign_out(a);
	fixture_settle(f);
	assert_null(conversation_find(f->core, id));
	assert_int_equal(f->bob->conversations.used, 0);
}

static void test_caller_is_removed(void **state)
{
	struct fixture *f = *state;
	struct phone *b = fixture_phone(f, f->bob, "b");
	uint64_t id = call(f, fixture_phone(f, f->alice, "a"), "bob@lab.test");

	user_remove(f->alice);
	fixture_settle(f);
	assert_null(conversation_find(f->core, id));
	assert_int_equal(phone_callee_accept(b, id), PHONE_NOT_FOUND);
}

static void test_sleeping_callee_is_pushed(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");
	uint64_t id, message;

	fixture_subscribe(a);
	fixture_subscribe(b);
	id = call(f, a, "bob@lab.test");
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test Hi 1\n");
	phone_callee_accept(b, id);
	text_reset(&f->pushes);
	fixture_advance(f, 10000);
	/* The caller's phone sleeps as well: a message to it is a push in Bob's name. */
	assert_int_equal(phone_leg_say(b, id, &hello, &message), PHONE_OK);
	assert_string_equal(text_str(&f->pushes), "alice@lab.test<-bob@lab.test Hello 0\n");
}

/* Each calls the other, and each takes the other's call. */
static void test_glare(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a"), *b = fixture_phone(f, f->bob, "b");
	uint64_t to_bob = call(f, a, "bob@lab.test"), to_alice = call(f, b, "alice@lab.test");

	assert_int_not_equal(to_bob, to_alice);
	check_events(f, a, BEGUN "invited(Hi) conv+(Incoming) local+ participant+ ");
	check_events(f, b, "invited(Hi) conv+(Incoming) local+ participant+ " BEGUN);
	assert_int_equal(phone_callee_accept(a, to_alice), PHONE_OK);
	assert_int_equal(phone_callee_accept(b, to_bob), PHONE_OK);
	assert_int_equal(phone_leg_terminate(a, to_bob), PHONE_OK);
	assert_int_equal(phone_leg_get_state(phone_leg_find(b, to_alice)), PHONE_LEG_CONNECTED);
	assert_null(phone_leg_find(b, to_bob));
}

static void test_ids_are_unique_while_they_last(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");
	const struct route_call first = { .to = "bob@lab.test",
					  .operation_id = "1",
					  .thread_id = "t" };
	const struct route_call other = { .to = "bob@lab.test",
					  .operation_id = "2",
					  .thread_id = "t" };
	uint64_t id, unused;

	fixture_phone(f, f->bob, "b");
	id = call_as(f, a, &first);
	assert_string_equal(conversation_find(f->core, id)->thread_id, "t");
	assert_string_equal(phone_leg_find(a, id)->operation_id, "1");
	assert_int_equal(route_call(a, &first, &unused), PHONE_EXISTS);
	assert_int_equal(route_call(a, &other, &unused), PHONE_THREAD_EXISTS);
	phone_caller_cancel(a, id);
	fixture_settle(f);
	id = call_as(f, a, &first);
	assert_non_null(conversation_find(f->core, id));
}

static void test_every_conversation_has_a_thread(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");
	const struct conversation *one, *two;

	fixture_phone(f, f->bob, "b");
	one = conversation_find(f->core, call(f, a, "bob@lab.test"));
	two = conversation_find(f->core, call(f, a, "bob@lab.test"));
	assert_int_equal(strlen(one->thread_id), 32);
	assert_string_not_equal(one->thread_id, two->thread_id);
	assert_string_equal(one->from_name, "Alice");
	assert_string_equal(one->to_name, "Bob");
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");
	const struct route_call more = { .to = "bob@lab.test" };
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	uint64_t id;

	fixture_phone(f, f->bob, "b");
	for (int i = 0; i < 8; i++) {
		call(f, a, "bob@lab.test");
		fixture_events(f, a, &events);
	}
	assert_int_equal(route_call(a, &more, &id), PHONE_BUSY);
	assert_int_equal(f->core->metrics.limits_total.value, 1);
}

static void test_full_queue(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");
	const struct route_call more = { .to = "nobody@lab.test" };
	enum phone_result result = PHONE_OK;
	uint64_t id;

	for (int i = 0; i < 12 && result == PHONE_OK; i++) {
		result = route_call(a, &more, &id);
		fixture_settle(f);
	}
	assert_int_equal(result, PHONE_FULL);
}

static void test_shutdown(void **state)
{
	struct fixture *f = *state;
	struct phone *a = fixture_phone(f, f->alice, "a");

	fixture_phone(f, f->bob, "b");
	call(f, a, "bob@lab.test");
	core_stop(f->core);
	fixture_settle(f);
	check_events(f, a, BEGUN ALONE "completed(The server is shutting down) ");
	call(f, a, "bob@lab.test");
	check_events(f, a, BEGUN ALONE "completed(The server is shutting down) ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_phone_calls_phone),
		TEST(test_same_line_is_a_message),
		TEST(test_phone_calls_desktop),
		TEST(test_first_line_refused),
		TEST(test_refused),
		TEST(test_nobody_to_ring),
		TEST(test_calls_itself),
		TEST(test_timeout),
		TEST(test_cancel),
		TEST(test_declined),
		TEST(test_caller_signs_out),
		TEST(test_caller_is_removed),
		TEST(test_sleeping_callee_is_pushed),
		TEST(test_glare),
		TEST(test_ids_are_unique_while_they_last),
		TEST(test_every_conversation_has_a_thread),
		TEST(test_limits),
		TEST(test_full_queue),
		TEST(test_shutdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
