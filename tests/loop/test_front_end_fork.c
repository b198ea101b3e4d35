/*
 * Invitations for several endpoints
 */
#include "front_end_fixture.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/event.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#define DESK_SDP                                                                                   \
	"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"          \
	"m=message 5060 sip sip:bob@lab.test\r\na=accept-types:text/plain\r\n"

#define PROXIED                                                                                    \
	"13004;reason=\"Request was proxied to one or more registered endpoints.\";source="        \
	"\"fe.lab.test\""

enum { N_DESKS = 2 };

/* Alice has invited Bob, who has two desktops. */
struct fork {
	struct front_end_fixture *f;
	struct raw alice, desks[N_DESKS];
	char *invites[N_DESKS]; /* as they came */
};

/* Endpoints are told apart by their epids. */
static void register_desk(struct raw *r, unsigned epid)
{
	static unsigned cseq;

	cseq++;
	raw_sendf(r,
		  "REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKr%u\n"
		  "From: <sip:bob@lab.test>;tag=r;epid=%08x\nTo: <sip:bob@lab.test>\n"
		  "Call-ID: r%u\nCSeq: %u REGISTER\nMax-Forwards: 70\n"
		  "Contact: <sip:bob@%s;transport=tcp>\nContent-Length: 0\n\n",
		  r->local, cseq, epid, epid, cseq, r->local);
	free(raw_expect(r, "SIP/2.0 200 "));
}

static void fork_begin(struct fork *k, struct front_end_fixture *f)
{
	*k = (struct fork){ .f = f };
	for (int i = 0; i < N_DESKS; i++) {
		raw_tcp(&k->desks[i], f->loop, fixture_tcp(f));
		register_desk(&k->desks[i], (unsigned)i + 1);
	}
	raw_udp(&k->alice, f->loop, fixture_udp(f));
	fixture_send_invite(&k->alice,
			    &(struct invite){ .call_id = "fork", .headers = FIRST_LINE });
	free(raw_expect(&k->alice, "SIP/2.0 100 "));
	for (int i = 0; i < N_DESKS; i++)
		k->invites[i] = raw_expect(&k->desks[i], "INVITE sip:bob@");
}

static void desk_answers(struct fork *k, int desk, const char *status, const char *headers)
{
	CLEANUP(mem_free_string)
	char *all = text_format("Contact: <sip:bob@%s;transport=tcp>\r\n%s", k->desks[desk].local,
				headers);

	fixture_answer(&k->desks[desk], k->invites[desk], status, all,
		       strncmp(status, "200", 3) ? "" : DESK_SDP);
	if (strncmp(status, "1", 1) != 0)
		free(raw_skip_to(&k->desks[desk], "ACK "));
}

static void fork_over(struct fork *k)
{
	run_rounds(k->f->loop, 5);
	assert_int_equal(fixture_metric(k->f, "front_end_dialogs"), 0);
	assert_null(fixture_conversation(k->f));
	for (int i = 0; i < N_DESKS; i++) {
		free(k->invites[i]);
		raw_close(&k->desks[i]);
	}
	raw_close(&k->alice);
}

/* Each desktop's 180 reaches the caller in the one early dialog that it has with us, and so does the phone's. */
static void ring_all(struct fork *k)
{
	CLEANUP(mem_free_string) char *phone = raw_expect(&k->alice, "SIP/2.0 180 ");
	char *rings[N_DESKS];

	assert_string_equal(sip_header(phone, "ms-diagnostics", 0), PROXIED);
	for (int i = 0; i < N_DESKS; i++) {
		desk_answers(k, i, "180 Ringing", "");
		rings[i] = raw_expect(&k->alice, "SIP/2.0 180 ");
		assert_string_equal(sip_header(rings[i], "ms-diagnostics", 0), PROXIED);
	}
	assert_string_equal(sip_tag(rings[0], "To"), sip_tag(rings[1], "To"));
	assert_string_equal(sip_tag(rings[0], "To"), sip_tag(phone, "TO"));
	for (int i = 0; i < N_DESKS; i++)
		free(rings[i]);
}

/* The first 2xx wins: the other desktop hears why it stops, and so does the phone. */
static void test_first_answer_wins(void **state)
{
	struct front_end_fixture *f = *state;
	const struct event *completed;
	struct fork k;

	fixture_phone(f, false);
	fork_begin(&k, f);
	ring_all(&k);
	desk_answers(&k, 1, "200 OK",
		     "Content-Type: application/sdp\r\nSupported: ms-text-format\r\n");
	CLEANUP(mem_free_string) char *answer = raw_skip_to(&k.alice, "SIP/2.0 200 OK\r\n");
	fixture_ack(&k.alice, answer);
	CLEANUP(mem_free_string) char *cancel = raw_expect(&k.desks[0], "CANCEL sip:bob@");
	assert_string_equal(sip_header(cancel, "Reason", 0),
			    "SIP;cause=200;text=\"Call completed elsewhere\"");
	fixture_answer(&k.desks[0], cancel, "200 OK", "", "");
	desk_answers(&k, 0, "487 Request Terminated", "");
	completed = fixture_event(f, EVENT_INVITATION_COMPLETED);
	assert_null(completed); /* it was never told of the invitation */
	assert_int_equal(f->phone->n_missed, 0);
	fixture_in_dialog(&k.alice, answer, "BYE", 2, NULL, NULL);
	free(raw_expect(&k.alice, "SIP/2.0 200"));
	free(raw_expect(&k.desks[1], "BYE "));
	fork_over(&k);
}

/* A phone answers: both desktops stop ringing. */
static void test_phone_wins(void **state)
{
	struct front_end_fixture *f = *state;
	struct fork k;

	fixture_phone(f, false);
	fork_begin(&k, f);
	ring_all(&k);
	assert_int_equal(phone_callee_accept(f->phone, fixture_conversation(f)->id), PHONE_OK);
	CLEANUP(mem_free_string) char *answer = raw_expect(&k.alice, "SIP/2.0 200 OK\r\n");
	fixture_ack(&k.alice, answer);
	for (int i = 0; i < N_DESKS; i++) {
		CLEANUP(mem_free_string) char *cancel = raw_expect(&k.desks[i], "CANCEL sip:bob@");

		assert_non_null(strstr(sip_header(cancel, "Reason", 0), "cause=200"));
		fixture_answer(&k.desks[i], cancel, "200 OK", "", "");
		desk_answers(&k, i, "487 Request Terminated", "");
	}
	fixture_in_dialog(&k.alice, answer, "BYE", 2, NULL, NULL);
	free(raw_expect(&k.alice, "SIP/2.0 200"));
	fork_over(&k);
}

/* A 200 that crosses the CANCEL is acknowledged, and ended. */
static void test_two_answers(void **state)
{
	struct front_end_fixture *f = *state;
	struct fork k;

	fork_begin(&k, f);
	for (int i = 0; i < N_DESKS; i++) {
		desk_answers(&k, i, "180 Ringing", "");
		free(raw_expect(&k.alice, "SIP/2.0 180 "));
	}
	for (int i = 0; i < N_DESKS; i++)
		desk_answers(&k, i, "200 OK", "Content-Type: application/sdp\r\n");
	free(raw_skip_to(&k.desks[1], "BYE "));
	CLEANUP(mem_free_string) char *answer = raw_expect(&k.alice, "SIP/2.0 200 OK\r\n");
	fixture_ack(&k.alice, answer);
	raw_expect_silence(&k.alice, 5);
	fixture_in_dialog(&k.alice, answer, "BYE", 2, NULL, NULL);
	free(raw_expect(&k.alice, "SIP/2.0 200"));
	free(raw_expect(&k.desks[0], "BYE "));
	fork_over(&k);
}

/* ---- nobody answers ---- */

/* RFC 3261, 16.7, step 6. The first desktop's final comes first. */
static void test_best_final(void **state)
{
	static const struct {
		const char *first, *second, *best;
	} rows[] = {
		{ "486 Busy Here", "404 Not Found", "486" },
		{ "486 Busy Here", "484 Address Incomplete", "484" },
		{ "420 Bad Extension", "404 Not Found", "420" },
		{ "404 Not Found", "302 Moved Temporarily", "302" },
		{ "500 Server Internal Error", "486 Busy Here", "486" },
		{ "302 Moved Temporarily", "603 Decline", "603" },
		{ "480 Temporarily Unavailable", "486 Busy Here", "486" },
		{ "503 Service Unavailable", "505 Version Not Supported", "500" },
		{ "485 Ambiguous", "503 Service Unavailable", "485" },
	};
	struct front_end_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *want = text_format("SIP/2.0 %s ", rows[i].best);
		struct fork k;

		fork_begin(&k, f);
		desk_answers(&k, 0, rows[i].first, "");
		raw_expect_silence(&k.alice, 2);
		desk_answers(&k, 1, rows[i].second, "");
		free(raw_expect(&k.alice, want));
		fork_over(&k);
	}
}

/* 6xx is for all (21.6). */
static void test_refused_for_all(void **state)
{
	struct front_end_fixture *f = *state;
	struct fork k;

	fork_begin(&k, f);
	desk_answers(&k, 0, "180 Ringing", "");
	desk_answers(&k, 1, "600 Busy Everywhere", "");
	CLEANUP(mem_free_string) char *cancel = raw_expect(&k.desks[0], "CANCEL ");
	assert_non_null(strstr(sip_header(cancel, "Reason", 0), "cause=603"));
	free(raw_skip_to(&k.alice, "SIP/2.0 600 "));
	desk_answers(&k, 0, "487 Request Terminated", "");
	fork_over(&k);
}

/* What one of them says reaches Alice in its own words. */
static void test_final_in_their_words(void **state)
{
	static const struct {
		const char *status, *headers, *want, *line;
	} rows[] = {
		{ "302 Gone Fishing", "Contact: <sip:lake@127.0.0.9>\r\n", "302 Gone Fishing",
		  "Contact: <sip:lake@127.0.0.9>" },
		{ "401 Who Are You", "WWW-Authenticate: Digest realm=\"x\", nonce=\"1\"\r\n",
		  "401 Who Are You", "WWW-Authenticate: Digest realm=\"x\", nonce=\"1\"" },
		{ "499 Odd", "X-Why: because\r\n", "499 Odd", "X-Why: because" },
		{ "603 Never", "Retry-After: 60\r\n", "603 Never", "Retry-After: 60" },
		{ "423 Not That", "Warning: 399 x \"y\"\r\n", "423 Not That",
		  "Warning: 399 x \"y\"" },
	};
	struct front_end_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string) char *want = text_format("SIP/2.0 %s\r\n", rows[i].want);
		struct fork k;

		fork_begin(&k, f);
		desk_answers(&k, 0, "500 Later", "");
		fixture_answer(&k.desks[1], k.invites[1], rows[i].status, rows[i].headers, "why");
		CLEANUP(mem_free_string) char *final = raw_expect(&k.alice, want);
		assert_true(sip_has_line(final, rows[i].line));
		assert_string_equal(sip_body(final), "why");
		fork_over(&k);
	}
}

/* Alice is to answer all who ask for her credentials (16.7, step 7). */
static void test_challenges_are_collected(void **state)
{
	struct front_end_fixture *f = *state;
	struct fork k;

	fork_begin(&k, f);
	desk_answers(&k, 0, "401 Unauthorized", "WWW-Authenticate: Digest realm=\"one\"\r\n");
	desk_answers(&k, 1, "407 Proxy Authentication Required",
		     "Proxy-Authenticate: Digest realm=\"two\"\r\n");
	CLEANUP(mem_free_string) char *final = raw_expect(&k.alice, "SIP/2.0 401 ");
	assert_true(sip_has_line(final, "WWW-Authenticate: Digest realm=\"one\""));
	assert_true(sip_has_line(final, "Proxy-Authenticate: Digest realm=\"two\""));
	fork_over(&k);
}

/* ---- merged requests ---- */

static void send_branch(struct raw *r, const char *to, const char *branch)
{
	fixture_send_invite(r, &(struct invite){ .to = to, .call_id = "m", .branch = branch });
}

/* A proxy has forked Alice's INVITE to two users of ours, and to one of them twice. */
static void test_merged(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw alice, desk;

	fixture_phone(f, false);
	fixture_phone_of(f, f->alice, false);
	raw_tcp(&desk, f->loop, fixture_tcp(f));
	register_desk(&desk, 1);
	raw_udp(&alice, f->loop, fixture_udp(f));
	send_branch(&alice, "bob@lab.test", "one");
	free(raw_skip_to(&alice, "SIP/2.0 180 "));
	send_branch(&alice, "alice@lab.test", "two");
	free(raw_skip_to(&alice, "SIP/2.0 180 "));
	send_branch(&alice, "BOB@lab.test", "three");
	CLEANUP(mem_free_string) char *merged = raw_expect(&alice, "SIP/2.0 482 ");
	assert_non_null(strstr(sip_header(merged, "ms-diagnostics", 0), "31015;"));
	CLEANUP(mem_free_string) char *invite = raw_expect(&desk, "INVITE ");
	raw_expect_silence(&desk, 3);

	/* it has ended, so the next one is not the same */
	fixture_answer(&desk, invite, "603 Decline", "", "");
	free(raw_expect(&alice, "SIP/2.0 603 "));
	send_branch(&alice, "bob@lab.test", "four");
	free(raw_expect(&alice, "SIP/2.0 100 "));
	free(raw_skip_to(&desk, "INVITE "));
	raw_close(&alice);
	raw_close(&desk);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_answer_wins),
		TEST(test_phone_wins),
		TEST(test_two_answers),
		TEST(test_best_final),
		TEST(test_refused_for_all),
		TEST(test_final_in_their_words),
		TEST(test_challenges_are_collected),
		TEST(test_merged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
