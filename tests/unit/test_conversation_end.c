/*
 * The end of a conversation while something that was said in it is being stored
 */
#include "tests/unit/talk_fixture.h"

#include "mcxd/core/conversation.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/session.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/unit/core_fixture.h"

/* A message that is being stored when the phone leaves is confirmed once it is. */
static void check_end_while_storing(struct talk *t, void (*leave)(struct talk *t))
{
	talk_connect(t);
	talk_say(t, 7, "one");
	leave(t);
	assert_string_equal(text_str(&t->alice->told), "end ");
	talk_complete(t->f);
	assert_string_equal(text_str(&t->alice->told), "end said(7,200) free ");
	assert_null(conversation_find(t->f->core, t->conversation));
}

static void terminate(struct talk *t)
{
	assert_int_equal(phone_leg_terminate(t->phone, t->conversation), PHONE_OK);
}

static void sign_out(struct talk *t)
{
	session_sign_out(t->phone);
}

static void test_end_while_storing(void **state)
{
	check_end_while_storing(*state, terminate);
}

static void test_sign_out_while_storing(void **state)
{
	check_end_while_storing(*state, sign_out);
}

/* A restart comes between the end and the outcome of what was said before it: the conversation does not come back. */
static void test_a_restart_after_the_end(void **state)
{
	const struct im more = { .content_type = "text/plain", .body = "x", .n_body = 1 };
	CLEANUP(text_deinit) struct text packet = TEXT_INIT;
	struct talk *t = *state;
	uint64_t message;

	talk_connect(t);
	assert_int_equal(phone_leg_say(t->phone, t->conversation, &more, &message), PHONE_OK);
	terminate(t);
	talk_complete(t->f);
	assert_non_null(conversation_find(t->f->core, t->conversation));
	talk_restart(t);
	talk_complete(t->f);
	assert_null(conversation_find(t->f->core, t->conversation));
	talk_ask(t, 2);
	talk_complete(t->f);
	talk_take(t, &packet);
	assert_string_equal(text_str(&packet),
			    "message-completed/1() messaging-updated/0() "
			    "participant-messaging-deleted/0() local-messaging-deleted/0() "
			    "participant-deleted/0() local-deleted/0() conversation-updated/0() "
			    "conversation-deleted/0() ");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, talk_setup, talk_teardown)
	const struct CMUnitTest tests[] = {
		CASE(end_while_storing),
		CASE(sign_out_while_storing),
		CASE(a_restart_after_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
