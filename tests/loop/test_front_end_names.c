/*
 * Names where a host can stand: Contact, Request-URI, Record-Route, maddr, Via. Nothing asks a name server; a name that is not in
 * the table of hosts leaves the way that the other end's request came by, or a final answer that says so.
 */
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/event.h"
#include "mcxd/core/party.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_leg.h"
#include "mcxd/core/user.h"
#include "mcxd/net/hosts.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <string.h>
#include <unistd.h>

static const char *port_of(const char *address)
{
	return strrchr(address, ':');
}

static void know(struct front_end_fixture *f, const char *name)
{
	assert_int_equal(hosts_add(f->hosts, name, "127.0.0.1"), 0);
}

/* ---- of a registration ---- */

static void register_as(struct raw *bob, const char *contact, int expires_s)
{
	static unsigned cseq;
	CLEANUP(mem_free_string)
	char *header = text_format("Contact: <%s>;expires=%d\n", contact, expires_s);
	CLEANUP(mem_free_string) char *answer = fixture_register(bob, "reg", ++cseq, header);

	assert_non_null(strstr(answer, "SIP/2.0 200 "));
}

static void alice_invites(struct front_end_fixture *f, struct raw *alice, const char *to)
{
	static unsigned n;
	CLEANUP(mem_free_string) char *call_id = text_format("name%u", ++n);

	raw_tcp(alice, f->loop, fixture_tcp(f));
	fixture_send_invite(alice, &(struct invite){ .call_id = call_id, .to = to });
	free(raw_expect(alice, "SIP/2.0 100"));
}

static void bob_declines(struct raw *alice, struct raw *bob, const char *uri)
{
	CLEANUP(mem_free_string) char *start = text_format("INVITE %s SIP/2.0\r\n", uri);
	CLEANUP(mem_free_string) char *invite = raw_expect(bob, start);

	fixture_answer(bob, invite, "603 Decline", "", "");
	free(raw_expect(bob, "ACK "));
	free(raw_expect(alice, "SIP/2.0 603"));
	raw_close(alice);
}

static void assert_unknown(struct front_end_fixture *f, struct raw *alice, int n)
{
	CLEANUP(mem_free_string) char *final = raw_expect(alice, "SIP/2.0 503 ");
	const char *diagnostics = sip_header(final, "ms-diagnostics", 0);

	assert_non_null(diagnostics);
	assert_int_equal(strncmp(diagnostics, "1014;reason=\"Unable to resolve DNS A record\"", 43),
			 0);
	assert_non_null(strstr(diagnostics, "is a name that is not known"));
	assert_int_equal(fixture_metric(f, "front_end_names_unknown_total"), n);
	raw_close(alice);
	run_rounds(f->loop, 5);
	assert_int_equal(fixture_metric(f, "front_end_dialogs"), 0);
}

static const char *const contacts[] = { "sip:bob@bob.lab.test:5060", "sip:bob@bob.lab.test",
					"sip:bob@127.0.0.1:9;maddr=bob.lab.test" };

static void registered_and_still_there(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, bobs[2];

	raw_tcp(&bobs[0], f->loop, fixture_tcp(f));
	raw_udp(&bobs[1], f->loop, fixture_udp(f));
	for (size_t i = 0; i < ARRAY_SIZE(bobs); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(contacts); k++) {
			register_as(&bobs[i], contacts[k], 600);
			alice_invites(f, &alice, NULL);
			bob_declines(&alice, &bobs[i], contacts[k]);
			register_as(&bobs[i], contacts[k], 0);
		}
		raw_close(&bobs[i]);
	}
	assert_int_equal(fixture_metric(f, "front_end_names_unknown_total"), 0);
}

/* It is told once: then the registration is forgotten. */
static void registered_and_gone(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, bob;

	for (size_t k = 0; k < ARRAY_SIZE(contacts); k++) {
		raw_tcp(&bob, f->loop, fixture_tcp(f));
		register_as(&bob, contacts[k], 600);
		raw_close(&bob);
		run_rounds(f->loop, 5);
		alice_invites(f, &alice, NULL);
		assert_unknown(f, &alice, (int)k + 1);
		assert_true(list_empty(&f->bob->bindings));
	}
	alice_invites(f, &alice, NULL);
	free(raw_expect(&alice, "SIP/2.0 480 "));
	raw_close(&alice);
}

/* Another endpoint that can be reached is rung all the same. */
static void gone_at_one_of_two(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, lost, bob;

	raw_tcp(&lost, f->loop, fixture_tcp(f));
	free(fixture_register(
		&lost, "other", 1,
		"Contact: <sip:bob@lost.lab.test>;"
		"+sip.instance=\"<urn:uuid:00000000-0000-4000-8000-000000000001>\"\n"));
	raw_close(&lost);
	run_rounds(f->loop, 5);
	raw_tcp(&bob, f->loop, fixture_tcp(f));
	register_as(&bob, contacts[1], 600);
	alice_invites(f, &alice, NULL);
	bob_declines(&alice, &bob, contacts[1]);
	assert_int_equal(fixture_metric(f, "front_end_names_unknown_total"), 1);
	raw_close(&bob);
}

static void registered_by_a_known_name(void **state)
{
	static const struct {
		const char *host, *params;
	} rows[] = { { "bob.lab.test", "" },
		     { "127.0.0.9", ";maddr=Bob.lab.test" },
		     { "other.test", ";maddr=127.0.0.1" } };
	struct front_end_fixture *f = *state;

	know(f, "bob.lab.test");
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		char local[32];
		int listener = raw_listen(local);
		CLEANUP(mem_free_string)
		char *contact = text_format("sip:bob@%s%s%s;transport=tcp", rows[k].host,
					    port_of(local), rows[k].params);
		struct raw alice, bob;

		raw_tcp(&bob, f->loop, fixture_tcp(f));
		register_as(&bob, contact, 600);
		raw_close(&bob);
		run_rounds(f->loop, 5);
		alice_invites(f, &alice, NULL);
		raw_accept(&bob, f->loop, listener);
		bob_declines(&alice, &bob, contact);
		register_as(&bob, contact, 0);
		raw_close(&bob);
		close(listener);
	}
	assert_int_equal(fixture_metric(f, "front_end_names_unknown_total"), 0);
}

/* Where a request came to is us, whatever its URI says of the way. */
static void request_uri(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, bob;

	raw_tcp(&bob, f->loop, fixture_tcp(f));
	register_as(&bob, contacts[0], 600);
	alice_invites(f, &alice, "bob@lab.test;maddr=nowhere.lab.test");
	bob_declines(&alice, &bob, contacts[0]);
	alice_invites(f, &alice, "bob@nowhere.lab.test");
	free(raw_expect(&alice, "SIP/2.0 404 "));
	raw_close(&alice);
	raw_close(&bob);
}

/* ---- of a dialog ---- */

static const struct im im = { .content_type = "text/plain", .body = "Fine", .n_body = 4 };

/* Alice talks to Bob's phone. */
static void talk(struct sip_call *c, struct front_end_fixture *f, bool tcp,
		 const struct invite *invite)
{
	*c = (struct sip_call){ .f = f };
	fixture_phone(f, false);
	if (tcp)
		raw_tcp(&c->r, f->loop, fixture_tcp(f));
	else
		raw_udp(&c->r, f->loop, fixture_udp(f));
	fixture_send_invite(&c->r, invite);
	free(raw_expect(&c->r, "SIP/2.0 100 "));
	free(raw_expect(&c->r, "SIP/2.0 180 "));
	c->conversation = fixture_conversation(f)->id;
	call_answer(c);
	fixture_ack(&c->r, c->answer);
	run_rounds(f->loop, 5);
}

/* The phone writes, and hangs up. */
static void phone_talks(struct sip_call *c, const char *route)
{
	uint64_t id;

	assert_int_equal(phone_leg_say(c->f->phone, c->conversation, &im, &id), PHONE_OK);
	CLEANUP(mem_free_string) char *message = raw_expect(&c->r, "MESSAGE sip:alice@alice.");
	fixture_answer(&c->r, message, "200 OK", "", "");
	run_rounds(c->f->loop, 3);
	assert_true(fixture_event(c->f, EVENT_MESSAGE_COMPLETED)->success);
	assert_int_equal(phone_leg_terminate(c->f->phone, c->conversation), PHONE_OK);
	CLEANUP(mem_free_string) char *bye = raw_expect(&c->r, "BYE sip:alice@alice.");
	if (route)
		assert_non_null(strstr(sip_header(bye, "Route", 0), route));
	fixture_answer(&c->r, bye, "200 OK", "", "");
	call_over(c);
	assert_int_equal(fixture_metric(c->f, "front_end_names_unknown_total"), 0);
}

/* The phone writes when the way that Alice came by is gone. */
static void phone_fails(struct sip_call *c)
{
	const struct event *completed;
	uint64_t id;

	raw_close(&c->r);
	run_rounds(c->f->loop, 5);
	assert_int_equal(phone_leg_say(c->f->phone, c->conversation, &im, &id), PHONE_OK);
	run_rounds(c->f->loop, 5);
	completed = fixture_event(c->f, EVENT_MESSAGE_COMPLETED);
	assert_non_null(completed);
	assert_false(completed->success);
	assert_int_equal(fixture_metric(c->f, "front_end_names_unknown_total"), 1);
	call_over(c);
}

static void dialog_over_tcp(void **state)
{
	struct sip_call c;

	talk(&c, *state, true,
	     &(struct invite){ .call_id = "tcp", .contact = "alice.lab.test:5060" });
	phone_talks(&c, NULL);
}

static void dialog_over_udp(void **state)
{
	struct sip_call c;

	talk(&c, *state, false,
	     &(struct invite){ .call_id = "udp", .contact = "alice.lab.test;maddr=x.lab.test" });
	phone_talks(&c, NULL);
}

static void dialog_of_one_who_is_gone(void **state)
{
	struct sip_call c;

	talk(&c, *state, true, &(struct invite){ .call_id = "gone", .contact = "alice.lab.test" });
	phone_fails(&c);
}

#define RECORD_ROUTE "Record-Route: <sip:proxy.lab.test:5060;lr>\n"

static void dialog_by_a_proxy(void **state)
{
	struct sip_call c;

	talk(&c, *state, true,
	     &(struct invite){
		     .call_id = "rr", .contact = "alice.lab.test", .headers = RECORD_ROUTE });
	phone_talks(&c, "sip:proxy.lab.test:5060;lr");
}

static void dialog_by_a_proxy_that_is_gone(void **state)
{
	struct sip_call c;

	talk(&c, *state, true,
	     &(struct invite){
		     .call_id = "rrgone", .contact = "127.0.0.1:9", .headers = RECORD_ROUTE });
	phone_fails(&c);
}

/* The route set comes before the Contact (RFC 3261, 12.2.1.1). */
static void dialog_by_a_proxy_that_is_known(void **state)
{
	struct front_end_fixture *f = *state;
	char local[32];
	int listener = raw_listen(local);
	CLEANUP(mem_free_string)
	char *route = text_format("Record-Route: <sip:proxy.lab.test%s;transport=tcp;lr>, "
				  "<sip:127.0.0.1:9;lr>\n",
				  port_of(local));
	struct sip_call c;
	uint64_t id;

	know(f, "proxy.lab.test");
	talk(&c, f, true,
	     &(struct invite){
		     .call_id = "rrknown", .contact = "alice.lab.test", .headers = route });
	raw_close(&c.r);
	run_rounds(f->loop, 5);
	assert_int_equal(phone_leg_say(f->phone, c.conversation, &im, &id), PHONE_OK);
	raw_accept(&c.r, f->loop, listener);
	CLEANUP(mem_free_string) char *message = raw_expect(&c.r, "MESSAGE sip:alice@alice.");
	assert_non_null(strstr(sip_header(message, "Route", 0), "sip:proxy.lab.test"));
	fixture_answer(&c.r, message, "200 OK", "", "");
	assert_int_equal(phone_leg_terminate(f->phone, c.conversation), PHONE_OK);
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE sip:alice@alice.");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	call_over(&c);
	close(listener);
}

/* ---- of a Via ---- */

static void send_options(struct raw *r, const char *sent_by, const char *params)
{
	raw_sendf(r,
		  "OPTIONS sip:lab.test SIP/2.0\n"
		  "Via: SIP/2.0/%s %s;branch=z9hG4bK%s%s\n"
		  "From: <sip:bob@lab.test>;tag=1\nTo: <sip:lab.test>\nCall-ID: via%s\n"
		  "CSeq: 1 OPTIONS\nMax-Forwards: 70\nContent-Length: 0\n\n",
		  r->stream ? "TCP" : "UDP", sent_by, &params[1], params, &params[1]);
}

/* RFC 3261, 18.2.2: where it came from. */
static void via_by_unknown_names(void **state)
{
	static const char *const params[] = {
		";a;rport", ";b;maddr=nowhere.lab.test;rport",
		";c;maddr=nowhere.lab.test;received=192.0.2.1;rport"
	};
	struct front_end_fixture *f = *state;
	struct raw peers[2];

	raw_tcp(&peers[0], f->loop, fixture_tcp(f));
	raw_udp(&peers[1], f->loop, fixture_udp(f));
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(params); k++) {
			send_options(&peers[i], "client.lab.test:5060", params[k]);
			free(raw_expect(&peers[i], "SIP/2.0 200 "));
		}
		raw_close(&peers[i]);
	}
}

static void via_by_a_known_maddr(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw sender, other;
	char sent_by[64];

	know(f, "other.lab.test");
	raw_udp(&sender, f->loop, fixture_udp(f));
	raw_bound_udp(&other, f->loop);
	snprintf(sent_by, sizeof(sent_by), "client.lab.test%s", port_of(other.local));
	send_options(&sender, sent_by, ";d;maddr=other.lab.test");
	free(raw_expect(&other, "SIP/2.0 200 "));
	raw_close(&sender);
	raw_close(&other);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(registered_and_still_there),
		TEST(registered_and_gone),
		TEST(gone_at_one_of_two),
		TEST(registered_by_a_known_name),
		TEST(request_uri),
		TEST(dialog_over_tcp),
		TEST(dialog_over_udp),
		TEST(dialog_of_one_who_is_gone),
		TEST(dialog_by_a_proxy),
		TEST(dialog_by_a_proxy_that_is_gone),
		TEST(dialog_by_a_proxy_that_is_known),
		TEST(via_by_unknown_names),
		TEST(via_by_a_known_maddr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
