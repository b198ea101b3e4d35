/*
 * What passes between two SIP clients
 */
#include "front_end_fixture.h"
#include "mcxd/front_end/front_end.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#define AUDIO_OFFER                                                                                \
	"v=0\r\no=alice 7 7 IN IP4 10.0.0.1\r\ns=call\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"           \
	"m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=x-odd:1\r\n"
#define AUDIO_ANSWER                                                                               \
	"v=0\r\no=bob 3 3 IN IP4 10.0.0.2\r\ns=call\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\n"             \
	"m=audio 5000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"

#define SDP_TYPE "Content-Type: application/sdp\r\n"

struct call {
	struct front_end_fixture *f;
	struct raw alice, bob;
	char *invite; /* as Bob received it */
	char *answer; /* as Alice received it */
};

static void begin(struct call *c, struct front_end_fixture *f, const char *offer,
		  const char *headers)
{
	*c = (struct call){ .f = f };
	raw_tcp(&c->bob, f->loop, fixture_tcp(f));
	fixture_register_contact(&c->bob, c->bob.local);
	raw_udp(&c->alice, f->loop, fixture_udp(f));
	fixture_send_invite(
		&c->alice,
		&(struct invite){ .call_id = "pass", .headers = headers, .body = offer });
	free(raw_expect(&c->alice, "SIP/2.0 100 "));
	c->invite = raw_expect(&c->bob, "INVITE sip:bob@");
}

static void bob_says(struct call *c, const char *request, const char *status, const char *headers,
		     const char *body)
{
	CLEANUP(mem_free_string)
	char *all = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n%s", c->bob.local, headers);

	fixture_answer(&c->bob, request, status, all, body);
}

static void answer(struct call *c, const char *headers, const char *body)
{
	bob_says(c, c->invite, "200 OK", headers, body);
	free(raw_skip_to(&c->bob, "ACK "));
	c->answer = raw_skip_to(&c->alice, "SIP/2.0 200 OK\r\n");
	fixture_ack(&c->alice, c->answer);
}

static void call(struct call *c, struct front_end_fixture *f)
{
	begin(c, f, AUDIO_OFFER, "");
	answer(c, SDP_TYPE, AUDIO_ANSWER);
}

static void over(struct call *c)
{
	run_rounds(c->f->loop, 5);
	assert_int_equal(fixture_metric(c->f, "front_end_dialogs"), 0);
	assert_null(fixture_conversation(c->f));
	free(c->invite);
	free(c->answer);
	raw_close(&c->alice);
	raw_close(&c->bob);
}

static void hang_up(struct call *c)
{
	fixture_in_dialog(&c->alice, c->answer, "BYE", 90, NULL, NULL);
	free(raw_expect(&c->alice, "SIP/2.0 200"));
	free(raw_expect(&c->bob, "BYE "));
	over(c);
}

/* ---- the session ---- */

/* Offer, early answer and answer are the clients' own, byte by byte. */
static void test_audio(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	begin(&c, f, AUDIO_OFFER, "X-Tune: 5\nSubject: Lunch\nAccept: application/sdp\n");
	assert_string_equal(sip_body(c.invite), AUDIO_OFFER);
	assert_true(sip_has_line(c.invite, "X-Tune: 5"));
	assert_true(sip_has_line(c.invite, "Subject: Lunch"));
	assert_null(sip_header(c.invite, "Subject", 1));
	assert_non_null(strstr(sip_header(c.invite, "Allow", 0), "REFER"));
	bob_says(&c, c.invite, "183 Session Progress", SDP_TYPE, AUDIO_ANSWER);
	CLEANUP(mem_free_string)
	char *early = raw_expect(&c.alice, "SIP/2.0 183 Session Progress\r\n");
	assert_string_equal(sip_body(early), AUDIO_ANSWER);
	assert_true(sip_has_line(early, "Content-Type: application/sdp"));
	answer(&c, SDP_TYPE "X-Tune: 6\r\n", AUDIO_ANSWER);
	assert_string_equal(sip_body(c.answer), AUDIO_ANSWER);
	assert_true(sip_has_line(c.answer, "X-Tune: 6"));
	hang_up(&c);
}

static void test_new_session(void **state)
{
	static const char changed[] = "v=0\r\no=alice 7 8 IN IP4 10.0.0.1\r\ns=call\r\n"
				      "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4002 RTP/AVP 0\r\n";
	struct front_end_fixture *f = *state;
	struct call c;

	call(&c, f);
	fixture_in_dialog(&c.alice, c.answer, "INVITE", 2, "application/sdp", changed);
	CLEANUP(mem_free_string) char *reinvite = raw_expect(&c.bob, "INVITE sip:bob@");
	assert_string_equal(sip_body(reinvite), changed);
	assert_non_null(sip_header(reinvite, "Contact", 0));
	free(raw_expect(&c.alice, "SIP/2.0 100 "));
	bob_says(&c, reinvite, "200 Fine", SDP_TYPE, AUDIO_ANSWER);
	CLEANUP(mem_free_string) char *ack = raw_expect(&c.bob, "ACK sip:bob@");
	CLEANUP(mem_free_string)
	char *cseq = text_format("CSeq: %u ACK",
				 (unsigned)strtoul(sip_header(reinvite, "CSeq", 0), NULL, 10));
	assert_true(sip_has_line(ack, cseq));
	CLEANUP(mem_free_string) char *agreed = raw_expect(&c.alice, "SIP/2.0 200 Fine\r\n");
	assert_string_equal(sip_body(agreed), AUDIO_ANSWER);
	fixture_in_dialog(&c.alice, c.answer, "ACK", 2, NULL, NULL);

	/* the other way round, and not accepted */
	fixture_callee_says(&c.bob, c.invite, "INVITE", 1, "application/sdp", changed);
	CLEANUP(mem_free_string) char *other = raw_expect(&c.alice, "INVITE sip:x@");
	assert_string_equal(sip_body(other), changed);
	free(raw_expect(&c.bob, "SIP/2.0 100 "));
	fixture_answer(&c.alice, other, "488 No", "Warning: 370 x \"bandwidth\"\r\n", "");
	free(raw_expect(&c.alice, "ACK "));
	CLEANUP(mem_free_string) char *refused = raw_expect(&c.bob, "SIP/2.0 488 No\r\n");
	assert_true(sip_has_line(refused, "Warning: 370 x \"bandwidth\""));
	hang_up(&c);
}

/* Alice changes her mind: Bob hears of it, and she hears what he says. */
static void test_cancelled_new_session(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;
	const char *branch;

	call(&c, f);
	fixture_in_dialog(&c.alice, c.answer, "INVITE", 2, "application/sdp", AUDIO_OFFER);
	CLEANUP(mem_free_string) char *reinvite = raw_expect(&c.bob, "INVITE sip:bob@");
	fixture_answer(&c.bob, reinvite, "180 Ringing", "", "");
	free(raw_expect(&c.alice, "SIP/2.0 100 "));
	CLEANUP(mem_free_string) char *ringing = raw_expect(&c.alice, "SIP/2.0 180 ");
	branch = strstr(sip_header(ringing, "Via", 0), "branch=");
	assert_non_null(branch);
	CLEANUP(mem_free_string) char *own = mem_memdup(branch, strcspn(branch, ";,"));
	CLEANUP(mem_free_string) char *to = mem_strdup(sip_header(ringing, "To", 0));
	CLEANUP(mem_free_string) char *from = mem_strdup(sip_header(ringing, "From", 0));
	raw_sendf(&c.alice,
		  "CANCEL sip:bob@127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP %s;%s\nFrom: %s\nTo: %s\n"
		  "Call-ID: pass\nCSeq: 2 CANCEL\nMax-Forwards: 70\nContent-Length: 0\n\n",
		  c.alice.local, own, from, to);
	CLEANUP(mem_free_string) char *cancel = raw_expect(&c.bob, "CANCEL ");
	fixture_answer(&c.bob, cancel, "200 OK", "", "");
	fixture_answer(&c.bob, reinvite, "487 Request Terminated", "", "");
	free(raw_skip_to(&c.alice, "SIP/2.0 487 "));
	hang_up(&c);
}

/* A second offer waits for the answer to the first (RFC 3261, 14.2; RFC 3311, 5.2). */
static void test_one_offer_at_a_time(void **state)
{
	static const char *const methods[] = { "INVITE", "UPDATE" };
	struct front_end_fixture *f = *state;
	struct call c;

	call(&c, f);
	fixture_in_dialog(&c.alice, c.answer, "INVITE", 2, "application/sdp", AUDIO_OFFER);
	CLEANUP(mem_free_string) char *reinvite = raw_expect(&c.bob, "INVITE sip:bob@");
	free(raw_expect(&c.alice, "SIP/2.0 100 "));
	for (unsigned i = 0; i < ARRAY_SIZE(methods); i++) {
		fixture_in_dialog(&c.alice, c.answer, methods[i], 3 + i, "application/sdp",
				  AUDIO_OFFER);
		CLEANUP(mem_free_string) char *later = raw_expect(&c.alice, "SIP/2.0 500 ");
		assert_non_null(sip_header(later, "Retry-After", 0));
	}
	raw_expect_silence(&c.bob, 3);
	bob_says(&c, reinvite, "200 Fine", SDP_TYPE, AUDIO_ANSWER);
	free(raw_expect(&c.bob, "ACK sip:bob@"));
	free(raw_expect(&c.alice, "SIP/2.0 200 Fine\r\n"));
	fixture_in_dialog(&c.alice, c.answer, "ACK", 2, NULL, NULL);
	hang_up(&c);
}

/* We have no offer for a call, and it goes on without one. */
static void test_no_offer_in_a_call(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	call(&c, f);
	fixture_in_dialog(&c.alice, c.answer, "INVITE", 2, NULL, NULL);
	free(raw_expect(&c.alice, "SIP/2.0 488 "));
	fixture_in_dialog(&c.alice, c.answer, "ACK", 2, NULL, NULL);
	fixture_callee_says(&c.bob, c.invite, "INVITE", 1, NULL, NULL);
	free(raw_expect(&c.bob, "SIP/2.0 488 "));
	fixture_in_dialog(&c.alice, c.answer, "INFO", 3, "application/x", "a");
	CLEANUP(mem_free_string) char *info = raw_skip_to(&c.bob, "INFO ");
	bob_says(&c, info, "200 OK", "", "");
	free(raw_expect(&c.alice, "SIP/2.0 200 OK\r\n"));
	hang_up(&c);
}

/* What is said besides the status never loses the answer. */
static void test_odd_phrase(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	call(&c, f);
	fixture_in_dialog(&c.alice, c.answer, "INVITE", 2, "application/sdp", AUDIO_OFFER);
	CLEANUP(mem_free_string) char *reinvite = raw_expect(&c.bob, "INVITE sip:bob@");
	free(raw_expect(&c.alice, "SIP/2.0 100 "));
	bob_says(&c, reinvite, "200 Fi\x01ne", SDP_TYPE, AUDIO_ANSWER);
	free(raw_expect(&c.bob, "ACK sip:bob@"));
	free(raw_expect(&c.alice, "SIP/2.0 200 Fi ne\r\n"));
	fixture_in_dialog(&c.alice, c.answer, "ACK", 2, NULL, NULL);
	hang_up(&c);
	begin(&c, f, AUDIO_OFFER, "");
	bob_says(&c, c.invite, "486 Bu\x01sy", "", "");
	free(raw_expect(&c.bob, "ACK "));
	free(raw_expect(&c.alice, "SIP/2.0 486 Bu sy\r\n"));
	over(&c);
}

/* That one of the callee's early dialogs is over says nothing about the one that the caller has. */
static void test_early_dialog_terminated(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	begin(&c, f, AUDIO_OFFER, "");
	bob_says(&c, c.invite, "199 Early Dialog Terminated", "", "");
	bob_says(&c, c.invite, "180 Ringing", "", "");
	free(raw_expect(&c.alice, "SIP/2.0 180 "));
	answer(&c, SDP_TYPE, AUDIO_ANSWER);
	hang_up(&c);
}

/* ---- how long it lasts ---- */

static void set_interval(struct front_end_fixture *f)
{
	f->config.session_expires_s = 1800;
	f->config.min_session_expires_s = 90;
	f->config.probe_interval_ms = 0;
}

/* Nobody would refresh it, so nobody is asked for it. */
static void test_no_timer_for_a_call(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	set_interval(f);
	begin(&c, f, AUDIO_OFFER, "Supported: timer\nSession-Expires: 600\n");
	assert_null(sip_header(c.invite, "Session-Expires", 0));
	assert_null(sip_header(c.invite, "Min-SE", 0));
	assert_false(sip_has_line(c.invite, "Supported: timer"));
	answer(&c, SDP_TYPE, AUDIO_ANSWER);
	assert_null(sip_header(c.answer, "Session-Expires", 0));
	hang_up(&c);
}

/* A request that passes refreshes the session that it passes to, and its answer may end the timer (RFC 4028, 7.4). */
static void test_timer_of_what_passes(void **state)
{
	static const char *const methods[] = { "UPDATE", "INVITE" };
	static const char session[] = SDP_TYPE "Session-Expires: 200;refresher=uas\r\n";
	struct front_end_fixture *f = *state;
	struct call c;

	set_interval(f);
	for (unsigned i = 0; i < ARRAY_SIZE(methods); i++) {
		begin(&c, f, IM_SDP, "");
		assert_string_equal(sip_header(c.invite, "Session-Expires", 0), "1800");
		answer(&c, session, IM_SDP);
		for (unsigned n = 0; n < 2; n++) {
			fixture_advance(f, 150000);
			fixture_in_dialog(&c.alice, c.answer, methods[i], 2 + n, "application/sdp",
					  IM_SDP);
			CLEANUP(mem_free_string) char *passed = raw_expect(&c.bob, methods[i]);
			assert_string_equal(sip_header(passed, "Session-Expires", 0),
					    "200;refresher=uas");
			assert_true(sip_has_line(passed, "Supported: timer"));
			bob_says(&c, passed, "200 OK", n ? SDP_TYPE : session, IM_SDP);
			free(raw_skip_to(&c.alice, "SIP/2.0 200 "));
			if (i) {
				free(raw_expect(&c.bob, "ACK "));
				fixture_in_dialog(&c.alice, c.answer, "ACK", 2 + n, NULL, NULL);
			}
		}
		fixture_advance(f, 250000);
		raw_expect_silence(&c.bob, 3);
		hang_up(&c);
	}
}

/* ---- requests ---- */

/* Each of them reaches the other client with its headers and its body, and so does the answer. */
static void test_requests(void **state)
{
	static const struct {
		const char *method, *type, *body;
	} rows[] = {
		{ "INFO", "application/dtmf-relay", "Signal=5\r\n" },
		{ "OPTIONS", NULL, "" },
		{ "REFER", "text/plain", "somewhere" },
		{ "NOTIFY", "message/sipfrag", "SIP/2.0 100 Trying\r\n" },
		{ "MESSAGE", "message/imdn+xml", "<imdn/>" },
		{ "MESSAGE", "text/plain", "Hi" },
		{ "UPDATE", "application/sdp", AUDIO_OFFER },
		{ "INFO", "application/octet-stream", "\r\n\r\n" },
	};
	struct front_end_fixture *f = *state;
	unsigned cseq = 2;
	struct call c;

	call(&c, f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *start = text_format("%s sip:bob@", rows[i].method);

		fixture_in_dialog(&c.alice, c.answer, rows[i].method, cseq++, rows[i].type,
				  rows[i].body);
		CLEANUP(mem_free_string) char *passed = raw_expect(&c.bob, start);
		assert_string_equal(sip_body(passed), rows[i].body);
		if (rows[i].type)
			assert_string_equal(sip_header(passed, "Content-Type", 0), rows[i].type);
		raw_expect_silence(&c.alice, 3);
		bob_says(&c, passed, "299 So So", "X-Mood: fair\r\nContent-Type: text/x\r\n",
			 "as you say");
		CLEANUP(mem_free_string)
		char *said = raw_expect(&c.alice, "SIP/2.0 299 So So\r\n");
		assert_true(sip_has_line(said, "X-Mood: fair"));
		assert_true(sip_has_line(said, "Content-Type: text/x"));
		assert_string_equal(sip_body(said), "as you say");
	}
	hang_up(&c);
}

static void test_request_of_the_callee(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	call(&c, f);
	fixture_callee_says(&c.bob, c.invite, "INFO", 1, "application/x", "wink");
	CLEANUP(mem_free_string) char *info = raw_expect(&c.alice, "INFO sip:alice@");
	assert_string_equal(sip_body(info), "wink");
	fixture_answer(&c.alice, info, "481 Who", "", "");
	free(raw_expect(&c.bob, "SIP/2.0 481 Who\r\n"));
	/* Alice's client does not know the dialog, so it is over for both */
	free(raw_expect(&c.bob, "BYE "));
	free(raw_expect(&c.alice, "BYE "));
	over(&c);
}

/* How many wait is limited, and who leaves does not wait. */
static void test_limit_and_end(void **state)
{
	struct front_end_fixture *f = *state;
	struct call c;

	call(&c, f);
	for (unsigned i = 0; i < 4; i++) {
		fixture_in_dialog(&c.alice, c.answer, "INFO", 2 + i, "application/x", "a");
		free(raw_expect(&c.bob, "INFO "));
	}
	fixture_in_dialog(&c.alice, c.answer, "INFO", 6, "application/x", "a");
	free(raw_expect(&c.alice, "SIP/2.0 503 "));
	fixture_in_dialog(&c.alice, c.answer, "BYE", 7, NULL, NULL);
	free(raw_expect(&c.alice, "SIP/2.0 200 "));
	for (unsigned i = 0; i < 4; i++)
		free(raw_expect(&c.alice, "SIP/2.0 481 "));
	free(raw_expect(&c.bob, "BYE "));
	over(&c);
}

/* ---- a phone does not speak SIP: we answer for it ---- */

static void test_not_to_a_phone(void **state)
{
	static const struct {
		const char *method, *type, *status;
	} rows[] = {
		{ "INFO", "application/dtmf-relay", "SIP/2.0 415 " },
		{ "REFER", "text/plain", "SIP/2.0 405 " },
		{ "OPTIONS", NULL, "SIP/2.0 200 " },
		{ "MESSAGE", "message/x", "SIP/2.0 415 " },
		{ "INVITE", "application/sdp", "SIP/2.0 488 " },
	};
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		fixture_in_dialog(&c.r, c.answer, rows[i].method, 2 + i, rows[i].type,
				  rows[i].type ? AUDIO_OFFER : NULL);
		free(raw_expect(&c.r, rows[i].status));
	}
	call_hang_up(&c);
	call_over(&c);
}

/* Nobody has the address: that comes before what is offered. */
static void test_unknown_callee(void **state)
{
	static const char *const bodies[] = { AUDIO_OFFER, "v=0\r\nnonsense\r\n", IM_SDP };
	struct front_end_fixture *f = *state;
	struct raw alice;

	raw_udp(&alice, f->loop, fixture_udp(f));
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		CLEANUP(mem_free_string) char *id = text_format("unknown-%zu", i);

		fixture_send_invite(&alice, &(struct invite){ .to = "nobody@lab.test",
							      .call_id = id,
							      .body = bodies[i] });
		free(raw_skip_to(&alice, "SIP/2.0 404 "));
	}
	raw_close(&alice);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_audio),
		TEST(test_new_session),
		TEST(test_cancelled_new_session),
		TEST(test_one_offer_at_a_time),
		TEST(test_no_offer_in_a_call),
		TEST(test_odd_phrase),
		TEST(test_early_dialog_terminated),
		TEST(test_no_timer_for_a_call),
		TEST(test_timer_of_what_passes),
		TEST(test_requests),
		TEST(test_request_of_the_callee),
		TEST(test_limit_and_end),
		TEST(test_not_to_a_phone),
		TEST(test_unknown_callee),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
