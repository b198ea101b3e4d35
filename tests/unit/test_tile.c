/*
 * The tile
 *
 * Stories of a phone that is away, and what its tile and its toasts are after each: the tile counts the conversations and
 * calls that the phone has missed, and those that ring.
 */
#include "core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/push.h"
#include "mcxd/core/push/policy.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"

enum { N_PHONES = 2, N_CALLS = 3 };

struct story {
	struct fixture *f;
	struct phone *phones[N_PHONES];
	struct fake_leg *callers[N_CALLS], *contacts[N_CALLS];
	uint64_t ids[N_CALLS];
	uint64_t polls, packets[N_PHONES];
	unsigned tiles[N_PHONES], toasts[N_PHONES];
	bool is_open[N_PHONES];
};

/* What an app that is open shows is its own affair; it says what the server does. */
static void look(struct story *s)
{
	fixture_settle(s->f);
	for (int i = 0; i < N_PHONES && s->phones[i]; i++) {
		if (s->is_open[i]) {
			s->tiles[i] = (unsigned)s->phones[i]->n_unread;
			s->toasts[i] = 0;
		} else if (fixture_toasts(s->f, s->phones[i]) || fixture_tile(s->f, s->phones[i]) ||
			   text_str(&s->f->pushes)[0]) {
			s->tiles[i] = fixture_tile(s->f, s->phones[i]);
			s->toasts[i] = fixture_toasts(s->f, s->phones[i]);
		}
	}
}

static void invite(struct story *s, int i, enum media media, bool conference)
{
	s->callers[i] = fake_leg_new();
	s->f->dialled = NULL;
	s->ids[i] =
		route_invite(s->f->core, &s->callers[i]->leg,
			     &(struct invitation){ .from = "alice@lab.test",
						   .to = "bob@lab.test",
						   .first_line = media ? NULL : "Hi",
						   .first_line_type = media ? NULL : "text/plain",
						   .media = media,
						   .conference = conference });
	s->contacts[i] = s->f->dialled;
}

static void open_app(struct story *s, int i)
{
	struct phone *p = s->phones[i];
	uint64_t packet, poll = ++s->polls;

	s->is_open[i] = true;
	if (delivery_poll(p, ++s->packets[i], poll, 0) == POLL_READY) {
		assert_int_equal(delivery_take(s->f->core, p->id, poll, &packet), POLL_PACKET);
		assert_int_equal(delivery_poll(p, ++s->packets[i], ++s->polls, 0), POLL_HELD);
	}
	list_for_each_safe (node, &p->missed)
		missed_read(LIST_ENTRY(node, struct missed, of_phone));
}

/* Its request is over, and it does not ask again. */
static void close_app(struct story *s, int i)
{
	struct phone *p = s->phones[i];

	delivery_drop(s->f->core, p->id, p->poll_id);
	fixture_advance(s->f, 2000);
	assert_true(delivery_is_away(p));
	s->is_open[i] = false;
	/* The tile stays as the app has left it. */
	for (size_t k = 0; k < ARRAY_SIZE(s->f->screens); k++)
		if (!strcmp(s->f->screens[k].epid, p->epid)) {
			s->f->screens[k].tile = (unsigned)p->n_unread;
			memset(s->f->screens[k].toasts, 0, sizeof(s->f->screens[k].toasts));
		}
}

static void answer_elsewhere(const struct story *s, int i)
{
	leg_on_answered(&s->contacts[i]->leg, &(struct party){ .aor = "bob@lab.test" });
}

static void decline_elsewhere(const struct story *s, int i)
{
	const struct diag why = diag_make(DIAG_DECLINED);

	leg_on_refused(&s->contacts[i]->leg, &why);
}

/* A step is a letter and a digit, which is the number of an invitation from 0 or of a phone:
 * i: invites, in text; v: by voice; V: by video; k: to a conference · c: the caller cancels ·
 * e, d: a desktop answers, declines · o: the app is opened, b: and closed · a: phone 0 accepts,
 * n: phone 0 declines · t: a minute passes · s: a second desktop signs in */
static void play(struct story *s, const char *step)
{
	int i = step[1] - '0';

	switch (step[0]) {
	case 'i': invite(s, i, MEDIA_TEXT, false); return;
	case 'v': invite(s, i, MEDIA_AUDIO, false); return;
	case 'V': invite(s, i, MEDIA_VIDEO, false); return;
	case 'k': invite(s, i, MEDIA_TEXT, true); return;
	case 'c': leg_on_cancelled(&s->callers[i]->leg); return;
	case 'e': answer_elsewhere(s, i); return;
	case 'd': decline_elsewhere(s, i); return;
	case 'o': open_app(s, i); return;
	case 'b': close_app(s, i); return;
	case 'a': assert_int_equal(phone_callee_accept(s->phones[0], s->ids[i]), PHONE_OK); return;
	case 'n': assert_int_equal(phone_callee_decline(s->phones[0], s->ids[i]), PHONE_OK); return;
	case 't': fixture_advance(s->f, 60000); return;
	case 's': fixture_register(s->f, "sip:bob@127.0.0.1:5062"); return;
	default: fail_msg("%c is not a step", step[0]);
	}
}

static const struct row {
	const char *name, *steps;
	int n_phones;
	unsigned tiles[N_PHONES], toasts[N_PHONES];
} rows[] = {
	{ "rings", "i0", 1, { 1 }, { 1 } },
	{ "missed", "i0 t0", 1, { 1 }, { 1 } },
	{ "two missed", "i0 t0 i1 t0", 1, { 2 }, { 2 } },
	{ "two ring at once", "i0 i1", 1, { 2 }, { 2 } },
	{ "answered here", "i0 o0 a0 b0", 1, { 0 }, { 0 } },
	{ "declined here", "i0 o0 n0 b0", 1, { 0 }, { 0 } },
	{ "answered elsewhere", "s0 i0 e0", 1, { 0 }, { 0 } },
	{ "declined elsewhere", "s0 i0 d0", 1, { 0 }, { 0 } },
	{ "cancelled by the caller", "i0 c0", 1, { 1 }, { 0 } },
	{ "one answered elsewhere, one rings", "s0 i0 i1 e0", 1, { 1 }, { 1 } },
	{ "one missed, one answered elsewhere", "s0 i0 t0 i1 e1", 1, { 1 }, { 1 } },
	{ "one missed, one cancelled", "i0 t0 i1 c1", 1, { 2 }, { 1 } },
	{ "app opened", "i0 t0 o0 b0", 1, { 0 }, { 0 } },
	{ "app opened, then another is missed", "i0 t0 o0 b0 i1 t0", 1, { 1 }, { 1 } },
	{ "ignored in the app, then missed", "i0 o0 t0 b0", 1, { 1 }, { 0 } },
	{ "opened while it rings, and closed", "i0 o0 b0 i1", 1, { 2 }, { 1 } },
	{ "two phones, both miss it", "i0 t0", 2, { 1, 1 }, { 1, 1 } },
	{ "two phones, one accepts", "i0 o0 a0 b0", 2, { 0, 0 }, { 0, 0 } },
	{ "two phones, one declines", "i0 o0 n0 b0", 2, { 0, 0 }, { 0, 0 } },
	{ "two phones, one app opened", "i0 t0 o0 b0", 2, { 0, 1 }, { 0, 1 } },
	{ "two phones, cancelled", "i0 c0", 2, { 1, 1 }, { 0, 0 } },
	{ "a missed call", "v0 t0", 1, { 1 }, { 1 } },
	{ "a call and a conversation", "v0 t0 i1 t0", 1, { 2 }, { 2 } },
	{ "a call that the caller gives up", "V0 c0", 1, { 1 }, { 0 } },
	{ "a conference", "k0 t0", 1, { 1 }, { 1 } },
	{ "a missed call, app opened", "v0 t0 o0 b0", 1, { 0 }, { 0 } },
	{ "a call while the app is open", "o0 v0 t0 b0", 1, { 1 }, { 0 } },
};

static void check_row(const struct row *row)
{
	struct story s = { 0 };
	void *state = NULL;

	fixture_setup(&state);
	s.f = state;
	s.f->takes_pushes = true;
	for (int i = 0; i < row->n_phones; i++) {
		s.phones[i] = fixture_phone(s.f, s.f->bob, i ? "two" : "one");
		session_set_media(s.phones[i],
				  &(struct phone_media){ .modalities = MODALITY_MESSAGING |
								       MODALITY_PHONE_AUDIO,
							 .formats = 1 });
		fixture_subscribe(s.phones[i]);
	}
	for (const char *step = row->steps; *step; step += step[2] ? 3 : 2) {
		play(&s, step);
		look(&s);
	}
	for (int i = 0; i < row->n_phones; i++)
		if (s.tiles[i] != row->tiles[i] || s.toasts[i] != row->toasts[i])
			fail_msg("%s: phone %d has %u on its tile and %u toasts, not %u and %u\n%s",
				 row->name, i, s.tiles[i], s.toasts[i], row->tiles[i],
				 row->toasts[i], text_str(&s.f->pushes));
	fixture_teardown(&state);
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

/* ---- what is pushed ---- */

static void test_what_is_pushed(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	struct fake_leg *caller = fake_leg_new();
	struct invitation inv = { .from = "alice@lab.test",
				  .to = "bob@lab.test",
				  .importance = "urgent",
				  .media = MEDIA_VIDEO };

	f->takes_pushes = true;
	session_set_media(p, &(struct phone_media){ .modalities = MODALITY_PHONE_AUDIO });
	fixture_subscribe(p);
	route_invite(f->core, &caller->leg, &inv);
	assert_string_equal(text_str(&f->pushes),
			    "bob@lab.test<-alice@lab.test - 1 [video urgent]\n");
	assert_non_null(phone_leg_next(p, NULL));
	fixture_advance(f, 60000);
	assert_string_equal(text_str(&caller->told), "ring(WPLync/4.1.7947.0) refuse(408) free ");
	caller = fake_leg_new();
	session_set_media(p, &(struct phone_media){ .modalities = MODALITY_MESSAGING });
	inv.media = MEDIA_TEXT;
	inv.importance = NULL;
	inv.conference = true;
	text_reset(&f->pushes);
	route_invite(f->core, &caller->leg, &inv);
	assert_string_equal(text_str(&f->pushes),
			    "bob@lab.test<-alice@lab.test - 2 [conference, text normal]\n");
}

static void test_preview(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");

	f->takes_pushes = true;
	fixture_subscribe(p);
	f->config.max_preview = 4;
	fixture_invite(f, "Ahoi", NULL);
	fixture_invite(f, "Ahoy there", NULL);
	fixture_invite(f, "ab\xC3\xA9\xC3\xA9\xC3\xA9", NULL);
	/* The accent goes with its letter. */
	fixture_invite(f, "abe\xCC\x81xyz", NULL);
	f->config.max_preview = 0;
	fixture_invite(f, "Secret", NULL);
	assert_string_equal(text_str(&f->pushes), "bob@lab.test<-alice@lab.test Ahoi 1\n"
						  "bob@lab.test<-alice@lab.test Aho\u2026 2\n"
						  "bob@lab.test<-alice@lab.test ab\u00e9\u2026 3\n"
						  "bob@lab.test<-alice@lab.test ab\u2026 4\n"
						  "bob@lab.test<-alice@lab.test - 5\n");
}

/* ---- taking back ---- */

static void test_refused_push_is_not_taken_back(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *caller;

	fixture_subscribe(fixture_phone(f, f->bob, "one"));
	caller = fixture_invite(f, "Hi", NULL);
	push_on_answer(f->core, f->last_push, &(struct push_answer){ .sip_status = 503 });
	text_reset(&f->pushes);
	leg_on_cancelled(&caller->leg);
	assert_string_equal(text_str(&f->pushes), "");
}

static void test_taking_back_is_a_setting(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *caller;

	f->config.withdraw_pushes = false;
	fixture_subscribe(fixture_phone(f, f->bob, "one"));
	caller = fixture_invite(f, "Hi", NULL);
	text_reset(&f->pushes);
	leg_on_cancelled(&caller->leg);
	assert_string_equal(text_str(&f->pushes), "");
}

/* What becomes of it is nobody's reason for a 408. */
static void test_fate_of_a_withdrawal(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *first, *second;
	uint64_t withdrawal;

	fixture_subscribe(fixture_phone(f, f->bob, "one"));
	first = fixture_invite(f, "Hi", NULL);
	push_on_answer(f->core, f->last_push, &(struct push_answer){ .sip_status = 200 });
	second = fixture_invite(f, "Again", NULL);
	push_on_answer(f->core, f->last_push, &(struct push_answer){ .sip_status = 200 });
	leg_on_cancelled(&first->leg);
	withdrawal = f->last_push;
	assert_int_not_equal(push_find(f->core, withdrawal)->withdraws, 0);
	push_on_answer(f->core, withdrawal,
		       &(struct push_answer){ .sip_status = 504, .reason = "broken" });
	fixture_advance(f, 60000);
	assert_string_equal(second->info, "");
}

/* One that waits for its answer stays. */
static void test_oldest_answered_pushes_go(void **state)
{
	struct fixture *f = *state;
	uint64_t ids[7];

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		push_test(f->core, NULL, 0, NULL, NULL, NULL);
		ids[i] = f->last_push;
		if (i > 0 && i < 6)
			push_on_answer(f->core, ids[i], &(struct push_answer){ .sip_status = 200 });
	}
	assert_int_equal(f->core->n_push_log, f->config.max_history);
	assert_int_equal(f->core->n_waiting_pushes, 2);
	assert_non_null(push_find(f->core, ids[0]));
	assert_null(push_find(f->core, ids[1]));
	assert_null(push_find(f->core, ids[2]));
	assert_non_null(push_find(f->core, ids[3]));
	assert_non_null(push_find(f->core, ids[6]));
}

static void on_tested(void *magic, const struct push *result)
{
	(void)magic;
	(void)result;
}

/* A test is a push like others: its number is that of what rings and of what was missed. */
static void test_of_a_push(void **state)
{
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");

	f->takes_pushes = true;
	fixture_subscribe(p);
	fixture_invite(f, "Hi", NULL);
	fixture_advance(f, 60000);
	fixture_invite(f, "Again", NULL);
	fixture_answer_pushes(f);
	assert_int_equal(fixture_tile(f, p), 2);
	push_test(f->core, p, delivery_count_tile(p), NULL, on_tested, NULL);
	fixture_answer_pushes(f);
	assert_int_equal(fixture_tile(f, p), 2);
}

/* ---- a dead subscription ---- */

static void test_dead_subscription(void **state)
{
	const struct push_answer dead = { .sip_status = 410,
					  .diag_id = diag_row(DIAG_PUSH_NO_CHANNEL)->id,
					  .reason = "gone" };
	char platform[] = "windowsPhone", uri[] = "http://127.0.0.1/new";
	struct fixture *f = *state;
	struct phone *p = fixture_phone(f, f->bob, "one");
	struct fake_leg *caller;
	uint64_t old;

	fixture_subscribe(p);
	fixture_invite(f, "Hi", NULL);
	push_on_answer(f->core, f->last_push, &dead);
	assert_null(p->subscription.platform);
	assert_int_not_equal(p->subscription.ended_wall_us, 0);
	assert_string_equal(push_obstacle(p), "Push subscription of target device has expired");
	text_reset(&f->pushes);
	caller = fixture_invite(f, "Again", NULL);
	assert_string_equal(text_str(&f->pushes), "");
	fixture_advance(f, 60000);
	assert_string_equal(caller->info, "Push subscription of target device has expired");
	/* A new one is not ended by what is said of the old one. */
	fixture_subscribe(p);
	assert_int_equal(p->subscription.ended_wall_us, 0);
	fixture_invite(f, "Once more", NULL);
	old = f->last_push;
	session_subscribe(p,
			  &(struct subscription){ .platform = platform, .notification_uri = uri });
	push_on_answer(f->core, old, &dead);
	assert_non_null(p->subscription.platform);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		TEST(test_what_is_pushed),
		TEST(test_preview),
		TEST(test_refused_push_is_not_taken_back),
		TEST(test_taking_back_is_a_setting),
		TEST(test_fate_of_a_withdrawal),
		TEST(test_oldest_answered_pushes_go),
		TEST(test_of_a_push),
		TEST(test_dead_subscription),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
