/*
 * Limits for SIP clients, and the answers beyond them
 */
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/event.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/sip/agent.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

enum { N_LONG = 5000, SHARE = 1000 / 16 + 4 };

static char *long_word(size_t n)
{
	char *s = mem_zalloc(n + 1);

	memset(s, 'x', n);
	return s;
}

/* ---- headers that an answer cannot repeat ---- */

static void test_invite_that_cannot_be_answered(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *name = long_word(N_LONG);
	struct raw r;

	fixture_phone(f, false);
	raw_tcp(&r, f->loop, fixture_tcp(f));
	fixture_send_invite(&r, &(struct invite){ .call_id = "long", .to_name = name });
	free(raw_expect(&r, "SIP/2.0 100 "));
	CLEANUP(mem_free_string) char *final = raw_expect(&r, "SIP/2.0 400 ");
	assert_non_null(strstr(sip_header(final, "ms-diagnostics", 0), "too long"));
	assert_null(fixture_conversation(f));
	assert_null(fixture_event(f, EVENT_INVITATION_STARTED));
	CLEANUP(mem_free_string) char *via = text_format("Via: SIP/2.0/TCP %s\n", name);
	CLEANUP(mem_free_string) char *vias = text_format("%s%s%s%s", via, via, via, via);
	fixture_send_invite(&r, &(struct invite){ .call_id = "vias", .headers = vias });
	free(raw_expect(&r, "SIP/2.0 100 "));
	free(raw_expect(&r, "SIP/2.0 400 "));
	CLEANUP(mem_free_string) char *call_id = long_word(300);
	fixture_send_invite(&r, &(struct invite){ .call_id = call_id });
	free(raw_expect(&r, "SIP/2.0 100 "));
	free(raw_expect(&r, "SIP/2.0 400 "));
	assert_null(fixture_conversation(f));
	raw_close(&r);
}

static void test_register_that_cannot_be_answered(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *call_id = long_word(300);
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	CLEANUP(mem_free_string)
	char *answer = fixture_register(&r, call_id, 1, "Contact: <sip:bob@127.0.0.1:7>\n");
	assert_memory_equal(answer, "SIP/2.0 400 ", 12);
	assert_true(list_empty(&f->bob->bindings));
	assert_true(front_end_is_idle(f->front_end));
	raw_close(&r);
}

/* ---- hops ---- */

static void test_hops(void **state)
{
	static const struct {
		const char *given, *passed_on;
	} rows[] = { { "70", "69" }, { "12", "11" }, { "1", "0" }, { "255", "69" } };
	struct front_end_fixture *f = *state;
	struct raw alice, bob;

	raw_tcp(&bob, f->loop, fixture_tcp(f));
	fixture_register_contact(&bob, bob.local);
	raw_tcp(&alice, f->loop, fixture_tcp(f));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fixture_send_invite(&alice, &(struct invite){ .call_id = rows[i].given,
							      .hops = rows[i].given });
		free(raw_expect(&alice, "SIP/2.0 100"));
		CLEANUP(mem_free_string) char *invite = raw_expect(&bob, "INVITE ");
		assert_string_equal(sip_header(invite, "Max-Forwards", 0), rows[i].passed_on);
		fixture_answer(&bob, invite, "486 Busy Here", "", "");
		free(raw_expect(&bob, "ACK "));
		free(raw_expect(&alice, "SIP/2.0 486"));
	}
	fixture_send_invite(&alice, &(struct invite){ .call_id = "none", .hops = "0" });
	CLEANUP(mem_free_string) char *final = raw_expect(&alice, "SIP/2.0 483 Too Many Hops\r\n");
	assert_non_null(sip_header(final, "ms-diagnostics", 0));
	raw_expect_silence(&bob, 3);
	raw_close(&alice);
	raw_close(&bob);
}

/* ---- within a dialog ---- */

static void test_size_within_a_dialog(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *body = long_word(70000);
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	fixture_in_dialog(&c.r, c.answer, "OPTIONS", 2, "text/plain", body);
	free(raw_expect(&c.r, "SIP/2.0 413 "));
	fixture_in_dialog(&c.r, c.answer, "OPTIONS", 3, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200 "));
	call_hang_up(&c);
	call_over(&c);
}

static void ask(struct sip_call *c, unsigned cseq, const char *expected)
{
	fixture_in_dialog(&c->r, c->answer, "OPTIONS", cseq, NULL, NULL);
	free(raw_expect(&c->r, expected));
}

/* sofia keeps a transaction over UDP for 32 seconds, and a dialog may use a share of them. */
static void test_share_of_a_dialog(void **state)
{
	struct front_end_fixture *f = *state;
	unsigned cseq = 2;
	struct sip_call c;

	call_ring(&c, f, false);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	for (int i = 0; i < SHARE; i++)
		ask(&c, cseq++, "SIP/2.0 200 ");
	ask(&c, cseq++, "SIP/2.0 503 ");
	/* after that time it may go on */
	fixture_advance(f, 33000);
	for (int i = 0; i < SHARE; i++)
		ask(&c, cseq++, "SIP/2.0 200 ");
	/* and a client that does not stop is hung up on */
	for (int i = 0; i < SHARE; i++)
		ask(&c, cseq++, "SIP/2.0 503 ");
	ask(&c, cseq, "SIP/2.0 503 ");
	CLEANUP(mem_free_string) char *bye = raw_expect(&c.r, "BYE ");
	fixture_answer(&c.r, bye, "200 OK", "", "");
	call_over(&c);
}

static void ask_all_but_one(struct front_end_config *config)
{
	config->auth = (struct front_end_auth_config){
		.udp = "digest",
		.tcp = "digest",
		.realm = "lab",
		.algorithms = "SHA-256",
		.nonce_lifetime_ms = 60000,
		.max_nonces = 100,
		.association_lifetime_ms = 60000,
		.max_associations = 2,
	};
	config->agent.trusted_peers = "127.0.0.2";
}

static int setup_auth(void **state)
{
	return fixture_setup_with(state, ask_all_but_one);
}

/* Who knows the dialog, and no password, is refused beyond its share, too, and cannot end it. */
static void test_flood_by_a_stranger(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c = { .f = f };
	unsigned cseq = 10;
	struct raw flood;

	fixture_phone(f, false);
	raw_tcp_from(&c.r, f->loop, "127.0.0.2:0", fixture_tcp(f));
	fixture_send_invite(&c.r, &(struct invite){ .call_id = "flood" });
	c.ringing = raw_skip_to(&c.r, "SIP/2.0 180 ");
	c.conversation = fixture_conversation(f)->id;
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	raw_udp(&flood, f->loop, fixture_udp(f));
	for (int i = 0; i < 2 * SHARE + 3; i++) {
		bool is_beyond = i >= SHARE && i < 2 * SHARE;

		fixture_in_dialog(&flood, c.answer, "OPTIONS", cseq++, NULL, NULL);
		free(raw_expect(&flood, is_beyond ? "SIP/2.0 503 " : "SIP/2.0 407 "));
	}
	raw_close(&flood);
	raw_expect_silence(&c.r, 3);
	ask(&c, cseq++, "SIP/2.0 200 ");
	fixture_in_dialog(&c.r, c.answer, "BYE", cseq, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200 "));
	call_over(&c);
}

/* The limit does not apply over TCP, because no transactions are kept. */
static void test_no_share_over_tcp(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;

	call_ring(&c, f, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	for (unsigned i = 0; i < SHARE + 20; i++)
		ask(&c, 2 + i, "SIP/2.0 200 ");
	call_hang_up(&c);
	call_over(&c);
}

static void test_overload_within_a_dialog(void **state)
{
	struct front_end_fixture *f = *state;
	struct sip_call c;
	struct raw flood;

	call_ring(&c, f, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	raw_udp(&flood, f->loop, fixture_udp(f));
	for (int i = 0; i < 1000; i++) {
		raw_sendf(&flood,
			  "OPTIONS sip:lab.test SIP/2.0\nVia: SIP/2.0/UDP %s;branch=z9hG4bKf%d\n"
			  "From: <sip:carol@lab.test>;tag=1\nTo: <sip:lab.test>\nCall-ID: f%d\n"
			  "CSeq: 1 OPTIONS\nContent-Length: 0\n\n",
			  flood.local, i, i);
		free(raw_expect(&flood, "SIP/2.0 "));
	}
	fixture_in_dialog(&c.r, c.answer, "OPTIONS", 2, NULL, NULL);
	CLEANUP(mem_free_string) char *refused = raw_expect(&c.r, "SIP/2.0 503 ");
	assert_non_null(sip_header(refused, "Retry-After", 0));
	/* a request that ends something is still accepted */
	fixture_in_dialog(&c.r, c.answer, "BYE", 3, NULL, NULL);
	free(raw_expect(&c.r, "SIP/2.0 200"));
	raw_close(&flood);
	call_over(&c);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_invite_that_cannot_be_answered),
		TEST(test_register_that_cannot_be_answered),
		TEST(test_hops),
		TEST(test_size_within_a_dialog),
		TEST(test_share_of_a_dialog),
		cmocka_unit_test_setup_teardown(test_flood_by_a_stranger, setup_auth,
						fixture_teardown),
		TEST(test_no_share_over_tcp),
		TEST(test_overload_within_a_dialog),
	};

	return cmocka_run_group_tests_name("sip_limits", tests, NULL, NULL);
}
