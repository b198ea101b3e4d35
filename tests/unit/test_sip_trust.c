/*
 * What only trusted servers may say, and how somebody else could try to
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/sip/trust.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

static void check(const char *in, size_t n_removed, const char *expected)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	/* A copy of exactly this size, so that a sanitizer sees a read beyond its end. */
	size_t n = strlen(in);
	CLEANUP(mem_free_string) char *copy = mem_check(malloc(n ? n : 1));

	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the copy has no NUL on purpose */
	memmove(copy, in, n);
	assert_int_equal(sip_trust_strip(&out, copy, n), n_removed);
	assert_string_equal(text_str(&out), n_removed ? expected : "");
}

#define LEVEL "ms-asserted-verification-level: ms-source-verified-user=verified"
#define START "M x SIP/2.0\r\n"

static void test_headers(void **state)
{
	(void)state;
	check(START "A: 1\r\n" LEVEL "\r\nB: 2\r\n\r\nbody", 1, START "A: 1\r\nB: 2\r\n\r\nbody");
	check(START "MS-Edge-Proxy-Message-Trust: a\r\nms-internal-info: b\r\n"
		    "p-asserted-identity: c\r\nP-Asserted-Identity: d\r\nB: 2\r\n\r\n",
	      4, START "B: 2\r\n\r\n");
	check("SIP/2.0 200 OK\r\n" LEVEL "\r\n\r\n", 1, "SIP/2.0 200 OK\r\n\r\n");
}

static void test_others(void **state)
{
	static const char *const innocent[] = {
		"",
		"M",
		START,
		START "\r\n",
		START "A: 1\r\nmsx: 1\r\nPriority: 1\r\nv: a;ms-received-port=1\r\n\r\n",
		START "P-Preferred-Identity: a\r\nms-asserted-verification-levels: b\r\n\r\n",
		START "Subject: " LEVEL "\r\n\r\n",
		START "Subject: x\r\n " LEVEL "\r\n\r\n", /* a fold of Subject */
		START "\r\n" LEVEL "\r\n",                /* the body */
		LEVEL "\r\n\r\n",                         /* the first line is none of the head */
		START "Via: a;x=\";ms-internal-info=b\"\r\n\r\n",
		START "Contact: <sip:a>;ms-internal-info=b\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(innocent); i++)
		check(innocent[i], 0, NULL);
}

/* What a strict parser would not take for the header, and a lenient one might. */
static void test_smuggling(void **state)
{
	(void)state;
	check(START LEVEL "\r\n folded\r\n\tmore\r\nB: 2\r\n\r\n", 1, START "B: 2\r\n\r\n");
	check(START "ms-asserted-verification-level \t : a\r\nB: 2\r\n\r\n", 1,
	      START "B: 2\r\n\r\n");
	check(START "ms-asserted-verification-level\r\n : a\r\nB: 2\r\n\r\n", 1,
	      START "B: 2\r\n\r\n");
	check(START "A: 1\n" LEVEL "\nB: 2\r\n\r\n", 1, START "A: 1\r\nB: 2\r\n\r\n");
	check(START "A: 1\r" LEVEL "\r\nB: 2\r\n\r\n", 1, START "A: 1\r\nB: 2\r\n\r\n");
	check("M x SIP/2.0\n" LEVEL "\n\n", 1, "M x SIP/2.0\r\n\n");
	check(START LEVEL, 1, START);
}

/* A fold of nothing: for sofia it is a header, and does not end the head. */
static void test_blank_before_the_first_header(void **state)
{
	(void)state;
	check(START " " LEVEL "\r\nA: 1\r\n\r\n", 1, START "A: 1\r\n\r\n");
	check(START "\t \t" LEVEL "\r\nA: 1\r\n\r\n", 1, START "A: 1\r\n\r\n");
	check(START " X: y\r\n" LEVEL "\r\n\r\n", 1, START " X: y\r\n\r\n");
	check(START " \r\n" LEVEL "\r\n\r\n", 1, START " \r\n\r\n");
	check(START " " LEVEL "\r\n\r\n" LEVEL "\r\n\r\n", 1, START "\r\n" LEVEL "\r\n\r\n");
	check(START " v: a;ms-internal-info=b\r\n\r\n", 1, START " v: a\r\n\r\n");
	check("\r\n \r\n" START LEVEL "\r\n\r\n", 1, "\r\n \r\n" START "\r\n");
}

/* Two parsers see it in two places. The one that sees it later must find nothing, either. */
static void test_end_of_the_head(void **state)
{
	(void)state;
	check(START "A: 1\n\nB: 2\r\n" LEVEL "\r\n\r\n", 1, START "A: 1\n\nB: 2\r\n\r\n");
	check(START "A: 1\r\r\n" LEVEL "\r\n\r\n", 1, START "A: 1\r\r\n\r\n");
	check(START "\n " LEVEL "\r\n\r\n", 1, START "\r\n\r\n");
	check(START "A: 1\n" LEVEL "\r\n\r\n" LEVEL "\r\n\r\n", 1,
	      START "A: 1\r\n\r\n" LEVEL "\r\n\r\n");
	check(START "A: 1\r" LEVEL "\n\r\n\r\n" LEVEL, 1, START "A: 1\r\n\r\n\r\n" LEVEL);
}

static void test_via(void **state)
{
	(void)state;
	check(START
	      "Via: a;b=c;ms-internal-info=\"x;y\\\"z\";d, e;MS-INTERNAL-INFO=f;g\r\nA: 1\r\n\r\n",
	      2, START "Via: a;b=c;d, e;g\r\nA: 1\r\n\r\n");
	check(START "V: a\r\n ; ms-internal-info \r\n = x ;b\r\n\r\n", 1,
	      START "V: a\r\n ;b\r\n\r\n");
	check(START "Via: a;ms-internal-info\r\n\r\n", 1, START "Via: a\r\n\r\n");
	check(START "Via: a;ms-internal-info=\"open\r\nA: 1\r\n\r\n", 1,
	      START "Via: a\r\nA: 1\r\n\r\n");
	check(START "Via: a;ms-inter;ms-internal-info=\"x\"nal-info=1;b\r\n\r\n", 1,
	      START "Via: a;ms-inter;b\r\n\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_smuggling),
		cmocka_unit_test(test_blank_before_the_first_header),
		cmocka_unit_test(test_end_of_the_head),
		cmocka_unit_test(test_via),
	};

	return cmocka_run_group_tests_name("sip_trust", tests, NULL, NULL);
}
