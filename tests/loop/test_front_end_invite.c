/*
 * Invitations of a SIP client for a phone
 */
#include "front_end_fixture.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/event.h"
#include "mcxd/core/life.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

/* ---- invitations that are refused at once ---- */

static void check_refused(struct front_end_fixture *f, struct raw *r, const struct invite *inv,
			  const char *status)
{
	CLEANUP(mem_free_string) char *final = NULL;

	fixture_send_invite(r, inv);
	final = raw_skip_to(r, status);
	assert_non_null(sip_header(final, "ms-diagnostics", 0));
	raw_sendf(r,
		  "ACK sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\n"
		  "From: <sip:alice@lab.test>;tag=a1\nTo: <sip:bob@lab.test>;tag=%s\n"
		  "Call-ID: %s\nCSeq: 1 ACK\nContent-Length: 0\n\n",
		  r->local, inv->call_id,
		  sip_tag(final, "TO") ? sip_tag(final, "TO") : sip_tag(final, "To"), inv->call_id);
	run_rounds(f->loop, 3);
	assert_null(fixture_conversation(f));
}

static void test_refused(void **state)
{
	static const char long_line[] = "ms-text-format: text/plain; charset=UTF-8;ms-body=";
	static const struct {
		struct invite inv;
		const char *status;
	} rows[] = {
		{ { .call_id = "r1", .to = "nobody@lab.test" }, "SIP/2.0 404 Not Found" },
		{ { .call_id = "r2", .to = "bob@elsewhere.test" }, "SIP/2.0 404" },
		{ { .call_id = "r3" }, "SIP/2.0 480 Temporarily Unavailable" },
		{ { .call_id = "r4", .type = "text/plain" }, "SIP/2.0 415" },
		{ { .call_id = "r5",
		    .type = "application/ms-conf-invite+xml",
		    .body = "<Conferencing/>" },
		  "SIP/2.0 488" },
		{ { .call_id = "r6", .body = "v=0\r\nm=audio 4000 RTP/AVP 0\r\n" }, "SIP/2.0 480" },
		{ { .call_id = "r7", .body = "nonsense" }, "SIP/2.0 488" },
		{ { .call_id = "r8",
		    .body = "v=0\r\nm=message 7654 TCP/MSRP *\r\n"
			    "a=path:msrp://127.0.0.1:7654/s;tcp\r\n" },
		  "SIP/2.0 480" },
		{ { .call_id = "r9", .headers = "ms-text-format: text/plain;ms-body=!!\n" },
		  "SIP/2.0 400" },
		{ { .call_id = "r10", .headers = "ms-text-format: image/png;ms-body=SGkgQm9i\n" },
		  "SIP/2.0 415" },
		{ { .call_id = "r11", .headers = "Require: precondition\n" }, "SIP/2.0 420" },
	};
	struct front_end_fixture *f = *state;
	struct text line = TEXT_INIT;
	struct raw r;

	raw_udp(&r, f->loop, fixture_udp(f));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_refused(f, &r, &rows[i].inv, rows[i].status);
	text_add(&line, long_line);
	for (int i = 0; i < 900; i++)
		text_add(&line, "QUFB");
	text_add(&line, "\n");
	check_refused(f, &r, &(struct invite){ .call_id = "r12", .headers = text_str(&line) },
		      "SIP/2.0 413");
	text_deinit(&line);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 0);
	raw_close(&r);
}

/* ---- ringing ---- */

static void test_ringing_of_a_phone(void **state)
{
	struct front_end_fixture *f = *state;
	const struct phone *p;
	const struct event *e;
	struct sip_call c;

	call_ring(&c, f, false);
	p = f->phone;
	assert_true(sip_has_line(c.ringing, PHONE_SERVER));
	assert_true(sip_has_line(c.ringing, "P-ASSERTED-IDENTITY: \"Bob\"<sip:bob@lab.test>"));
	assert_true(sip_has_line(c.ringing, "SUPPORTED: gruu-10"));
	assert_true(sip_has_line(c.ringing, "ALLOW: UPDATE"));
	CLEANUP(mem_free_string)
	char *contact =
		text_format("CONTACT: <sip:bob@lab.test;opaque=user:epid:%s;gruu>;text;audio;"
			    "video",
			    p->gruu_token);
	assert_true(sip_has_line(c.ringing, contact));
	assert_non_null(strstr(sip_header(c.ringing, "TO", 0), p->epid));
	assert_non_null(sip_tag(c.ringing, "TO"));
	assert_string_equal(sip_header(c.ringing, "FROM", 0),
			    "\"Alice\" <sip:alice@lab.test>;tag=a1;epid=8e6a6acdd05a");
	e = fixture_event(f, EVENT_INVITATION_STARTED);
	assert_non_null(e);
	assert_string_equal(e->text, "Hi Bob");
	assert_string_equal(e->peer, "alice@lab.test");
	assert_string_equal(e->peer_name, "Alice");
	phone_callee_decline(f->phone, c.conversation);
	CLEANUP(mem_free_string) char *final = raw_expect(&c.r, "SIP/2.0 603 Decline\r\n");
	assert_string_equal(sip_header(final, "TO", 0) ? sip_tag(final, "TO") : "",
			    sip_tag(c.ringing, "TO"));
	call_over(&c);
}

static void test_invitation_fields(void **state)
{
	struct front_end_fixture *f = *state;
	const struct conversation *v;
	struct raw r;

	fixture_phone(f, false);
	raw_tcp(&r, f->loop, fixture_tcp(f));
	fixture_send_invite(&r, &(struct invite){ .call_id = "fields",
						  .headers = FIRST_LINE
						  "Subject: Lunch\nPriority: Urgent\n"
						  "Ms-Conversation-ID: 401250941\n" });
	free(raw_skip_to(&r, "SIP/2.0 180"));
	v = fixture_conversation(f);
	assert_string_equal(v->subject, "Lunch");
	assert_string_equal(v->importance, "urgent");
	assert_string_equal(v->thread_id, "401250941");
	assert_string_equal(v->first_line_type, "text/plain");
	raw_close(&r);
}

/* ---- not accepted ---- */

static void test_timeout(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	fixture_advance(f, 59000);
	raw_expect_silence(&c.r, 3);
	fixture_advance(f, 1500);
	CLEANUP(mem_free_string) char *final = raw_expect(&c.r, "SIP/2.0 408 Request Timeout\r\n");
	assert_non_null(strstr(sip_header(final, "ms-diagnostics", 0),
			       "The client did not respond to the invitation\""));
	assert_non_null(strstr(sip_header(final, "ms-diagnostics", 0),
			       "info=\"No push subscription for target device\""));
	call_over(&c);
}

static void cancel(struct sip_call *c, const char *call_id)
{
	raw_sendf(
		&c->r,
		"CANCEL sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/%s %s;branch=z9hG4bK%s\n"
		"From: \"Alice\" <sip:alice@lab.test>;tag=a1;epid=8e6a6acdd05a\n"
		"To: \"Bob B\" <sip:bob@lab.test>\nCall-ID: %s\nCSeq: 1 CANCEL\nMax-Forwards: 70\n"
		"Content-Length: 0\n\n",
		c->r.stream ? "TCP" : "UDP", c->r.local, call_id, call_id);
}

static void test_cancel(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	cancel(&c, "call");
	free(raw_expect(&c.r, "SIP/2.0 200 OK\r\n"));
	CLEANUP(mem_free_string)
	char *final = raw_expect(&c.r, "SIP/2.0 487 Request Terminated\r\n");
	assert_memory_equal(sip_header(final, "ms-diagnostics", 0), "5002;", 5);
	raw_expect_silence(&c.r, 5);
	call_over(&c);
}

static void test_cancel_after_the_answer(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	cancel(&c, "call");
	free(raw_expect(&c.r, "SIP/2.0 481"));
	fixture_ack(&c.r, c.answer);
	call_hang_up(&c);
	call_over(&c);
}

static void test_bye_of_an_early_dialog(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	fixture_in_dialog(&c.r, c.ringing, "BYE", 2, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	free(raw_expect(&c.r, "SIP/2.0 487"));
	call_over(&c);
}

/* ---- repeated INVITEs ---- */

static void test_retransmitted_and_merged(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, false);
	fixture_send_invite(&c.r, &(struct invite){ .call_id = "call", .headers = FIRST_LINE });
	CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "SIP/2.0 180 Ringing\r\n");
	assert_string_equal(again, c.ringing);
	fixture_send_invite(
		&c.r,
		&(struct invite){ .call_id = "call", .branch = "other", .headers = FIRST_LINE });
	free(raw_expect(&c.r, "SIP/2.0 482"));
	assert_int_equal(fixture_conversation(f)->id, c.conversation);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	call_hang_up(&c);
	call_over(&c);
}

/* Another INVITE with the same Call-ID, outside the dialog, is an invitation of its own. */
static void test_same_call_id_again(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	fixture_send_invite(&c.r,
			    &(struct invite){ .call_id = "call", .cseq = 2, .branch = "second" });
	free(raw_expect(&c.r, "SIP/2.0 100"));
	CLEANUP(mem_free_string) char *second = raw_expect(&c.r, "SIP/2.0 180");
	assert_string_not_equal(sip_header(second, "TO", 0), "");
	assert_int_not_equal(fixture_conversation(f)->id, c.conversation);
	phone_callee_decline(f->phone, fixture_conversation(f)->id);
	free(raw_expect(&c.r, "SIP/2.0 603"));
	phone_callee_decline(f->phone, c.conversation);
	free(raw_expect(&c.r, "SIP/2.0 603"));
	call_over(&c);
}

/* The caller is told when the front end shuts down. */
static void test_shutdown(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	core_stop(f->core);
	free(raw_expect(&c.r, "SIP/2.0 503"));
	call_over(&c);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refused),
		TEST(test_ringing_of_a_phone),
		TEST(test_invitation_fields),
		TEST(test_timeout),
		TEST(test_cancel),
		TEST(test_cancel_after_the_answer),
		TEST(test_bye_of_an_early_dialog),
		TEST(test_retransmitted_and_merged),
		TEST(test_same_call_id_again),
		TEST(test_shutdown),
	};

	return cmocka_run_group_tests_name("sip_invite", tests, NULL, NULL);
}
