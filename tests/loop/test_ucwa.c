/*
 * HTTPS API: conversations. The caller is a leg of the test's own
 */
#include "ucwa_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "proto/text/data_uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <json-c/json_visit.h>

static const char *at(struct json_object *o, const char *pointer)
{
	struct json_object *value = json_at(o, pointer);

	return value ? json_object_get_string(value) : "";
}

static void check_data(const char *uri, const char *text)
{
	struct data_uri u;
	const char *why;

	assert_int_equal(data_uri_decode(uri, &u, &why), 0);
	assert_string_equal(u.text, text);
	data_uri_deinit(&u);
}

/* ---- invitations ---- */

static void test_held_poll(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	struct json_object *invitation;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	lab_poll(l, &r);
	assert_false(r.done);
	assert_int_equal(lab_metric(l, "ucwa_polls"), 1);
	c = caller_invite(l, "Hi Brendan");
	lab_packet(l, &r, &events);
	assert_int_equal(lab_metric(l, "ucwa_polls"), 0);
	assert_string_equal(text_str(&events), LAB_STARTED);
	assert_non_null(strstr(reply_at(&r, "/_links/self/href"), "/events?ack=1"));
	assert_non_null(strstr(reply_at(&r, "/_links/next/href"), "/events?ack=2"));
	invitation = json_at(lab_event(&r, 0), "/_embedded/messagingInvitation");
	assert_string_equal(at(invitation, "/direction"), "Incoming");
	assert_string_equal(at(invitation, "/state"), "Connecting");
	assert_string_equal(at(invitation, "/subject"), "Lunch");
	assert_string_equal(at(invitation, "/_embedded/from/uri"), "sip:alice@lab.test");
	check_data(at(invitation, "/_links/message/href"), "Hi Brendan");
	assert_string_equal(text_str(&c->told), "ring(WPLync/4.1.7947.0 (x)) ");
	reply_reset(&r);
	leg_on_cancelled(&c->leg);
	lab_next_packet(l, "participant deleted;localParticipant deleted;conversation "
			   "deleted;messagingInvitation completed;missedItems updated;");
	caller_free(c);
}

static void test_accept(void **state)
{
	struct lab *l = *state;
	CLEANUP(text_deinit) struct text story = TEXT_INIT;
	struct caller *c = caller_connected(l);

	assert_non_null(strstr(text_str(&c->told), "answer(bob@lab.test) "));
	assert_int_equal(invitation_do(l, c, "POST", "/accept"), 409);
	assert_int_equal(invitation_do(l, c, "POST", "/decline"), 409);
	assert_int_equal(invitation_do(l, c, "GET", ""), 200);
	assert_int_equal(conversation_do(l, c, "POST", "/messaging/terminate"), 204);
	assert_non_null(strstr(text_str(&c->told), "end "));
	lab_next_packet(
		l, "messaging updated;participantMessaging deleted;participantMessaging deleted;"
		   "participant deleted;localParticipant deleted;"
		   "conversation updated;conversation deleted;");
	assert_int_equal(conversation_do(l, c, "GET", ""), 404);
	assert_int_equal(conversation_do(l, c, "POST", "/messaging/terminate"), 404);
	lab_story(l, "event", &story);
	assert_int_equal(strncmp(text_str(&story), "messagingInvitation started: Hi Brendan; ", 40),
			 0);
	lab_story(l, "http", &story);
	assert_non_null(strstr(text_str(&story), "POST accept → 204; "));
	assert_non_null(strstr(text_str(&story), "POST terminate → 204; "));
	lab_settle(l);
	caller_free(c);
}

/* Clients say goodbye in the body of terminate, and put "{}" where nothing is meant. */
static void test_bodies_without_meaning(void **state)
{
	static const struct {
		const char *below, *type, *body;
	} rows[] = {
		{ "/typing", "application/json", "{}" },
		{ "/typing", "image/png", "\x89" },
		{ "/terminate", "text/plain", "Bye" },
	};
	struct lab *l = *state;
	struct caller *c = caller_connected(l);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *path = text_format("%s/communication/conversations/%llu/messaging%s", l->app,
					 (unsigned long long)c->conversation, rows[i].below);
		const struct call call = {
			.method = "POST", .path = path, .type = rows[i].type, .body = rows[i].body
		};
		struct reply r;

		if (lab_call(l, &call, &r) != 204)
			fail_msg("%s: got %d %s", rows[i].body, r.status, r.body);
		reply_reset(&r);
	}
	assert_non_null(strstr(text_str(&c->told), "end "));
	caller_free(c);
}

static void test_decline(void **state)
{
	struct lab *l = *state;
	struct caller *c;

	lab_bob(l);
	c = caller_invite(l, "Hi Brendan");
	lab_next_packet(l, LAB_STARTED);
	assert_int_equal(invitation_do(l, c, "POST", "/decline"), 204);
	assert_non_null(strstr(text_str(&c->told), "refuse(603) "));
	assert_int_equal(invitation_do(l, c, "GET", ""), 200);
	assert_int_equal(invitation_do(l, c, "POST", "/accept"), 409);
	assert_int_equal(invitation_do(l, c, "POST", "/decline"), 409);
	lab_next_packet(l, "participant deleted;localParticipant deleted;conversation "
			   "deleted;messagingInvitation completed;");
	assert_int_equal(invitation_do(l, c, "GET", ""), 200);
	assert_int_equal(invitation_do(l, c, "POST", "/accept"), 409);
	lab_settle(l);
	caller_free(c);
}

static void check_missed(struct lab *l, const char *n, const char *n_unread)
{
	CLEANUP(mem_free_string)
	char *path = text_format("%s/communication/missedItems", l->app);
	struct reply r;

	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = path }, &r), 200);
	assert_string_equal(reply_at(&r, "/missedConversationsCount"), n);
	assert_string_equal(reply_at(&r, "/conversationLogsCount"), n);
	assert_string_equal(reply_at(&r, "/unreadMissedConversationsCount"), n_unread);
	reply_reset(&r);
}

static void test_missed(void **state)
{
	struct lab *l = *state;
	CLEANUP(mem_free_string) char *logs = NULL;
	CLEANUP(mem_free_string) char *log = NULL;
	struct caller *c;
	struct reply r;

	lab_bob(l);
	logs = text_format("%s/communication/conversationLogs", l->app);
	c = caller_invite(l, "Hi Brendan");
	loop_jump(l->loop, 60001);
	lab_settle(l);
	assert_non_null(strstr(text_str(&c->told), "refuse(408) "));
	lab_next_packet(l, "missedItems updated;");
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = logs }, &r), 200);
	log = mem_strdup(reply_at(&r, "/_links/conversationLog/0/href"));
	reply_reset(&r);
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = log }, &r), 200);
	assert_string_equal(reply_at(&r, "/previewMessage"), "Hi Brendan");
	assert_string_equal(reply_at(&r, "/status"), "Missed");
	assert_string_equal(reply_at(&r, "/reason"), "No push subscription for target device");
	assert_string_equal(reply_at(&r, "/_embedded/conversationLogRecipient/0/sipUri"),
			    "sip:alice@lab.test");
	reply_reset(&r);
	assert_int_equal(lab_do(l, "GET", "/communication/missedItems", NULL), 200);
	free(logs);
	logs = text_format("%s/markAsRead", log);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lab_call(l, &(struct call){ .method = "POST", .path = logs }, &r),
				 204);
		reply_reset(&r);
		check_missed(l, "1", "0");
	}
	lab_next_packet(l, "missedItems updated;");
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = log }, &r), 200);
	reply_reset(&r);
	assert_int_equal(lab_call(l, &(struct call){ .method = "DELETE", .path = log }, &r), 204);
	reply_reset(&r);
	check_missed(l, "0", "0");
	lab_next_packet(l, "missedItems updated;");
	assert_int_equal(lab_call(l, &(struct call){ .method = "POST", .path = logs }, &r), 404);
	reply_reset(&r);
	caller_free(c);
}

/* ---- messages ---- */

static void test_messages(void **state)
{
	struct lab *l = *state;
	struct caller *c = caller_connected(l);
	CLEANUP(text_deinit) struct text events = TEXT_INIT;
	CLEANUP(mem_free_string) char *location = NULL;
	struct reply r;

	caller_say(c, "How <are> you?");
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(text_str(&events), "message completed;");
	assert_string_equal(at(lab_event(&r, 0), "/_embedded/message/direction"), "Incoming");
	check_data(at(lab_event(&r, 0), "/_embedded/message/_links/plainMessage/href"),
		   "How <are> you?");
	reply_reset(&r);
	assert_non_null(strstr(text_str(&c->told), "said(7,200) "));

	assert_int_equal(caller_hears(l, c, "?operationId=op-1", "Fine, \xc3\xbc!", &r), 201);
	location = mem_strdup(r.location);
	reply_reset(&r);
	assert_non_null(strstr(text_str(&c->told), "say(Fine, \xc3\xbc!) "));
	assert_int_equal(lab_call(l, &(struct call){ .method = "GET", .path = location }, &r), 200);
	assert_string_equal(reply_at(&r, "/operationId"), "op-1");
	reply_reset(&r);
	lab_poll(l, &r);
	lab_packet(l, &r, &events);
	assert_string_equal(at(lab_event(&r, 0), "/link/href"), location);
	assert_string_equal(at(lab_event(&r, 0), "/status"), "Success");
	assert_string_equal(at(lab_event(&r, 0), "/_embedded/message/operationId"), "op-1");
	reply_reset(&r);

	assert_int_equal(conversation_do(l, c, "POST", "/messaging/typing"), 204);
	assert_non_null(strstr(text_str(&c->told), "typing(1) "));
	leg_on_ended(&c->leg);
	lab_next_packet(
		l, "messaging updated;participantMessaging deleted;participantMessaging deleted;"
		   "participant deleted;localParticipant deleted;"
		   "conversation updated;conversation deleted;");
	assert_int_equal(caller_hears_status(l, c, "", "x"), 404);
	lab_settle(l);
	caller_free(c);
}

static void test_bad_messages(void **state)
{
	struct lab *l = *state;
	struct caller *c = caller_connected(l);
	CLEANUP(mem_free_string)
	char *path = text_format("%s/communication/conversations/%llu/messaging/messages", l->app,
				 (unsigned long long)c->conversation);
	char long_one[102] = "";
	struct reply r;

	memset(long_one, 'x', 101);
	assert_int_equal(caller_hears_status(l, c, "", long_one), 413);
	assert_int_equal(caller_hears_status(l, c, "", "\xff"), 400);
	assert_int_equal(caller_hears_status(l, c, "", ""), 400);
	assert_int_equal(lab_call(l,
				  &(struct call){ .method = "POST",
						  .path = path,
						  .type = "text/html",
						  .body = "<b>x</b>" },
				  &r),
			 415);
	reply_reset(&r);
	/* nor as the first line of an invitation */
	assert_int_equal(lab_do(l, "POST", "/communication/messagingInvitations",
				"{\"to\":\"sip:alice@lab.test\",\"message\":\"data:text/html,x\"}"),
			 415);
	assert_null(strstr(text_str(&c->told), "say("));
	leg_on_ended(&c->leg);
	lab_settle(l);
	caller_free(c);
}

/* Events that the phone has not fetched limit what it can send. */
static void test_full_queue(void **state)
{
	struct lab *l = *state;
	struct caller *c = caller_connected(l);
	struct reply r;
	int status = 201, n = 0;

	while (n < 30 && status == 201) {
		status = caller_hears(l, c, "", "x", &r);
		if (status != 201)
			assert_string_equal(reply_at(&r, "/subcode"), "LimitExceeded");
		reply_reset(&r);
		n++;
	}
	assert_int_equal(status, 429);
	assert_true(n > 5 && n < 15);
	leg_on_ended(&c->leg);
	lab_settle(l);
	caller_free(c);
}

/* A message under way will need room in the queue, too. A message that is refused is recorded as refused. */
static void test_queue_full_of_messages_under_way(void **state)
{
	struct lab *l = *state;
	struct caller *c = caller_connected(l);
	CLEANUP(text_deinit) struct text story = TEXT_INIT;
	int status = 201, n = 0, n_recorded = 0;

	c->silent = true;
	while (n < 30 && status == 201) {
		status = caller_hears_status(l, c, "", "x");
		n++;
	}
	assert_int_equal(status, 429);
	assert_true(n > 5 && n < 15);
	lab_story(l, "http", &story);
	for (const char *p = text_str(&story); (p = strstr(p, "messages → 201; ")); p++)
		n_recorded++;
	assert_int_equal(n_recorded, n - 1);
	assert_non_null(strstr(text_str(&story), "→ 429; "));
	leg_on_ended(&c->leg);
	lab_advance(l, 40000); /* it waits for their outcome as long as a transaction can take */
	caller_free(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_held_poll),
		TEST(test_accept),
		TEST(test_bodies_without_meaning),
		TEST(test_decline),
		TEST(test_missed),
		TEST(test_messages),
		TEST(test_bad_messages),
		TEST(test_full_queue),
		TEST(test_queue_full_of_messages_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
