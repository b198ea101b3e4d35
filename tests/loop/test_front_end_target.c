/*
 * Target refresh, and clients that come back over another connection
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

#define AUDIO "v=0\r\nm=audio 4000 RTP/AVP 0\r\n"
#define NEW   "sip:new@127.0.0.9:5999;transport=tcp"

static void talk(struct sip_call *c, struct front_end_fixture *f, const char *headers)
{
	*c = (struct sip_call){ .f = f };
	if (!f->phone)
		fixture_phone(f, false);
	raw_tcp(&c->r, f->loop, fixture_tcp(f));
	fixture_send_invite(&c->r, &(struct invite){ .call_id = "target", .headers = headers });
	free(raw_expect(&c->r, "SIP/2.0 100 "));
	c->ringing = raw_expect(&c->r, "SIP/2.0 180 ");
	c->conversation = fixture_conversation(f)->id;
	call_answer(c);
	fixture_ack(&c->r, c->answer);
	run_rounds(f->loop, 3);
}

static void say(struct sip_call *c)
{
	static const struct im im = { .content_type = "text/plain", .body = "Fine", .n_body = 4 };
	uint64_t id;

	assert_int_equal(phone_leg_say(c->f->phone, c->conversation, &im, &id), PHONE_OK);
}

/* Returns the MESSAGE, answered. */
static char *expect_message(struct sip_call *c, const char *target)
{
	CLEANUP(mem_free_string) char *start = text_concat("MESSAGE ", target, " SIP/2.0\r\n");
	char *message = raw_expect(&c->r, start);

	fixture_answer(&c->r, message, "200 OK", "", "");
	run_rounds(c->f->loop, 3);
	assert_true(fixture_event(c->f, EVENT_MESSAGE_COMPLETED)->success);
	return message;
}

static void request(struct sip_call *c, const char *method, unsigned cseq, const char *contact,
		    const char *sdp)
{
	fixture_send_in_dialog(&c->r, c->answer,
			       &(struct in_dialog){ .method = method,
						    .cseq = cseq,
						    .contact = contact,
						    .type = sdp ? "application/sdp" : NULL,
						    .body = sdp });
}

static void hang_up(struct sip_call *c)
{
	call_hang_up(c);
	call_over(c);
}

/* An accepted one replaces the remote target (RFC 3261, 12.2.2; RFC 3311, 5.1). */
static void test_accepted(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, "");
	request(&c, "INVITE", 2, NEW, IM_SDP);
	CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "SIP/2.0 200");
	fixture_in_dialog(&c.r, again, "ACK", 2, NULL, NULL);
	say(&c);
	free(expect_message(&c, NEW));
	request(&c, "UPDATE", 3, "sip:newer@127.0.0.9", NULL);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	say(&c);
	free(expect_message(&c, "sip:newer@127.0.0.9"));
	request(&c, "UPDATE", 4, "sip:newest@127.0.0.9", IM_SDP);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	say(&c);
	free(expect_message(&c, "sip:newest@127.0.0.9"));
	hang_up(&c);
}

/* A refused one does not, nor does a request that is none. */
static void test_refused(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, "");
	CLEANUP(mem_free_string)
	char *target = text_concat("sip:alice@", c.r.local, ";transport=TCP");
	request(&c, "INVITE", 2, NEW, AUDIO);
	free(raw_expect(&c.r, "SIP/2.0 488"));
	request(&c, "ACK", 2, NEW, NULL);
	request(&c, "UPDATE", 3, NEW, AUDIO);
	free(raw_expect(&c.r, "SIP/2.0 488"));
	request(&c, "OPTIONS", 4, NEW, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	say(&c);
	free(expect_message(&c, target));
	hang_up(&c);
}

/* The route set stays (RFC 3261, 12.2). */
static void test_route_set(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, "Record-Route: <sip:127.0.0.8:5070;lr>\n");
	request(&c, "INVITE", 2, NEW, IM_SDP);
	CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "SIP/2.0 200");
	fixture_in_dialog(&c.r, again, "ACK", 2, NULL, NULL);
	say(&c);
	CLEANUP(mem_free_string) char *message = expect_message(&c, NEW);
	assert_string_equal(sip_header(message, "Route", 0), "<sip:127.0.0.8:5070;lr>");
	hang_up(&c);
}

/* Alice's network has changed: her client says so from the new address. */
static void test_other_connection(void **state)
{
	static const char *const methods[] = { "INVITE", "UPDATE" };
	struct front_end_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		struct sip_call c;

		talk(&c, f, "");
		raw_close(&c.r);
		run_rounds(f->loop, 3);
		raw_tcp(&c.r, f->loop, fixture_tcp(f));
		CLEANUP(mem_free_string)
		char *target = text_concat("sip:alice@", c.r.local, ";transport=tcp");
		request(&c, methods[i], 2, target, i ? NULL : IM_SDP);
		CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "SIP/2.0 200");
		if (!i)
			fixture_in_dialog(&c.r, again, "ACK", 2, NULL, NULL);
		say(&c);
		free(expect_message(&c, target));
		hang_up(&c);
	}
}

/* What is under way on the connection that is lost goes by the one that her request has come by meanwhile. */
static void test_message_under_way(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;
	struct raw old;

	talk(&c, f, "");
	say(&c);
	free(raw_expect(&c.r, "MESSAGE "));
	old = c.r;
	raw_tcp(&c.r, f->loop, fixture_tcp(f));
	request(&c, "OPTIONS", 2, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	raw_close(&old);
	CLEANUP(mem_free_string) char *message = raw_expect(&c.r, "MESSAGE ");
	fixture_answer(&c.r, message, "200 OK", "", "");
	run_rounds(f->loop, 3);
	assert_true(fixture_event(f, EVENT_MESSAGE_COMPLETED)->success);
	hang_up(&c);
}

/* Returns her GRUU; free() it. */
static char *register_alice(struct raw *r, unsigned cseq)
{
	raw_sendf(r,
		  "REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKg%u\n"
		  "Max-Forwards: 70\nFrom: <sip:alice@lab.test>;tag=g1;epid=8e6a6acdd05a\n"
		  "To: <sip:alice@lab.test>\nCall-ID: gruu1\nCSeq: %u REGISTER\n"
		  "Contact: <sip:%s;transport=tcp;ms-opaque=d>;proxy=replace\n"
		  "Supported: gruu-10, adhoclist\nExpires: 7200\nContent-Length: 0\n\n",
		  r->local, cseq, cseq, r->local);
	CLEANUP(mem_free_string) char *answer = raw_expect(r, "SIP/2.0 200");
	const char *gruu = strstr(sip_header(answer, "Contact", 0), ";gruu=\"");

	assert_non_null(gruu);
	gruu += strlen(";gruu=\"");
	return mem_memdup(gruu, strcspn(gruu, "\""));
}

/* Her client has registered again, and has nothing to say in the dialog: a MESSAGE finds it. */
static void test_registered_again(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;
	struct raw second;

	c = (struct sip_call){ .f = f };
	fixture_phone(f, false);
	raw_tcp(&c.r, f->loop, fixture_tcp(f));
	free(register_alice(&c.r, 1));
	fixture_send_invite(&c.r, &(struct invite){ .call_id = "target" });
	free(raw_expect(&c.r, "SIP/2.0 100 "));
	free(raw_expect(&c.r, "SIP/2.0 180 "));
	c.conversation = fixture_conversation(f)->id;
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	run_rounds(f->loop, 3);
	for (unsigned i = 2; i < 8; i++) {
		raw_close(&c.r);
		raw_tcp(&second, f->loop, fixture_tcp(f));
		free(register_alice(&second, i));
		c.r = second;
		say(&c);
		CLEANUP(mem_free_string) char *message = raw_expect(&c.r, "MESSAGE ");
		fixture_answer(&c.r, message, "200 OK", "", "");
		run_rounds(f->loop, 3);
		assert_true(fixture_event(f, EVENT_MESSAGE_COMPLETED)->success);
	}
	/* and so does a BYE */
	raw_close(&c.r);
	raw_tcp(&c.r, f->loop, fixture_tcp(f));
	free(register_alice(&c.r, 9));
	assert_int_equal(phone_leg_terminate(f->phone, c.conversation), PHONE_OK);
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE ");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	call_over(&c);
}

/* Her Contact is the GRUU that we gave her: it means the binding that stands now (RFC 5627, MS-SIPRE). */
static void test_gruu(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	talk(&c, f, "");
	CLEANUP(mem_free_string) char *gruu = register_alice(&c.r, 1);
	request(&c, "UPDATE", 2, gruu, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	say(&c);
	free(expect_message(&c, gruu));
	raw_close(&c.r);
	raw_tcp(&c.r, f->loop, fixture_tcp(f));
	free(register_alice(&c.r, 2));
	say(&c);
	free(expect_message(&c, gruu));
	hang_up(&c);
}

/* The registration that the conversation used expires, and nobody has heard of the client since. */
static void test_registration_expires(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	c = (struct sip_call){ .f = f };
	fixture_phone(f, false);
	raw_tcp(&c.r, f->loop, fixture_tcp(f));
	free(register_alice(&c.r, 1));
	fixture_send_invite(&c.r, &(struct invite){ .call_id = "target" });
	free(raw_expect(&c.r, "SIP/2.0 100 "));
	free(raw_expect(&c.r, "SIP/2.0 180 "));
	c.conversation = fixture_conversation(f)->id;
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	run_rounds(f->loop, 3);
	fixture_advance(f, 7199000);
	assert_non_null(fixture_conversation(f));
	fixture_advance(f, 1000);
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE ");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	assert_string_equal(fixture_event(f, EVENT_MESSAGING_UPDATED)->state, "Disconnected");
	call_over(&c);
}

/* Another client of hers, by the same connection, as behind a proxy. */
static void register_other(struct raw *r, const char *name, const char *epid, int expires)
{
	raw_sendf(r,
		  "REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bK%s\n"
		  "Max-Forwards: 70\nFrom: <sip:alice@lab.test>;tag=g1%s\n"
		  "To: <sip:alice@lab.test>\nCall-ID: %s\nCSeq: 1 REGISTER\n"
		  "Contact: <sip:%s@%s;transport=tcp>\n"
		  "Expires: %d\nContent-Length: 0\n\n",
		  r->local, name, epid, name, name, r->local, expires);
	free(raw_expect(r, "SIP/2.0 200"));
}

/* The way they came by does not tell which of them has the conversation: it goes on when another one's registration expires. */
static void test_registration_of_another_expires(void **state)
{
	static const struct {
		const char *epids[2];
		bool is_registered;
	} rows[] = {
		{ { ";epid=000000000001", ";epid=000000000002" }, true },
		{ { "", "" }, true },
		{ { "", "" }, false },
		{ { ";epid=000000000001", NULL }, false },
	};
	struct front_end_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sip_call c = { .f = f };

		if (!f->phone)
			fixture_phone(f, false);
		raw_tcp(&c.r, f->loop, fixture_tcp(f));
		for (int n = 0; n < 2 && rows[i].epids[n]; n++)
			register_other(&c.r, n ? "tablet" : "pad", rows[i].epids[n], 3600);
		if (rows[i].is_registered)
			register_other(&c.r, "laptop", ";epid=8e6a6acdd05a", 7200);
		fixture_send_invite(&c.r, &(struct invite){ .call_id = "target" });
		free(raw_expect(&c.r, "SIP/2.0 100 "));
		free(raw_expect(&c.r, "SIP/2.0 180 "));
		c.conversation = fixture_conversation(f)->id;
		call_answer(&c);
		fixture_ack(&c.r, c.answer);
		run_rounds(f->loop, 3);
		fixture_advance(f, 3601000);
		raw_expect_silence(&c.r, 3);
		say(&c);
		CLEANUP(mem_free_string) char *message = raw_expect(&c.r, "MESSAGE ");
		fixture_answer(&c.r, message, "200 OK", "", "");
		hang_up(&c);
		fixture_advance(f, 7200000);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_accepted),
		TEST(test_refused),
		TEST(test_route_set),
		TEST(test_other_connection),
		TEST(test_message_under_way),
		TEST(test_registered_again),
		TEST(test_gruu),
		TEST(test_registration_expires),
		TEST(test_registration_of_another_expires),
	};

	return cmocka_run_group_tests_name("sip_target", tests, NULL, NULL);
}
