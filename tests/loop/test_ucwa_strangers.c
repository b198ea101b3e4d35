/*
 * HTTPS API: callers who are no users of this server, and messages
 */
#include "ucwa_fixture.h"
#include "ucwa_shape.h"

#include "mcxd/core/conversation.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define FROM    "/sender/0/events/0/_embedded/messagingInvitation/_embedded/from"
#define MESSAGE "/sender/0/events/0/_embedded/message"

static int get(struct lab *l, const char *path, struct reply *r)
{
	return lab_call(l, &(struct call){ .method = "GET", .path = path }, r);
}

static void check_contact(struct lab *l, const char *href)
{
	static const char *const below[] = { "/presence", "/note", "/location", "/supportedMedia",
					     "/privacyRelationship" };
	struct reply r;

	assert_int_equal(get(l, href, &r), 200);
	shape_check(r.json);
	assert_string_equal(reply_at(&r, "/sourceNetwork"), "Federated");
	reply_reset(&r);
	for (size_t i = 0; i < ARRAY_SIZE(below); i++) {
		CLEANUP(mem_free_string) char *path = text_concat(href, below[i]);

		if (get(l, path, &r) != 200)
			fail_msg("%s: %d", path, r.status);
		shape_check(r.json);
		reply_reset(&r);
	}
}

/* Microsoft's samples take contact from the participant and from each message, and ask for it. */
static void test_federated(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	CLEANUP(mem_free_string) char *contact = NULL;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	c = caller_invite_from(l, "bob@far.test", "Hi");
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	contact = mem_strdup(reply_at(&r, FROM "/_links/contact/href"));
	check_contact(l, contact);
	reply_reset(&r);
	assert_int_equal(invitation_do(l, c, "POST", "/accept"), 204);
	lab_next_packet(l, LAB_ACCEPTED);
	caller_say(c, "Hello");
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(reply_at(&r, MESSAGE "/_links/contact/href"), contact);
	reply_reset(&r);
	leg_on_ended(&c->leg);
	lab_settle(l);
	caller_free(c);
}

/* In our own domain somebody is known who calls, or called. */
static void test_of_our_domain(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	path = text_concat(l->app, "/people/desk@lab.test");
	assert_int_equal(get(l, path, &r), 404);
	reply_reset(&r);
	c = caller_invite_from(l, "desk@lab.test", "Hi");
	check_contact(l, path);
	leg_on_cancelled(&c->leg);
	lab_settle(l);
	check_contact(l, path);
	caller_free(c);
	assert_int_equal(lab_do(l, "GET", "/people/nothing", NULL), 404);
}

/* messages_ref: both directions, the oldest first, of this conversation only. */
static void test_messages(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text path = TEXT_INIT;
	struct caller *c = caller_connected(l);
	struct reply r;

	text_addf(&path, "%s/communication/conversations/%llu/messaging/messages", l->app,
		  (unsigned long long)c->conversation);
	assert_int_equal(get(l, text_str(&path), &r), 200);
	assert_int_equal(json_object_array_length(json_at(r.json, "/_links/message")), 1);
	reply_reset(&r);
	caller_say(c, "Hello");
	lab_next_packet(l, "message completed;");
	assert_int_equal(caller_hears_status(l, c, "", "Hi"), 201);
	assert_int_equal(get(l, text_str(&path), &r), 200);
	shape_check(r.json);
	assert_int_equal(json_object_array_length(json_at(r.json, "/_links/message")), 3);
	text_add(&path, "/");
	assert_int_equal(strncmp(reply_at(&r, "/_links/message/0/href"), text_str(&path), path.n),
			 0);
	reply_reset(&r);
	leg_on_ended(&c->leg);
	lab_settle(l);
	caller_free(c);
	assert_int_equal(
		lab_do(l, "GET", "/communication/conversations/1/messaging/messages", NULL), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_federated, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_of_our_domain, lab_setup, lab_teardown),
		cmocka_unit_test_setup_teardown(test_messages, lab_setup, lab_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
