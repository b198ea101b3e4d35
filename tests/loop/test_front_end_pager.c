/*
 * Messages outside a dialog (RFC 3428) to phones and to clients
 */
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/delivery.h"
#include "mcxd/core/event.h"
#include "mcxd/core/missed.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/session.h"
#include "pager_fixture.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

/* ---- refusals ---- */

static const struct {
	struct page page;
	const char *status, *header, *value;
} refused[] = {
	{ { .to = "nobody", .body = "x" }, "SIP/2.0 404", NULL, NULL },
	{ { .to = "alice", .body = "x" }, "SIP/2.0 480", NULL, NULL },
	{ { .type = "image/gif", .body = "GIF89a" },
	  "SIP/2.0 415",
	  "Accept",
	  "text/plain, text/html, text/rtf, multipart/alternative" },
	{ { .headers = "Content-Encoding: gzip\n", .body = "x" },
	  "SIP/2.0 415",
	  "Accept-Encoding",
	  "identity" },
	{ { .body = "" }, "SIP/2.0 400", NULL, NULL },
	{ { .body = "\xff\xfe" }, "SIP/2.0 400", NULL, NULL },
};

static void test_refused(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	fixture_phone(f, false);
	raw_udp(&r, f->loop, fixture_udp(f));
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		CLEANUP(mem_free_string) char *answer = NULL;

		page(&r, &refused[i].page);
		answer = raw_expect(&r, refused[i].status);
		if (refused[i].header)
			assert_string_equal(sip_header(answer, refused[i].header, 0),
					    refused[i].value);
	}
	assert_null(fixture_event(f, EVENT_INVITATION_STARTED));
	no_conversation(f);
	raw_close(&r);
}

/* ---- to a phone ---- */

/* It sleeps: a push, and 202. What follows goes into the same conversation, also before the phone has accepted. */
static void test_sleeping_phone(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *pushed = NULL;
	struct raw r, edge;
	uint64_t id;

	fixture_phone(f, true);
	raw_udp(&r, f->loop, fixture_udp(f));
	say(&r, "first");
	raw_expect_silence(&r, 20);
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&r, "SIP/2.0 202"));
	raw_accept(&edge, f->loop, f->edge_listener);
	pushed = raw_expect(&edge, "MESSAGE sip:push@push.lync.com");
	assert_non_null(strstr(pushed, "first"));
	fixture_answer(&edge, pushed, "200 OK", "", "");
	id = conversation_of(f);
	assert_string_equal(fixture_event(f, EVENT_INVITATION_STARTED)->text, "first");
	say(&r, "second");
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&r, "SIP/2.0 202"));
	free(pushed);
	pushed = raw_expect(&edge, "MESSAGE sip:push@push.lync.com");
	assert_non_null(strstr(pushed, "second"));
	assert_int_equal(phone_callee_accept(f->phone, id), PHONE_OK);
	say(&r, "third");
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&r, "SIP/2.0 202"));
	expect_texts(f, "first; second; third; ");
	assert_int_equal(phone_leg_terminate(f->phone, id), PHONE_OK);
	no_conversation(f);
	raw_close(&r);
	raw_close(&edge);
}

/* It is active: 200 once it has acknowledged. */
static void test_active_phone(void **state)
{
	struct front_end_fixture *f = *state;
	uint64_t packet, number;
	struct raw r;

	fixture_phone(f, false);
	raw_udp(&r, f->loop, fixture_udp(f));
	packet = f->phone->events.packet + 1;
	delivery_poll(f->phone, packet, 1, 0);
	say(&r, "first");
	wait_event(f, EVENT_INVITATION_STARTED);
	assert_int_equal(delivery_take(f->core, f->phone->id, 1, &number), POLL_PACKET);
	raw_expect_silence(&r, 20);
	delivery_poll(f->phone, packet + 1, 2, 0);
	free(raw_expect(&r, "SIP/2.0 200"));
	raw_close(&r);
}

static void say_stored(struct front_end_fixture *f, struct raw *r, const char *text)
{
	say(r, text);
	fixture_advance(f, WAIT_MS);
	free(raw_expect(r, "SIP/2.0 202"));
}

/* The phone's answers go to where the sender's message came from, if he is not registered, else to his clients. */
static void test_answers(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *message = NULL;
	struct raw stranger, alice;
	uint64_t id;

	fixture_phone(f, false);
	raw_udp(&stranger, f->loop, fixture_udp(f));
	page(&stranger, &(struct page){ .from = "carol", .body = "Hi Bob" });
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&stranger, "SIP/2.0 202"));
	id = conversation_of(f);
	assert_int_equal(phone_callee_accept(f->phone, id), PHONE_OK);
	phone_says(f, id, "Hi Carol");
	message = raw_expect(&stranger, "MESSAGE sip:carol@lab.test SIP/2.0");
	assert_non_null(strstr(message, "From: \"Bob\"<sip:bob@lab.test>;tag="));
	expect_body(message, "Hi Carol");
	fixture_answer(&stranger, message, "202 Accepted", "", "");
	assert_true(wait_event(f, EVENT_MESSAGE_COMPLETED)->success);
	client(f, &alice, "alice");
	say(&stranger, "Hi from Alice");
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&stranger, "SIP/2.0 202"));
	assert_int_not_equal(conversation_of(f), id);
	id = conversation_of(f);
	assert_int_equal(phone_callee_accept(f->phone, id), PHONE_OK);
	phone_says(f, id, "Hi Alice");
	take(&alice, "Hi Alice", "486 Busy Here");
	run_rounds(f->loop, 5);
	while (fixture_event(f, EVENT_MESSAGE_COMPLETED)->success)
		run_rounds(f->loop, 1);
	assert_string_equal(fixture_event(f, EVENT_MESSAGE_COMPLETED)->reason, "The user is busy");
	raw_close(&alice);
	raw_close(&stranger);
}

/* Behind a proxy both of Alice's clients come from one connection: nobody knows which of them it was, so both are told. */
static void test_answers_through_a_proxy(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice;
	uint64_t id;

	fixture_phone(f, false);
	client(f, &alice, "alice");
	raw_sendf(&alice,
		  "REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKreg2\n"
		  "From: <sip:alice@lab.test>;tag=r2\nTo: <sip:alice@lab.test>\nCall-ID: other\n"
		  "CSeq: 1 REGISTER\nMax-Forwards: 70\nContact: <sip:tablet@%s;transport=tcp>\n"
		  "Content-Length: 0\n\n",
		  alice.local, alice.local);
	free(raw_expect(&alice, "SIP/2.0 200"));
	say_stored(f, &alice, "Hi Bob");
	id = conversation_of(f);
	assert_int_equal(phone_callee_accept(f->phone, id), PHONE_OK);
	phone_says(f, id, "Hi Alice");
	take(&alice, "Hi Alice", "480 Away");
	take(&alice, "Hi Alice", "200 OK");
	assert_true(wait_event(f, EVENT_MESSAGE_COMPLETED)->success);
	raw_close(&alice);
}

static void test_idle(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	fixture_phone(f, false);
	raw_udp(&r, f->loop, fixture_udp(f));
	say(&r, "first");
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&r, "SIP/2.0 202"));
	assert_int_equal(phone_callee_accept(f->phone, conversation_of(f)), PHONE_OK);
	fixture_advance(f, IDLE_MS - 1000);
	say(&r, "second");
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&r, "SIP/2.0 202"));
	fixture_advance(f, IDLE_MS - 1000);
	assert_non_null(fixture_conversation(f));
	fixture_advance(f, 1000);
	wait_event(f, EVENT_CONVERSATION_DELETED);
	no_conversation(f);
	raw_close(&r);
}

/* Nobody accepts: it is a missed conversation. */
static void test_missed(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;

	fixture_phone(f, false);
	raw_udp(&r, f->loop, fixture_udp(f));
	say(&r, "first");
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&r, "SIP/2.0 202"));
	fixture_advance(f, IDLE_MS);
	no_conversation(f);
	assert_int_equal(f->phone->n_missed, 1);
	raw_close(&r);
}

/* All of what was acknowledged is found, and each message lets the phone ring on. */
static void test_missed_with_all_lines(void **state)
{
	struct front_end_fixture *f = *state;
	const struct missed *m;
	struct raw r;

	fixture_phone(f, false);
	raw_udp(&r, f->loop, fixture_udp(f));
	say_stored(f, &r, "first");
	fixture_advance(f, IDLE_MS - 2000);
	say_stored(f, &r, "second");
	fixture_advance(f, IDLE_MS - 2000);
	say_stored(f, &r, "third");
	assert_int_equal(f->phone->n_missed, 0);
	fixture_advance(f, IDLE_MS);
	no_conversation(f);
	m = LIST_ENTRY(f->phone->missed.next, const struct missed, of_phone);
	assert_string_equal(m->first_line, "first\nsecond\nthird");
	raw_close(&r);
}

static void on_signed_in(void *magic, enum phone_result result, uint64_t phone_id, bool is_new)
{
	assert_true(is_new);
	assert_int_equal(result, PHONE_OK);
	*(uint64_t *)magic = phone_id;
}

static void fill_queue(struct phone *p)
{
	while (event_add(&p->events, EVENT_MISSED_UPDATED, false))
		;
}

/* It is refused only if none of several phones takes it, whichever is asked first. */
static void test_one_of_two_is_full(void **state)
{
	struct front_end_fixture *f = *state;
	struct phone *phones[2];
	uint64_t id = 0;
	struct raw r;

	fixture_phone(f, false);
	session_sign_in(f->bob,
			&(struct phone_spec){ .endpoint_id = "e2", .user_agent = "iPhoneLync/4.0" },
			on_signed_in, &id);
	while (!id)
		run_rounds(f->loop, 1);
	phones[0] = f->phone;
	phones[1] = phone_get(f->core, id);
	phone_make_available(phones[1]);
	raw_udp(&r, f->loop, fixture_udp(f));
	say_stored(f, &r, "first");
	fill_queue(phones[0]);
	say_stored(f, &r, "second");
	event_queue_limit(&phones[0]->events, 10000, 10);
	fill_queue(phones[1]);
	say_stored(f, &r, "third");
	fill_queue(phones[0]);
	say(&r, "fourth");
	free(raw_expect(&r, "SIP/2.0 503"));
	raw_close(&r);
}

static void test_declined(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *message = NULL;
	struct raw r;

	fixture_phone(f, false);
	raw_udp(&r, f->loop, fixture_udp(f));
	say_stored(f, &r, "first");
	say(&r, "second");
	raw_expect_silence(&r, 20);
	assert_int_equal(phone_callee_decline(f->phone, conversation_of(f)), PHONE_OK);
	message = raw_expect(&r, "MESSAGE sip:alice@lab.test SIP/2.0");
	assert_non_null(strstr(message, "sip:bob@lab.test"));
	assert_non_null(strstr(sip_body(message), "Not delivered: "));
	free(raw_expect(&r, "SIP/2.0 603"));
	fixture_answer(&r, message, "200 OK", "", "");
	no_conversation(f);
	/* Of one that is refused itself nothing more need be said. */
	say(&r, "third");
	raw_expect_silence(&r, 20);
	assert_int_equal(phone_callee_decline(f->phone, conversation_of(f)), PHONE_OK);
	free(raw_expect(&r, "SIP/2.0 603"));
	raw_expect_silence(&r, 20);
	raw_close(&r);
}

/* ---- to clients ---- */

/* What a message says to the server alone: the way, credentials, identities. */
static void expect_nothing_of_server(const char *message)
{
	static const char *const names[] = {
		"Route",
		"Authorization",
		"Proxy-Authorization",
		"Authentication-Info",
		"Proxy-Authentication-Info",
		"P-Asserted-Identity",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (sip_header(message, names[i], 0))
			fail_msg("%s in %s", names[i], message);
}

#define CREDENTIALS                                                                                \
	"username=\"alice\", realm=\"lab\", nonce=\"0\", uri=\"sip:bob@lab.test\", "               \
	"response=\"c0ffee\""

/* As it is, to all of them; the first success is the answer. */
static void test_forked(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *one = NULL, *two = NULL, *answer = NULL;
	CLEANUP(mem_free_string) char *target = NULL;
	struct raw r, first, second;

	client(f, &first, "bob");
	client(f, &second, "bob");
	raw_udp(&r, f->loop, fixture_udp(f));
	page(&r, &(struct page){ .type = "message/x-odd",
				 .headers = "X-Odd: kept\nRoute: <sip:127.0.0.1;lr>\n"
					    "Record-Route: <sip:127.0.0.9;lr>\n"
					    "Authorization: Digest " CREDENTIALS "\n"
					    "proxy-authorization : Digest\n " CREDENTIALS "\n"
					    "P-Asserted-Identity: <sip:carol@lab.test>\n",
				 .body = "any\x01thing" });
	target = text_concat("MESSAGE sip:bob@", first.local, ";transport=tcp SIP/2.0");
	one = raw_expect(&first, target);
	two = raw_expect(&second, "MESSAGE sip:bob@");
	assert_true(sip_has_line(one, "X-Odd: kept"));
	assert_true(sip_has_line(one, "Max-Forwards: 69"));
	expect_nothing_of_server(one);
	assert_null(sip_header(one, "Record-Route", 0));
	assert_null(strstr(one, "c0ffee"));
	expect_body(two, "any\x01thing");
	fixture_answer(&first, one, "486 Busy Here", "", "");
	raw_expect_silence(&r, 20);
	fixture_answer(&second, two, "200 OK",
		       "X-Said: yes\r\nAuthentication-Info: rspauth=\"c0ffee\"\r\n"
		       "Proxy-Authentication-Info: rspauth=\"c0ffee\"\r\n"
		       "Record-Route: <sip:127.0.0.8;lr>\r\n",
		       "");
	answer = raw_expect(&r, "SIP/2.0 200");
	assert_true(sip_has_line(answer, "X-Said: yes"));
	expect_nothing_of_server(answer);
	assert_null(strstr(answer, "127.0.0.8")); /* the client's way */
	assert_non_null(strstr(sip_header(answer, "Via", 0), r.local));
	assert_null(sip_header(answer, "Via", 1));
	raw_close(&first);
	raw_close(&second);
	raw_close(&r);
}

/* Without a success it is the best refusal, in its own words. */
static void test_all_refuse(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *one = NULL, *two = NULL, *answer = NULL;
	struct raw r, first, second;

	client(f, &first, "bob");
	client(f, &second, "bob");
	raw_udp(&r, f->loop, fixture_udp(f));
	say(&r, "Hi");
	one = raw_expect(&first, "MESSAGE ");
	two = raw_expect(&second, "MESSAGE ");
	fixture_answer(&first, one, "500 Odd", "", "");
	fixture_answer(&second, two, "415 Unsupported", "Accept: text/odd\r\n", "");
	answer = raw_expect(&r, "SIP/2.0 415 Unsupported");
	assert_true(sip_has_line(answer, "Accept: text/odd"));
	raw_close(&first);
	raw_close(&second);
	raw_close(&r);
}

/* The phone has it, too, and its part is over with 202. */
static void test_client_and_phone(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r, bob;

	fixture_phone(f, false);
	client(f, &bob, "bob");
	raw_udp(&r, f->loop, fixture_udp(f));
	say(&r, "Hi");
	take(&bob, "Hi", "480 Away");
	wait_event(f, EVENT_INVITATION_STARTED);
	fixture_advance(f, WAIT_MS);
	free(raw_expect(&r, "SIP/2.0 202"));
	raw_close(&bob);
	raw_close(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pager_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refused),
		TEST(test_sleeping_phone),
		TEST(test_active_phone),
		TEST(test_answers),
		TEST(test_idle),
		TEST(test_missed),
		TEST(test_forked),
		TEST(test_all_refuse),
		TEST(test_client_and_phone),
		TEST(test_missed_with_all_lines),
		TEST(test_declined),
		TEST(test_one_of_two_is_full),
		TEST(test_answers_through_a_proxy),

	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
