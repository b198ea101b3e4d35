/*
 * The order of pushes to one phone
 *
 * A push leaves when the one before it to the same phone has been answered, however long that takes.
 */
#include "core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/life.h"
#include "mcxd/core/metrics.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/push.h"
#include "mcxd/core/push/queue.h"
#include "mcxd/core/session.h"
#include "proto/diag.h"
#include "proto/text/text.h"

#include <string.h>

static const struct push_answer taken = { .sip_status = 200 };

static struct phone *phone_away(struct fixture *f, const char *name)
{
	struct phone *p = fixture_phone(f, f->bob, name);

	fixture_subscribe(p);
	return p;
}

/* What has left since this was asked. */
static void assert_left(struct fixture *f, const char *pushes)
{
	assert_string_equal(text_str(&f->pushes), pushes);
	text_reset(&f->pushes);
}

static const struct push *newest(const struct fixture *f)
{
	return LIST_ENTRY(f->core->push_log.prev, struct push, of_log);
}

static void test_one_after_another(void **state)
{
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");

	fixture_invite(f, "first", NULL);
	fixture_invite(f, "second", NULL);
	assert_left(f, "bob@lab.test<-alice@lab.test first 1\n");
	assert_string_equal(newest(f)->state, "waiting");
	fixture_advance(f, 3000);
	push_on_answer(f->core, f->last_push, &taken);
	assert_left(f, "bob@lab.test<-alice@lab.test second 2\n");
	assert_string_equal(newest(f)->state, "sent");
	/* Its latency is that of the chain. */
	assert_int_equal(newest(f)->sent_us, loop_now_us(f->loop));
	push_on_answer(f->core, f->last_push, &taken);
	assert_false(push_queue_is_busy(&p->pushes));
}

/* The adapter answers each in bounded time, if need be itself. */
static void test_after_a_timeout(void **state)
{
	struct fixture *f = *state;

	phone_away(f, "one");
	fixture_invite(f, "first", NULL);
	fixture_invite(f, "second", NULL);
	text_reset(&f->pushes);
	push_on_answer(f->core, f->last_push, &(struct push_answer){ .reason = "timed out" });
	assert_left(f, "bob@lab.test<-alice@lab.test second 2\n");
}

static void test_other_phones_do_not_wait(void **state)
{
	struct fixture *f = *state;
	struct phone *one = phone_away(f, "one");
	struct phone *two = phone_away(f, "two");

	fixture_invite(f, "first", NULL);
	assert_left(f, "bob@lab.test<-alice@lab.test first 1\n"
		       "bob@lab.test<-alice@lab.test first 1\n");
	/* Nor does a test that goes to none. */
	push_test(f->core, NULL, 0, NULL, NULL, NULL);
	assert_left(f, "-<-- - 0\n");
	push_on_answer(f->core, one->pushes.under_way, &taken);
	fixture_invite(f, "second", NULL);
	assert_left(f, "bob@lab.test<-alice@lab.test second 2\n");
	assert_int_equal(two->pushes.n_waiting, 1);
}

static void test_withdrawal_waits(void **state)
{
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");
	struct fake_leg *caller = fixture_invite(f, "Hi", NULL);

	text_reset(&f->pushes);
	leg_on_cancelled(&caller->leg);
	assert_left(f, "");
	fixture_answer_pushes(f);
	assert_left(f, "bob@lab.test<-alice@lab.test - 1 [takes back]\n");
	assert_int_equal(fixture_toasts(f, p), 0);
}

static void test_withdrawn_before_it_left(void **state)
{
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");
	struct fake_leg *second;

	fixture_invite(f, "first", NULL);
	second = fixture_invite(f, "second", NULL);
	text_reset(&f->pushes);
	leg_on_cancelled(&second->leg);
	fixture_answer_pushes(f);
	/* The second was missed: it counts. */
	assert_left(f, "bob@lab.test<-alice@lab.test - 2 [takes back]\n");
	assert_int_equal(fixture_toasts(f, p), 1);
	assert_string_equal(push_find(f->core, newest(f)->withdraws)->state, "dropped");
	assert_false(push_queue_is_busy(&p->pushes));
}

static void test_limit(void **state)
{
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");
	struct fake_leg *oldest;

	f->config.max_waiting_pushes = 2;
	fixture_invite(f, "under way", NULL);
	oldest = fixture_invite(f, "oldest", NULL);
	fixture_invite(f, "third", NULL);
	assert_int_equal(f->core->metrics.pushes_dropped_total.value, 0);
	fixture_invite(f, "fourth", NULL);
	assert_int_equal(f->core->metrics.pushes_dropped_total.value, 1);
	assert_int_equal(p->pushes.n_waiting, 2);
	text_reset(&f->pushes);
	fixture_answer_pushes(f);
	assert_left(f, "bob@lab.test<-alice@lab.test third 3\n"
		       "bob@lab.test<-alice@lab.test fourth 4\n");
	fixture_advance(f, 60000);
	assert_string_equal(oldest->info,
			    "Push notification dropped: Too many pushes wait for this phone");
}

static void test_phone_that_signs_out(void **state)
{
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");

	fixture_invite(f, "first", NULL);
	fixture_invite(f, "second", NULL);
	text_reset(&f->pushes);
	session_sign_out(p);
	assert_string_equal(newest(f)->state, "dropped");
	fixture_answer_pushes(f);
	assert_left(f, "");
}

/* The app gets the events of what waits; if it goes away before it has acknowledged them, they are pushed. */
static void test_app_that_comes_back(void **state)
{
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");
	uint64_t packet;

	fixture_invite(f, "first", NULL);
	fixture_invite(f, "second", NULL);
	text_reset(&f->pushes);
	assert_int_equal(delivery_poll(p, 1, 7, 0), POLL_READY);
	assert_string_equal(newest(f)->state, "dropped");
	fixture_answer_pushes(f);
	assert_int_equal(delivery_take(f->core, p->id, 7, &packet), POLL_PACKET);
	assert_left(f, "");
	fixture_advance(f, 10000);
	assert_true(delivery_is_away(p));
	assert_left(f, "bob@lab.test<-alice@lab.test second 2\n");
}

/* What holds when it leaves is what counts. */
static void test_subscription_that_changes(void **state)
{
	const struct push_answer dead = { .sip_status = 480,
					  .diag_id = diag_row(DIAG_PUSH_NO_CHANNEL)->id };
	char platform[] = "windowsPhone", uri[] = "http://127.0.0.1/new";
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");
	struct fake_leg *third;

	fixture_invite(f, "first", NULL);
	fixture_invite(f, "second", NULL);
	session_subscribe(p,
			  &(struct subscription){ .platform = platform, .notification_uri = uri });
	push_on_answer(f->core, f->last_push, &taken);
	assert_string_equal(newest(f)->channel, uri);
	third = fixture_invite(f, "third", NULL);
	text_reset(&f->pushes);
	push_on_answer(f->core, f->last_push, &dead);
	assert_left(f, "");
	assert_string_equal(newest(f)->state, "dropped");
	fixture_advance(f, 60000);
	assert_string_equal(third->info, "Push notification dropped: Push subscription of target "
					 "device has expired");
}

/* The clearing house has to hear of it, whoever else answers before. */
static void test_renewed_until_it_is_known(void **state)
{
	const struct push_answer dead = { .sip_status = 410,
					  .diag_id = diag_row(DIAG_PUSH_NO_CHANNEL)->id };
	char platform[] = "windowsPhone", uri[] = "http://127.0.0.1/new";
	struct subscription s = { .platform = platform, .notification_uri = uri };
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");
	const struct push_answer lost[] = { { .sip_status = 504 }, { .sip_status = 503 }, { 0 } };

	fixture_invite(f, "first", NULL);
	push_on_answer(f->core, f->last_push, &dead);
	assert_int_equal(session_subscribe(p, &s), PHONE_OK);
	push_on_answer(f->core, f->last_push, &taken);
	p->renewed = true;
	for (size_t i = 0; i < 3; i++) {
		fixture_invite(f, "lost", NULL);
		assert_true(newest(f)->renewed);
		push_on_answer(f->core, f->last_push, &lost[i]);
	}
	fixture_invite(f, "taken", NULL);
	assert_true(newest(f)->renewed);
	push_on_answer(f->core, f->last_push, &taken);
	fixture_invite(f, "next", NULL);
	assert_false(newest(f)->renewed);
}

/* Neither what waits nor what is under way holds others up. */
static void test_forgotten(void **state)
{
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");

	fixture_invite(f, "first", NULL);
	fixture_invite(f, "second", NULL);
	push_forget(f->core, NULL);
	assert_false(push_queue_is_busy(&p->pushes));
	text_reset(&f->pushes);
	fixture_invite(f, "third", NULL);
	assert_left(f, "bob@lab.test<-alice@lab.test third 3\n");
}

static void on_tested(void *magic, const struct push *result)
{
	*(const char **)magic = result->state;
}

static void test_of_a_busy_phone(void **state)
{
	struct fixture *f = *state;
	struct phone *p = phone_away(f, "one");
	const char *first = NULL, *second = NULL;

	fixture_invite(f, "Hi", NULL);
	push_test(f->core, p, 1, NULL, on_tested, &first);
	push_test(f->core, p, 1, NULL, on_tested, &second);
	push_on_answer(f->core, f->last_push, &taken);
	assert_null(first);
	push_on_answer(f->core, f->last_push, &taken);
	assert_string_equal(first, "accepted");
	/* Somebody waits for the outcome of this one. */
	text_reset(&f->pushes);
	session_sign_out(p);
	assert_null(second);
	fixture_answer_pushes(f);
	assert_string_equal(second, "accepted");
}

static void test_reset(void **state)
{
	struct fixture *f = *state;

	phone_away(f, "one");
	fixture_invite(f, "first", NULL);
	fixture_invite(f, "second", NULL);
	text_reset(&f->pushes);
	core_reset(f->core);
	fixture_answer_pushes(f);
	assert_left(f, "");
	f->takes_pushes = true;
	phone_away(f, "one");
	fixture_invite(f, "third", NULL);
	assert_left(f, "bob@lab.test<-alice@lab.test third 1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_after_another),
		TEST(test_after_a_timeout),
		TEST(test_other_phones_do_not_wait),
		TEST(test_withdrawal_waits),
		TEST(test_withdrawn_before_it_left),
		TEST(test_limit),
		TEST(test_phone_that_signs_out),
		TEST(test_app_that_comes_back),
		TEST(test_subscription_that_changes),
		TEST(test_renewed_until_it_is_known),
		TEST(test_forgotten),
		TEST(test_of_a_busy_phone),
		TEST(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
