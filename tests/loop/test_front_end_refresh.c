/*
 * Sessions that last as long as they are refreshed, and clients that are probed
 */
#include "front_end_fixture.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/event.h"
#include "mcxd/front_end/front_end.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#define TIMER  "Supported: timer\n"
#define UPDATE "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\n"

static int setup(void **state)
{
	int rc = fixture_setup(state);
	struct front_end_fixture *f = *state;

	f->config.session_expires_s = 1800;
	f->config.min_session_expires_s = 90;
	f->config.probe_interval_ms = 300000;
	return rc;
}

static void talk(struct sip_call *c, struct front_end_fixture *f, const char *headers)
{
	*c = (struct sip_call){ .f = f };
	if (!f->phone)
		fixture_phone(f, false);
	raw_tcp(&c->r, f->loop, fixture_tcp(f));
	fixture_send_invite(&c->r, &(struct invite){ .call_id = "refresh", .headers = headers });
	free(raw_expect(&c->r, "SIP/2.0 100 "));
	c->ringing = raw_expect(&c->r, "SIP/2.0 180 ");
	c->conversation = fixture_conversation(f)->id;
	call_answer(c);
	fixture_ack(&c->r, c->answer);
	run_rounds(f->loop, 3);
}

static void expect_interval(const char *answer, const char *value, bool required)
{
	bool is_upper = sip_header(answer, "TO", 0);
	const char *require = sip_header(answer, is_upper ? "REQUIRE" : "Require", 0);

	assert_true(required == (require && strcmp(require, "timer") == 0));
	assert_string_equal(sip_header(answer, is_upper ? "SESSION-EXPIRES" : "Session-Expires", 0),
			    value);
}

static void send_update(struct sip_call *c, unsigned cseq, const char *headers)
{
	fixture_send_in_dialog(
		&c->r, c->answer,
		&(struct in_dialog){ .method = "UPDATE", .cseq = cseq, .headers = headers });
}

static void hang_up(struct sip_call *c)
{
	call_hang_up(c);
	call_over(c);
}

/* The server has given up: Alice's client hears it, the phone sees it, and nothing is left. */
static void expect_lost(struct sip_call *c)
{
	CLEANUP(mem_free_string) char *bye = raw_expect(&c->r, "BYE ");

	fixture_answer(&c->r, bye, "200 OK", "", "");
	assert_string_equal(fixture_event(c->f, EVENT_MESSAGING_UPDATED)->state, "Disconnected");
	assert_int_equal(fixture_metric(c->f, "front_end_peers_lost_total"), 1);
	call_over(c);
}

static void expect_quiet(struct sip_call *c, int64_t ms)
{
	fixture_advance(c->f, ms);
	raw_expect_silence(&c->r, 3);
}

/* It ends 32 s before its interval is over, or a third of it (RFC 4028, 10). */
static void test_they_refresh(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, TIMER "Session-Expires: 600\n");
	expect_interval(c.answer, "600;refresher=uac", true);
	expect_quiet(&c, 500000);
	send_update(&c, 2, "Supported: timer\r\nSession-Expires: 300;refresher=uac\r\n");
	CLEANUP(mem_free_string) char *update = raw_expect(&c.r, "SIP/2.0 200");
	expect_interval(update, "300;refresher=uac", true);
	expect_quiet(&c, 267000);
	fixture_advance(f, 1000);
	expect_lost(&c);
}

/* A message is no refresh. */
static void test_a_message_is_no_refresh(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, TIMER "Session-Expires: 90;refresher=uac\n");
	expect_quiet(&c, 50000);
	fixture_in_dialog(&c.r, c.answer, "MESSAGE", 2, "text/plain", "Hi");
	free(raw_expect(&c.r, "SIP/2.0 200"));
	fixture_advance(f, 10000);
	expect_lost(&c);
}

static void test_we_refresh_by_update(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, TIMER UPDATE "Session-Expires: 600;refresher=uas\n");
	expect_interval(c.answer, "600;refresher=uas", false);
	for (int i = 0; i < 3; i++) {
		expect_quiet(&c, 299000);
		fixture_advance(f, 1000);
		CLEANUP(mem_free_string)
		char *update = raw_expect(&c.r, "UPDATE sip:alice@127.0.0.1");
		assert_true(sip_has_line(update, "Session-Expires: 600;refresher=uac"));
		assert_true(sip_has_line(update, "Min-SE: 90"));
		assert_true(sip_has_line(update, "Supported: timer"));
		assert_non_null(sip_header(update, "Contact", 0));
		assert_string_equal(sip_body(update), "");
		fixture_answer(&c.r, update, "200 OK",
			       "Session-Expires: 600;refresher=uac\r\nRequire: timer\r\n", "");
		run_rounds(f->loop, 3);
	}
	fixture_advance(f, 300000);
	free(raw_expect(&c.r, "UPDATE "));
	fixture_advance(f, 32000); /* timer F */
	expect_lost(&c);
}

static void test_we_refresh_by_invite(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, TIMER "Session-Expires: 600;refresher=uas\n");
	fixture_advance(f, 300000);
	CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "INVITE sip:alice@127.0.0.1");
	assert_non_null(strstr(sip_body(again), "m=message "));
	fixture_answer(&c.r, again, "200 OK",
		       "Session-Expires: 600;refresher=uac\r\nContact: <sip:new@127.0.0.1>\r\n"
		       "Content-Type: application/sdp\r\n",
		       IM_SDP);
	free(raw_expect(&c.r, "ACK sip:new@127.0.0.1"));
	fixture_advance(f, 300000);
	/* The other end has another idea meanwhile: it does not take the session any more. */
	CLEANUP(mem_free_string) char *third = raw_expect(&c.r, "INVITE sip:new@127.0.0.1");
	fixture_answer(&c.r, third, "200 OK",
		       "Session-Expires: 600;refresher=uac\r\nContact: <sip:new@127.0.0.1>\r\n"
		       "Content-Type: application/sdp\r\n",
		       "v=0\r\nm=message 0 sip null\r\n");
	free(raw_expect(&c.r, "ACK "));
	expect_lost(&c);
}

/* A refusal says that somebody is there, but the session ends when nothing else comes. */
static void test_refused_refreshes(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, TIMER UPDATE "Session-Expires: 600;refresher=uas\n");
	fixture_advance(f, 300000);
	CLEANUP(mem_free_string) char *update = raw_expect(&c.r, "UPDATE ");
	fixture_answer(&c.r, update, "405 Method Not Allowed", "Allow: INVITE, ACK, BYE\r\n", "");
	CLEANUP(mem_free_string) char *longer = raw_expect(&c.r, "INVITE ");
	fixture_answer(&c.r, longer, "422 Session Interval Too Small", "Min-SE: 3000\r\n", "");
	free(raw_expect(&c.r, "ACK "));
	CLEANUP(mem_free_string) char *busy = raw_expect(&c.r, "INVITE ");
	assert_true(sip_has_line(busy, "Session-Expires: 3000;refresher=uac"));
	assert_true(sip_has_line(busy, "Min-SE: 3000"));
	fixture_answer(&c.r, busy, "500 Later", "Retry-After: 7\r\n", "");
	free(raw_expect(&c.r, "ACK "));
	expect_quiet(&c, 6000);
	fixture_advance(f, 1000);
	CLEANUP(mem_free_string) char *later = raw_expect(&c.r, "INVITE ");
	fixture_answer(&c.r, later, "488 Not Acceptable Here", "", "");
	free(raw_expect(&c.r, "ACK "));
	for (int i = 0; i < 20; i++) {
		CLEANUP(mem_free_string) char *next = NULL;

		fixture_advance(f, 60000);
		next = raw_take(&c.r);
		assert_non_null(next);
		if (strncmp(next, "BYE ", 4) == 0) {
			fixture_answer(&c.r, next, "200 OK", "", "");
			break;
		}
		if (strncmp(next, "INVITE ", 7) == 0)
			fixture_answer(&c.r, next, "488 Not Acceptable Here", "", "");
		raw_poll(&c.r);
	}
	raw_close(&c.r);
	run_rounds(f->loop, 5);
	assert_int_equal(fixture_metric(f, "front_end_peers_lost_total"), 1);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 0);
	free(c.ringing);
	free(c.answer);
}

/* RFC 3261, 14.1: ours is repeated after at most 2 s, since the other end chose the Call-ID; theirs is refused meanwhile. */
static void test_glare(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, TIMER "Session-Expires: 600;refresher=uas\n");
	fixture_advance(f, 300000);
	CLEANUP(mem_free_string) char *ours = raw_expect(&c.r, "INVITE ");
	fixture_in_dialog(&c.r, c.answer, "INVITE", 2, "application/sdp", IM_SDP);
	free(raw_expect(&c.r, "SIP/2.0 491"));
	fixture_in_dialog(&c.r, c.answer, "UPDATE", 3, "application/sdp", IM_SDP);
	free(raw_expect(&c.r, "SIP/2.0 491"));
	fixture_answer(&c.r, ours, "491 Request Pending", "", "");
	free(raw_expect(&c.r, "ACK "));
	fixture_advance(f, 2000);
	CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "INVITE ");
	fixture_answer(&c.r, again, "200 OK",
		       "Session-Expires: 600;refresher=uac\r\nContent-Type: application/sdp\r\n",
		       IM_SDP);
	free(raw_expect(&c.r, "ACK "));
	fixture_in_dialog(&c.r, c.answer, "INVITE", 4, "application/sdp", IM_SDP);
	CLEANUP(mem_free_string) char *theirs = raw_expect(&c.r, "SIP/2.0 200");
	fixture_in_dialog(&c.r, theirs, "ACK", 4, NULL, NULL);
	hang_up(&c);
}

static void test_too_short(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;
	struct raw r;

	fixture_phone(f, false);
	raw_tcp(&r, f->loop, fixture_tcp(f));
	fixture_send_invite(&r, &(struct invite){ .call_id = "short",
						  .headers = TIMER "Session-Expires: 89\n" });
	free(raw_expect(&r, "SIP/2.0 100"));
	CLEANUP(mem_free_string) char *refusal = raw_expect(&r, "SIP/2.0 422");
	assert_string_equal(sip_header(refusal, "Min-SE", 0), "90");
	assert_null(fixture_conversation(f));
	raw_close(&r);

	talk(&c, f, TIMER "Session-Expires: 90\n");
	send_update(&c, 2, "Supported: timer\r\nSession-Expires: 60\r\n");
	CLEANUP(mem_free_string) char *update = raw_expect(&c.r, "SIP/2.0 422");
	assert_string_equal(sip_header(update, "Min-SE", 0), "90");
	hang_up(&c);
}

/* Of a proxy, behind a client that knows no session timer: we refresh (RFC 4028, 9), and the client has to do nothing. */
static void test_interval_of_a_proxy(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, UPDATE "Session-Expires: 200\n");
	expect_interval(c.answer, "200;refresher=uas", false);
	fixture_advance(f, 100000);
	CLEANUP(mem_free_string) char *update = raw_expect(&c.r, "UPDATE ");
	/* It answers without an interval, and is probed from then on. */
	fixture_answer(&c.r, update, "200 OK", "", "");
	fixture_advance(f, 300000);
	CLEANUP(mem_free_string) char *options = raw_expect(&c.r, "OPTIONS ");
	fixture_answer(&c.r, options, "200 OK", "", "");
	hang_up(&c);
}

static void test_no_interval_is_asked_for(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, TIMER "Min-SE: 3600\n");
	expect_interval(c.answer, "3600;refresher=uac", true);
	hang_up(&c);
	f->config.session_expires_s = 0;
	talk(&c, f, TIMER "Session-Expires: 600\n");
	assert_null(sip_header(c.answer, "SESSION-EXPIRES", 0));
	hang_up(&c);
}

/* Whatever is heard counts, and whatever it answers, but that it does not know the dialog. */
static void test_probe(void **state)
{
	static const char *const answers[] = { "200 OK", "405 No", "500 Sorry", "480 Away" };
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, "");
	assert_null(sip_header(c.answer, "SESSION-EXPIRES", 0));
	expect_quiet(&c, 200000);
	fixture_in_dialog(&c.r, c.answer, "MESSAGE", 2, "text/plain", "Hi");
	free(raw_expect(&c.r, "SIP/2.0 200"));
	expect_quiet(&c, 299000);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		fixture_advance(f, 1000);
		CLEANUP(mem_free_string)
		char *options = raw_expect(&c.r, "OPTIONS sip:alice@127.0.0.1");
		fixture_answer(&c.r, options, answers[i], "", "");
		expect_quiet(&c, 299000);
	}
	fixture_advance(f, 1000);
	CLEANUP(mem_free_string) char *options = raw_expect(&c.r, "OPTIONS ");
	fixture_answer(&c.r, options, "481 No", "", "");
	expect_lost(&c);
}

/* A client that has gone without a word gives its place back. */
static void test_probe_of_nobody(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	f->core_config.max_conversations = 1;
	talk(&c, f, "");
	raw_close(&c.r);
	fixture_advance(f, 300000);
	for (int i = 0; i < 1000 && fixture_metric(f, "front_end_dialogs"); i++)
		run_rounds(f->loop, 1);
	assert_int_equal(fixture_metric(f, "front_end_peers_lost_total"), 1);
	raw_tcp(&c.r, f->loop, fixture_tcp(f)); /* for call_over() to close */
	call_over(&c);
	talk(&c, f, "");
	hang_up(&c);
}

static void test_nothing_is_wanted(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	f->config.session_expires_s = 0;
	f->config.probe_interval_ms = 0;
	talk(&c, f, "");
	expect_quiet(&c, 3600000);
	hang_up(&c);
}

/* ---- a contact that is called ---- */

static char *invite_bob(struct front_end_fixture *f, struct raw *alice, struct raw *bob)
{
	f->core_config.default_expires_s = 7200;
	raw_tcp(bob, f->loop, fixture_tcp(f));
	fixture_register_contact(bob, bob->local);
	raw_tcp(alice, f->loop, fixture_tcp(f));
	fixture_send_invite(alice, &(struct invite){ .call_id = "callee" });
	free(raw_expect(alice, "SIP/2.0 100"));
	return raw_expect(bob, "INVITE ");
}

static void accept_as(struct raw *bob, const char *invite, const char *headers)
{
	CLEANUP(mem_free_string)
	char *all = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n"
				"Content-Type: application/sdp\r\n%s",
				bob->local, headers);

	fixture_answer(bob, invite, "200 OK", all, IM_SDP);
	free(raw_expect(bob, "ACK "));
}

static void end_callee(struct front_end_fixture *f, struct raw *alice, struct raw *bob,
		       const char *answer)
{
	fixture_in_dialog(alice, answer, "BYE", 9, NULL, NULL);
	free(raw_skip_to(alice, "SIP/2.0 200"));
	CLEANUP(mem_free_string) char *bye = raw_expect(bob, "BYE ");
	fixture_answer(bob, bye, "200 OK", "", "");
	run_rounds(f->loop, 5);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 0);
	raw_close(alice);
	raw_close(bob);
}

/* It wants a longer session, and gets it (RFC 4028, 7.4). */
static void test_callee_wants_more(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, bob;
	CLEANUP(mem_free_string) char *invite = invite_bob(f, &alice, &bob);

	assert_true(sip_has_line(invite, "Session-Expires: 1800"));
	assert_true(sip_has_line(invite, "Min-SE: 90"));
	assert_true(sip_has_line(invite, "Supported: timer"));
	fixture_answer(&bob, invite, "422 Session Interval Too Small", "Min-SE: 3600\r\n", "");
	free(raw_expect(&bob, "ACK "));
	CLEANUP(mem_free_string) char *longer = raw_expect(&bob, "INVITE ");
	assert_true(sip_has_line(longer, "Session-Expires: 3600"));
	assert_true(sip_has_line(longer, "Min-SE: 3600"));
	assert_true(sip_has_line(longer, "CSeq: 2 INVITE"));
	assert_null(sip_header(longer, "Via", 1));
	assert_string_equal(sip_body(longer), sip_body(invite));
	accept_as(&bob, longer,
		  "Allow: UPDATE\r\nSession-Expires: 3600;refresher=uac\r\nRequire: timer\r\n");
	CLEANUP(mem_free_string) char *answer = raw_skip_to(&alice, "SIP/2.0 200");
	fixture_ack(&alice, answer);
	f->config.probe_interval_ms = 0; /* Alice is not */
	fixture_advance(f, 1800000);
	CLEANUP(mem_free_string) char *update = raw_expect(&bob, "UPDATE ");
	assert_true(sip_has_line(update, "Session-Expires: 3600;refresher=uac"));
	fixture_answer(&bob, update, "200 OK", "Session-Expires: 3600;refresher=uac\r\n", "");
	run_rounds(f->loop, 3);
	end_callee(f, &alice, &bob, answer);
}

/* It never has enough: that is its refusal. */
static void test_callee_wants_too_much(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, bob;
	char *invite = invite_bob(f, &alice, &bob);

	for (unsigned i = 0; i < 3; i++) {
		CLEANUP(mem_free_string) char *min = text_format("Min-SE: %u\r\n", 4000 + i);

		fixture_answer(&bob, invite, "422 Session Interval Too Small", min, "");
		free(raw_expect(&bob, "ACK "));
		free(invite);
		invite = i < 2 ? raw_expect(&bob, "INVITE ") : NULL;
	}
	free(raw_skip_to(&alice, "SIP/2.0 422"));
	run_rounds(f->loop, 5);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 0);
	raw_close(&alice);
	raw_close(&bob);
}

static void test_callee_refreshes(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, bob;
	CLEANUP(mem_free_string) char *invite = invite_bob(f, &alice, &bob);

	f->config.probe_interval_ms = 0;
	accept_as(&bob, invite, "Session-Expires: 600;refresher=uas\r\n");
	CLEANUP(mem_free_string) char *answer = raw_skip_to(&alice, "SIP/2.0 200");
	fixture_ack(&alice, answer);
	fixture_advance(f, 500000);
	fixture_callee_says(&bob, invite, "UPDATE", 1, NULL, NULL);
	/* Without a word about it, it does not want a session timer any more. */
	free(raw_expect(&bob, "SIP/2.0 200"));
	fixture_advance(f, 700000);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 2);
	end_callee(f, &alice, &bob, answer);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_they_refresh),
		TEST(test_a_message_is_no_refresh),
		TEST(test_we_refresh_by_update),
		TEST(test_we_refresh_by_invite),
		TEST(test_refused_refreshes),
		TEST(test_glare),
		TEST(test_too_short),
		TEST(test_interval_of_a_proxy),
		TEST(test_no_interval_is_asked_for),
		TEST(test_probe),
		TEST(test_probe_of_nobody),
		TEST(test_nothing_is_wanted),
		TEST(test_callee_wants_more),
		TEST(test_callee_wants_too_much),
		TEST(test_callee_refreshes),
	};

	return cmocka_run_group_tests_name("sip_refresh", tests, NULL, NULL);
}
