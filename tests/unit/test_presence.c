/*
 * Presence, and who watches it.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/limit.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/life.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "mcxd/core/watch.h"
#include "proto/text/mem.h"
#include "proto/text/modality.h"
#include "proto/text/text.h"

#define MINUTE ((int64_t)60000)

static void check_shown(const struct user *u, const char *availability, const char *activity)
{
	struct presence_view v;

	presence_view(u, &v);
	assert_string_equal(presence_word(v.availability), availability);
	assert_string_equal(v.activity ? v.activity : "", activity);
}

static void check_events(struct fixture *f, struct phone *p, const char *expected)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	fixture_events(f, p, &events);
	assert_string_equal(text_str(&events), expected);
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	assert_int_equal(result, PHONE_OK);
	*(uint64_t *)magic = phone_id;
	(void)is_new;
}

/* Signed in, with makeMeAvailable, and told about it. */
static struct phone *present(struct fixture *f, struct user *u, const char *endpoint_id,
			     int64_t inactive_timeout_ms)
{
	uint64_t id = 0;
	struct phone *p;

	session_sign_in(u, &(struct phone_spec){ .endpoint_id = endpoint_id, .user_agent = "Test" },
			on_signed_in, &id);
	fixture_settle(f);
	p = phone_get(f->core, id);
	session_make_available(p,
			       &(struct phone_media){ .modalities = MODALITY_MESSAGING,
						      .formats = 1,
						      .inactive_timeout_ms = inactive_timeout_ms });
	check_events(f, p,
		     "me my-presence(added) my-note(added) my-location(added) communication ");
	return p;
}

static void on_registered(void *magic, enum register_result result, const struct user *u)
{
	(void)magic;
	(void)u;
	assert_int_equal(result, REGISTER_OK);
}

static void sip_client(struct fixture *f, const char *aor, int64_t expires_s, uint32_t cseq)
{
	struct register_contact contact = { .uri = "sip:c@127.0.0.1:5060", .expires_s = expires_s };

	binding_register(f->core,
			 &(struct register_request){ .aor = aor,
						     .call_id = "1",
						     .cseq = cseq,
						     .expires_s = expires_s,
						     .contacts = &contact,
						     .n_contacts = 1 },
			 (register_done_h *)on_registered, NULL);
	fixture_settle(f);
}

static void test_of_endpoints(void **state)
{
	struct fixture *f = *state;
	struct phone *p;

	check_shown(f->bob, "Offline", "");
	p = present(f, f->bob, "one", 0);
	check_shown(f->bob, "Online", "");
	fixture_advance(f, 5 * MINUTE - 1);
	check_shown(f->bob, "Online", "");
	presence_touch(f->bob);
	fixture_advance(f, 5 * MINUTE - 1);
	check_shown(f->bob, "Online", "");
	fixture_advance(f, 1);
	check_shown(f->bob, "IdleOnline", "");
	check_events(f, p, "my-presence ");
	fixture_advance(f, 5 * MINUTE);
	check_shown(f->bob, "Away", "");
	check_events(f, p, "my-presence ");
	presence_touch(f->bob);
	check_shown(f->bob, "Online", "");
	check_events(f, p, "my-presence ");
	session_sign_out(p);
	check_shown(f->bob, "Offline", "");
}

static void test_own_timeout(void **state)
{
	struct fixture *f = *state;

	present(f, f->bob, "one", 20 * MINUTE);
	fixture_advance(f, 20 * MINUTE - 1);
	check_shown(f->bob, "Online", "");
	fixture_advance(f, 1);
	check_shown(f->bob, "IdleOnline", "");
}

/* A SIP client says nothing about activity, so the user is not inactive while one is registered. */
static void test_sip_client(void **state)
{
	struct fixture *f = *state;
	struct presence_view v;

	sip_client(f, "bob@lab.test", 600, 1);
	check_shown(f->bob, "Online", "");
	presence_view(f->bob, &v);
	assert_int_equal(v.device, DEVICE_PC);
	assert_true(v.messaging);
	present(f, f->bob, "one", 0);
	fixture_advance(f, 9 * MINUTE);
	check_shown(f->bob, "Online", "");
	sip_client(f, "bob@lab.test", 0, 2);
	check_shown(f->bob, "IdleOnline", "");
}

static void test_of_words(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *set, *availability, *activity;
	} rows[] = {
		{ "Busy", "Busy", "" },
		{ "DoNotDisturb", "DoNotDisturb", "urgent-interruptions-only" },
		{ "BeRightBack", "BeRightBack", "" },
		{ "Away", "Away", "" },
		{ "offwork", "Away", "off-work" },
		{ "Online", "Online", "" },
	};
	struct phone *p = present(f, f->bob, "one", 0);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		presence_set(f->bob, presence_of_word(rows[i].set));
		check_shown(f->bob, rows[i].availability, rows[i].activity);
		check_events(f, p, "my-presence ");
	}
	presence_set(f->bob, AVAILABILITY_BUSY);
	fixture_advance(f, 5 * MINUTE);
	check_shown(f->bob, "IdleBusy", "");
	presence_set(f->bob, -1);
	check_shown(f->bob, "Online", "");
	/* The next endpoint begins anew. */
	presence_set(f->bob, AVAILABILITY_BUSY);
	session_sign_out(p);
	check_shown(f->bob, "Offline", "");
	present(f, f->bob, "two", 0);
	check_shown(f->bob, "Online", "");
	assert_int_equal(presence_of_word("Gone"), -1);
}

/* Answering, typing and talking are activity; being called and spoken to are not. */
static void test_talking(void **state)
{
	struct fixture *f = *state;
	struct phone *p = present(f, f->bob, "one", 0);
	struct im im = { .content_type = "text/plain", .body = "Hi", .n_body = 2 };
	uint64_t id, message;

	fixture_advance(f, 5 * MINUTE);
	fixture_invite(f, "Hi Brendan", &id);
	check_shown(f->bob, "IdleOnline", "");
	assert_int_equal(phone_callee_accept(p, id), PHONE_OK);
	check_shown(f->bob, "Online", "");
	fixture_advance(f, 5 * MINUTE);
	check_shown(f->bob, "IdleOnline", "");
	assert_int_equal(phone_leg_typing(p, id), PHONE_OK);
	check_shown(f->bob, "Online", "");
	fixture_advance(f, 5 * MINUTE);
	assert_int_equal(phone_leg_say(p, id, &im, &message), PHONE_OK);
	check_shown(f->bob, "Online", "");
}

/* A phone that takes no messages is not rung by an invitation to exchange some. */
static void test_no_messages(void **state)
{
	struct fixture *f = *state;
	struct phone *p = present(f, f->bob, "one", 0);
	struct presence_view v;
	struct fake_leg *alices;

	session_set_media(p, &(struct phone_media){ .modalities = MODALITY_PHONE_AUDIO });
	presence_view(f->bob, &v);
	assert_false(v.messaging);
	alices = fixture_invite(f, "Hi Brendan", NULL);
	assert_non_null(strstr(text_str(&alices->told), "refuse(480"));
}

/* ---- watching ---- */

static void test_watch(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 0), *bobs;
	struct watch *w = watch_new(alices, 10 * MINUTE, &f->bob, 1);
	CLEANUP(text_deinit) struct text expected = TEXT_INIT;

	text_addf(&expected, "contact+ watch+(%s) presence ", w->id);
	check_events(f, alices, text_str(&expected));
	bobs = present(f, f->bob, "one", 0);
	check_events(f, alices, "presence modalities ");
	presence_set_note(f->bob, "Lunch");
	presence_set_note(f->bob, "Lunch");
	presence_set_location(f->bob, "Here");
	check_events(f, alices, "note location ");
	check_events(f, bobs, "my-note my-location ");
	presence_set_note(f->bob, "");
	check_events(f, alices, "note ");
	session_sign_out(bobs);
	check_events(f, alices, "presence modalities ");
	watch_remove(watch_find_member(w, f->bob));
	check_events(f, alices, "contact- ");
	presence_set_note(f->bob, "Nobody knows");
	check_events(f, alices, "");
}

/* What has not been sent stands for what comes after it. */
static void test_merged(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 0);
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	present(f, f->bob, "one", 0);
	watch_new(alices, 10 * MINUTE, &f->bob, 1);
	fixture_events(f, alices, &events);
	for (int i = 0; i < 100; i++) {
		presence_set(f->bob, i % 2 ? AVAILABILITY_BUSY : AVAILABILITY_ONLINE);
		presence_set_note(f->bob, i % 2 ? "odd" : "even");
	}
	check_events(f, alices, "note presence ");
}

/* A full queue takes the news later, once each. */
static void test_full_queue(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 0);
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	present(f, f->bob, "one", 0);
	watch_new(alices, 10 * MINUTE, &f->bob, 1);
	fixture_events(f, alices, &events);
	/* Empties the queue, and fills it again with events that are not acknowledged. */
	fixture_events(f, alices, &events);
	while (event_add(&alices->events, EVENT_MISSED_UPDATED, false))
		;
	for (int i = 0; i < 10; i++)
		presence_set(f->bob, i % 2 ? AVAILABILITY_BUSY : AVAILABILITY_AWAY);
	fixture_events(f, alices, &events);
	assert_null(strstr(text_str(&events), "presence"));
	check_events(f, alices, "presence ");
	assert_int_equal(alices->events.budget.used, 1);
}

static void test_expiry(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 60 * MINUTE);
	struct watch *w = watch_new(alices, 10 * MINUTE, &f->bob, 1);
	CLEANUP(text_deinit) struct text expected = TEXT_INIT;
	char id[WATCH_ID_SIZE];

	snprintf(id, sizeof(id), "%s", w->id);
	fixture_events(f, alices, &expected);
	fixture_advance(f, 9 * MINUTE);
	text_reset(&expected);
	text_addf(&expected, "watch=(%s) ", id);
	check_events(f, alices, text_str(&expected));
	/* A minute is left: with half an hour more it would be 31. */
	watch_extend(w, 30 * MINUTE);
	fixture_advance(f, 29 * MINUTE - 1);
	check_events(f, alices, "");
	fixture_advance(f, 1);
	check_events(f, alices, text_str(&expected));
	fixture_advance(f, MINUTE);
	text_reset(&expected);
	text_addf(&expected, "contact- watch-(%s) ", id);
	check_events(f, alices, text_str(&expected));
	assert_null(watch_find(alices, id));
	assert_int_equal(alices->n_watches, 0);
	assert_int_equal(alices->n_watched, 0);
}

/* In two watches, a user is one contact. */
static void test_two_watches(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 0);
	struct user *const both[] = { f->bob, f->alice, f->bob };
	struct watch *one = watch_new(alices, 10 * MINUTE, both, 3), *two;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	assert_int_equal(alices->n_watched, 2);
	two = watch_new(alices, 10 * MINUTE, &f->bob, 1);
	fixture_events(f, alices, &events);
	presence_set_note(f->bob, "Lunch");
	check_events(f, alices, "note ");
	watch_end(one);
	fixture_events(f, alices, &events);
	assert_true(watch_has(alices, f->bob));
	assert_false(watch_has(alices, f->alice));
	watch_end(two);
	fixture_events(f, alices, &events);
	assert_false(watch_has(alices, f->bob));
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 0);
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	for (int i = 0; i < 3; i++) {
		assert_non_null(watch_new(alices, 10 * MINUTE, &f->bob, 1));
		fixture_events(f, alices, &events);
	}
	assert_null(watch_new(alices, 10 * MINUTE, &f->bob, 1));
	assert_true(
		watch_add(LIST_ENTRY(alices->watches.next, struct watch, of_phone), &f->alice, 1));
	assert_false(
		watch_add(LIST_ENTRY(alices->watches.prev, struct watch, of_phone), &f->alice, 1));
}

static void test_user_removed(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 0);
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	watch_new(alices, 10 * MINUTE, &f->bob, 1);
	fixture_events(f, alices, &events);
	user_remove(f->bob);
	check_events(f, alices, "contact- ");
	assert_int_equal(alices->n_watched, 0);
}

/* A second core with the same store, as after a restart. */
static struct core *begin_again(struct fixture *f, const struct ports *ports)
{
	struct core *second = core_new(
		&(struct core_args){ .loop = f->loop, .config = &f->config, .ports = ports });

	user_add(second,
		 &(struct user_spec){ .aor = "alice@lab.test",
				      .policy = { .enable_mobility = true } },
		 NULL);
	user_add(
		second,
		&(struct user_spec){ .aor = "bob@lab.test", .policy = { .enable_mobility = true } },
		NULL);
	assert_int_equal(core_load(second), 0);
	return second;
}

static struct core *restart(struct fixture *f)
{
	return begin_again(f, &f->core->ports);
}

/* Users are freed one after the other, and yet nobody is told that the others are gone. */
static void test_shutdown(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 0), *bobs = present(f, f->bob, "one", 0);
	const struct ports ports = f->core->ports;
	CLEANUP(mem_free_string) char *of_alice = mem_strdup(alices->app_id);
	CLEANUP(mem_free_string) char *of_bob = mem_strdup(bobs->app_id);

	watch_new(alices, 10 * MINUTE, &f->bob, 1);
	watch_new(bobs, 10 * MINUTE, &f->alice, 1);
	core_free(f->core);
	f->core = begin_again(f, &ports);
	assert_true(watch_has(phone_find(f->core, of_alice), user_find(f->core, "bob@lab.test")));
	assert_true(watch_has(phone_find(f->core, of_bob), user_find(f->core, "alice@lab.test")));
}

static void test_restart(void **state)
{
	struct fixture *f = *state;
	struct phone *alices = present(f, f->alice, "one", 0), *bobs, *restored;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct core *second;
	struct watch *w;

	presence_set_location(f->alice, "Here");
	presence_set_location(f->alice, "");
	bobs = present(f, f->bob, "one", 0);
	w = watch_new(alices, 10 * MINUTE, (struct user *const[]){ f->bob, f->alice }, 2);
	watch_remove(watch_find_member(w, f->alice));
	fixture_events(f, alices, &events);
	presence_set(f->bob, AVAILABILITY_DO_NOT_DISTURB);
	presence_set_note(f->bob, "Lunch");
	fixture_advance(f, 3 * MINUTE);
	second = restart(f);
	check_shown(user_find(second, "bob@lab.test"), "DoNotDisturb", "urgent-interruptions-only");
	assert_string_equal(user_find(second, "bob@lab.test")->presence.note, "Lunch");
	assert_null(user_find(second, "alice@lab.test")->presence.location);
	restored = phone_find(second, alices->app_id);
	assert_non_null(watch_find(restored, w->id));
	assert_int_equal(restored->n_watched, 1);
	assert_true(watch_has(restored, user_find(second, "bob@lab.test")));
	assert_true(event_queue_has(&restored->events, EVENT_CONTACT_PRESENCE, "bob@lab.test"));
	/* It goes on as if nothing had been: the warning is due in six minutes. */
	assert_in_range(loop_timer_left_ms(&watch_find(restored, w->id)->timer),
			loop_timer_left_ms(&w->timer) - 1000, loop_timer_left_ms(&w->timer) + 1000);
	core_free(second);
	/* What was said of an endpoint has gone with it. */
	session_sign_out(bobs);
	watch_end(w);
	second = restart(f);
	check_shown(user_find(second, "bob@lab.test"), "Offline", "");
	assert_false(user_find(second, "bob@lab.test")->presence.is_set);
	assert_string_equal(user_find(second, "bob@lab.test")->presence.note, "Lunch");
	assert_int_equal(phone_find(second, alices->app_id)->n_watches, 0);
	core_free(second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_of_endpoints), TEST(test_own_timeout), TEST(test_sip_client),
		TEST(test_of_words),     TEST(test_talking),     TEST(test_no_messages),
		TEST(test_watch),        TEST(test_merged),      TEST(test_full_queue),
		TEST(test_expiry),       TEST(test_two_watches), TEST(test_limits),
		TEST(test_user_removed), TEST(test_restart),     TEST(test_shutdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
