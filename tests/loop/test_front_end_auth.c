/*
 * Authentication: challenges, credentials, and what is wrong with them
 */
#include "auth_client.h"
#include "front_end_fixture.h"
#include "mcxd/base/list.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/sip/agent.h"
#include "proto/auth/digest.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)

static void ask_for_ntlm(struct front_end_config *config)
{
	auth_client_ask(config);
	config->auth.tcp = "ntlm";
	config->auth.udp = "digest ntlm";
}

static void trust(struct front_end_config *config)
{
	auth_client_ask(config);
	config->agent.trusted_peers = "127.0.0.2";
}

static int setup(void **state)
{
	return fixture_setup_with(state, auth_client_ask);
}

static int setup_ntlm(void **state)
{
	return fixture_setup_with(state, ask_for_ntlm);
}

static int setup_trust(void **state)
{
	return fixture_setup_with(state, trust);
}

/* ---- digest ---- */

static char *register_with(struct auth_client *c, const char *lines)
{
	return fixture_register(&c->r, "auth", ++c->cseq, lines);
}

/* Be challenged, and take the challenge. */
static void meet(struct auth_client *c, int nth)
{
	CLEANUP(mem_free_string) char *answer = register_with(c, "");

	assert_memory_equal(answer, "SIP/2.0 401 ", 12);
	auth_client_take(c, answer, "WWW-Authenticate", nth);
}

static void expect(struct auth_client *c, const char *start)
{
	CLEANUP(mem_free_string)
	char *line = auth_client_credentials(c, "Authorization", "REGISTER");
	CLEANUP(mem_free_string) char *answer = register_with(c, line);

	assert_memory_equal(answer, start, strlen(start));
}

static void test_register(void **state)
{
	struct front_end_fixture *f = *state;

	for (int i = 0; i < 4; i++) {
		struct auth_client c;

		auth_client_init(&c, f, i & 1);
		meet(&c, i / 2);
		assert_int_equal(c.session.algorithm, i / 2 ? DIGEST_MD5 : DIGEST_SHA256);
		expect(&c, "SIP/2.0 200 ");
		expect(&c, "SIP/2.0 200 "); /* the nonce goes on, and its count rises */
		auth_client_deinit(&c);
	}
	assert_int_equal(fixture_metric(f, "sip_auth_accepted_total"), 8);
	assert_int_equal(fixture_metric(f, "sip_auth_challenged_total"), 4);
}

/* By its address, as the down-level name, and as a client of Lync, which takes Digest from a proxy alone. */
static void test_names(void **state)
{
	static const char *const names[] = { "bob@lab.test", "sip:Bob@LAB.test", "LAB\\bob" };
	struct auth_client c;

	auth_client_init(&c, *state, true);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		c.user = names[i];
		meet(&c, 0);
		expect(&c, "SIP/2.0 200 ");
	}
	c.user = "bob";
	CLEANUP(mem_free_string)
	char *answer = register_with(&c, "ms-keep-alive: UAC;hop-hop=yes\n");
	assert_memory_equal(answer, "SIP/2.0 407 ", 12);
	auth_client_take(&c, answer, "Proxy-Authenticate", 1);
	CLEANUP(mem_free_string)
	char *line = auth_client_credentials(&c, "Proxy-Authorization", "REGISTER");
	CLEANUP(mem_free_string) char *again = register_with(&c, line);
	assert_memory_equal(again, "SIP/2.0 200 ", 12);
	auth_client_deinit(&c);
}

static void expect_stale(struct auth_client *c)
{
	CLEANUP(mem_free_string)
	char *line = auth_client_credentials(c, "Authorization", "REGISTER");
	CLEANUP(mem_free_string) char *answer = register_with(c, line);

	assert_memory_equal(answer, "SIP/2.0 401 ", 12);
	auth_client_take(c, answer, "WWW-Authenticate", 0);
	assert_true(c->session.stale);
	expect(c, "SIP/2.0 200 ");
}

static void test_nonces(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	auth_client_init(&c, f, true);
	meet(&c, 0);
	assert_false(c.session.stale);
	expect(&c, "SIP/2.0 200 ");
	c.session.nc--; /* the same count again */
	expect_stale(&c);
	assert_int_equal(fixture_metric(f, "sip_auth_replayed_total"), 1);
	c.session.nc = 7; /* it need not rise by one */
	expect(&c, "SIP/2.0 200 ");
	c.session.nc = 3;
	expect_stale(&c);
	fixture_advance(f, 60000);
	expect_stale(&c);
	c.session.nonce[0] = c.session.nonce[0] == 'f' ? '0' : 'f';
	expect_stale(&c);
	assert_int_equal(fixture_metric(f, "sip_auth_stale_total"), 4);
	auth_client_deinit(&c);
}

/* Whose account it is: From's, and To's of a REGISTER. */
static void test_others(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	auth_client_init(&c, f, true);
	meet(&c, 0);
	c.user = "alice@lab.test";
	expect(&c, "SIP/2.0 403 ");
	c.user = "bob";
	CLEANUP(mem_free_string)
	char *line = auth_client_credentials(&c, "Authorization", "REGISTER");
	raw_sendf(&c.r,
		  "REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKo\n"
		  "From: <sip:bob@lab.test>;tag=r1\nTo: <sip:alice@lab.test>\nCall-ID: o\n"
		  "CSeq: 1 REGISTER\nContact: <sip:bob@%s>\n%sContent-Length: 0\n\n",
		  c.r.local, c.r.local, line);
	CLEANUP(mem_free_string) char *answer = raw_expect(&c.r, "SIP/2.0 403 ");
	assert_non_null(strstr(answer, "not those of the user whom the request names"));
	assert_int_equal(fixture_metric(f, "sip_auth_forbidden_total"), 2);
	assert_true(list_empty(&f->alice->bindings));
	auth_client_deinit(&c);
}

#define GOOD                                                                                       \
	"Authorization: Digest username=\"bob\", realm=\"lab\", nonce=\"0\", "                     \
	"uri=\"sip:lab.test\","                                                                    \
	" response=\"0\", nc=00000001, cnonce=\"c\""

/* Each kind of broken credentials has a status, a reason and a counter. */
static void test_broken(void **state)
{
	static const struct {
		const char *line, *start, *counter;
	} rows[] = {
		{ "Authorization: Digest\n", "SIP/2.0 400 ", "malformed" },
		{ "Authorization: Digest username=\"bob\n", "SIP/2.0 400 ", "malformed" },
		{ GOOD "\n", "SIP/2.0 400 ", "malformed" }, /* without qop */
		{ GOOD ", qop=auth-int\n", "SIP/2.0 400 ", "malformed" },
		{ GOOD ", qop=auth, algorithm=SHA-512-256\n", "SIP/2.0 400 ", "malformed" },
		{ GOOD ", qop=auth, nc=00000002\n", "SIP/2.0 400 ", "malformed" },
		{ GOOD ", qop=auth\n", "SIP/2.0 401 ", "stale" },
		{ "Authorization: Basic Ym9iOnNlY3JldA==\n", "SIP/2.0 401 ", "challenged" },
		{ "Authorization: NTLM realm=\"lab\", gssapi-data=\"\"\n", "SIP/2.0 401 ",
		  "challenged" },
		{ "Authorization: Digest realm=\"other\", nonce=\"0\"\n", "SIP/2.0 401 ",
		  "challenged" },
	};
	struct front_end_fixture *f = *state;
	struct auth_client c;

	auth_client_init(&c, f, true);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *counter = text_concat("sip_auth_", rows[i].counter, "_total");
		int64_t before = fixture_metric(f, counter);
		CLEANUP(mem_free_string) char *answer = register_with(&c, rows[i].line);

		if (strncmp(answer, rows[i].start, strlen(rows[i].start)) != 0)
			fail_msg("%s: %s", rows[i].line, answer);
		assert_int_equal(fixture_metric(f, counter), before + 1);
		assert_non_null(sip_header(answer, "ms-diagnostics", 0));
	}
	assert_true(list_empty(&f->bob->bindings));
	auth_client_deinit(&c);
}

/* The URI is that of the request, but for its parameters. */
static void test_uri(void **state)
{
	struct auth_client c;

	auth_client_init(&c, *state, true);
	meet(&c, 0);
	c.uri = "sip:LAB.test;transport=tcp";
	expect(&c, "SIP/2.0 200 ");
	c.uri = "sip:other.test";
	expect(&c, "SIP/2.0 400 ");
	c.uri = "sip:bob@lab.test";
	expect(&c, "SIP/2.0 400 ");
	c.uri = "sip:lab.test:5070";
	expect(&c, "SIP/2.0 400 ");
	c.uri = "(null)"; /* pidgin-sipe's */
	expect(&c, "SIP/2.0 200 ");
	auth_client_deinit(&c);
}

/* ---- guessing ---- */

static void send_register(struct auth_client *c)
{
	CLEANUP(mem_free_string)
	char *line = auth_client_credentials(c, "Authorization", "REGISTER");

	c->cseq++;
	raw_sendf(&c->r,
		  "REGISTER sip:lab.test SIP/2.0\nVia: SIP/2.0/%s %s;branch=z9hG4bKg-%u\n"
		  "From: <sip:bob@lab.test>;tag=r1\nTo: <sip:bob@lab.test>\nCall-ID: g\n"
		  "CSeq: %u REGISTER\nContact: <sip:bob@%s>\n%sContent-Length: 0\n\n",
		  c->r.stream ? "TCP" : "UDP", c->r.local, c->cseq, c->cseq, c->r.local, line);
}

/* A wrong password is told after a delay; until then another one is not looked at, and then it is. */
static void test_guesses(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	for (int tcp = 0; tcp < 2; tcp++) {
		auth_client_init(&c, f, tcp);
		meet(&c, 0);
		c.password = "guess";
		send_register(&c);
		c.password = "secret";
		send_register(&c);
		raw_expect_silence(&c.r, 20);
		fixture_advance(f, 1000);
		free(raw_expect(&c.r, "SIP/2.0 401 "));
		free(raw_expect(&c.r, "SIP/2.0 200 "));
		assert_int_equal(fixture_metric(f, "sip_auth_wrong_total"), tcp + 1);
		assert_int_equal(fixture_metric(f, "guess_wrong_total"), tcp + 1);
		auth_client_deinit(&c);
	}
}

/* As many wait as may; whose connection ends is forgotten. */
static void test_too_many_guesses(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	auth_client_init(&c, f, true);
	meet(&c, 0);
	c.password = "guess";
	for (int i = 0; i < 9; i++)
		send_register(&c);
	CLEANUP(mem_free_string) char *answer = raw_expect(&c.r, "SIP/2.0 503 ");
	assert_non_null(sip_header(answer, "Retry-After", 0));
	assert_int_equal(fixture_metric(f, "guess_refused_total"), 1);
	auth_client_deinit(&c);
	run_rounds(f->loop, 5);
	fixture_advance(f, 1000);
	assert_int_equal(fixture_metric(f, "guess_wrong_total"), 1);
	/* The next one does not wait behind those that are gone. */
	auth_client_init(&c, f, true);
	meet(&c, 0);
	expect(&c, "SIP/2.0 200 ");
	auth_client_deinit(&c);
}

/* A server that ends while requests wait: the teardown does it. */
static void test_ends_while_waiting(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	auth_client_init(&c, f, false);
	meet(&c, 0);
	c.password = "guess";
	send_register(&c);
	send_register(&c);
	raw_expect_silence(&c.r, 20);
	auth_client_deinit(&c);
}

/* A user without a password cannot sign in, and is as unknown as others. */
static void test_unknown(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	user_set(f->bob, &(struct user_spec){ .aor = "bob@lab.test", .display_name = "Bob" });
	auth_client_init(&c, f, true);
	meet(&c, 0);
	c.password = "";
	send_register(&c);
	fixture_advance(f, 1000);
	free(raw_expect(&c.r, "SIP/2.0 401 "));
	c.user = "nobody@lab.test";
	c.password = "no password"; /* which is checked in place of none */
	send_register(&c);
	fixture_advance(f, 1000);
	free(raw_expect(&c.r, "SIP/2.0 401 "));
	assert_int_equal(fixture_metric(f, "sip_auth_wrong_total"), 2);
	auth_client_deinit(&c);
}

/* ---- others ---- */

static void test_trusted(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	auth_client_init(&c, f, true);
	meet(&c, 0);
	raw_close(&c.r);
	raw_tcp_from(&c.r, f->loop, "127.0.0.2:0", fixture_tcp(f));
	CLEANUP(mem_free_string) char *answer = register_with(&c, "");
	assert_memory_equal(answer, "SIP/2.0 200 ", 12);
	auth_client_deinit(&c);
}

/* The address of a trusted server in a datagram proves nothing. */
static void test_trusted_by_datagram(void **state)
{
	struct front_end_fixture *f = *state;
	struct auth_client c;

	auth_client_init(&c, f, false);
	raw_close(&c.r);
	raw_udp_from(&c.r, f->loop, "127.0.0.2:0", fixture_udp(f));
	meet(&c, 0);
	expect(&c, "SIP/2.0 200 ");
	auth_client_deinit(&c);
}

/* Both are offered where both are taken. */
static void test_both(void **state)
{
	struct auth_client c;

	auth_client_init(&c, *state, false);
	CLEANUP(mem_free_string) char *answer = register_with(&c, "");
	assert_memory_equal(sip_header(answer, "WWW-Authenticate", 0), "NTLM ", 5);
	auth_client_take(&c, answer, "WWW-Authenticate", 1);
	expect(&c, "SIP/2.0 200 ");
	auth_client_deinit(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(test_register),
		LOOP_TEST(test_names),
		LOOP_TEST(test_nonces),
		LOOP_TEST(test_others),
		LOOP_TEST(test_broken),
		LOOP_TEST(test_uri),
		LOOP_TEST(test_guesses),
		LOOP_TEST(test_too_many_guesses),
		LOOP_TEST(test_ends_while_waiting),
		LOOP_TEST(test_unknown),
		cmocka_unit_test_setup_teardown(test_trusted, setup_trust, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_trusted_by_datagram, setup_trust,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_both, setup_ntlm, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
