/*
 * What a SIP client sees when a phone calls
 */
#include "front_end_fixture.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_caller.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/route.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

struct call {
	struct front_end_fixture *f;
	struct raw bob;
	char *invite; /* as Bob's client received it */
	uint64_t id;
};

/* Bob is registered over TCP, Alice's phone calls him, and his client has the INVITE. */
static void call(struct call *c, struct front_end_fixture *f)
{
	*c = (struct call){ .f = f };
	fixture_phone_of(f, f->alice, false);
	raw_tcp(&c->bob, f->loop, fixture_tcp(f));
	fixture_register_contact(&c->bob, c->bob.local);
	assert_int_equal(route_call(f->phone,
				    &(struct route_call){ .to = "bob@lab.test",
							  .subject = "Lunch",
							  .importance = "urgent",
							  .thread_id = "0c7e",
							  .first_line = "Hi Bob",
							  .first_line_type = "text/plain" },
				    &c->id),
			 PHONE_OK);
	c->invite = raw_expect(&c->bob, "INVITE sip:bob@127.0.0.1:");
}

static void answer(struct call *c, const char *headers)
{
	CLEANUP(mem_free_string)
	char *all = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n"
				"Content-Type: application/sdp\r\n%s",
				c->bob.local, headers);
	CLEANUP(mem_free_string) char *ack = NULL;

	fixture_answer(&c->bob, c->invite, "200 OK", all, IM_SDP);
	ack = raw_expect(&c->bob, "ACK sip:bob@127.0.0.1:");
	assert_true(sip_has_line(ack, "CSeq: 1 ACK"));
	run_rounds(c->f->loop, 3);
	assert_int_equal(phone_leg_get_state(phone_leg_find(c->f->phone, c->id)),
			 PHONE_LEG_CONNECTED);
}

static void over(struct call *c)
{
	run_rounds(c->f->loop, 5);
	assert_int_equal(fixture_metric(c->f, "front_end_dialogs"), 0);
	assert_null(fixture_conversation(c->f));
	free(c->invite);
	raw_close(&c->bob);
}

static void say(struct call *c, const char *text)
{
	const struct im im = { .content_type = "text/plain", .body = text, .n_body = strlen(text) };
	uint64_t message;

	assert_int_equal(phone_leg_say(c->f->phone, c->id, &im, &message), PHONE_OK);
}

static void hang_up(struct call *c)
{
	CLEANUP(mem_free_string) char *bye = NULL;

	assert_int_equal(phone_leg_terminate(c->f->phone, c->id), PHONE_OK);
	bye = raw_expect(&c->bob, "BYE sip:bob@127.0.0.1:");
	fixture_answer(&c->bob, bye, "200 OK", "", "");
}

static const struct event *wait_event(struct front_end_fixture *f, enum event_kind kind)
{
	const struct event *e;

	for (int i = 0; i < 5000 && !fixture_event(f, kind); i++)
		run_rounds(f->loop, 1);
	e = fixture_event(f, kind);
	assert_non_null(e);
	return e;
}

static void check_failed(struct call *c, const char *reason)
{
	const struct event *e = fixture_event(c->f, EVENT_INVITATION_COMPLETED);

	assert_non_null(e);
	assert_false(e->success);
	assert_string_equal(e->reason, reason);
	over(c);
}

/* ---- the INVITE ---- */

static void test_invite(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *epid = NULL;
	struct call c;

	call(&c, f);
	epid = text_concat(";epid=", f->phone->epid);
	assert_memory_equal(sip_header(c.invite, "From", 0),
			    "\"Alice\"<sip:alice@lab.test>;tag=", 31);
	assert_non_null(strstr(sip_header(c.invite, "From", 0), epid));
	assert_string_equal(sip_header(c.invite, "To", 0), "<sip:bob@lab.test>");
	assert_true(sip_has_line(c.invite, "Max-Forwards: 70"));
	assert_true(sip_has_line(c.invite, "Ms-Conversation-ID: 0c7e"));
	assert_true(sip_has_line(c.invite, "Subject: Lunch"));
	assert_true(sip_has_line(c.invite, "Priority: urgent"));
	assert_true(sip_has_line(c.invite, "P-Asserted-Identity: \"Alice\"<sip:alice@lab.test>"));
	assert_true(sip_has_line(c.invite,
				 "User-Agent: RTCC/4.0.0.0 McxService/4.0.0.0 WPLync/4.1.7947.0 "
				 "(Microsoft Windows CE 7.10.7720)"));
	assert_string_equal(sip_header(c.invite, "ms-text-format", 0),
			    "text/plain; charset=UTF-8;ms-body=SGkgQm9i");
	assert_non_null(strstr(sip_header(c.invite, "Contact", 0), "sip:alice@127.0.0.1:"));
	assert_non_null(strstr(sip_body(c.invite), "m=message "));
	answer(&c, "Supported: ms-text-format\r\n");
	raw_expect_silence(&c.bob, 5);
	hang_up(&c);
	over(&c);
}

/* ---- the session ---- */

static void test_session(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *first = NULL, *message = NULL, *info = NULL;
	struct call c;

	call(&c, f);
	answer(&c, "");
	first = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
	assert_string_equal(sip_body(first), "Hi Bob");
	fixture_answer(&c.bob, first, "200 OK", "", "");
	run_rounds(f->loop, 3);
	assert_null(fixture_event(f, EVENT_MESSAGE_COMPLETED));
	/* The same words again are another message. */
	say(&c, "Hi Bob");
	message = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
	assert_string_equal(sip_body(message), "Hi Bob");
	fixture_answer(&c.bob, message, "200 OK", "", "");
	run_rounds(f->loop, 3);
	assert_true(fixture_event(f, EVENT_MESSAGE_COMPLETED)->outgoing);
	assert_true(fixture_event(f, EVENT_MESSAGE_COMPLETED)->success);

	fixture_callee_says(&c.bob, c.invite, "MESSAGE", 1, "text/plain; charset=UTF-8", "Hello");
	free(raw_expect(&c.bob, "SIP/2.0 200"));
	assert_string_equal(fixture_event(f, EVENT_MESSAGE_COMPLETED)->text, "Hello");
	assert_string_equal(fixture_event(f, EVENT_MESSAGE_COMPLETED)->peer, "bob@lab.test");
	assert_int_equal(phone_leg_typing(f->phone, c.id), PHONE_OK);
	info = raw_expect(&c.bob, "INFO ");
	assert_non_null(strstr(sip_body(info), "\"type\""));
	fixture_answer(&c.bob, info, "200 OK", "", "");
	fixture_callee_says(&c.bob, c.invite, "BYE", 2, NULL, NULL);
	free(raw_expect(&c.bob, "SIP/2.0 200"));
	assert_non_null(fixture_event(f, EVENT_CONVERSATION_DELETED));
	over(&c);
}

/* The callee accepts, and then does not take the first line. The conversation goes on. */
static void test_first_line_refused(void **state)
{
	static const struct {
		const char *status, *reason;
	} refusals[] = {
		{ "415 Unsupported Media Type", "This content type is not supported" },
		{ "488 Not Acceptable Here", "This content type is not supported" },
		{ "403 Forbidden", "This is not allowed" },
		{ "500 Server Internal Error", "The server failed" },
		{ "603 Decline", "The user declined the invitation" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		CLEANUP(mem_free_string) char *first = NULL, *message = NULL;
		const struct event *e;
		struct call c;

		if (i > 0) {
			fixture_teardown(state);
			fixture_setup(state);
		}
		call(&c, *state);
		answer(&c, "");
		first = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
		fixture_answer(&c.bob, first, refusals[i].status, "", "");
		e = wait_event(c.f, EVENT_MESSAGE_COMPLETED);
		assert_true(e->outgoing);
		assert_false(e->success);
		assert_string_equal(e->reason, refusals[i].reason);
		say(&c, "Hello?");
		message = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
		fixture_answer(&c.bob, message, "200 OK", "", "");
		hang_up(&c);
		over(&c);
	}
}

/* A message that has left is not called back by the end of the conversation: what its receiver says of it counts, also
 * after the BYE. */
static void check_overtaken(void **state, bool we_end, const char *status, bool arrives)
{
	CLEANUP(mem_free_string) char *first = NULL, *message = NULL;
	const struct event *e;
	struct call c;

	call(&c, *state);
	answer(&c, "");
	first = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
	fixture_answer(&c.bob, first, "200 OK", "", "");
	say(&c, "One more thing");
	message = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
	if (we_end) {
		hang_up(&c);
	} else {
		fixture_callee_says(&c.bob, c.invite, "BYE", 1, NULL, NULL);
		free(raw_expect(&c.bob, "SIP/2.0 200"));
	}
	run_rounds(c.f->loop, 5);
	assert_null(fixture_event(c.f, EVENT_MESSAGE_COMPLETED));
	assert_null(fixture_event(c.f, EVENT_CONVERSATION_DELETED));
	fixture_answer(&c.bob, message, status, "", "");
	e = wait_event(c.f, EVENT_MESSAGE_COMPLETED);
	assert_true(e->outgoing);
	assert_int_equal(e->success, arrives);
	if (!arrives)
		assert_string_equal(e->reason, "The conversation has ended");
	assert_non_null(fixture_event(c.f, EVENT_CONVERSATION_DELETED));
	over(&c);
}

static void test_message_overtaken_by_the_end(void **state)
{
	static const struct {
		const char *status;
		bool we_end, arrives;
	} rows[] = {
		{ "200 OK", true, true },
		{ "487 Request Terminated", true, false },
		{ "200 OK", false, true },
		{ "487 Request Terminated", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (i > 0) {
			fixture_teardown(state);
			fixture_setup(state);
		}
		check_overtaken(state, rows[i].we_end, rows[i].status, rows[i].arrives);
	}
}

/* A receiver that never answers ends it as soon as the transaction does. */
static void test_message_without_an_answer(void **state)
{
	CLEANUP(mem_free_string) char *first = NULL, *unanswered = NULL;
	const struct event *e;
	struct call c;

	call(&c, *state);
	answer(&c, "");
	first = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
	fixture_answer(&c.bob, first, "200 OK", "", "");
	say(&c, "One more thing");
	unanswered = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
	assert_non_null(strstr(unanswered, "One more thing"));
	hang_up(&c);
	fixture_advance(c.f, 33000);
	e = wait_event(c.f, EVENT_MESSAGE_COMPLETED);
	assert_false(e->success);
	assert_non_null(fixture_event(c.f, EVENT_CONVERSATION_DELETED));
	over(&c);
}

/* ---- other ends ---- */

static void test_refusals(void **state)
{
	static const struct {
		const char *status, *reason;
		bool is_paged; /* it is asked whether it takes a message instead, and does not */
	} refusals[] = {
		{ "486 Busy Here", "The user is busy" },
		{ "603 Decline", "The user declined the invitation" },
		{ "480 Temporarily Unavailable", "The user is not signed in at any endpoint" },
		{ "488 Not Acceptable Here", "The endpoint cannot accept the invitation", true },
		{ "302 Moved Temporarily", "The user is not signed in at any endpoint" },
		{ "407 Proxy Authentication Required",
		  "The user is not signed in at any endpoint" },
		{ "404 Not Found", "User does not exist" },
		{ "408 Request Timeout", "The client did not respond to the invitation" },
		{ "500 Server Internal Error", "The server failed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct call c;

		if (i > 0) {
			fixture_teardown(state);
			fixture_setup(state);
		}
		call(&c, *state);
		fixture_answer(&c.bob, c.invite, refusals[i].status, "", "");
		free(raw_expect(&c.bob, "ACK "));
		if (refusals[i].is_paged) {
			CLEANUP(mem_free_string)
			char *message = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");

			fixture_answer(&c.bob, message, "405 Method Not Allowed", "", "");
			wait_event(c.f, EVENT_INVITATION_COMPLETED);
		}
		check_failed(&c, refusals[i].reason);
	}
}

static void check_cancel(struct call *c, const char *cause)
{
	CLEANUP(mem_free_string) char *cancel = raw_expect(&c->bob, "CANCEL ");

	assert_non_null(strstr(sip_header(cancel, "Reason", 0), cause));
	fixture_answer(&c->bob, cancel, "200 OK", "", "");
	fixture_answer(&c->bob, c->invite, "487 Request Terminated", "", "");
	free(raw_expect(&c->bob, "ACK "));
}

static void test_cancel(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	call(&c, f);
	fixture_answer(&c.bob, c.invite, "180 Ringing", "", "");
	run_rounds(f->loop, 3);
	assert_int_equal(phone_caller_cancel(f->phone, c.id), PHONE_OK);
	check_cancel(&c, "cause=487");
	check_failed(&c, "The invitation was cancelled by this application");
}

static void test_timeout(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	f->core_config.call_timeout_ms = 30000;
	call(&c, f);
	fixture_answer(&c.bob, c.invite, "180 Ringing", "", "");
	run_rounds(f->loop, 3);
	fixture_advance(f, 30500);
	check_cancel(&c, "cause=408");
	check_failed(&c, "The client did not respond to the invitation");
}

/* The 200 crosses the CANCEL: it is acknowledged and ended, and the phone is not connected. */
static void test_answer_crosses_cancel(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *headers = NULL, *bye = NULL;
	struct call c;

	call(&c, f);
	fixture_answer(&c.bob, c.invite, "180 Ringing", "", "");
	run_rounds(f->loop, 3);
	assert_int_equal(phone_caller_cancel(f->phone, c.id), PHONE_OK);
	free(raw_expect(&c.bob, "CANCEL "));
	headers = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n"
			      "Content-Type: application/sdp\r\n",
			      c.bob.local);
	fixture_answer(&c.bob, c.invite, "200 OK", headers, IM_SDP);
	free(raw_expect(&c.bob, "ACK "));
	bye = raw_expect(&c.bob, "BYE ");
	fixture_answer(&c.bob, bye, "200 OK", "", "");
	check_failed(&c, "The invitation was cancelled by this application");
}

static void test_contact_is_gone(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	call(&c, f);
	raw_close(&c.bob);
	fixture_advance(f, 40000);
	assert_non_null(fixture_event(f, EVENT_INVITATION_COMPLETED));
	assert_false(fixture_event(f, EVENT_INVITATION_COMPLETED)->success);
	over(&c);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_invite),
		TEST(test_session),
		TEST(test_first_line_refused),
		TEST(test_message_overtaken_by_the_end),
		TEST(test_message_without_an_answer),
		TEST(test_refusals),
		TEST(test_cancel),
		TEST(test_timeout),
		TEST(test_answer_crosses_cancel),
		TEST(test_contact_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
