/*
 * What every request must satisfy (RFC 3261, 8.2), and what the front end says of itself
 */
#include "front_end_fixture.h"
#include "mcxd/core/conversation.h"
#include "proto/text/mem.h"
#include "tests/loop/raw.h"

#define ALLOW                                                                                      \
	"INVITE, ACK, CANCEL, BYE, MESSAGE, INFO, UPDATE, OPTIONS, REGISTER, SUBSCRIBE, PUBLISH"
#define EVENTS "presence, vnd-microsoft-roaming-contacts"

struct request {
	const char *method;
	const char *uri;  /* NULL: sip:bob@lab.test */
	const char *from; /* NULL: Alice */
	const char *headers;
	const char *expected;
	const char *header; /* of the answer; may be NULL */
	const char *value;  /* NULL: it is not there */
};

static char *ask(struct raw *r, const struct request *q)
{
	static unsigned number;
	const char *body = strcmp(q->method, "INVITE") ? "" : IM_SDP;
	char *answer;

	number++;
	raw_sendf(
		r,
		"%s %s SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKm%u\nFrom: %s;tag=a1\n"
		"To: <sip:bob@lab.test>\nCall-ID: manners%u\nCSeq: 1 %s\nContact: <sip:alice@%s>\n"
		"%sContent-Type: application/sdp\nContent-Length: %zu\n\n%s",
		q->method, q->uri ? q->uri : "sip:bob@lab.test", r->local, number,
		q->from ? q->from : "\"Alice\" <sip:alice@lab.test>", number, q->method, r->local,
		q->headers ? q->headers : "", strlen(body), body);
	answer = raw_take(r);
	while (answer && !strncmp(answer, "SIP/2.0 1", 9)) {
		free(answer);
		answer = raw_take(r);
	}
	return answer;
}

static bool is_as_expected(const struct request *q, const char *answer)
{
	const char *value;

	if (!answer || strncmp(answer + strlen("SIP/2.0 "), q->expected, strlen(q->expected)) != 0)
		return false;
	value = q->header ? sip_header(answer, q->header, 0) : NULL;
	return !q->header || (value && !strcmp(value, q->value));
}

static void check(struct front_end_fixture *f, const struct request *rows, size_t n)
{
	unsigned n_wrong = 0;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	for (size_t i = 0; i < n; i++) {
		CLEANUP(mem_free_string) char *answer = ask(&r, &rows[i]);

		if (is_as_expected(&rows[i], answer))
			continue;
		n_wrong++;
		print_error("row %zu: %s %s expects %s\n%s\n", i, rows[i].method,
			    rows[i].uri ? rows[i].uri : "", rows[i].expected,
			    answer ? answer : "no answer");
	}
	assert_int_equal(n_wrong, 0);
	raw_close(&r);
}

static void test_extensions(void **state)
{
	static const struct request rows[] = {
		{ "OPTIONS", "sip:127.0.0.1:5060", NULL, "Require: a, b\n", "420", "Unsupported",
		  "a, b" },
		{ "REGISTER", "sip:lab.test", NULL, "Require: unknown-thing\n", "420",
		  "Unsupported", "unknown-thing" },
		{ "MESSAGE", NULL, NULL, "Require: x\nRequire: y\n", "420", "Unsupported", "x, y" },
		{ "INVITE", NULL, NULL, "Require: gruu, z\n", "420", "Unsupported", "z" },
		{ "INVITE", NULL, NULL, "Require: GRUU\n", "480" },
		{ "INVITE", NULL, NULL, "Proxy-Require: privacy\n", "420", "Unsupported",
		  "privacy" },
		{ "BYE", NULL, NULL, "Require: x\n", "420", "Unsupported", "x" },
		{ "NOSUCH", NULL, NULL, "Require: x\n", "420", "Unsupported", "x" },
	};

	check(*state, rows, ARRAY_SIZE(rows));
}

static void test_request_uris(void **state)
{
	static const struct request rows[] = {
		{ "INVITE", "tel:+4930123", NULL, NULL, "416" },
		{ "OPTIONS", "unknown:thing", NULL, NULL, "416" },
		{ "MESSAGE", "http://lab.test/", NULL, NULL, "416" },
		{ "REGISTER", "mailto:bob@lab.test", NULL, NULL, "416" },
		{ "INVITE", "sip:127.0.0.1:46161", NULL, NULL, "484" },
		{ "INVITE", "sip:lab.test", NULL, NULL, "484" },
		{ "MESSAGE", "sips:lab.test", NULL, NULL, "484" },
		{ "INVITE", "sip:nobody@lab.test", NULL, NULL, "404" },
		{ "INVITE", "sip:bob@elsewhere.test", NULL, NULL, "404" },
		{ "INVITE", "sip:bob:pw@lab.test", NULL, NULL, "480" },
		{ "INVITE", "sip:b%6Fb@lab.test;user=phone", NULL, NULL, "480" },
	};

	check(*state, rows, ARRAY_SIZE(rows));
}

static void test_options(void **state)
{
	static const struct request rows[] = {
		{ "OPTIONS", "sip:nobody@lab.test", NULL, NULL, "404" },
		{ "OPTIONS", "sip:bob@elsewhere.test", NULL, NULL, "404" },
		{ "OPTIONS", "sip:bob@lab.test", NULL, NULL, "480" },
		{ "OPTIONS", "sip:lab.test", NULL, NULL, "200", "Supported", "ms-text-format" },
		{ "OPTIONS", "sip:127.0.0.1:5060", NULL, NULL, "200", "Accept", "application/sdp" },
		{ "OPTIONS", "sip:lab.test", NULL, "Max-Forwards: 0\n", "200" },
	};
	static const struct request with_phone[] = {
		{ "OPTIONS", "sip:bob@lab.test", NULL, NULL, "200" },
		{ "OPTIONS", "sip:bob@lab.test", NULL, "Max-Forwards: 0\n", "200" },
	};

	check(*state, rows, ARRAY_SIZE(rows));
	fixture_phone(*state, false);
	check(*state, with_phone, ARRAY_SIZE(with_phone));
}

static void test_senders(void **state)
{
	static const struct request rows[] = {
		{ "INVITE", NULL, "<tel:+1-408-555-0100>", NULL, "480" },
		{ "INVITE", NULL, "<mailto:alice@lab.test>", NULL, "480" },
		{ "INVITE", NULL, "<sip:lab.test>", NULL, "480" },
		{ "INVITE", NULL, "<sip:alice:secret@lab.test>", NULL, "480" },
		{ "INVITE", NULL, "\"Alice\tLiddell\" <sip:alice@lab.test>", NULL, "480" },
		{ "INVITE", NULL, "\"Al\\\007ice\" <sip:alice@lab.test>", NULL, "480", "FROM",
		  "\"Al\\\007ice\" <sip:alice@lab.test>;tag=a1" },
		{ "INVITE", NULL, "\"Al\n ice\" <sip:alice@lab.test>", NULL, "480", "FROM",
		  "\"Al ice\" <sip:alice@lab.test>;tag=a1" },
	};

	check(*state, rows, ARRAY_SIZE(rows));
}

static void test_methods(void **state)
{
	static const struct request rows[] = {
		{ "NOSUCH", NULL, NULL, NULL, "405", "Allow", ALLOW },
		{ "REFER", NULL, NULL, NULL, "405", "Allow", ALLOW },
		{ "PRACK", NULL, NULL, NULL, "405", "Allow", ALLOW },
		{ "SUBSCRIBE", NULL, NULL, "Event: no-such\n", "489", "Allow-Events", EVENTS },
		{ "BYE", NULL, NULL, NULL, "481" },
		{ "INFO", NULL, NULL, NULL, "481" },
		{ "UPDATE", NULL, NULL, NULL, "481" },
		{ "INVITE", NULL, NULL, "Max-Forwards: 0\n", "483" },
		{ "MESSAGE", NULL, NULL, "Max-Forwards: 0\n", "483" },
		{ "INVITE", NULL, NULL, "Content-Encoding: gzip\n", "415", "Accept-Encoding",
		  "identity" },
	};

	check(*state, rows, ARRAY_SIZE(rows));
}

static void test_extension_within_a_dialog(void **state)
{
	struct sip_call c;

	call_ring(&c, *state, true);
	call_answer(&c);
	fixture_ack(&c.r, c.answer);
	raw_sendf(&c.r,
		  "OPTIONS sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKwithin\n"
		  "From: %s\nTo: %s\nCall-ID: call\nCSeq: 2 OPTIONS\nRequire: x\n"
		  "Content-Length: 0\n\n",
		  c.r.local, "\"Alice\" <sip:alice@lab.test>;tag=a1",
		  sip_header(c.answer, "TO", 0));
	CLEANUP(mem_free_string) char *refused = raw_expect(&c.r, "SIP/2.0 420 ");
	assert_string_equal(sip_header(refused, "Unsupported", 0), "x");
	call_hang_up(&c);
	call_over(&c);
}

/* ---- what people see ---- */

static void check_shown(struct front_end_fixture *f, const char *from, const char *subject,
			const char *expected_name, const char *expected_subject)
{
	static unsigned number;
	const struct conversation *v;
	struct raw r;

	raw_tcp(&r, f->loop, fixture_tcp(f));
	raw_sendf(&r,
		  "INVITE sip:bob@lab.test SIP/2.0\nVia: SIP/2.0/TCP %s;branch=z9hG4bKs%u\n"
		  "From: %s;tag=a1\nTo: <sip:bob@lab.test>\nCall-ID: shown%u\nCSeq: 1 INVITE\n"
		  "Contact: <sip:alice@%s>\nSubject: %s\nContent-Type: application/sdp\n"
		  "Content-Length: %zu\n\n%s",
		  r.local, number, from, number, r.local, subject, strlen(IM_SDP), IM_SDP);
	number++;
	free(raw_skip_to(&r, "SIP/2.0 180 "));
	v = fixture_conversation(f);
	assert_string_equal(v->from_name, expected_name);
	assert_string_equal(v->subject, expected_subject);
	raw_close(&r);
}

static void test_odd_characters(void **state)
{
	struct front_end_fixture *f = *state;
	CLEANUP(mem_free_string) char *long_subject = mem_zalloc(601);

	fixture_phone(f, false);
	memset(long_subject, 's', 600);
	CLEANUP(mem_free_string) char *cut = mem_memdup(long_subject, 512);
	check_shown(f, "\"Alice\tLiddell\" <sip:alice@lab.test>", "a\tb", "Alice Liddell", "a b");
	check_shown(f, "\"Al\\\007ice\" <sip:alice@lab.test>", "\xFFx", "Al ice", "\xEF\xBF\xBDx");
	check_shown(f, "\"Al\n  ice\" <sip:alice@lab.test>", "one,\n two", "Al ice", "one, two");
	check_shown(f, "\"A\\\"B\\\\C\" <tel:+14085550100>", long_subject, "A\"B\\C", cut);
	assert_string_equal(fixture_conversation(f)->from, "+14085550100@lab.test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_extensions, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_request_uris, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_options, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_senders, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_methods, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_extension_within_a_dialog, fixture_setup,
						fixture_teardown),
		cmocka_unit_test_setup_teardown(test_odd_characters, fixture_setup,
						fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
