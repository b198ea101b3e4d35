/*
 * The time of one thing is over, and nobody else's.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/session.h"
#include "mcxd/core/subscription.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static void test_a_session(void **state)
{
	struct fixture *f = *state;
	uint64_t id = fixture_phone(f, f->bob, "one")->id;
	uint64_t other = fixture_phone(f, f->bob, "two")->id;

	session_expire(phone_get(f->core, id));
	assert_null(phone_get(f->core, id));
	assert_non_null(phone_get(f->core, other));
}

static void test_a_subscription(void **state)
{
	struct fixture *f = *state;
	uint64_t id = fixture_phone(f, f->bob, "one")->id;

	mem_set_string(&phone_get(f->core, id)->user_agent, "Test"); /* no mobile one */
	assert_false(session_expire_subscription(phone_get(f->core, id)));
	fixture_subscribe(phone_get(f->core, id));
	fixture_advance(f, 1800000);
	assert_true(session_expire_subscription(phone_get(f->core, id)));
	assert_null(phone_get(f->core, id)->subscription.platform);
	/* Without one it is signed out an hour after it was last heard. */
	fixture_advance(f, 1700000);
	assert_non_null(phone_get(f->core, id));
	fixture_advance(f, 100000);
	assert_null(phone_get(f->core, id));
}

/* The same of one whose channel is dead. */
static void test_a_dead_subscription(void **state)
{
	struct fixture *f = *state;
	uint64_t id = fixture_phone(f, f->bob, "one")->id;

	mem_set_string(&phone_get(f->core, id)->user_agent, "Test"); /* no mobile one */
	fixture_subscribe(phone_get(f->core, id));
	fixture_advance(f, 1800000);
	subscription_die(phone_get(f->core, id));
	fixture_advance(f, 1700000);
	assert_non_null(phone_get(f->core, id));
	fixture_advance(f, 100000);
	assert_null(phone_get(f->core, id));
}

static void test_an_invitation(void **state)
{
	struct fixture *f = *state;
	struct fake_leg *one, *two;
	uint64_t first, second;

	fixture_phone(f, f->bob, "one");
	one = fixture_invite(f, "Hi", &first);
	two = fixture_invite(f, "Hi", &second);
	assert_true(conversation_expire(conversation_find(f->core, first)));
	fixture_settle(f);
	assert_non_null(strstr(text_str(&one->told), "408"));
	assert_null(strstr(text_str(&two->told), "408"));
	assert_null(conversation_find(f->core, first));
	assert_false(conversation_is_connected(conversation_find(f->core, second)));
}

static void test_a_registration(void **state)
{
	struct fixture *f = *state;
	struct binding *b;

	fixture_register(f, "sip:bob@127.0.0.1:1");
	b = LIST_ENTRY(f->bob->bindings.next, struct binding, of_user);
	assert_ptr_equal(binding_get(f->core, b->id), b);
	binding_expire(b);
	assert_true(list_empty(&f->bob->bindings));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_session),     CASE(a_subscription), CASE(a_dead_subscription),
		CASE(an_invitation), CASE(a_registration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
