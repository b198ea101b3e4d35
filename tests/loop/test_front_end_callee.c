/*
 * Invitations for SIP contacts
 */
#include "front_end_fixture.h"
#include "mcxd/base/journal.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#define HTML_SDP                                                                                   \
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"          \
	"m=message 5060 sip null\r\na=accept-types:text/plain text/html\r\n"

struct call {
	struct front_end_fixture *f;
	struct raw alice, bob;
	char *invite;  /* as Bob received it */
	char *ringing; /* as Alice received it */
	char *answer;
};

/* Bob is registered over TCP, Alice has invited him, and his client has the INVITE. */
static void invite(struct call *c, struct front_end_fixture *f)
{
	char *contact;

	*c = (struct call){ .f = f };
	raw_tcp(&c->bob, f->loop, fixture_tcp(f));
	contact = text_format("Contact: <sip:bob@%s;transport=tcp;x=1>\nSupported: gruu-10\n",
			      c->bob.local);
	free(fixture_register(&c->bob, "reg", 1, contact));
	free(contact);
	raw_udp(&c->alice, f->loop, fixture_udp(f));
	fixture_send_invite(
		&c->alice,
		&(struct invite){ .call_id = "dial", .headers = FIRST_LINE "Subject: Lunch\n" });
	free(raw_expect(&c->alice, "SIP/2.0 100 "));
	c->invite = raw_expect(&c->bob, "INVITE sip:bob@127.0.0.1:");
}

static void ring(struct call *c)
{
	fixture_answer(&c->bob, c->invite, "180 Ringing", "Server: Bobs/1.0\r\n", "");
	c->ringing = raw_expect(&c->alice, "SIP/2.0 180 Ringing\r\n");
}

/* Alice has acknowledged. */
static void answer(struct call *c, const char *headers)
{
	CLEANUP(mem_free_string)
	char *all = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n"
				"Content-Type: application/sdp\r\n%s",
				c->bob.local, headers);

	fixture_answer(&c->bob, c->invite, "200 OK", all, HTML_SDP);
	CLEANUP(mem_free_string) char *ack = raw_expect(&c->bob, "ACK sip:bob@127.0.0.1:");
	assert_true(sip_has_line(ack, "CSeq: 1 ACK"));
	c->answer = raw_skip_to(&c->alice, "SIP/2.0 200 OK\r\n");
	fixture_ack(&c->alice, c->answer);
}

static void over(struct call *c)
{
	run_rounds(c->f->loop, 5);
	assert_int_equal(fixture_metric(c->f, "front_end_dialogs"), 0);
	assert_null(fixture_conversation(c->f));
	free(c->invite);
	free(c->ringing);
	free(c->answer);
	raw_close(&c->alice);
	raw_close(&c->bob);
}

static void test_invite_of_a_contact(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	assert_non_null(strstr(c.invite, ";x=1 SIP/2.0\r\n"));
	assert_non_null(strstr(sip_header(c.invite, "From", 0), "<sip:alice@lab.test>;tag="));
	assert_memory_equal(sip_header(c.invite, "From", 0), "\"Alice\"", 7);
	assert_string_not_equal(sip_header(c.invite, "Call-ID", 0), "dial");
	assert_string_equal(sip_header(c.invite, "ms-text-format", 0),
			    "text/plain; charset=UTF-8;ms-body=SGkgQm9i");
	assert_true(sip_has_line(c.invite, "Subject: Lunch"));
	assert_non_null(strstr(sip_body(c.invite), "m=message "));

	ring(&c);
	assert_true(sip_has_line(c.ringing, "Server: Bobs/1.0"));
	assert_non_null(strstr(sip_header(c.ringing, "To", 0), ";epid=0a0b0c"));
	assert_true(sip_has_line(c.ringing, "P-Asserted-Identity: \"Bob\"<sip:bob@lab.test>"));

	/* his client takes the first line from the INVITE */
	answer(&c, "Supported: ms-text-format\r\n");
	assert_true(sip_has_line(c.answer, "Supported: ms-text-format"));
	assert_non_null(strstr(sip_body(c.answer), "m=message "));
	assert_string_equal(sip_tag(c.answer, "To"), sip_tag(c.ringing, "To"));
	raw_expect_silence(&c.bob, 5);
	fixture_in_dialog(&c.alice, c.answer, "BYE", 2, NULL, NULL);
	free(raw_expect(&c.alice, "SIP/2.0 200"));
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.bob, "BYE sip:bob@127.0.0.1:");
	assert_true(sip_has_line(bye, "CSeq: 4 BYE"));
	fixture_answer(&c.bob, bye, "200 OK", "", "");
	over(&c);
}

/* A client that does not know ms-text-format gets the first line once, as a message from the caller's client, which learns
 * from the 200 that it has to send it, and hears what became of it. */
static void test_first_line_as_message(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	ring(&c);
	answer(&c, "");
	assert_null(sip_header(c.answer, "Supported", 0));
	raw_expect_silence(&c.bob, 5);
	fixture_in_dialog(&c.alice, c.answer, "MESSAGE", 2, "text/plain", "Hi Bob");
	CLEANUP(mem_free_string) char *line = raw_expect(&c.bob, "MESSAGE sip:bob@127.0.0.1:");
	assert_string_equal(sip_body(line), "Hi Bob");
	raw_expect_silence(&c.alice, 5);
	fixture_answer(&c.bob, line, "415 Unsupported Media Type", "", "");
	free(raw_expect(&c.alice, "SIP/2.0 415"));

	/* both ways */
	fixture_in_dialog(&c.alice, c.answer, "MESSAGE", 3, "text/html", "<b>Lunch?</b>");
	CLEANUP(mem_free_string) char *message = raw_expect(&c.bob, "MESSAGE ");
	assert_string_equal(sip_body(message), "<b>Lunch?</b>");
	raw_expect_silence(&c.alice, 5); /* answered once Bob's client has answered */
	fixture_answer(&c.bob, message, "200 OK", "", "");
	free(raw_expect(&c.alice, "SIP/2.0 200"));
	fixture_callee_says(&c.bob, c.invite, "MESSAGE", 1, "text/plain; charset=UTF-8", "Yes");
	CLEANUP(mem_free_string) char *reply = raw_expect(&c.alice, "MESSAGE sip:alice@127.0.0.1:");
	assert_string_equal(sip_body(reply), "Yes");
	fixture_answer(&c.alice, reply, "200 OK", "", "");
	free(raw_expect(&c.bob, "SIP/2.0 200"));
	fixture_callee_says(&c.bob, c.invite, "INFO", 2, "application/xml",
			    "<KeyboardActivity><status status=\"idle\"/></KeyboardActivity>");
	CLEANUP(mem_free_string) char *info = raw_expect(&c.alice, "INFO ");
	assert_non_null(strstr(sip_body(info), "idle"));
	fixture_answer(&c.alice, info, "200 OK", "", "");
	free(raw_expect(&c.bob, "SIP/2.0 200"));

	/* he leaves */
	fixture_callee_says(&c.bob, c.invite, "BYE", 3, NULL, NULL);
	free(raw_expect(&c.bob, "SIP/2.0 200"));
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.alice, "BYE ");
	fixture_answer(&c.alice, bye, "200 OK", "", "");
	over(&c);
}

static void test_message_refused_by_the_callee(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	ring(&c);
	answer(&c, "Supported: ms-text-format\r\n");
	fixture_in_dialog(&c.alice, c.answer, "MESSAGE", 2, "text/plain", "a");
	CLEANUP(mem_free_string) char *first = raw_expect(&c.bob, "MESSAGE ");
	fixture_answer(&c.bob, first, "486 Busy Here", "", "");
	free(raw_expect(&c.alice, "SIP/2.0 486"));
	/* Bob's client does not know the dialog: it ends for Alice, too */
	fixture_in_dialog(&c.alice, c.answer, "MESSAGE", 3, "text/plain", "b");
	CLEANUP(mem_free_string) char *second = raw_expect(&c.bob, "MESSAGE ");
	fixture_answer(&c.bob, second, "481 Gone", "", "");
	free(raw_expect(&c.alice, "SIP/2.0 481"));
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.alice, "BYE ");
	fixture_answer(&c.alice, bye, "200 OK", "", "");
	over(&c);
}

/* The number of Alice's messages under way is limited. */
static void test_held_messages_are_limited(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;
	char *held[4];

	invite(&c, f);
	ring(&c);
	answer(&c, "Supported: ms-text-format\r\n");
	for (unsigned i = 0; i < 4; i++) {
		fixture_in_dialog(&c.alice, c.answer, "MESSAGE", 2 + i, "text/plain", "a");
		held[i] = raw_expect(&c.bob, "MESSAGE ");
	}
	fixture_in_dialog(&c.alice, c.answer, "MESSAGE", 6, "text/plain", "a");
	free(raw_expect(&c.alice, "SIP/2.0 503"));
	fixture_in_dialog(&c.alice, c.answer, "BYE", 7, NULL, NULL);
	free(raw_skip_to(&c.alice, "SIP/2.0 200"));
	for (int i = 0; i < 4; i++) { /* those under way have arrived, or have not */
		fixture_answer(&c.bob, held[i], i % 2 ? "200 OK" : "481 Gone", "", "");
		free(raw_skip_to(&c.alice, i % 2 ? "SIP/2.0 200" : "SIP/2.0 481"));
		free(held[i]);
	}
	free(raw_expect(&c.bob, "BYE "));
	over(&c);
}

static void test_refused(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	ring(&c);
	fixture_answer(&c.bob, c.invite, "486 Busy Here",
		       "ms-diagnostics: 1;reason=\"In a call\"\r\n", "");
	free(raw_expect(&c.bob, "ACK "));
	CLEANUP(mem_free_string) char *final = raw_expect(&c.alice, "SIP/2.0 486 Busy Here\r\n");
	assert_non_null(strstr(sip_header(final, "ms-diagnostics", 0), "info=\"In a call\""));
	over(&c);
}

/* A callee cannot end what it has not accepted. */
static void test_bye_of_a_callee_that_rings(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	ring(&c);
	fixture_callee_says(&c.bob, c.invite, "BYE", 1, NULL, NULL);
	free(raw_expect(&c.bob, "SIP/2.0 481"));
	raw_expect_silence(&c.alice, 5);
	answer(&c, "Supported: ms-text-format\r\n");
	fixture_in_dialog(&c.alice, c.answer, "BYE", 2, NULL, NULL);
	free(raw_expect(&c.alice, "SIP/2.0 200"));
	free(raw_expect(&c.bob, "BYE "));
	over(&c);
}

/* A 200 that accepts no session is acknowledged and ended; for Alice it is a refusal. */
static void check_no_session(struct front_end_fixture *f, const char *type, const char *sdp)
{
	CLEANUP(mem_free_string) char *headers = NULL;
	struct call c;

	invite(&c, f);
	ring(&c);
	headers = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n%s", c.bob.local, type);
	fixture_answer(&c.bob, c.invite, "200 OK", headers, sdp);
	free(raw_expect(&c.bob, "ACK "));
	free(raw_expect(&c.bob, "BYE "));
	free(raw_expect(&c.alice, "SIP/2.0 488"));
	over(&c);
}

static void test_no_session_in_the_answer(void **state)
{
	check_no_session(*state, "", "");
}

static void test_session_refused_in_the_answer(void **state)
{
	check_no_session(*state, "Content-Type: application/sdp\r\n",
			 "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\n"
			 "t=0 0\r\nm=message 0 sip null\r\n");
}

static void test_other_session_in_the_answer(void **state)
{
	check_no_session(*state, "Content-Type: application/sdp\r\n",
			 "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\n"
			 "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n");
}

/* A type that the other side does not accept reaches it as plain text. */
static void test_types_that_are_accepted(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	ring(&c);
	answer(&c, "Supported: ms-text-format\r\n");
	assert_string_equal(sip_body(c.invite), IM_SDP);
	assert_string_equal(sip_body(c.answer), HTML_SDP);
	fixture_in_dialog(&c.alice, c.answer, "MESSAGE", 2, "text/rtf", "{\\rtf1 x}");
	CLEANUP(mem_free_string) char *rtf = raw_expect(&c.bob, "MESSAGE ");
	assert_string_equal(sip_header(rtf, "Content-Type", 0), "text/plain;charset=UTF-8");
	assert_string_equal(sip_body(rtf), "x");
	fixture_answer(&c.bob, rtf, "200 OK", "", "");
	free(raw_expect(&c.alice, "SIP/2.0 200"));
	/* Alice accepts only plain text */
	fixture_callee_says(&c.bob, c.invite, "MESSAGE", 1, "text/html", "<b>Yes</b>");
	CLEANUP(mem_free_string) char *message = raw_expect(&c.alice, "MESSAGE ");
	assert_string_equal(sip_body(message), "Yes");
	fixture_answer(&c.alice, message, "200 OK", "", "");
	free(raw_expect(&c.bob, "SIP/2.0 200"));
	fixture_in_dialog(&c.alice, c.answer, "BYE", 3, NULL, NULL);
	free(raw_expect(&c.alice, "SIP/2.0 200"));
	free(raw_expect(&c.bob, "BYE "));
	over(&c);
}

static void alice_cancels(struct call *c)
{
	raw_sendf(&c->alice,
		  "CANCEL sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bKdial\n"
		  "From: \"Alice\" <sip:alice@lab.test>;tag=a1;epid=8e6a6acdd05a\n"
		  "To: \"Bob B\" <sip:bob@lab.test>\nCall-ID: dial\nCSeq: 1 CANCEL\n"
		  "Content-Length: 0\n\n",
		  c->alice.local);
	free(raw_expect(&c->alice, "SIP/2.0 200"));
	free(raw_expect(&c->alice, "SIP/2.0 487"));
}

static void test_cancelled(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	ring(&c);
	alice_cancels(&c);
	CLEANUP(mem_free_string) char *cancel = raw_expect(&c.bob, "CANCEL sip:bob@127.0.0.1:");
	assert_non_null(strstr(sip_header(cancel, "Reason", 0), "cause=487"));
	run_rounds(f->loop, 3);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 1);
	fixture_answer(&c.bob, cancel, "200 OK", "", "");
	fixture_answer(&c.bob, c.invite, "487 Request Terminated", "", "");
	free(raw_expect(&c.bob, "ACK "));
	over(&c);
}

/* No CANCEL before a provisional answer (RFC 3261, 9.1). */
static void test_cancelled_before_anything(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	alice_cancels(&c);
	raw_expect_silence(&c.bob, 5);
	fixture_answer(&c.bob, c.invite, "100 Trying", "", "");
	CLEANUP(mem_free_string) char *cancel = raw_expect(&c.bob, "CANCEL ");
	fixture_answer(&c.bob, cancel, "200 OK", "", "");
	fixture_answer(&c.bob, c.invite, "487 Request Terminated", "", "");
	free(raw_expect(&c.bob, "ACK "));
	over(&c);
}

static void test_answer_crosses_cancel(void **state)
{
	struct front_end_fixture *f = *state;
	char *contact;
	struct call c;

	invite(&c, f);
	ring(&c);
	alice_cancels(&c);
	CLEANUP(mem_free_string) char *cancel = raw_expect(&c.bob, "CANCEL ");
	contact = text_format("Contact: <sip:bob@%s>\r\nContent-Type: application/sdp\r\n",
			      c.bob.local);
	fixture_answer(&c.bob, c.invite, "200 OK", contact, IM_SDP);
	free(contact);
	free(raw_expect(&c.bob, "ACK "));
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.bob, "BYE ");
	fixture_answer(&c.bob, bye, "200 OK", "", "");
	fixture_answer(&c.bob, cancel, "481 Too Late", "", "");
	over(&c);
}

/* A client that never answers is cancelled when the invitation times out, and finally forgotten. */
static void test_silent_contact(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	invite(&c, f);
	ring(&c);
	fixture_advance(f, 60500);
	free(raw_skip_to(&c.alice, "SIP/2.0 408"));
	CLEANUP(mem_free_string) char *cancel = raw_expect(&c.bob, "CANCEL ");
	assert_non_null(strstr(sip_header(cancel, "Reason", 0), "cause=408"));
	fixture_advance(f, 40000);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 0);
	over(&c);
}

/* All endpoints ring; the first that answers gets the conversation, the others are cancelled. */
static void test_fork(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	fixture_phone(f, false);
	invite(&c, f);
	c.ringing = raw_expect(&c.alice, "SIP/2.0 180");
	assert_non_null(strstr(c.ringing, "McxService"));
	fixture_answer(&c.bob, c.invite, "180 Ringing", "", "");
	CLEANUP(mem_free_string) char *second = raw_expect(&c.alice, "SIP/2.0 180");
	assert_string_equal(sip_tag(second, "To"), sip_tag(c.ringing, "TO"));
	assert_int_equal(phone_callee_accept(f->phone, fixture_conversation(f)->id), PHONE_OK);
	c.answer = raw_expect(&c.alice, "SIP/2.0 200");
	fixture_ack(&c.alice, c.answer);
	CLEANUP(mem_free_string) char *cancel = raw_expect(&c.bob, "CANCEL ");
	assert_non_null(strstr(sip_header(cancel, "Reason", 0), "cause=200"));
	fixture_answer(&c.bob, cancel, "200 OK", "", "");
	fixture_answer(&c.bob, c.invite, "487 Request Terminated", "", "");
	free(raw_expect(&c.bob, "ACK "));
	fixture_in_dialog(&c.alice, c.answer, "BYE", 2, NULL, NULL);
	free(raw_expect(&c.alice, "SIP/2.0 200"));
	over(&c);
}

static void test_both_legs_are_one_story(void **state)
{
	struct front_end_fixture *f = *state;
	bool tied = false;
	struct call c;

	invite(&c, f);
	CLEANUP(mem_free_string)
	char *link = text_format("sip:%s", sip_header(c.invite, "Call-ID", 0));
	for (uint64_t i = journal_first(f->journal); i <= journal_last(f->journal); i++) {
		const struct record *r = journal_get(f->journal, i);

		if (!strcmp(r->kind, "link") && !strcmp(r->link, link) &&
		    !strncmp(r->key, "conv:", 5))
			tied = true;
	}
	assert_true(tied);
	fixture_answer(&c.bob, c.invite, "603 Decline", "", "");
	free(raw_expect(&c.bob, "ACK "));
	free(raw_expect(&c.alice, "SIP/2.0 603"));
	over(&c);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_invite_of_a_contact),
		TEST(test_first_line_as_message),
		TEST(test_message_refused_by_the_callee),
		TEST(test_held_messages_are_limited),
		TEST(test_refused),
		TEST(test_bye_of_a_callee_that_rings),
		TEST(test_no_session_in_the_answer),
		TEST(test_session_refused_in_the_answer),
		TEST(test_other_session_in_the_answer),
		TEST(test_types_that_are_accepted),
		TEST(test_cancelled),
		TEST(test_cancelled_before_anything),
		TEST(test_answer_crosses_cancel),
		TEST(test_silent_contact),
		TEST(test_fork),
		TEST(test_both_legs_are_one_story),
	};

	return cmocka_run_group_tests_name("sip_dial", tests, NULL, NULL);
}
