/*
 * Sessions of a SIP client with a phone
 */
#include "front_end_fixture.h"
#include "mcxd/core/core.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/front_end/front_end.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

static void test_answer_and_talk(void **state)
{
	struct front_end_fixture *f = *state;
	uint64_t id, first;
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	assert_true(sip_has_line(c.answer, "SUPPORTED: ms-text-format"));
	assert_true(sip_has_line(c.answer, PHONE_SERVER));
	assert_non_null(strstr(sip_body(c.answer), "m=message "));
	assert_non_null(strstr(sip_body(c.answer), " sip sip:bob@lab.test\r\n"));
	fixture_ack(&c.r, c.answer);

	/* the first line, repeated, is not another message */
	assert_string_equal(fixture_event(f, EVENT_MESSAGE_COMPLETED)->text, "Hi Bob");
	first = fixture_event(f, EVENT_MESSAGE_COMPLETED)->number;
	fixture_in_dialog(&c.r, c.answer, "MESSAGE", 2, "text/plain; charset=UTF-8", "Hi Bob");
	free(raw_expect(&c.r, "SIP/2.0 200 OK\r\n"));
	assert_int_equal(fixture_event(f, EVENT_MESSAGE_COMPLETED)->number, first);
	fixture_in_dialog(&c.r, c.answer, "MESSAGE", 3, "text/plain", "How are you?");
	free(raw_expect(&c.r, "SIP/2.0 200 OK\r\n"));
	assert_string_equal(fixture_event(f, EVENT_MESSAGE_COMPLETED)->text, "How are you?");

	/* and back */
	const struct im im = { .content_type = "text/plain", .body = "Fine", .n_body = 4 };
	assert_int_equal(phone_leg_say(f->phone, c.conversation, &im, &id), PHONE_OK);
	CLEANUP(mem_free_string) char *message = raw_expect(&c.r, "MESSAGE sip:alice@127.0.0.1:");
	assert_string_equal(sip_body(message), "Fine");
	assert_string_equal(sip_header(message, "Content-Type", 0), "text/plain;charset=UTF-8");
	assert_string_equal(sip_tag(message, "From"), sip_tag(c.answer, "TO"));
	fixture_answer(&c.r, message, "200 OK", "", "");
	run_rounds(f->loop, 3);
	assert_true(fixture_event(f, EVENT_MESSAGE_COMPLETED)->outgoing);
	assert_true(fixture_event(f, EVENT_MESSAGE_COMPLETED)->success);
	assert_int_equal(phone_leg_say(f->phone, c.conversation, &im, &id), PHONE_OK);
	CLEANUP(mem_free_string) char *second = raw_expect(&c.r, "MESSAGE ");
	fixture_answer(&c.r, second, "500 Sorry", "", "");
	run_rounds(f->loop, 3);
	assert_false(fixture_event(f, EVENT_MESSAGE_COMPLETED)->success);
	call_hang_up(&c);
	call_over(&c);
}

static const char typing[] = "<?xml version=\"1.0\"?><KeyboardActivity><status status=\"type\"/>"
			     "</KeyboardActivity>";

static void test_typing(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	delivery_poll(f->phone, f->phone->events.packet + 1, 77, 0);
	fixture_in_dialog(&c.r, c.answer, "INFO", 2, "application/xml", typing);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	run_rounds(f->loop, 3);
	assert_non_null(fixture_event(f, EVENT_TYPING_ADDED));
	fixture_in_dialog(&c.r, c.answer, "INFO", 3, "application/xml", "<a/>");
	free(raw_expect(&c.r, "SIP/2.0 400"));
	fixture_in_dialog(&c.r, c.answer, "INFO", 4, "text/plain", "x");
	free(raw_expect(&c.r, "SIP/2.0 415"));
	fixture_in_dialog(&c.r, c.answer, "INFO", 5, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 400"));

	assert_int_equal(phone_leg_typing(f->phone, c.conversation), PHONE_OK);
	CLEANUP(mem_free_string) char *info = raw_expect(&c.r, "INFO sip:alice@");
	assert_non_null(strstr(sip_body(info), "status=\"type\""));
	fixture_answer(&c.r, info, "200 OK", "", "");
	call_hang_up(&c);
	call_over(&c);
}

/* A client that forgets to say that it has stopped. One that says again that it types has longer. */
static void test_typing_ends(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	f->config.typing_timeout_ms = 20000;
	call_ring(&c, f, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	delivery_poll(f->phone, f->phone->events.packet + 1, 77, 0);
	for (int i = 0; i < 2; i++) {
		fixture_in_dialog(&c.r, c.answer, "INFO", 2 + i, "application/xml", typing);
		free(raw_expect(&c.r, "SIP/2.0 200"));
		fixture_advance(f, 15000);
	}
	assert_true(phone_leg_peer_types(phone_leg_find(f->phone, c.conversation)));
	fixture_advance(f, 5000);
	assert_false(phone_leg_peer_types(phone_leg_find(f->phone, c.conversation)));
	call_hang_up(&c);
	call_over(&c);
}

/* The phone is gone, core has forgotten the conversation, and the dialog waits for the ACK. */
static void test_typing_before_the_ack(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	f->config.typing_timeout_ms = 20000;
	call_ring(&c, f, false);
	call_answer(&c);
	assert_int_equal(phone_leg_terminate(f->phone, c.conversation), PHONE_OK);
	fixture_advance(f, f->core_config.phone_linger_ms);
	run_rounds(f->loop, 3);
	assert_null(fixture_conversation(f));
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 1);
	fixture_in_dialog(&c.r, c.answer, "INFO", 2, "application/xml", typing);
	CLEANUP(mem_free_string) char *info = raw_skip_to(&c.r, "SIP/2.0 200 OK\r\nVia");
	assert_string_equal(sip_header(info, "CSeq", 0), "2 INFO");
	fixture_ack(&c.r, c.answer);
	CLEANUP(mem_free_string) char *bye = raw_skip_to(&c.r, "BYE ");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	call_over(&c);
	fixture_advance(f, f->config.typing_timeout_ms);
}

static void test_bad_messages(void **state)
{
	static const struct {
		const char *type, *body, *status;
	} rows[] = {
		{ "image/png", "x", "SIP/2.0 415" },
		{ "text/plain; charset=utf-7", "x", "SIP/2.0 415" },
		{ "text/plain", "\xff\xfe", "SIP/2.0 400" },
		{ "multipart/alternative", "x", "SIP/2.0 400" },
		{ NULL, NULL, "SIP/2.0 400" },
		{ "text/html", "<b>x</b>", "SIP/2.0 200" },
		{ "multipart/alternative;boundary=b",
		  "--b\r\nContent-Type: text/html\r\n\r\n<i>hello</i>\r\n--b\r\n"
		  "Content-Type: text/plain\r\n\r\nhello\r\n--b--\r\n",
		  "SIP/2.0 200" },
	};
	struct front_end_fixture *f = *state;
	struct text large = TEXT_INIT;
	unsigned cseq = 2;
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fixture_in_dialog(&c.r, c.answer, "MESSAGE", cseq++, rows[i].type, rows[i].body);
		free(raw_expect(&c.r, rows[i].status));
	}
	assert_string_equal(fixture_event(f, EVENT_MESSAGE_COMPLETED)->text, "hello");
	for (int i = 0; i < 2001; i++)
		text_add(&large, "x");
	fixture_in_dialog(&c.r, c.answer, "MESSAGE", cseq, "text/plain", text_str(&large));
	free(raw_expect(&c.r, "SIP/2.0 413"));
	text_deinit(&large);
	call_hang_up(&c);
	call_over(&c);
}

static void test_requests_within_the_dialog(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	fixture_in_dialog(&c.r, c.ringing, "INVITE", 2, "application/sdp", IM_SDP);
	free(raw_skip_to(&c.r, "SIP/2.0 500"));
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	fixture_in_dialog(&c.r, c.answer, "OPTIONS", 3, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 4, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	fixture_in_dialog(&c.r, c.answer, "REFER", 5, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 405"));
	fixture_in_dialog(&c.r, c.answer, "INVITE", 6, "application/sdp", IM_SDP);
	CLEANUP(mem_free_string) char *again = raw_skip_to(&c.r, "SIP/2.0 200");
	assert_string_equal(sip_body(again), sip_body(c.answer));
	assert_string_equal(sip_tag(again, "To"), sip_tag(c.answer, "TO"));
	fixture_in_dialog(&c.r, c.answer, "INVITE", 7, "application/sdp",
			  "v=0\r\nm=audio 4000 RTP/AVP 0\r\n");
	free(raw_skip_to(&c.r, "SIP/2.0 488"));
	/* a CSeq that was used before */
	fixture_in_dialog(&c.r, c.answer, "OPTIONS", 3, NULL, NULL);
	CLEANUP(mem_free_string) char *old = raw_skip_to(&c.r, "SIP/2.0 500");
	assert_non_null(strstr(sip_header(old, "ms-diagnostics", 0), "The CSeq is not higher"));
	call_hang_up(&c);
	fixture_in_dialog(&c.r, c.answer, "MESSAGE", 101, "text/plain", "still there?");
	run_rounds(f->loop, 5);
	free(raw_skip_to(&c.r, "SIP/2.0 481"));
	call_over(&c);
}

static void test_phone_hangs_up(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	run_rounds(f->loop, 3);
	assert_int_equal(phone_leg_terminate(f->phone, c.conversation), PHONE_OK);
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE sip:alice@127.0.0.1:");
	assert_string_equal(sip_tag(bye, "From"), sip_tag(c.answer, "TO"));
	assert_string_equal(sip_tag(bye, "To"), "a1");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	call_over(&c);
}

/* No BYE before the ACK (RFC 3261, 15). */
static void test_phone_hangs_up_before_the_ack(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, false);
	call_answer(&c);
	assert_int_equal(phone_leg_terminate(f->phone, c.conversation), PHONE_OK);
	raw_expect_silence(&c.r, 20);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 1);
	fixture_ack(&c.r, c.answer);
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE ");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	call_over(&c);
}

static void test_lost_ack(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, false);
	call_answer(&c);
	fixture_advance(f, 700);
	CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "SIP/2.0 200 OK\r\n");
	assert_string_equal(again, c.answer);
	fixture_advance(f, 33000);
	CLEANUP(mem_free_string) char *bye = raw_skip_to(&c.r, "BYE ");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	assert_int_equal(fixture_metric(f, "front_end_acks_lost_total"), 1);
	assert_string_equal(fixture_event(f, EVENT_MESSAGING_UPDATED)->state, "Disconnected");
	call_over(&c);
}

static void test_bye_before_the_ack(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	call_hang_up(&c);
	call_over(&c);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_answer_and_talk), TEST(test_typing),
		TEST(test_typing_ends),     TEST(test_typing_before_the_ack),
		TEST(test_bad_messages),    TEST(test_requests_within_the_dialog),
		TEST(test_phone_hangs_up),  TEST(test_phone_hangs_up_before_the_ack),
		TEST(test_lost_ack),        TEST(test_bye_before_the_ack),
	};

	return cmocka_run_group_tests_name("sip_session", tests, NULL, NULL);
}
