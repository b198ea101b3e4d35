/*
 * Phones at an upstream registrar
 */
#include "front_end_fixture.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/phone.h"
#include "mcxd/core/phone_callee.h"
#include "mcxd/core/session.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "tests/loop/raw.h"

#include <unistd.h>

static int registrar = -1;
static char registrar_address[32], registrar_uri[64];

static void configure(struct front_end_config *config)
{
	config->upstream = (struct upstream_config){
		.registrar = registrar_uri,
		.expires_s = 600,
		.backoff = { .max_attempts = INT64_MAX, .first_ms = 1000, .max_ms = 4000 },
	};
}

static int setup(void **state)
{
	registrar = raw_listen(registrar_address);
	text_join(registrar_uri, sizeof(registrar_uri), "sip:", registrar_address,
		  ";transport=tcp");
	fixture_setup_with(state, configure);
	loop_freeze(((struct front_end_fixture *)*state)->loop);
	return 0;
}

static int teardown(void **state)
{
	int err = fixture_teardown(state);

	close(registrar);
	return err;
}

static bool is_registered(const struct front_end_fixture *f)
{
	int64_t registered, all;
	const char *trouble;

	assert_true(upstream_status(front_end_upstream(f->front_end), &registered, &all, &trouble));
	return registered == all;
}

static const char *trouble_of(const struct front_end_fixture *f)
{
	int64_t registered, all;
	const char *trouble;

	upstream_status(front_end_upstream(f->front_end), &registered, &all, &trouble);
	return trouble ? trouble : "";
}

/* The phone signs in, and its REGISTER comes. */
static char *begin(struct raw *r, struct front_end_fixture *f)
{
	fixture_phone(f, false);
	raw_accept(r, f->loop, registrar);
	return raw_expect(r, "REGISTER sip:lab.test SIP/2.0\r\n");
}

static void grant(struct raw *r, const char *request, const char *expires)
{
	CLEANUP(mem_free_string)
	char *headers = text_format("Contact: %s;expires=%s\r\n", sip_header(request, "Contact", 0),
				    expires);

	fixture_answer(r, request, "200 OK", headers, "");
}

static void test_registers(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;
	CLEANUP(mem_free_string) char *first = begin(&r, f);
	char part[64];

	assert_non_null(strstr(sip_header(first, "From", 0), "<sip:bob@lab.test>;tag="));
	text_join(part, sizeof(part), ";epid=", f->phone->epid);
	assert_non_null(strstr(sip_header(first, "From", 0), part));
	assert_non_null(strstr(sip_header(first, "Contact", 0), f->phone->gruu_token));
	assert_non_null(strstr(sip_header(first, "Contact", 0), "+sip.instance=\"<urn:uuid:"));
	assert_string_equal(sip_header(first, "Expires", 0), "600");
	assert_false(is_registered(f));
	grant(&r, first, "200");
	run_rounds(f->loop, 5);
	assert_true(is_registered(f));

	/* After half of what was granted, in the same series. */
	CLEANUP(mem_free_string) char *call_id = mem_strdup(sip_header(first, "Call-ID", 0));
	long cseq = strtol(sip_header(first, "CSeq", 0), NULL, 10);
	fixture_advance(f, 99000);
	raw_expect_silence(&r, 3);
	fixture_advance(f, 1000);
	CLEANUP(mem_free_string) char *second = raw_expect(&r, "REGISTER ");
	assert_string_equal(sip_header(second, "Call-ID", 0), call_id);
	assert_int_equal(strtol(sip_header(second, "CSeq", 0), NULL, 10), cseq + 1);
	assert_true(is_registered(f));
	grant(&r, second, "600");

	/* Signing out withdraws it. */
	session_sign_out(f->phone);
	CLEANUP(mem_free_string) char *last = raw_expect(&r, "REGISTER ");
	assert_string_equal(sip_header(last, "Expires", 0), "0");
	assert_string_equal(sip_header(last, "Call-ID", 0), call_id);
	fixture_answer(&r, last, "200 OK", "", "");
	run_rounds(f->loop, 3);
	assert_int_equal(fixture_metric(f, "front_end_upstream_registered"), 0);
	raw_close(&r);
}

#define CHALLENGE(nonce, more)                                                                     \
	"WWW-Authenticate: Digest realm=\"lab.test\", nonce=\"" nonce                              \
	"\", algorithm=MD5, qop=\"auth\"" more "\r\n"

static void test_credentials(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;
	CLEANUP(mem_free_string) char *first = begin(&r, f);

	assert_null(sip_header(first, "Authorization", 0));
	fixture_answer(&r, first, "401 Unauthorized", CHALLENGE("n1", ""), "");
	CLEANUP(mem_free_string) char *second = raw_expect(&r, "REGISTER ");
	assert_non_null(strstr(sip_header(second, "Authorization", 0), "username=\"bob\""));
	assert_non_null(strstr(sip_header(second, "Authorization", 0), "nonce=\"n1\""));
	/* The nonce is too old: the same again with another one. */
	fixture_answer(&r, second, "401 Unauthorized", CHALLENGE("n2", ", stale=true"), "");
	CLEANUP(mem_free_string) char *third = raw_expect(&r, "REGISTER ");
	assert_non_null(strstr(sip_header(third, "Authorization", 0), "nonce=\"n2\""));
	grant(&r, third, "600");
	run_rounds(f->loop, 3);
	assert_true(is_registered(f));
	/* The next one shows them at once, with the next count. */
	fixture_advance(f, 300000);
	CLEANUP(mem_free_string) char *refresh = raw_expect(&r, "REGISTER ");
	assert_non_null(strstr(sip_header(refresh, "Authorization", 0), "nc=00000002"));
	grant(&r, refresh, "600");
	raw_close(&r);
}

/* A password that is not taken is not tried for ever. */
static void test_wrong_password(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;
	CLEANUP(mem_free_string) char *first = begin(&r, f);

	fixture_answer(&r, first, "401 Unauthorized", CHALLENGE("n1", ""), "");
	CLEANUP(mem_free_string) char *second = raw_expect(&r, "REGISTER ");
	fixture_answer(&r, second, "401 Unauthorized", CHALLENGE("n2", ""), "");
	run_rounds(f->loop, 3);
	assert_non_null(strstr(trouble_of(f), "401"));
	raw_expect_silence(&r, 3);
	fixture_advance(f, 1000);
	free(raw_expect(&r, "REGISTER "));
	raw_close(&r);
}

static void test_by_proxy_and_too_brief(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw r;
	CLEANUP(mem_free_string) char *first = begin(&r, f);

	fixture_answer(&r, first, "407 Proxy Authentication Required",
		       "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\", algorithm=SHA-256, "
		       "qop=\"auth\"\r\n",
		       "");
	CLEANUP(mem_free_string) char *second = raw_expect(&r, "REGISTER ");
	assert_non_null(sip_header(second, "Proxy-Authorization", 0));
	fixture_answer(&r, second, "423 Interval Too Brief", "Min-Expires: 1800\r\n", "");
	CLEANUP(mem_free_string) char *third = raw_expect(&r, "REGISTER ");
	assert_string_equal(sip_header(third, "Expires", 0), "1800");
	grant(&r, third, "1800");
	run_rounds(f->loop, 3);
	assert_true(is_registered(f));
	raw_close(&r);
}

/* Attempts get rarer, up to the limit, and go on. */
static void test_registrar_that_refuses(void **state)
{
	static const int waits_ms[] = { 1000, 2000, 4000, 4000 };
	struct front_end_fixture *f = *state;
	struct raw r;
	char *request = begin(&r, f);

	for (size_t i = 0; i < ARRAY_SIZE(waits_ms); i++) {
		fixture_answer(&r, request, "503 Service Unavailable", "", "");
		free(request);
		run_rounds(f->loop, 3);
		assert_string_equal(trouble_of(f), "it answered 503 Service Unavailable");
		/* At least half of it is certain. */
		fixture_advance(f, waits_ms[i] / 2 - 1);
		raw_expect_silence(&r, 3);
		fixture_advance(f, waits_ms[i] / 2 + 1);
		request = raw_expect(&r, "REGISTER ");
	}
	grant(&r, request, "600");
	free(request);
	run_rounds(f->loop, 3);
	assert_true(is_registered(f));
	assert_string_equal(trouble_of(f), "");
	assert_int_equal(fixture_metric(f, "front_end_upstream_failures_total"), 4);
	raw_close(&r);
}

/* What comes from there to the Contact of a phone goes to that phone alone. */
static void test_invitation(void **state)
{
	struct front_end_fixture *f = *state;
	struct raw registrar_end, caller, desktop;
	CLEANUP(mem_free_string) char *request = begin(&registrar_end, f);
	const char *contact = sip_header(request, "Contact", 0);
	CLEANUP(mem_free_string) char *uri = mem_memdup(contact + 1, strcspn(contact + 1, ">"));

	grant(&registrar_end, request, "600");
	raw_tcp(&desktop, f->loop, fixture_tcp(f));
	fixture_register_contact(&desktop, desktop.local);
	raw_tcp(&caller, f->loop, fixture_tcp(f));
	raw_sendf(&caller,
		  "INVITE %s SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKup\n"
		  "From: <sip:carol@other.test>;tag=c1\nTo: <sip:bob@lab.test>\nCall-ID: up\n"
		  "CSeq: 1 INVITE\nContact: <sip:carol@%s;transport=tcp>\n"
		  "Content-Type: application/sdp\nContent-Length: %zu\n\n%s",
		  uri, caller.local, caller.local, strlen(IM_SDP), IM_SDP);
	free(raw_skip_to(&caller, "SIP/2.0 180 "));
	assert_string_equal(fixture_conversation(f)->to, "bob@lab.test");
	raw_expect_silence(&desktop, 3);
	assert_int_equal(phone_callee_accept(f->phone, fixture_conversation(f)->id), PHONE_OK);
	free(raw_expect(&caller, "SIP/2.0 200 "));
	raw_close(&caller);
	raw_close(&desktop);
	raw_close(&registrar_end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_credentials, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_password, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by_proxy_and_too_brief, setup, teardown),
		cmocka_unit_test_setup_teardown(test_registrar_that_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_invitation, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
