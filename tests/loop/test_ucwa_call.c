/*
 * HTTPS API: conversations that an application starts
 */
#include "ucwa_fixture.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/user.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

#define INVITATIONS "/communication/messagingInvitations"
#define BEGUN                                                                                      \
	"messagingInvitation started;conversation added;localParticipant added;messaging updated;"
#define OVER                                                                                       \
	"messaging updated;participantMessaging deleted;participantMessaging deleted;"             \
	"participant deleted;localParticipant deleted;conversation updated;conversation deleted;"
#define ALONE                                                                                      \
	"messaging updated;localParticipant deleted;conversation updated;conversation deleted;"
#define ANSWERED                                                                                   \
	"conversation updated;participant added;participantMessaging added;participantMessaging "  \
	"added;messaging updated;messagingInvitation completed;"

#define TO_ALICE                                                                                   \
	"{\"operationId\":\"5028e824\",\"to\":\"sip:alice@lab.test\",\"importance\":\"Urgent\","   \
	"\"subject\":\"Lunch\",\"threadId\":\"0c7e\",\"sessionContext\":\"33dc\",\"telemetryId\":" \
	"null,"                                                                                    \
	"\"_links\":{\"message\":{\"href\":\"data:text/plain;base64,SGkgw6Q=\"}}}"

/* Bob's and Alice's applications take turns in being the lab's. */
struct side {
	char *token, *app;
	uint64_t ack;
};

static struct side alice;

static void swap_sides(struct lab *l)
{
	struct side other = alice;

	alice = (struct side){ l->token, l->app, l->ack };
	l->token = other.token;
	l->app = other.app;
	l->ack = other.ack;
}

/* Both are signed in, and Bob's application is the lab's. */
static void sign_in_both(struct lab *l)
{
	lab_bob(l);
	alice = (struct side){ .ack = 1 };
	swap_sides(l);
	l->token = lab_sign_in(l, "alice@lab.test", "pass+word%261");
	l->app = lab_application(l, l->token, "alices-phone");
	assert_int_equal(lab_do(l, "POST", "/me/makeMeAvailable", "{}"), 204);
	lab_forget_events(l);
	swap_sides(l);
}

static void forget_alice(void)
{
	free(alice.token);
	free(alice.app);
	alice = (struct side){ 0 };
}

static const char *at(struct json_object *o, const char *pointer)
{
	struct json_object *value = json_at(o, pointer);

	return value ? json_object_get_string(value) : "";
}

/* Returns the status, and keeps the answer. */
static int post(struct lab *l, const char *href, const char *type, const char *body,
		struct reply *r)
{
	return lab_call(
		l, &(struct call){ .method = "POST", .path = href, .type = type, .body = body }, r);
}

static int post_status(struct lab *l, const char *href, const char *type, const char *body)
{
	struct reply r;
	int status = post(l, href, type, body, &r);

	reply_reset(&r);
	return status;
}

static int start(struct lab *l, const char *body, struct reply *r)
{
	CLEANUP(mem_free_string) char *href = text_concat(l->app, INVITATIONS);

	return post(l, href, NULL, body, r);
}

/* Returns the invitation's path. */
static char *start_call(struct lab *l, const char *body)
{
	struct reply r;
	char *location;

	assert_int_equal(start(l, body, &r), 201);
	assert_non_null(r.location);
	location = mem_strdup(r.location);
	reply_reset(&r);
	return location;
}

static void get_packet(struct lab *l, struct reply *r, const char *want)
{
	CLEANUP(text_deinit) struct text events = TEXT_INIT;

	lab_poll(l, r);
	lab_packet(l, r, &events);
	assert_string_equal(text_str(&events), want);
}

/* A copy of a link of the resource in the nth event of the next packet. */
static char *link_of(struct lab *l, const char *want, size_t nth, const char *pointer)
{
	struct reply r;
	char *href;

	get_packet(l, &r, want);
	href = mem_strdup(at(lab_event(&r, nth), pointer));
	reply_reset(&r);
	return href;
}

static void check_invitation(struct lab *l, const char *path, const char *state)
{
	struct reply r;

	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r), 200);
	assert_string_equal(reply_at(&r, "/state"), state);
	assert_string_equal(reply_at(&r, "/direction"), "Outgoing");
	assert_string_equal(reply_at(&r, "/operationId"), "5028e824");
	assert_string_equal(reply_at(&r, "/threadId"), "0c7e");
	assert_string_equal(reply_at(&r, "/importance"), "Urgent");
	assert_string_equal(reply_at(&r, "/subject"), "Lunch");
	assert_string_equal(reply_at(&r, "/to"), "sip:alice@lab.test");
	reply_reset(&r);
}

/* ---- it is answered ---- */

static void check_started(struct lab *l, const char *path)
{
	struct json_object *invitation;
	struct reply r;

	get_packet(l, &r, BEGUN);
	assert_string_equal(at(lab_event(&r, 0), "/link/href"), path);
	invitation = json_at(lab_event(&r, 0), "/_embedded/messagingInvitation");
	assert_string_equal(at(invitation, "/operationId"), "5028e824");
	assert_non_null(strstr(at(invitation, "/_links/cancel/href"), "/messaging/terminate"));
	assert_string_equal(at(lab_event(&r, 1), "/_embedded/conversation/state"), "Connecting");
	assert_non_null(
		strstr(at(lab_event(&r, 3), "/_embedded/messaging/_links/stopMessaging/href"),
		       "/messaging/terminate"));
	reply_reset(&r);
}

/* What Alice's phone is asked, and what she answers. Returns the path of her messages. */
static char *accept_call(struct lab *l)
{
	CLEANUP(mem_free_string) char *accept = NULL;
	struct json_object *invitation;
	struct reply r;

	swap_sides(l);
	get_packet(l, &r, LAB_STARTED);
	invitation = json_at(lab_event(&r, 0), "/_embedded/messagingInvitation");
	assert_string_equal(at(invitation, "/threadId"), "0c7e");
	assert_string_equal(at(invitation, "/importance"), "Urgent");
	assert_string_equal(at(invitation, "/_embedded/from/name"), "Bob");
	assert_int_equal(strlen(at(invitation, "/operationId")), 32);
	assert_string_equal(at(invitation, "/_links/message/href"),
			    "data:text/plain;charset=utf-8,Hi%20%C3%A4");
	accept = text_concat(at(invitation, "/_links/accept/href"), "?sessionContext=2687");
	reply_reset(&r);
	assert_int_equal(post_status(l, accept, "text/plain", "yes"), 204);
	return link_of(l, LAB_ACCEPTED, 1, "/_embedded/messaging/_links/sendMessage/href");
}

static void test_answered(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL, *messages = NULL, *alices = NULL, *stop = NULL;
	struct reply r;

	sign_in_both(l);
	path = start_call(l, TO_ALICE);
	check_invitation(l, path, "Connecting");
	check_started(l, path);
	alices = accept_call(l);
	swap_sides(l);
	check_invitation(l, path, "Connected");
	get_packet(l, &r, ANSWERED);
	assert_string_equal(at(lab_event(&r, 5), "/status"), "Success");
	assert_string_equal(
		at(lab_event(&r, 5),
		   "/_embedded/messagingInvitation/_embedded/acceptedByParticipant/0/uri"),
		"sip:alice@lab.test");
	messages = mem_strdup(at(lab_event(&r, 4), "/_embedded/messaging/_links/sendMessage/href"));
	stop = mem_strdup(at(lab_event(&r, 4), "/_embedded/messaging/_links/stopMessaging/href"));
	reply_reset(&r);

	assert_int_equal(post_status(l, messages, "text/plain", "Hi \xc3\xa4"), 201);
	lab_next_packet(l, "message completed;");
	swap_sides(l);
	lab_next_packet(l, "message completed;");
	assert_int_equal(post_status(l, alices, "text/plain", "Fine"), 201);
	swap_sides(l);
	lab_next_packet(l, "message completed;");
	assert_int_equal(post_status(l, stop, "text/plain", "bye"), 204);
	lab_next_packet(l, OVER);
	assert_int_equal(post_status(l, stop, NULL, NULL), 404);
	check_invitation(l, path, "Connected");
	forget_alice();
}

static void check_participants(struct lab *l, const char *conversation, int n)
{
	CLEANUP(mem_free_string) char *path = text_concat(conversation, "/participants");
	struct reply r;

	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = conversation }, &r),
			 200);
	assert_int_equal(json_object_get_int(json_at(r.json, "/participantCount")), n);
	reply_reset(&r);
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r), 200);
	assert_int_equal(json_object_array_length(json_at(r.json, "/_embedded/participant")), n);
	reply_reset(&r);
}

/* The callee's phone reads plain text only. */
static void test_first_line_in_html(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *conversation = NULL, *line = NULL, *accept = NULL;
	struct json_object *invitation;
	struct reply r;

	sign_in_both(l);
	LIST_ENTRY(user_find(l->core, "bob@lab.test")->phones.next, struct phone, of_user)
		->media.formats |= MESSAGE_HTML;
	free(start_call(l, "{\"to\":\"sip:alice@lab.test\",\"_links\":{\"message\":{\"href\":"
			   "\"data:text/html;charset=utf-8,%3Cb%3EHi%3C/b%3E+there\"}}}"));
	conversation = link_of(l, BEGUN, 1, "/link/href");
	check_participants(l, conversation, 1);
	swap_sides(l);
	get_packet(l, &r, LAB_STARTED);
	invitation = json_at(lab_event(&r, 0), "/_embedded/messagingInvitation");
	line = mem_strdup(at(invitation, "/_links/message/href"));
	accept = mem_strdup(at(invitation, "/_links/accept/href"));
	reply_reset(&r);
	assert_string_equal(line, "data:text/plain;charset=utf-8,Hi%20there");
	assert_int_equal(post_status(l, accept, NULL, NULL), 204);
	swap_sides(l);
	check_participants(l, conversation, 2);
	forget_alice();
}

/* A reply can go to the URL of the message that it answers. */
static void test_reply_to_message(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *message = NULL, *other = NULL;
	struct caller *c = caller_connected(l);

	caller_say(c, "How are you?");
	message = link_of(l, "message completed;", 0, "/link/href");
	assert_int_equal(post_status(l, message, "text/plain; charset=utf-8", "Fine"), 201);
	assert_non_null(strstr(text_str(&c->told), "say(Fine) "));
	for (int i = 0; i < 6; i++) {
		lab_next_packet(l, "message completed;");
		assert_int_equal(post_status(l, message, "text/plain", "Still fine"), 201);
	}
	other = text_concat(message, "00");
	assert_int_equal(post_status(l, other, "text/plain", "What?"), 404);
	assert_int_equal(post_status(l, message, "application/json", "{}"), 415);
	leg_on_ended(&c->leg);
	lab_settle(l);
	assert_int_equal(post_status(l, message, "text/plain", "Hello?"), 404);
	caller_free(c);
}

/* ---- it is not ---- */

static void check_end(struct lab *l, const char *state, const char *code, const char *subcode)
{
	struct reply r;

	get_packet(l, &r, ALONE "messagingInvitation completed;");
	assert_string_equal(at(lab_event(&r, 0), "/_embedded/messaging/state"), "Disconnected");
	assert_string_equal(at(lab_event(&r, 2), "/_embedded/conversation/state"), "Disconnected");
	assert_string_equal(at(lab_event(&r, 4), "/status"), "Failure");
	assert_string_equal(at(lab_event(&r, 4), "/reason/code"), code);
	assert_string_equal(at(lab_event(&r, 4), "/reason/subcode"), subcode);
	assert_string_equal(at(lab_event(&r, 4), "/_embedded/messagingInvitation/state"), state);
	reply_reset(&r);
}

static void test_cancelled(void **state)
{
	static const char *const methods[] = { "POST", "DELETE" };
	struct lab *l = *state;

	sign_in_both(l);
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		CLEANUP(mem_free_string) char *path = start_call(l, TO_ALICE);
		CLEANUP(mem_free_string)
		char *href = link_of(l, BEGUN, i ? 1 : 0,
				     i ? "/link/href"
				       : "/_embedded/messagingInvitation/_links/cancel/href");
		struct reply r;

		assert_int_equal(
			lab_call(l, &(struct call){ .method = methods[i], .path = href }, &r), 204);
		reply_reset(&r);
		check_invitation(l, path, "Cancelled");
		check_end(l, "Cancelled", "LocalFailure", "Canceled");
		check_invitation(l, path, "Cancelled");
		swap_sides(l);
		/* The first one was over before her phone asked for events. */
		lab_next_packet(l, i ? LAB_STARTED
					   "participant deleted;localParticipant deleted;"
					   "conversation deleted;"
					   "messagingInvitation completed;missedItems updated;"
				     : "missedItems updated;");
		swap_sides(l);
	}
	forget_alice();
}

static void test_declined(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *path = NULL, *decline = NULL;

	sign_in_both(l);
	path = start_call(l, TO_ALICE);
	lab_next_packet(l, BEGUN);
	swap_sides(l);
	decline = link_of(l, LAB_STARTED, 0, "/_embedded/messagingInvitation/_links/decline/href");
	assert_int_equal(post_status(l, decline, NULL, "{\"reason\":\"Local\"}"), 204);
	swap_sides(l);
	check_end(l, "Declined", "RemoteFailure", "Declined");
	check_invitation(l, path, "Declined");
	forget_alice();
}

static void test_timeout(void **state)
{
	struct lab *l = *state;

	l->core_config.call_timeout_ms = 30000;
	sign_in_both(l);
	free(start_call(l, TO_ALICE));
	lab_next_packet(l, BEGUN);
	loop_jump(l->loop, 30000);
	check_end(l, "Failed", "Timeout", "Timeout");
	forget_alice();
}

/* Nobody rings: the request succeeds all the same, and its outcome can be read at once. */
static void test_nobody(void **state)
{
	static const char *const to[] = { "nobody@lab.test", "bob@elsewhere.test", "carol@lab.test",
					  "bob@lab.test" };
	static const char *const subcodes[] = { "DestinationNotFound", "DestinationNotFound",
						"Unreachable", "Unreachable" };
	struct lab *l = *state;

	l->core_config.max_events = 50;
	lab_bob(l);
	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		CLEANUP(mem_free_string)
		char *body = text_format("{\"to\":\"sip:%s\"}", to[i]);
		CLEANUP(mem_free_string) char *path = start_call(l, body);
		struct reply r;

		assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r),
				 200);
		assert_string_equal(reply_at(&r, "/state"), "Failed");
		reply_reset(&r);
		get_packet(l, &r, BEGUN ALONE "messagingInvitation completed;");
		assert_string_equal(at(lab_event(&r, 8), "/reason/subcode"), subcodes[i]);
		reply_reset(&r);
	}
}

/* ---- it cannot be ---- */

static void check_refused(struct lab *l, const char *body, int status, const char *subcode)
{
	struct reply r;

	assert_int_equal(start(l, body, &r), status);
	assert_string_equal(reply_at(&r, "/subcode"), subcode);
	assert_null(r.location);
	reply_reset(&r);
}

static void test_bad_requests(void **state)
{
	CLEANUP(mem_free_string) char *query = NULL;
	struct lab *l = *state;
	struct reply r;

	l->core_config.max_events = 50;
	lab_bob(l);
	check_refused(l, "{}", 400, "ParameterValidationFailure");
	check_refused(l, "{\"to\":\"\"}", 400, "ParameterValidationFailure");
	check_refused(l, "{\"to\":\"tel:+1425\"}", 400, "ParameterValidationFailure");
	check_refused(l, "{\"to\":\"sip:a b\"}", 400, "ParameterValidationFailure");
	check_refused(l, "[1]", 400, "DeserializationFailure");
	check_refused(l,
		      "{\"to\":\"sip:alice@lab.test\",\"_links\":{\"message\":{\"href\":\"data:,"
		      "0123456789012345678901234567890123456789012345678901234567890123456789"
		      "0123456789012345678901234567890123456789\"}}}",
		      413, "");
	query = text_concat(l->app, INVITATIONS "?to=sip:nobody@lab.test");
	assert_int_equal(post(l, query, NULL, "{\"operationId\":\"1\"}", &r), 201);
	reply_reset(&r);
	assert_int_equal(post(l, query, NULL, NULL, &r), 201);
	reply_reset(&r);
}

static void test_limits(void **state)
{
	struct lab *l = *state;

	l->core_config.max_events = 100;
	sign_in_both(l);
	free(start_call(l, TO_ALICE));
	check_refused(l, TO_ALICE, 409, "AlreadyExists");
	check_refused(l, "{\"to\":\"sip:alice@lab.test\",\"threadId\":\"0c7e\"}", 409,
		      "ThreadIdAlreadyExists");
	for (int i = 1; i < 8; i++)
		free(start_call(l, "{\"to\":\"sip:alice@lab.test\"}"));
	check_refused(l, "{\"to\":\"sip:alice@lab.test\"}", 429, "TooManyConversations");
	forget_alice();
}

static void test_full_queue(void **state)
{
	struct lab *l = *state;

	sign_in_both(l);
	for (int i = 0; i < 3; i++)
		free(start_call(l, "{\"to\":\"sip:alice@lab.test\"}"));
	check_refused(l, "{\"to\":\"sip:alice@lab.test\"}", 429, "LimitExceeded");
	lab_next_packet(l, BEGUN BEGUN BEGUN);
	forget_alice();
}

/* ---- the journal ---- */

static void test_journal(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text story = TEXT_INIT;

	sign_in_both(l);
	free(start_call(l, TO_ALICE));
	lab_story(l, "conversation", &story);
	assert_string_equal(text_str(&story), "bob@lab.test invites alice@lab.test: Hi \xc3\xa4; ");
	lab_story(l, "http", &story);
	assert_non_null(strstr(text_str(&story), "POST messagingInvitations \xe2\x86\x92 201; "));
	forget_alice();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answered),         TEST(test_first_line_in_html),
		TEST(test_reply_to_message), TEST(test_cancelled),
		TEST(test_declined),         TEST(test_timeout),
		TEST(test_nobody),           TEST(test_bad_requests),
		TEST(test_limits),           TEST(test_full_queue),
		TEST(test_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
