/*
 * HTTPS API: what the body of a POST can have may be in its query ("Query parameters")
 */
#include "ucwa_fixture.h"

#include "mcxd/core/core.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

static void check(struct lab *l, const char *below, const char *pointer, const char *expected)
{
	CLEANUP(mem_free_string) char *path = text_concat(l->app, below);
	struct reply r;

	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r), 200);
	if (strcmp(reply_at(&r, pointer), expected) != 0)
		fail_msg("%s%s: %s", below, pointer, reply_at(&r, pointer));
	reply_reset(&r);
}

static void test_status(void **state)
{
	struct lab *l = *state;

	lab_bob(l);
	/* the task page's own example, with its capital letter */
	assert_int_equal(lab_do(l, "POST", "/me/note?Message=I'm%20away%20today", NULL), 204);
	check(l, "/me/note", "/message", "I'm away today");
	assert_int_equal(lab_do(l, "POST", "/me/note?message=", NULL), 204);
	check(l, "/me/note", "/message", "");
	assert_int_equal(lab_do(l, "POST", "/me/presence?availability=Busy", NULL), 204);
	check(l, "/me/presence", "/availability", "Busy");
	assert_int_equal(lab_do(l, "POST", "/me/presence?availability=Sleeping", NULL), 400);
	assert_int_equal(lab_do(l, "POST", "/me/location?location=Home", "{\"other\":1}"), 204);
	check(l, "/me/location", "/location", "Home");
	/* the query goes first, whatever the case of the name in the body */
	assert_int_equal(lab_do(l, "POST", "/me/location?location=Work", "{\"Location\":\"Home\"}"),
			 204);
	check(l, "/me/location", "/location", "Work");
	assert_int_equal(lab_do(l, "POST", "/me/location?location=Work", "{"), 400);
}

/* Lists have commas, and numbers are numbers. */
static void test_kinds(void **state)
{
	struct lab *l = *state;

	l->core_config.max_events = 50;
	l->core_config.max_watches = 10;
	l->core_config.max_watched = 10;
	l->token = lab_sign_in(l, "bob@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "bobs-phone");
	assert_int_equal(lab_do(l, "POST",
				"/me/makeMeAvailable?supportedModalities=Messaging"
				"&supportedMessageFormats=Plain,Html&signInAs=Away",
				NULL),
			 204);
	check(l, "/communication", "/supportedMessageFormats/1", "Html");
	check(l, "/me/presence", "/availability", "Away");
	assert_int_equal(lab_do(l, "POST",
				"/people/presenceSubscriptions?uris=sip:alice@lab.test&duration=11",
				NULL),
			 201);
	assert_int_equal(lab_do(l, "POST",
				"/people/presenceSubscriptions?uris=sip:alice@lab.test&duration=x",
				NULL),
			 400);
	assert_int_equal(lab_do(l, "POST", "/people/presenceSubscriptions",
				"{\"groupId\":\"default\",\"duration\":11}"),
			 201);
	assert_int_equal(lab_do(l, "POST",
				"/people/presenceSubscriptions?groupId=default&duration=11", NULL),
			 201);
}

static void test_invitation(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct reply r;

	lab_bob(l);
	assert_int_equal(lab_do(l, "POST",
				"/communication/messagingInvitations?to=sip:alice@lab.test"
				"&operationId=17&subject=Lunch",
				NULL),
			 201);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(
		reply_at(&r, "/sender/0/events/0/_embedded/messagingInvitation/operationId"), "17");
	assert_string_equal(
		reply_at(&r, "/sender/0/events/0/_embedded/messagingInvitation/subject"), "Lunch");
	reply_reset(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_status, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_kinds, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_invitation, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
