/*
 * Formats of messages between a SIP client and a phone
 */
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/push.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#define SDP(types)                                                                                 \
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"          \
	"m=message 5060 sip null\r\na=accept-types:" types "\r\n"

static void talk(struct sip_call *c, struct front_end_fixture *f, unsigned formats)
{
	fixture_phone(f, false);
	f->phone->media.formats = formats;
	call_ring(c, f, true);
	call_answer(c);
	fixture_ack(&c->r, c->answer);
}

static void hang_up(struct sip_call *c)
{
	call_hang_up(c);
	call_over(c);
}

/* ---- what comes in ---- */

#define ALTERNATIVE "multipart/alternative; boundary=bnd"
#define CODED       "\r\nContent-Encoding: gzip"

static const struct {
	const char *type, *body, *status, *expected;
} received[] = {
	{ "text/html; charset=UTF-8",
	  "<a href=\"http://test.example/?a=1&amp;b=1\">http://test.example/?a=1&amp;b=1</a>",
	  "200", "http://test.example/?a=1&b=1" },
	{ "text/rtf; charset=UTF-8",
	  "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Segoe UI;}}\\f0 Gr\\u252?\\'df dich \\b "
	  "bold\\b0"
	  "\\par}",
	  "200", "Gr\u00FC\u00DF dich bold" },
	{ ALTERNATIVE,
	  "--bnd\r\nContent-Type: text/plain; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9\r\n"
	  "--bnd\r\nContent-Type: text/html; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\n<b>caf=C3=A9</b>\r\n--bnd--\r\n",
	  "200", "caf\u00E9" },
	{ ALTERNATIVE,
	  "--bnd\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
	  "base64\r\n"
	  "\r\nY2Fmw6k=\r\n--bnd--\r\n",
	  "200", "caf\u00E9" },
	{ "multipart/alternative; boundary=o",
	  "--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
	  "--i\r\nContent-Type: text/plain\r\n\r\nnested plain\r\n--i--\r\n\r\n--o--\r\n",
	  "200", "nested plain" },
	{ ALTERNATIVE,
	  "--bnd\r\nContent-Type: text/plain;\r\n charset=\"utf-8\"\r\n\r\nfolded part header\r\n"
	  "--bnd--\r\n",
	  "200", "folded part header" },
	{ ALTERNATIVE, "--bnd\r\nContent-Type: text/html\r\n\r\n<p>one<p>two\r\n--bnd--", "200",
	  "one\ntwo" },
	{ "text/plain; charset=iso-8859-1", "caf\xE9", "200", "caf\u00E9" },
	{ "text/plain;charset=UTF-8" CODED, "\x1f\x8b\x08", "415", NULL },
	{ "text/plain\r\nContent-Encoding: identity", "same", "200", "same" },
	{ "text/plain; charset=utf-7", "x", "415", NULL },
};

/* What a phone that shows plain text gets. */
static void test_received(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, MESSAGE_PLAIN);
	for (size_t i = 0; i < ARRAY_SIZE(received); i++) {
		CLEANUP(mem_free_string)
		char *start = text_concat("SIP/2.0 ", received[i].status);
		CLEANUP(mem_free_string) char *answer = NULL, *plain = NULL;
		const struct event *e;

		fixture_in_dialog(&c.r, c.answer, "MESSAGE", (unsigned)i + 2, received[i].type,
				  received[i].body);
		answer = raw_expect(&c.r, start);
		if (!received[i].expected) {
			bool coded = strstr(received[i].type, CODED) != NULL;

			assert_string_equal(
				sip_header(answer, coded ? "Accept-Encoding" : "Accept", 0),
				coded ? "identity"
				      : "text/plain, text/html, text/rtf, multipart/alternative");
			continue;
		}
		e = fixture_event(f, EVENT_MESSAGE_COMPLETED);
		plain = message_format_plain(e->content_type, e->text, strlen(e->text));
		assert_string_equal(plain, received[i].expected);
	}
	hang_up(&c);
}

/* Of several parts a phone that shows HTML gets that one. */
static void test_html_part(void **state)
{
	struct front_end_fixture *f = *state;
	const struct event *e;
	struct sip_call c;

	talk(&c, f, MESSAGE_PLAIN | MESSAGE_HTML);
	fixture_in_dialog(
		&c.r, c.answer, "MESSAGE", 2, ALTERNATIVE,
		"--bnd\r\n\r\nplain\r\n--bnd\r\nContent-Type: text/html\r\n\r\n"
		"<b>html</b>\r\n--bnd\r\nContent-Type: text/rtf\r\n\r\n{\\rtf1}\r\n--bnd--");
	free(raw_expect(&c.r, "SIP/2.0 200"));
	e = fixture_event(f, EVENT_MESSAGE_COMPLETED);
	assert_string_equal(e->content_type, "text/html");
	assert_string_equal(e->text, "<b>html</b>");
	hang_up(&c);
}

/* The first line again, in another format. */
static void test_repeated_as_html(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;
	uint64_t first;

	talk(&c, f, MESSAGE_PLAIN);
	first = fixture_event(f, EVENT_MESSAGE_COMPLETED)->number;
	fixture_in_dialog(&c.r, c.answer, "MESSAGE", 2, "text/html", "<div>Hi Bob</div>");
	free(raw_expect(&c.r, "SIP/2.0 200"));
	assert_int_equal(fixture_event(f, EVENT_MESSAGE_COMPLETED)->number, first);
	hang_up(&c);
}

/* ---- what is offered ---- */

static void test_accept_types(void **state)
{
	static const struct {
		unsigned formats;
		const char *line;
	} rows[] = {
		{ MESSAGE_PLAIN, "\r\na=accept-types:text/plain multipart/alternative\r\n" },
		{ MESSAGE_PLAIN | MESSAGE_HTML,
		  "\r\na=accept-types:text/plain text/html multipart/alternative\r\n" },
	};
	struct front_end_fixture *f = *state;
	struct sip_call c;

	fixture_phone(f, false);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		f->phone->media.formats = rows[i].formats;
		call_ring(&c, f, true);
		call_answer(&c);
		assert_non_null(strstr(sip_body(c.answer), rows[i].line));
		fixture_ack(&c.r, c.answer);
		/* and again, when Alice asks */
		fixture_in_dialog(&c.r, c.answer, "INVITE", 2, "application/sdp", IM_SDP);
		CLEANUP(mem_free_string) char *again = raw_skip_to(&c.r, "SIP/2.0 200");
		assert_non_null(strstr(sip_body(again), rows[i].line));
		fixture_in_dialog(&c.r, again, "ACK", 2, NULL, NULL);
		hang_up(&c);
	}
}

/* ---- what goes out ---- */

static void test_sent(void **state)
{
	static const struct {
		const char *offer, *type, *body;
	} rows[] = {
		{ SDP("text/plain"), "text/plain;charset=UTF-8", "a & b" },
		{ SDP("text/plain text/html"), "text/html;charset=UTF-8", "<b>a</b> &amp; b" },
		{ SDP("*"), "text/html;charset=UTF-8", "<b>a</b> &amp; b" },
		{ SDP("image/gif"), "text/plain;charset=UTF-8", "a & b" },
	};
	const char html[] = "<b>a</b> &amp; b";
	const struct im im = { .content_type = "text/html", .body = html, .n_body = strlen(html) };
	struct front_end_fixture *f = *state;
	struct sip_call c;
	unsigned cseq = 2;
	uint64_t id;

	talk(&c, f, MESSAGE_PLAIN | MESSAGE_HTML);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fixture_in_dialog(&c.r, c.answer, "INVITE", cseq, "application/sdp", rows[i].offer);
		CLEANUP(mem_free_string) char *again = raw_skip_to(&c.r, "SIP/2.0 200");
		fixture_in_dialog(&c.r, again, "ACK", cseq++, NULL, NULL);
		assert_int_equal(phone_leg_say(f->phone, c.conversation, &im, &id), PHONE_OK);
		CLEANUP(mem_free_string) char *message = raw_expect(&c.r, "MESSAGE sip:x@");
		assert_string_equal(sip_header(message, "Content-Type", 0), rows[i].type);
		assert_string_equal(sip_body(message), rows[i].body);
		fixture_answer(&c.r, message, "200 OK", "", "");
		run_rounds(f->loop, 3);
		assert_true(fixture_event(f, EVENT_MESSAGE_COMPLETED)->success);
	}
	hang_up(&c);
}

/* ---- invitations ---- */

#define HTML_LINE                                                                                  \
	"ms-text-format: text/html; charset=UTF-8;ms-body=PHA+SGkgJmFtcDsgPGI+Qm9iPC9iPjwvcD4=\n"

/* What is shown to people is plain text: in the toast, and of the missed conversation. */
static void test_toast(void **state)
{
	struct front_end_fixture *f = *state;
	const struct push *push;
	struct raw alice;

	fixture_phone(f, true);
	raw_tcp(&alice, f->loop, fixture_tcp(f));
	fixture_send_invite(&alice, &(struct invite){ .call_id = "toast", .headers = HTML_LINE });
	free(raw_skip_to(&alice, "SIP/2.0 180"));
	assert_false(list_empty(&f->core->push_log));
	push = LIST_ENTRY(f->core->push_log.prev, struct push, of_log);
	assert_string_equal(push->text, "Hi & Bob");
	assert_string_equal(fixture_event(f, EVENT_INVITATION_STARTED)->text,
			    "<p>Hi &amp; <b>Bob</b></p>");
	assert_string_equal(fixture_conversation(f)->preview, "Hi & Bob");
	raw_close(&alice);
}

/* The message that it becomes once the phone has accepted. */
static void test_first_message(void **state)
{
	struct front_end_fixture *f = *state;
	const struct event *e;
	struct raw alice;

	fixture_phone(f, true);
	raw_tcp(&alice, f->loop, fixture_tcp(f));
	fixture_send_invite(&alice, &(struct invite){ .call_id = "first", .headers = HTML_LINE });
	free(raw_skip_to(&alice, "SIP/2.0 180"));
	assert_null(fixture_event(f, EVENT_MESSAGE_COMPLETED));
	assert_int_equal(phone_callee_accept(f->phone, fixture_conversation(f)->id), PHONE_OK);
	free(raw_skip_to(&alice, "SIP/2.0 200"));
	e = fixture_event(f, EVENT_MESSAGE_COMPLETED);
	assert_string_equal(e->content_type, "text/html");
	assert_string_equal(e->text, "<p>Hi &amp; <b>Bob</b></p>");
	assert_false(e->outgoing);
	assert_int_equal(fixture_conversation(f)->n_messages, 0);
	raw_close(&alice);
}

static void test_bodies_of_invitations(void **state)
{
	static const struct {
		const char *type, *body, *status;
	} rows[] = {
		{ "multipart/mixed;boundary=\"bnd\"",
		  "--bnd\r\nContent-Type: application/sdp\r\n\r\n" SDP(
			  "text/plain") "\r\n"
					"--bnd\r\nContent-Type: "
					"application/pidf+xml\r\nContent-ID: <p@x>\r\n\r\n"
					"<presence/>\r\n--bnd--\r\n",
		  "SIP/2.0 180" },
		{ "multipart/alternative;boundary=bnd",
		  "--bnd\r\nContent-Type: application/sdp\r\n"
		  "Content-Disposition: session; handling=optional; ms-proxy-2007fallback\r\n\r\n"
		  "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nt=0 0\r\nm=audio 4000 RTP/AVP "
		  "0\r\n"
		  "\r\n--bnd\r\nContent-Type: application/sdp\r\n\r\n" SDP(
			  "text/plain") "\r\n--bnd--",
		  "SIP/2.0 180" },
		{ "multipart/mixed;boundary=bnd", "--bnd\r\n\r\nHi\r\n--bnd--", "SIP/2.0 415" },
		{ "multipart/mixed;boundary=bnd", "Hi", "SIP/2.0 400" },
		{ "application/sdp\nContent-Encoding: gzip", IM_SDP, "SIP/2.0 415" },
	};
	struct front_end_fixture *f = *state;

	fixture_phone(f, false);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char call_id[16];
		struct raw alice;

		snprintf(call_id, sizeof(call_id), "body-%zu", i);
		raw_tcp(&alice, f->loop, fixture_tcp(f));
		fixture_send_invite(&alice, &(struct invite){ .call_id = call_id,
							      .type = rows[i].type,
							      .body = rows[i].body });
		free(raw_skip_to(&alice, rows[i].status));
		raw_close(&alice);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_received),
		TEST(test_html_part),
		TEST(test_repeated_as_html),
		TEST(test_accept_types),
		TEST(test_sent),
		TEST(test_toast),
		TEST(test_first_message),
		TEST(test_bodies_of_invitations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
