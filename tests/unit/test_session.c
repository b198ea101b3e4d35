/*
 * Sessions: who signs in as whom, and how long that lasts
 */
#include "tests/unit/core_fixture.h"
#include "tests/unit/talk_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/life.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json.h>

struct signed_in {
	enum phone_result result;
	uint64_t id;
	bool is_new;
};

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	*(struct signed_in *)magic =
		(struct signed_in){ .result = result, .id = phone_id, .is_new = is_new };
}

static struct signed_in sign_in(struct fixture *f, struct user *u, const char *endpoint_id)
{
	struct signed_in s = { .result = PHONE_BAD_TYPE };

	session_sign_in(u, &(struct phone_spec){ .endpoint_id = endpoint_id, .user_agent = "Test" },
			on_signed_in, &s);
	assert_int_equal(s.result, PHONE_BAD_TYPE); /* never from within */
	fixture_settle(f);
	return s;
}

static void test_same_endpoint_same_phone(void **state)
{
	struct fixture *f = *state;
	struct signed_in first = sign_in(f, f->bob, "one"), again = sign_in(f, f->bob, "one");
	struct signed_in other = sign_in(f, f->bob, "two"), alices = sign_in(f, f->alice, "one");

	assert_true(first.is_new);
	assert_false(again.is_new);
	assert_int_equal(first.id, again.id);
	assert_int_not_equal(first.id, other.id);
	assert_int_not_equal(first.id, alices.id);
	assert_int_equal(strlen(phone_get(f->core, first.id)->push_identity), 32);
}

/* What the app says of itself besides its name says who it is. */
static void test_another_agent_another_phone(void **state)
{
	static const struct {
		struct phone_spec spec;
		bool is_new;
	} rows[] = {
		{ { "one", "Test/1.0", "en-US", "tab" }, true },
		{ { "one", "Test/1.0", "en-us", "tab" }, false },
		{ { "one", "Test/1.1", "en-US", "tab" }, true },
		{ { "one", "Test/1.0", "de-DE", "tab" }, true },
		{ { "one", "Test/1.0", "en-US", NULL }, true },
		{ { "one", "Test/1.0", "en-US", "tab" }, false },
		{ { "one", "Test/1.1", "en-US", "tab" }, false },
		{ { "one", "Test/1.0", "en-US", NULL }, false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct signed_in s = { .result = PHONE_BAD_TYPE };
		struct phone *p;

		session_sign_in(f->bob, &rows[i].spec, on_signed_in, &s);
		fixture_settle(f);
		assert_int_equal(s.result, PHONE_OK);
		assert_int_equal(s.is_new, rows[i].is_new);
		p = phone_get(f->core, s.id);
		assert_string_equal(p->user_agent, rows[i].spec.user_agent);
		assert_int_equal(strcasecmp(p->culture, rows[i].spec.culture), 0);
		assert_int_equal(!p->instance_id, !rows[i].spec.instance_id);
	}
}

static void test_mobility_off(void **state)
{
	struct fixture *f = *state;

	f->bob->policy.enable_mobility = false;
	assert_int_equal(sign_in(f, f->bob, "one").result, PHONE_FORBIDDEN);
}

static void test_too_many(void **state)
{
	struct fixture *f = *state;
	char name[2] = "a";

	for (; name[0] < 'e'; name[0]++)
		assert_int_equal(sign_in(f, f->bob, name).result, PHONE_OK);
	assert_int_equal(sign_in(f, f->bob, name).result, PHONE_FULL);
	assert_int_equal(sign_in(f, f->alice, name).result, PHONE_OK);
}

static void test_unsubscribing_shortens_the_session(void **state)
{
	struct fixture *f = *state;
	uint64_t id = sign_in(f, f->bob, "two").id;

	fixture_subscribe(phone_get(f->core, id));
	fixture_advance(f, 7200000);
	assert_non_null(phone_get(f->core, id));
	session_unsubscribe(phone_get(f->core, id));
	fixture_advance(f, 3600000);
	assert_null(phone_get(f->core, id));
}

static void test_no_mobility_signs_out(void **state)
{
	struct fixture *f = *state;
	uint64_t id = fixture_phone(f, f->bob, "one")->id;
	struct user_spec spec = { .aor = "bob@lab.test", .password = "secret" };

	user_update(f->bob, &spec);
	assert_null(phone_get(f->core, id));
}

static void test_sessions_end(void **state)
{
	struct fixture *f = *state;
	uint64_t lync = fixture_phone(f, f->bob, "one")->id;
	uint64_t other = sign_in(f, f->bob, "two").id;

	fixture_advance(f, 3000000);
	phone_touch(phone_get(f->core, other));
	fixture_advance(f, 3500000);
	assert_non_null(phone_get(f->core, other));
	fixture_advance(f, 100000);
	assert_null(phone_get(f->core, other));
	assert_non_null(phone_get(f->core, lync));
	fixture_advance(f, 259200000);
	assert_null(phone_get(f->core, lync));
}

static void test_not_available_is_not_rung(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *l;

	sign_in(f, f->bob, "one");
	l = fixture_invite(f, "Hi", NULL);
	assert_string_equal(text_str(&l->told), "refuse(480) free ");
}

/* ---- with a store that takes its time ---- */

/* Bob's app asks twice, because it has not been answered yet. */
static void sign_in_twice(struct talk *t, struct signed_in ret[2], bool first_fails)
{
	talk_fail_to_store(first_fails);
	for (int i = 0; i < 2; i++) {
		ret[i] = (struct signed_in){ .result = PHONE_BAD_TYPE };
		session_sign_in(t->f->bob, &(struct phone_spec){ .endpoint_id = "one" },
				on_signed_in, &ret[i]);
		talk_fail_to_store(false);
	}
}

static void test_a_repetition_is_told_that_it_is_not_stored(void **state)
{
	struct talk *t = *state;
	struct signed_in s[2];

	sign_in_twice(t, s, true);
	talk_complete(t->f);
	assert_int_equal(s[0].result, PHONE_NOT_STORED);
	assert_int_equal(s[1].result, PHONE_NOT_STORED);
}

static void test_a_repetition_is_told_that_it_was_signed_out(void **state)
{
	struct talk *t = *state;
	struct signed_in s[2];

	sign_in_twice(t, s, false);
	session_sign_out(LIST_ENTRY(t->f->bob->phones.next, struct phone, of_user));
	talk_complete(t->f);
	assert_int_equal(s[0].result, PHONE_NOT_FOUND);
	assert_int_equal(s[1].result, PHONE_NOT_FOUND);
}

int main(void)
{
#define SLOW(name) cmocka_unit_test_setup_teardown(test_##name, talk_setup, talk_teardown)
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(same_endpoint_same_phone),
		CASE(another_agent_another_phone),
		CASE(mobility_off),
		CASE(too_many),
		CASE(unsubscribing_shortens_the_session),
		CASE(no_mobility_signs_out),
		CASE(sessions_end),
		CASE(not_available_is_not_rung),
		SLOW(a_repetition_is_told_that_it_is_not_stored),
		SLOW(a_repetition_is_told_that_it_was_signed_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
