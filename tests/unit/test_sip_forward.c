/*
 * SIP messages in transit
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/sip/forward.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

static const struct sip_forward_via via = { .own = "OWN", .source = { "a", 18 } };

#define SEEN ";ms-received-port=18;ms-received-cid=12"

static void check_request(const char *in, int expected_err, const char *expected)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	/* A copy of exactly this size, so that a sanitizer sees a read beyond its end. */
	size_t n = strlen(in);
	CLEANUP(mem_free_string) char *copy = mem_check(malloc(n ? n : 1));

	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the copy has no NUL on purpose */
	memmove(copy, in, n);
	assert_int_equal(sip_forward_request(&out, copy, n, &via), expected_err);
	if (expected)
		assert_string_equal(text_str(&out), expected);
}

static void test_request(void **state)
{
	(void)state;
	check_request(
		"M x\r\nA: 1\r\nVia: a;b=c\r\nVia: d\r\nMax-Forwards: 10\r\nB: 2\r\n\r\nbody", 0,
		"M x\r\nA: 1\r\nVia: OWN\r\nMax-Forwards: 9\r\nVia: a;b=c" SEEN "\r\nVia: d\r\n"
		"B: 2\r\n\r\nbody");
	check_request("M x\r\nv : a, b\r\nMAX-FORWARDS:1\r\n\r\n", 0,
		      "M x\r\nv : OWN\r\nMAX-FORWARDS:0\r\nv : a" SEEN ", b\r\n\r\n");
	check_request("M x\r\nVIA: a;q=\"x,\\\"y\" , b\r\n\r\n", 0,
		      "M x\r\nVIA: OWN\r\nMax-Forwards: 70\r\nVIA: a;q=\"x,\\\"y\"" SEEN
		      ", b\r\n\r\n");
	check_request("M x\r\nVia: a\r\nMax-Forwards: 70 \t\r\n\r\n", 0,
		      "M x\r\nVia: OWN\r\nMax-Forwards: 69\r\nVia: a" SEEN "\r\n\r\n");
	/* folded (RFC 3261, 7.3.1) */
	check_request("M x\r\nVia: a\r\n ;c,\r\n\tb\r\nMax-Forwards: 5\r\n\r\n", 0,
		      "M x\r\nVia: OWN\r\nMax-Forwards: 4\r\nVia: a\r\n ;c" SEEN
		      ",\r\n\tb\r\n\r\n");
	check_request("M x\r\nVia: a\r\n ,b\r\nMax-Forwards:\r\n 5\r\n\r\n", 0,
		      "M x\r\nVia: OWN\r\nMax-Forwards:\r\n 4\r\nVia: a" SEEN ",b\r\n\r\n");
	check_request("M x\r\nVia:\r\n a\r\n\t\r\n , b\r\nMax-Forwards: 5\r\n \r\n\r\n", 0,
		      "M x\r\nVia:\r\n OWN\r\nMax-Forwards: 4\r\nVia:\r\n a" SEEN ", b\r\n\r\n");
	check_request("M x\r\nVia: a\r\n \r\nMax-Forwards: 5\r\n\r\n", 0,
		      "M x\r\nVia: OWN\r\nMax-Forwards: 4\r\nVia: a" SEEN "\r\n\r\n");
	/* 1*DIGIT (RFC 4475 3.1.1.1) */
	check_request("M x\r\nVia: a\r\nMax-Forwards: 0068\r\n\r\n", 0,
		      "M x\r\nVia: OWN\r\nMax-Forwards: 67\r\nVia: a" SEEN "\r\n\r\n");
	check_request("M x\r\nVia: a\r\nMax-Forwards: 255\r\n\r\n", 0,
		      "M x\r\nVia: OWN\r\nMax-Forwards: 254\r\nVia: a" SEEN "\r\n\r\n");
	/* wherever it was, and only once */
	check_request(
		"M x\r\nMax-Forwards: 5\r\nA: 1\r\nVia: a\r\nVia: b\r\nMax-Forwards: 9\r\n\r\n", 0,
		"M x\r\nA: 1\r\nVia: OWN\r\nMax-Forwards: 4\r\nVia: a" SEEN "\r\nVia: b\r\n\r\n");
	/* lines in the body that look like headers are not touched */
	check_request("M x\r\nVia: a\r\nMax-Forwards: 2\r\n\r\nVia: z\r\nMax-Forwards: 0\r\n", 0,
		      "M x\r\nVia: OWN\r\nMax-Forwards: 1\r\nVia: a" SEEN "\r\n\r\n"
		      "Via: z\r\nMax-Forwards: 0\r\n");
}

/* The sender's Via says what we know of the sender, not what the sender says of itself. */
static void test_source(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "SIP/2.0/TCP a:5", "SIP/2.0/TCP a:5" SEEN },
		{ "SIP/2.0/TCP A", "SIP/2.0/TCP A" SEEN },
		{ "SIP/2.0/TCP [a]:5", "SIP/2.0/TCP [a]:5" SEEN },
		{ "SIP/2.0/TCP ab:5;x", "SIP/2.0/TCP ab:5;received=a;x" SEEN },
		{ "SIP/2.0/TCP b.a:5 ;x", "SIP/2.0/TCP b.a:5;received=a;x" SEEN },
		{ "SIP/2.0/TCP a:5;received=b;x", "SIP/2.0/TCP a:5;x" SEEN },
		{ "SIP/2.0/TCP b:5;x;Received = c ; y", "SIP/2.0/TCP b:5;received=a;x; y" SEEN },
		{ "SIP/2.0/TCP a;rport;x", "SIP/2.0/TCP a;received=a;rport=18;x" SEEN },
		{ "SIP/2.0/TCP a;rport=7;x;RPORT", "SIP/2.0/TCP a;received=a;rport=18;x" SEEN },
		{ "SIP/2.0/TCP a;x;ms-received-port=1;ms-received-cid=A;y",
		  "SIP/2.0/TCP a;x;y" SEEN },
		{ "SIP/2.0/TCP a;\r\n MS-Received-Cid\r\n =\"A;y,z\"", "SIP/2.0/TCP a" SEEN },
		{ "SIP/2.0/TCP a;x=\";received=b\";ms-received=1",
		  "SIP/2.0/TCP a;x=\";received=b\";ms-received=1" SEEN },
		{ "SIP/2.0/TCP a;received=b;received=c;x=\"", "SIP/2.0/TCP a;x=\"" SEEN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CLEANUP(mem_free_string)
		char *in = text_concat("M x\r\nVia: ", rows[i].in, "\r\n\r\n");
		CLEANUP(mem_free_string)
		char *out = text_concat("M x\r\nVia: OWN\r\nMax-Forwards: 70\r\nVia: ", rows[i].out,
					"\r\n\r\n");

		check_request(in, 0, out);
	}
	/* What the hops before it say of each other is theirs. */
	check_request("M x\r\nVia: a;received=b, c;received=d\r\nVia: e;ms-received-port=1\r\n\r\n",
		      0,
		      "M x\r\nVia: OWN\r\nMax-Forwards: 70\r\nVia: a" SEEN
		      ", c;received=d\r\nVia: e;ms-received-port=1\r\n\r\n");
}

static void test_no_hops_left(void **state)
{
	(void)state;
	check_request("M x\r\nVia: a\r\nMax-Forwards: 0\r\n\r\n", 1, NULL);
	check_request("M x\r\nVia: a\r\nMax-Forwards: 000\r\n\r\n", 1, NULL);
}

static void test_malformed(void **state)
{
	static const char *const bad[] = {
		"",
		"M x",
		"M x\r",
		"M x\r\n",
		"M x\r\n\r\n",
		"M x\r\nA: 1\r\n\r\n",
		"M x\r\nVia: a\r\n",
		"M x\r\nVia: a\r\n ",
		"M x\r\nVia: a\r\nnonsense\r\n\r\n",
		"M x\r\n A: 1\r\nVia: a\r\n\r\n",
		"M x\r\nVia: a\r\n: 1\r\n\r\n",
		"M x\r\nVia: a\r\nA b: 1\r\n\r\n",
		"M x\r\nVia: a\r\nMax-Forwards: x\r\n\r\n",
		"M x\r\nVia: a\r\nMax-Forwards: -1\r\n\r\n",
		"M x\r\nVia: a\r\nMax-Forwards:\r\n\r\n",
		"M x\r\nVia: a\r\nMax-Forwards: 1000\r\n\r\n",
		"M x\r\nVia: a\r\nMax-Forwards: 256\r\n\r\n",
		"M x\r\nVia: a\r\nMax-Forwards: 99999999999999999999\r\n\r\n",
		"M x\r\nVia: a\r\nMax-Forwards: 5\r\n 6\r\n\r\n",
		"M x\rB: 1\r\nVia: a\r\n\r\n",
		"M x\r\nVia: a\rB: 1\r\n\r\n",
		"M x\r\nVia: a\nB: 1\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check_request(bad[i], -EINVAL, NULL);
}

static void check_answer(const char *in, const char *expected)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	assert_int_equal(sip_forward_answer(&out, in, strlen(in), "X: y"), expected ? 0 : -EINVAL);
	if (expected)
		assert_string_equal(text_str(&out), expected);
}

static void test_answer(void **state)
{
	(void)state;
	check_answer("S\r\nA: 1\r\nVia: own, b\r\nVia: c\r\nB: 2\r\n\r\nbody",
		     "S\r\nA: 1\r\nVia: b\r\nVia: c\r\nB: 2\r\nX: y\r\n\r\nbody");
	check_answer("S\r\nVia: own;q=\",\"\r\nVIA: c\r\n\r\n", "S\r\nVIA: c\r\nX: y\r\n\r\n");
	check_answer("S\r\nVia: own\r\n\r\n", "S\r\nX: y\r\n\r\n");
	check_answer("S\r\nVia: own,b\r\nMS-Asserted-Verification-Level: a\r\n b\r\nC: 1\r\n"
		     "ms-edge-proxy-message-trust: z\r\nP-Asserted-Identity: p\r\n\r\n",
		     "S\r\nVia: b\r\nC: 1\r\nP-Asserted-Identity: p\r\nX: y\r\n\r\n");
	check_answer("S\r\nVia: own\r\n\r\nbody\rwith\nlines",
		     "S\r\nX: y\r\n\r\nbody\rwith\nlines");
	check_answer("S\rB: 1\r\nVia: own\r\n\r\n", NULL);
	check_answer("S\r\nA: 1\nB: 1\r\nVia: own\r\n\r\n", NULL);
	check_answer("S\r\nA: 1\r\n\r\n", NULL);
	check_answer("S\r\nVia: own\r\n", NULL);
	check_answer("", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),      cmocka_unit_test(test_source),
		cmocka_unit_test(test_no_hops_left), cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_answer),
	};

	return cmocka_run_group_tests_name("sip_forward", tests, NULL, NULL);
}
