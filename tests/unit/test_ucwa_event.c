/*
 * UCWA event packets: golden files, grouping, descriptions
 */
#include "golden.h"

#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/ucwa/event.h"
#include "proto/ucwa/hal.h"
#include "proto/ucwa/resource.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <json-c/json.h>

#define APP UCWA_APPLICATIONS "/0123456789ab"

static const struct ucwa_conversation alice = {
	.app = APP,
	.id = 17,
	.me = "bob@lab.test",
	.me_name = "Bob",
	.peer = "alice@lab.test",
	.peer_name = "Alice",
	.peer_known = true,
	.subject = "Lunch",
	.importance = "urgent",
	.thread_id = "401250941",
	.text = "Hi Brendan",
};

static const struct ucwa_message incoming = { .id = 2,
					      .text = "<hello>",
					      .wall_us = 1383784870271000 };
static const struct ucwa_message outgoing = {
	.id = 3, .outgoing = true, .operation_id = "op-1", .wall_us = 1383784870272000
};

static struct json_object *parsed(struct hal *o)
{
	struct json_object *tree = json_tokener_parse(hal_text(o, NULL));

	assert_non_null(tree);
	hal_free(o);
	return tree;
}

static struct hal *packet(uint64_t number, const struct ucwa_event *events, size_t n)
{
	struct ucwa_packet p;

	ucwa_packet_begin(&p, APP, number, false);
	for (size_t i = 0; i < n; i++)
		ucwa_packet_add(&p, &events[i]);
	return ucwa_packet_end(&p);
}

static void check_golden(const char *name, struct hal *o)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;

	text_add_all(&text, hal_text(o, NULL), "\n");
	hal_free(o);
	golden_check(name, text_str(&text), text.n);
}

static void test_invitation(void **state)
{
	const struct ucwa_event events[] = {
		{ .kind = UCWA_INVITATION_STARTED, .conversation = alice },
		{ .kind = UCWA_CONVERSATION_ADDED, .conversation = alice },
		{ .kind = UCWA_LOCAL_ADDED, .conversation = alice },
		{ .kind = UCWA_PARTICIPANT_ADDED, .conversation = alice },
	};

	(void)state;
	check_golden("ucwa_invitation.json", packet(1, events, ARRAY_SIZE(events)));
}

static void test_accepted(void **state)
{
	const struct ucwa_event events[] = {
		{ .kind = UCWA_MESSAGING_UPDATED, .conversation = alice, .state = "Connected" },
		{ .kind = UCWA_CONVERSATION_UPDATED, .conversation = alice, .state = "Connected" },
		{ .kind = UCWA_INVITATION_COMPLETED, .conversation = alice, .success = true },
	};

	(void)state;
	check_golden("ucwa_accepted.json", packet(2, events, ARRAY_SIZE(events)));
}

/* Once it is answered it cannot be answered again, and still has its first line. */
static void test_answered(void **state)
{
	struct ucwa_conversation c = alice;
	const enum ucwa_event_kind kinds[] = { UCWA_INVITATION_STARTED, UCWA_INVITATION_UPDATED,
					       UCWA_INVITATION_COMPLETED };

	(void)state;
	c.text = "Hi";
	c.text_type = "text/plain";
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct ucwa_event e = { .kind = kinds[i],
					      .conversation = c,
					      .success = true };
		struct hal *o = packet(2, &e, 1);
		const char *body = hal_text(o, NULL);

		assert_non_null(strstr(body, "\"message\":{\"href\":\"data:text/plain"));
		assert_int_equal(strstr(body, "\"accept\"") != NULL, i == 0);
		assert_int_equal(strstr(body, "\"decline\"") != NULL, i == 0);
		assert_int_equal(strstr(body, "\"Connecting\"") != NULL, i < 2);
		assert_int_equal(strstr(body, "\"updated\"") != NULL, i == 1);
		hal_free(o);
	}
}

/* Alice's application calls Bob. */
static struct ucwa_conversation to_bob(const char *text)
{
	return (struct ucwa_conversation){ .app = APP,
					   .id = 18,
					   .me = "alice@lab.test",
					   .me_name = "Alice",
					   .peer = "bob@lab.test",
					   .peer_name = "Bob",
					   .peer_known = true,
					   .thread_id = "401250941",
					   .operation_id = "op-2",
					   .caller = true,
					   .text = text };
}

static void test_calling(void **state)
{
	const struct ucwa_conversation bob = to_bob("Hi");
	const struct ucwa_event events[] = {
		{ .kind = UCWA_INVITATION_STARTED, .conversation = bob },
		{ .kind = UCWA_CONVERSATION_ADDED, .conversation = bob, .state = "Connecting" },
		{ .kind = UCWA_LOCAL_ADDED, .conversation = bob },
		{ .kind = UCWA_MESSAGING_UPDATED, .conversation = bob, .state = "Connecting" },
	};

	(void)state;
	check_golden("ucwa_calling.json", packet(1, events, ARRAY_SIZE(events)));
}

static void test_call_answered(void **state)
{
	const struct ucwa_conversation bob = to_bob(NULL);
	const struct ucwa_event events[] = {
		{ .kind = UCWA_CONVERSATION_UPDATED, .conversation = bob, .state = "Connected" },
		{ .kind = UCWA_PARTICIPANT_ADDED, .conversation = bob },
		{ .kind = UCWA_PARTICIPANT_MESSAGING_ADDED, .conversation = bob },
		{ .kind = UCWA_LOCAL_MESSAGING_ADDED, .conversation = bob },
		{ .kind = UCWA_MESSAGING_UPDATED, .conversation = bob, .state = "Connected" },
		{ .kind = UCWA_INVITATION_COMPLETED, .conversation = bob, .success = true },
	};

	(void)state;
	check_golden("ucwa_call_answered.json", packet(2, events, ARRAY_SIZE(events)));
}

static void test_call_refused(void **state)
{
	const struct ucwa_conversation bob = to_bob(NULL);
	const struct ucwa_event events[] = {
		{ .kind = UCWA_MESSAGING_UPDATED, .conversation = bob, .state = "Disconnected" },
		{ .kind = UCWA_CONVERSATION_UPDATED, .conversation = bob, .state = "Disconnected" },
		{ .kind = UCWA_CONVERSATION_DELETED, .conversation = bob },
		{ .kind = UCWA_INVITATION_COMPLETED,
		  .conversation = bob,
		  .reason = "The user declined the invitation" },
	};

	(void)state;
	check_golden("ucwa_call_refused.json", packet(3, events, ARRAY_SIZE(events)));
}

static void test_messages(void **state)
{
	const struct ucwa_event events[] = {
		{ .kind = UCWA_TYPING_ADDED, .conversation = alice },
		{ .kind = UCWA_TYPING_DELETED, .conversation = alice },
		{ .kind = UCWA_MESSAGE_COMPLETED,
		  .conversation = alice,
		  .message = incoming,
		  .success = true },
		{ .kind = UCWA_MESSAGE_COMPLETED,
		  .conversation = alice,
		  .message = outgoing,
		  .reason = "The next server did not answer in time" },
	};

	(void)state;
	check_golden("ucwa_messages.json", packet(3, events, ARRAY_SIZE(events)));
}

static void test_missed(void **state)
{
	const struct ucwa_event events[] = {
		{ .kind = UCWA_CONVERSATION_DELETED, .conversation = alice },
		{ .kind = UCWA_INVITATION_COMPLETED, .conversation = alice, .reason = "Canceled" },
		{ .kind = UCWA_MISSED_UPDATED, .conversation = { .app = APP } },
	};

	(void)state;
	check_golden("ucwa_missed.json", packet(4, events, ARRAY_SIZE(events)));
}

static void test_empty(void **state)
{
	struct hal *o = packet(5, NULL, 0);

	(void)state;
	assert_string_equal(hal_text(o, NULL), "{\"_links\":{\"self\":{\"href\":\"" APP
					       "/events?ack=5\"},\"next\":{\"href\":\"" APP
					       "/events?ack=6\"}},\"sender\":[]}");
	hal_free(o);
	o = ucwa_packet_resync(APP, 7);
	assert_string_equal(hal_text(o, NULL),
			    "{\"_links\":{\"resync\":{\"href\":\"" APP "/events?ack=7\"}}}");
	hal_free(o);
}

/* How an invitation ends, and what its completion says of it (ErrorCode_ref, ErrorSubcode_ref). */
static void test_outcomes(void **state)
{
	static const struct {
		const char *reason;
		const char *code, *subcode, *message, *state;
	} rows[] = {
		{ "The user is busy", "RemoteFailure", "Busy", "The user is busy", "Failed" },
		{ "The user declined the invitation", "RemoteFailure", "Declined",
		  "The user declined the invitation", "Declined" },
		{ "The invitation was declined by this application", "LocalFailure", "Declined",
		  "The invitation was declined by this application", "Declined" },
		{ "The client did not respond to the invitation", "Timeout", "Timeout",
		  "The client did not respond to the invitation", "Failed" },
		{ "The client did not respond to the invitation: No push subscription for target "
		  "device",
		  "Timeout", "Timeout",
		  "The client did not respond to the invitation: No push subscription for target "
		  "device",
		  "Failed" },
		{ "User does not exist", "NotFound", "DestinationNotFound", "User does not exist",
		  "Failed" },
		{ "The user is not signed in at any endpoint", "RemoteFailure", "Unreachable",
		  "The user is not signed in at any endpoint", "Failed" },
		{ "Request was cancelled", "RemoteFailure", "Canceled", "Request was cancelled",
		  "Cancelled" },
		{ "The invitation was cancelled by this application", "LocalFailure", "Canceled",
		  "The invitation was cancelled by this application", "Cancelled" },
		{ "The invitation was accepted at another endpoint", "Informational",
		  "ConnectedElsewhere", "The invitation was accepted at another endpoint",
		  "Failed" },
		{ "The server is shutting down", "ServiceUnavailable", "TemporarilyUnavailable",
		  "The server is shutting down", "Failed" },
		{ "The server was restarted", "ServiceUnavailable", "TemporarilyUnavailable",
		  "The server was restarted", "Failed" },
		/* As it stands in files of an older schema. */
		{ "Canceled", "RemoteFailure", "Canceled", "Request was cancelled", "Cancelled" },
		{ "Timeout", "Timeout", "Timeout", "The client did not respond to the invitation",
		  "Failed" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct ucwa_event e = { .kind = UCWA_INVITATION_COMPLETED,
					      .conversation = alice,
					      .reason = rows[i].reason };
		CLEANUP(text_deinit) struct text want = TEXT_INIT, want_state = TEXT_INIT;
		struct hal *o = packet(1, &e, 1);

		text_add_all(&want, "\"status\":\"Failure\",\"reason\":{\"code\":\"", rows[i].code,
			     "\",\"subcode\":\"", rows[i].subcode, "\",\"message\":\"",
			     rows[i].message, "\"}");
		text_add_all(&want_state, "\"state\":\"", rows[i].state, "\"");
		if (!strstr(hal_text(o, NULL), text_str(&want)) ||
		    !strstr(hal_text(o, NULL), text_str(&want_state)))
			fail_msg("%s: got %s", rows[i].reason, hal_text(o, NULL));
		hal_free(o);
	}
}

/* Events stay in order, even if a sender then occurs twice. */
static void test_senders(void **state)
{
	struct ucwa_conversation carol = alice;
	struct ucwa_event events[] = {
		{ .kind = UCWA_MESSAGING_UPDATED, .conversation = alice },
		{ .kind = UCWA_PARTICIPANT_ADDED, .conversation = alice },
		{ .kind = UCWA_CONVERSATION_ADDED, .conversation = alice },
		{ .kind = UCWA_MESSAGING_UPDATED, .conversation = alice },
		{ .kind = UCWA_MESSAGING_UPDATED, .conversation = alice },
	};
	struct json_object *o, *senders, *list;
	static const size_t counts[] = { 2, 1, 1, 1 };

	(void)state;
	carol.id = 18;
	events[4].conversation = carol;
	o = parsed(packet(1, events, ARRAY_SIZE(events)));
	assert_true(json_object_object_get_ex(o, "sender", &senders));
	assert_int_equal(json_object_array_length(senders), ARRAY_SIZE(counts));
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		assert_true(json_object_object_get_ex(json_object_array_get_idx(senders, i),
						      "events", &list));
		assert_int_equal(json_object_array_length(list), counts[i]);
	}
	json_object_put(o);
}

static void check_line(const struct ucwa_event *e, const char *expected)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;

	ucwa_event_describe(&text, e);
	assert_string_equal(text_str(&text), expected);
}

static void test_describe(void **state)
{
	(void)state;
	check_line(&(struct ucwa_event){ .kind = UCWA_INVITATION_STARTED, .conversation = alice },
		   "messagingInvitation started: Hi Brendan");
	check_line(&(struct ucwa_event){ .kind = UCWA_INVITATION_COMPLETED, .reason = "Timeout" },
		   "messagingInvitation completed: Timeout");
	check_line(&(struct ucwa_event){ .kind = UCWA_MESSAGING_UPDATED, .state = "Connected" },
		   "messaging updated Connected");
	check_line(&(struct ucwa_event){ .kind = UCWA_TYPING_ADDED },
		   "participant added in typingParticipants");
	check_line(&(struct ucwa_event){ .kind = UCWA_MESSAGE_COMPLETED,
					 .message = incoming,
					 .success = true },
		   "message completed (incoming): <hello>");
}

/* An address in a path is escaped, also that of a contact from elsewhere. */
static void test_strange_peer(void **state)
{
	struct ucwa_conversation c = alice;
	CLEANUP(mem_free_string) char *path = NULL;
	struct json_object *o, *links, *contact;

	(void)state;
	c.peer = "a/b?c#d%@elsewhere.test";
	c.peer_known = false;
	path = ucwa_path_participant(&c, false);
	assert_string_equal(path, APP "/communication/conversations/17/participants/"
				      "a%2Fb%3Fc%23d%25@elsewhere.test");
	o = parsed(ucwa_participant(hal_new(), &c, false));
	assert_true(json_object_object_get_ex(o, "_links", &links));
	assert_true(json_object_object_get_ex(links, "contact", &contact));
	assert_string_equal(json_in_string(contact, "href"),
			    APP "/people/a%2Fb%3Fc%23d%25@elsewhere.test");
	assert_string_equal(json_in_string(o, "sourceNetwork"), "Federated");
	json_object_put(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_invitation),    cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_answered),      cmocka_unit_test(test_calling),
		cmocka_unit_test(test_call_answered), cmocka_unit_test(test_call_refused),
		cmocka_unit_test(test_messages),      cmocka_unit_test(test_missed),
		cmocka_unit_test(test_empty),         cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_senders),       cmocka_unit_test(test_describe),
		cmocka_unit_test(test_strange_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
