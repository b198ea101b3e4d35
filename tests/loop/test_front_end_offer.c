/*
 * Offers and answers: of an invitation, and within its dialog
 */
#include "front_end_fixture.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#define HEAD "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
#define HTML HEAD "m=message 5060 sip null\r\na=accept-types:text/html\r\n"
#define BOTH IM_SDP "m=audio 4000 RTP/AVP 0 8\r\n"

static void ring(struct sip_call *c, struct front_end_fixture *f, const char *type,
		 const char *body)
{
	*c = (struct sip_call){ .f = f };
	if (!f->phone)
		fixture_phone(f, false);
	raw_tcp(&c->r, f->loop, fixture_tcp(f));
	fixture_send_invite(&c->r, &(struct invite){ .call_id = "offer",
						     .headers = FIRST_LINE,
						     .type = type,
						     .body = body });
	free(raw_expect(&c->r, "SIP/2.0 100 "));
	c->ringing = raw_expect(&c->r, "SIP/2.0 180 Ringing\r\n");
	c->conversation = fixture_conversation(f)->id;
}

static void hang_up(struct sip_call *c)
{
	call_hang_up(c);
	call_over(c);
}

/* What the phone writes is sent in a format that the other end has accepted. */
static void expect_message(struct sip_call *c, const char *type)
{
	static const struct im im = { .content_type = "text/html",
				      .body = "<b>a</b>",
				      .n_body = 8 };
	uint64_t id;

	assert_int_equal(phone_leg_say(c->f->phone, c->conversation, &im, &id), PHONE_OK);
	CLEANUP(mem_free_string) char *message = raw_expect(&c->r, "MESSAGE ");
	assert_string_equal(sip_header(message, "Content-Type", 0), type);
	fixture_answer(&c->r, message, "200 OK", "", "");
	run_rounds(c->f->loop, 3);
}

/* As many media as were offered; what cannot be taken has port 0, and is as it was offered besides. */
static void test_several_media(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	ring(&c, f, NULL, BOTH "m=message 7654 TCP/MSRP *\r\n");
	call_answer(&c);
	assert_non_null(strstr(sip_body(c.answer), " sip sip:bob@lab.test\r\n"));
	assert_non_null(strstr(sip_body(c.answer), "\r\nm=audio 0 RTP/AVP 0 8\r\n"
						   "m=message 0 TCP/MSRP *\r\n"));
	fixture_ack(&c.r, c.answer);
	hang_up(&c);
}

#define PART(type, disposition, body)                                                              \
	"--bnd\r\nContent-Type: " type "\r\n" disposition "\r\n" body "\r\n"
#define FALLBACK "Content-Disposition: session; handling=optional; ms-proxy-2007fallback\r\n"
#define OPTIONAL "Content-Disposition: session; handling=optional\r\n"
#define PIDF     PART("application/pidf+xml", "Content-ID: <p@x>\r\n", "<presence/>")

static void test_several_parts(void **state)
{
	static const struct {
		const char *type, *body;
	} rows[] = {
		{ "multipart/mixed;boundary=\"bnd\"",
		  PART("application/sdp", "", BOTH) PIDF "--bnd--\r\n" },
		/* The one for older servers is not meant for us, wherever it stands. */
		{ "multipart/alternative;boundary=bnd",
		  PART("application/sdp", FALLBACK, IM_SDP)
			  PART("application/sdp", OPTIONAL, BOTH) "--bnd--\r\n" },
		{ "multipart/alternative;boundary=bnd",
		  PART("application/sdp", OPTIONAL, BOTH)
			  PART("application/sdp", FALLBACK, IM_SDP) "--bnd--\r\n" },
		{ "multipart/mixed;boundary=out",
		  "--out\r\nContent-Type: multipart/alternative;boundary=bnd\r\n\r\n" PART(
			  "application/sdp", FALLBACK, IM_SDP)
			  PART("application/sdp", OPTIONAL,
			       BOTH) "--bnd--\r\n"
				     "--out\r\nContent-Type: text/plain\r\n\r\nx\r\n--out--\r\n" },
	};
	struct front_end_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sip_call c;

		ring(&c, f, rows[i].type, rows[i].body);
		call_answer(&c);
		assert_non_null(strstr(sip_body(c.answer), "\r\nm=audio 0 RTP/AVP 0 8\r\n"));
		fixture_ack(&c.r, c.answer);
		hang_up(&c);
	}
}

/* A part that must be understood and is not (RFC 3261, 20.11). */
static void test_required_part(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	fixture_phone(f, false);
	raw_tcp(&r, f->loop, fixture_tcp(f));
	fixture_send_invite(
		&r, &(struct invite){ .call_id = "part",
				      .type = "multipart/mixed;boundary=bnd",
				      .body = PART("application/sdp", "", IM_SDP) PART(
					      "application/x-unknown",
					      "Content-Disposition: render;handling=required\r\n",
					      "x") "--bnd--\r\n" });
	free(raw_expect(&r, "SIP/2.0 100"));
	free(raw_expect(&r, "SIP/2.0 415"));
	raw_close(&r);
}

/* The offer goes into the 200, and the answer comes with the ACK (RFC 3261, 13.2.1). */
static void test_no_offer(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	ring(&c, f, NULL, "");
	call_answer(&c);
	assert_non_null(strstr(sip_body(c.answer), " sip null\r\n"));
	assert_string_equal(sip_header(c.answer, "CONTENT-TYPE", 0), "application/sdp");
	/* Nobody else may offer anything until then. */
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 2, "application/sdp", IM_SDP);
	free(raw_expect(&c.r, "SIP/2.0 491"));
	fixture_in_dialog(&c.r, c.answer, "ACK", 1, "application/sdp", HTML);
	run_rounds(f->loop, 3);
	expect_message(&c, "text/html;charset=UTF-8");
	hang_up(&c);
}

static void test_no_answer(void **state)
{
	static const char *const answers[] = { "", HEAD "m=message 0 sip null\r\n",
					       HEAD "m=audio 4000 RTP/AVP 0\r\n" };
	struct front_end_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct sip_call c;

		ring(&c, f, NULL, "");
		call_answer(&c);
		fixture_in_dialog(&c.r, c.answer, "ACK", 1, *answers[i] ? "application/sdp" : NULL,
				  answers[i]);
		CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE ");
		fixture_answer(&c.r, bye, "200 OK", "", "");
		assert_string_equal(fixture_event(f, EVENT_MESSAGING_UPDATED)->state,
				    "Disconnected");
		call_over(&c);
	}
}

static void expect_retry(struct sip_call *c)
{
	CLEANUP(mem_free_string) char *answer = raw_expect(&c->r, "SIP/2.0 500");
	int64_t s;

	assert_true(text_to_int(sip_header(answer, "Retry-After", 0), 0, 10, &s));
}

/* Before the final their offer waits for our answer (RFC 3261, 14.2; RFC 3311, 5.2). */
static void test_before_the_answer(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	ring(&c, f, NULL, NULL);
	fixture_in_dialog(&c.r, c.ringing, "INVITE", 2, "application/sdp", IM_SDP);
	expect_retry(&c);
	fixture_in_dialog(&c.r, c.ringing, "UPDATE", 3, "application/sdp", IM_SDP);
	expect_retry(&c);
	fixture_in_dialog(&c.r, c.ringing, "UPDATE", 4, NULL, NULL);
	CLEANUP(mem_free_string) char *update = raw_expect(&c.r, "SIP/2.0 200");
	assert_non_null(sip_header(update, "Contact", 0));
	assert_string_equal(sip_body(update), "");
	call_answer(&c);
	assert_true(sip_has_line(c.answer, "CSEQ: 1 INVITE"));
	fixture_ack(&c.r, c.answer);
	hang_up(&c);
}

static void test_update(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	ring(&c, f, NULL, NULL);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 2, NULL, NULL);
	CLEANUP(mem_free_string) char *without = raw_expect(&c.r, "SIP/2.0 200");
	assert_string_equal(sip_body(without), "");
	assert_null(sip_header(without, "Content-Type", 0));
	assert_non_null(sip_header(without, "Contact", 0));
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 3, "application/sdp", HTML);
	CLEANUP(mem_free_string) char *with = raw_expect(&c.r, "SIP/2.0 200");
	assert_non_null(strstr(sip_body(with), " sip sip:bob@lab.test\r\n"));
	assert_non_null(sip_header(with, "Contact", 0));
	expect_message(&c, "text/html;charset=UTF-8");
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 4, "application/sdp",
			  HEAD "m=audio 4000 RTP/AVP 0\r\n");
	free(raw_expect(&c.r, "SIP/2.0 488"));
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 5, "text/plain", "x");
	CLEANUP(mem_free_string) char *bad = raw_expect(&c.r, "SIP/2.0 415");
	assert_string_equal(sip_header(bad, "Accept", 0), "application/sdp");
	/* What was refused has changed nothing. */
	expect_message(&c, "text/html;charset=UTF-8");
	hang_up(&c);
}

/* The version of our description grows when it changes, and only then (RFC 3264, 8). */
static void test_version(void **state)
{
	static const struct {
		const char *offer, *version;
	} rows[] = {
		{ IM_SDP, "\r\no=- 0 0 IN" },
		{ BOTH, "\r\no=- 0 1 IN" },
		{ BOTH, "\r\no=- 0 1 IN" },
		{ IM_SDP, "\r\no=- 0 2 IN" },
	};
	struct front_end_fixture *f = *state;
	struct sip_call c;
	unsigned cseq = 2;

	ring(&c, f, NULL, NULL);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++, cseq++) {
		fixture_in_dialog(&c.r, c.answer, "INVITE", cseq, "application/sdp", rows[i].offer);
		CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "SIP/2.0 200");
		assert_non_null(strstr(sip_body(again), rows[i].version));
		fixture_in_dialog(&c.r, again, "ACK", cseq, NULL, NULL);
	}
	hang_up(&c);
}

/* A re-INVITE without an offer, and those that cross it. */
static void test_offer_in_the_dialog(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	ring(&c, f, NULL, NULL);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	fixture_in_dialog(&c.r, c.answer, "INVITE", 2, NULL, NULL);
	CLEANUP(mem_free_string) char *offer = raw_expect(&c.r, "SIP/2.0 200");
	assert_non_null(strstr(sip_body(offer), " sip null\r\n"));
	fixture_in_dialog(&c.r, c.answer, "INVITE", 3, "application/sdp", IM_SDP);
	free(raw_expect(&c.r, "SIP/2.0 491"));
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 4, "application/sdp", IM_SDP);
	free(raw_expect(&c.r, "SIP/2.0 491"));
	fixture_in_dialog(&c.r, offer, "ACK", 2, "application/sdp", HTML);
	run_rounds(f->loop, 3);
	expect_message(&c, "text/html;charset=UTF-8");
	fixture_in_dialog(&c.r, c.answer, "INVITE", 5, "application/sdp", IM_SDP);
	CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "SIP/2.0 200");
	fixture_in_dialog(&c.r, again, "ACK", 5, NULL, NULL);
	expect_message(&c, "text/plain;charset=UTF-8");
	hang_up(&c);
}

/* A 200 that is never acknowledged ends the session (RFC 3261, 13.3.1.4). */
static void test_lost_ack(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, false);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	fixture_in_dialog(&c.r, c.answer, "INVITE", 2, "application/sdp", IM_SDP);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	fixture_advance(f, 33000);
	CLEANUP(mem_free_string) char *bye = raw_skip_to(&c.r, "BYE ");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	assert_int_equal(fixture_metric(f, "front_end_acks_lost_total"), 1);
	call_over(&c);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_several_media), TEST(test_several_parts), TEST(test_required_part),
		TEST(test_no_offer),      TEST(test_no_answer),     TEST(test_before_the_answer),
		TEST(test_update),        TEST(test_version),       TEST(test_offer_in_the_dialog),
		TEST(test_lost_ack),
	};

	return cmocka_run_group_tests_name("sip_offer", tests, NULL, NULL);
}
