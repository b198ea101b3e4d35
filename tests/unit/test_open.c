/*
 * Open users: every address of a domain is a user, and takes memory only while it does something.
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/idtab.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/presence.h"
#include "mcxd/core/route.h"
#include "mcxd/core/session.h"
#include "mcxd/core/user.h"
#include "mcxd/core/watch.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json.h>

enum { N_BEFORE = 2 }; /* Alice and Bob */

static int setup(void **state)
{
	struct fixture *f;

	assert_int_equal(fixture_setup(state), 0);
	f = *state;
	f->config.open_domain = mem_strdup("Open.test");
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char *domain = f->config.open_domain;
	int result = fixture_teardown(state);

	free(domain);
	return result;
}

static size_t count_users(const struct fixture *f)
{
	return strtab_count(&f->core->users);
}

static void on_done(void *magic, enum register_result result, const struct user *u)
{
	assert_true(result != REGISTER_OK || u);
	*(enum register_result *)magic = result;
}

static enum register_result put(struct fixture *f, const char *aor, int64_t expires_s,
				bool is_local)
{
	static uint32_t cseq;
	enum register_result result = REGISTER_FAILED;
	struct register_contact contact = { .uri = "sip:x@127.0.0.1:1", .expires_s = expires_s };

	binding_register(f->core,
			 &(struct register_request){ .aor = aor,
						     .call_id = aor,
						     .cseq = ++cseq,
						     .route = "sip:127.0.0.1:1",
						     .is_local = is_local,
						     .expires_s = -1,
						     .contacts = &contact,
						     .n_contacts = 1 },
			 on_done, &result);
	fixture_settle(f);
	return result;
}

/* The status with which an invitation ends at once; 0: it rings. */
static int invite(struct fixture *f, const char *from, const char *to, bool is_local)
{
	struct fake_leg *l = fake_leg_new();
	int status = 0;

	route_invite(f->core, &l->leg,
		     &(struct invitation){
			     .from = from, .to = to, .key = "sip:test", .is_local = is_local });
	fixture_settle(f);
	if (!strncmp(text_str(&l->told), "refuse(", strlen("refuse(")))
		status = (int)strtol(text_str(&l->told) + strlen("refuse("), NULL, 10);
	return status;
}

static void test_contacts_come_and_go(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, "zoe@open.test", 600, true), REGISTER_OK);
	assert_int_equal(put(f, "Yan@OPEN.test", 600, true), REGISTER_OK);
	assert_int_equal(count_users(f), N_BEFORE + 2);
	assert_string_equal(user_find(f->core, "YAN@open.test")->display_name, "Yan");
	/* The last REGISTER is answered although nothing of the user is left. */
	assert_int_equal(put(f, "zoe@open.test", 0, true), REGISTER_OK);
	assert_null(user_find(f->core, "zoe@open.test"));
	fixture_advance(f, 601000);
	assert_int_equal(count_users(f), N_BEFORE);
	/* A query, and an attempt that fails, leave nothing. */
	assert_int_equal(put(f, "zoe@open.test", 1, true), REGISTER_TOO_BRIEF);
	fixture_settle(f);
	assert_int_equal(count_users(f), N_BEFORE);
	assert_int_equal(put(f, "zoe@other.test", 600, true), REGISTER_UNKNOWN_USER);
	assert_int_equal(put(f, "open.test", 600, true), REGISTER_UNKNOWN_USER);
}

static void test_without_a_password_this_machine_only(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, "zoe@open.test", 600, false), REGISTER_UNKNOWN_USER);
	assert_int_equal(invite(f, "alice@lab.test", "zoe@open.test", false), 404);
	assert_int_equal(invite(f, "alice@lab.test", "zoe@open.test", true), 480);
	assert_null(user_meet(f->core, "zoe@open.test", false));
	f->config.open_password = "sesame";
	assert_int_equal(put(f, "zoe@open.test", 600, false), REGISTER_OK);
	assert_int_equal(invite(f, "alice@lab.test", "zoe@open.test", false), 0);
	assert_int_equal(invite(f, "alice@lab.test", "yan@open.test", false), 480);
	assert_null(user_find(f->core, "yan@open.test"));
}

static void test_a_caller_is_a_user_as_long_as_the_call(void **state)
{
	struct fixture *f = *state;

	fixture_register(f, "sip:bob@127.0.0.1:1");
	f->config.max_conversations = 1;
	assert_int_equal(invite(f, "zoe@open.test", "bob@lab.test", true), 0);
	assert_non_null(user_find(f->core, "zoe@open.test"));
	/* A limit of the caller's holds for an open one, too. */
	assert_int_equal(invite(f, "zoe@open.test", "bob@lab.test", true), 503);
	fixture_advance(f, 60001);
	assert_int_equal(count_users(f), N_BEFORE);
}

static void test_password(void **state)
{
	struct fixture *f = *state;
	const struct user *zoe, *yan;
	uint64_t before;

	f->config.open_password = "sesame";
	zoe = user_meet(f->core, "zoe@open.test", false);
	yan = user_meet(f->core, "yan@open.test", false);
	assert_true(user_password_is(zoe, "sesame"));
	assert_false(user_password_is(zoe, ""));
	assert_false(user_password_is(zoe, "secret"));
	/* What holds for tokens that were issued while the user was there before. */
	assert_int_equal(zoe->credentials, yan->credentials);
	before = zoe->credentials;
	user_renew_open(f->core);
	assert_int_not_equal(zoe->credentials, before);
	assert_int_not_equal(zoe->credentials, f->alice->credentials);
	fixture_settle(f);
	assert_int_equal(count_users(f), N_BEFORE);
}

static void test_phones_presence_and_watchers_keep_a_user(void **state)
{
	struct fixture *f = *state;
	struct phone *p, *of_alice = fixture_phone(f, f->alice, "a");
	struct user *yan;
	struct watch *w;

	f->config.open_password = "sesame";
	p = fixture_phone(f, user_meet(f->core, "zoe@open.test", false), "e");
	assert_int_equal(count_users(f), N_BEFORE + 1);
	presence_set_note(p->user, "away");
	session_sign_out(p);
	fixture_settle(f);
	assert_non_null(user_find(f->core, "zoe@open.test"));
	presence_set_note(user_find(f->core, "zoe@open.test"), "");
	user_rest(user_find(f->core, "zoe@open.test"));
	fixture_settle(f);
	assert_null(user_find(f->core, "zoe@open.test"));
	yan = user_meet(f->core, "yan@open.test", false);
	w = watch_new(of_alice, 600000, &yan, 1);
	assert_non_null(w);
	fixture_settle(f);
	assert_ptr_equal(user_find(f->core, "yan@open.test"), yan);
	session_sign_out(of_alice);
	fixture_settle(f);
	assert_int_equal(count_users(f), N_BEFORE);
}

static void test_a_written_down_user_is_no_open_one(void **state)
{
	struct fixture *f = *state;
	struct user *zoe = user_meet(f->core, "zoe@open.test", true);
	struct user_spec spec = user_spec_of(zoe);

	spec.origin = USER_ADDED;
	user_update(zoe, &spec);
	fixture_settle(f);
	assert_ptr_equal(user_find(f->core, "zoe@open.test"), zoe);
	core_reset(f->core);
	assert_null(user_find(f->core, "zoe@open.test"));
	assert_int_equal(put(f, "zoe@open.test", 600, true), REGISTER_OK);
	core_reset(f->core);
	fixture_settle(f);
	assert_int_equal(count_users(f), N_BEFORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_contacts_come_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_a_password_this_machine_only, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_caller_is_a_user_as_long_as_the_call, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_password, setup, teardown),
		cmocka_unit_test_setup_teardown(test_phones_presence_and_watchers_keep_a_user,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_written_down_user_is_no_open_one, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
