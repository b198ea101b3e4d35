/*
 * Authentication: within dialogs, whose tags others may have seen
 */
#include "auth_client.h"
#include "front_end_fixture.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

static int setup(void **state)
{
	return fixture_setup_with(state, auth_client_ask);
}

/* An INVITE is challenged without a transaction that its ACK would have to end, and what follows in the dialog is, too. */
static void test_dialog(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	fixture_phone(f, false);
	auth_client_init(&c, f, true);
	c.user = "alice";
	c.uri = "sip:bob@lab.test";
	fixture_send_invite(&c.r, &(struct invite){ .call_id = "d" });
	CLEANUP(mem_free_string) char *challenge = raw_expect(&c.r, "SIP/2.0 407 ");
	auth_client_take(&c, challenge, "Proxy-Authenticate", 0);
	CLEANUP(mem_free_string)
	char *line = auth_client_credentials(&c, "Proxy-Authorization", "INVITE");
	fixture_send_invite(&c.r, &(struct invite){ .call_id = "d", .headers = line });
	CLEANUP(mem_free_string) char *ringing = raw_skip_to(&c.r, "SIP/2.0 180 ");
	/* It is a caller who may end it, and only who can prove that. */
	fixture_in_dialog(&c.r, ringing, "BYE", 2, NULL, NULL);
	CLEANUP(mem_free_string) char *again = raw_expect(&c.r, "SIP/2.0 407 ");
	auth_client_take(&c, again, "Proxy-Authenticate", 0);
	c.uri = "(null)";
	CLEANUP(mem_free_string)
	char *bye = auth_client_credentials(&c, "Proxy-Authorization", "BYE");
	fixture_send_in_dialog(&c.r, ringing,
			       &(struct in_dialog){ .method = "BYE", .cseq = 3, .headers = bye });
	free(raw_skip_to(&c.r, "SIP/2.0 200 "));
	auth_client_deinit(&c);
}

/* Of a dialog; to: with ";tag=" in front. */
struct tags {
	const char *call_id, *from, *to;
};

/* A request with these tags, of whoever the client is. */
static void send_tagged(struct auth_client *c, const struct tags *tags, const char *method,
			unsigned cseq, const char *from)
{
	CLEANUP(mem_free_string)
	char *line = *c->user ? auth_client_credentials(c, "Proxy-Authorization", method) : NULL;

	raw_sendf(&c->r,
		  "%s sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKt%u\n"
		  "From: <sip:%s@lab.test>;tag=%s\nTo: <sip:bob@lab.test>%s\nCall-ID: %s\n"
		  "CSeq: %u %s\nContact: <sip:%s@%s;transport=tcp>\nEvent: presence\n%s"
		  "Content-Length: 0\n\n",
		  method, c->r.local, cseq, from, tags->from, tags->to, tags->call_id, cseq, method,
		  from, c->r.local, line ? line : "");
}

static void meet_tagged(struct auth_client *c, const struct tags *tags, const char *method,
			unsigned cseq)
{
	const char *user = c->user;

	c->user = "";
	send_tagged(c, tags, method, cseq, user);
	CLEANUP(mem_free_string) char *challenge = raw_skip_to(&c->r, "SIP/2.0 407 ");
	auth_client_take(c, challenge, "Proxy-Authenticate", 0);
	c->user = user;
}

/* Who has seen the tags of Alice's dialog, and has an account of his own. */
static void expect_only_peer(struct auth_client *alice, const struct front_end_fixture *f,
			     const struct tags *tags, const char *method)
{
	struct auth_client other;

	auth_client_init(&other, f, true);
	other.uri = "sip:bob@lab.test";
	meet_tagged(&other, tags, method, 50);
	send_tagged(&other, tags, method, 51, "bob");
	free(raw_skip_to(&other.r, "SIP/2.0 403 "));
	other.user = "alice";
	other.password = "guess";
	send_tagged(&other, tags, method, 52, "alice");
	free(raw_skip_to(&other.r, "SIP/2.0 407 "));
	raw_expect_silence(&other.r, 5);
	auth_client_deinit(&other);
	fixture_advance(mem_no_const(f), 2000); /* the guess */
	meet_tagged(alice, tags, method, 53);
	send_tagged(alice, tags, method, 54, "alice");
	free(raw_skip_to(&alice->r, "SIP/2.0 200 "));
}

static void test_call_of_others(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	fixture_phone(f, false);
	auth_client_init(&c, f, true);
	c.user = "alice";
	c.uri = "sip:bob@lab.test";
	fixture_send_invite(&c.r, &(struct invite){ .call_id = "d" });
	CLEANUP(mem_free_string) char *challenge = raw_expect(&c.r, "SIP/2.0 407 ");
	auth_client_take(&c, challenge, "Proxy-Authenticate", 0);
	CLEANUP(mem_free_string)
	char *line = auth_client_credentials(&c, "Proxy-Authorization", "INVITE");
	fixture_send_invite(&c.r, &(struct invite){ .call_id = "d", .headers = line });
	CLEANUP(mem_free_string) char *ringing = raw_skip_to(&c.r, "SIP/2.0 180 ");
	CLEANUP(mem_free_string) char *to = text_concat(";tag=", sip_tag(ringing, "TO"));
	expect_only_peer(&c, f, &(struct tags){ "d", "a1", to }, "BYE");
	auth_client_deinit(&c);
}

static void test_subscription_of_others(void **state)
{
	const struct tags outside = { "s", "s1", "" };
	struct front_end_fixture *f = *state;
	struct auth_client c;

	auth_client_init(&c, f, true);
	c.user = "alice";
	c.uri = "sip:bob@lab.test";
	meet_tagged(&c, &outside, "SUBSCRIBE", 1);
	send_tagged(&c, &outside, "SUBSCRIBE", 2, "alice");
	CLEANUP(mem_free_string) char *answer = raw_skip_to(&c.r, "SIP/2.0 200 ");
	CLEANUP(mem_free_string) char *notify = raw_skip_to(&c.r, "NOTIFY ");
	fixture_answer(&c.r, notify, "200 OK", "", "");
	CLEANUP(mem_free_string) char *to = text_concat(";tag=", sip_tag(answer, "To"));
	expect_only_peer(&c, f, &(struct tags){ "s", "s1", to }, "SUBSCRIBE");
	/* Whom the news goes to is still she. */
	free(raw_skip_to(&c.r, "NOTIFY "));
	auth_client_deinit(&c);
}

#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_dialog),
		LOOP_TEST(test_call_of_others),
		LOOP_TEST(test_subscription_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
