/*
 * What a signature covers: requests and answers, all three versions.
 */
#include "proto/sip/signed.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static struct sip_signed of_version(int version)
{
	return (struct sip_signed){ .scheme = "NTLM",
				    .random = "0123abcd",
				    .count = "7",
				    .realm = "SIP Communications Service",
				    .target = "fe.lab.test",
				    .version = version };
}

static void check(const char *message, int version, const char *want)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	const struct sip_signed s = of_version(version);

	assert_int_equal(sip_signed_add(&t, message, strlen(message), &s), 0);
	assert_string_equal(text_str(&t), want);
}

#define BEGIN "<NTLM><0123abcd><7><SIP Communications Service><fe.lab.test>"

static void test_request(void **state)
{
	static const char message[] =
		"REGISTER sip:lab.test SIP/2.0\r\n"
		"Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\n"
		"From: \"A <b>\" <sip:alice@lab.test>;epid=0a;tag=\r\n 12\r\n"
		"To: <sip:alice@lab.test>\r\n"
		"CSeq:  3   REGISTER\r\n"
		"Call-ID: abc\r\n"
		"Expires: 600\r\n"
		"P-Preferred-Identity: <sip:alice@lab.test>, <tel:+15550100>\r\n"
		"Content-Length: 5\r\n\r\nTo: x";

	(void)state;
	check(message, 4,
	      BEGIN "<abc><3><REGISTER><sip:alice@lab.test><12><sip:alice@lab.test><>"
		    "<sip:alice@lab.test><tel:+15550100><600>");
	check(message, 3,
	      BEGIN "<abc><3><REGISTER><sip:alice@lab.test><12><sip:alice@lab.test><>"
		    "<sip:alice@lab.test><tel:+15550100><600>");
	check(message, 2, BEGIN "<abc><3><REGISTER><sip:alice@lab.test><12><><600>");
}

static void test_answer(void **state)
{
	static const char message[] = "SIP/2.0 180 Ringing\r\n"
				      "f: sip:alice@lab.test;tag=1\r\n"
				      "t: \"Bob\" <sip:bob@lab.test;x=y>;tag=2;epid=01\r\n"
				      "i: abc\r\n"
				      "CSeq: 1 INVITE\r\n"
				      "P-Preferred-Identity: <sip:eve@lab.test>\r\n"
				      "P-Asserted-Identity: \"Bob\" <tel:1>\r\n\r\n";

	(void)state;
	check(message, 4,
	      BEGIN "<abc><1><INVITE><sip:alice@lab.test><1><sip:bob@lab.test;x=y><2><>"
		    "<tel:1><><180>");
	check(message, 2, BEGIN "<abc><1><INVITE><sip:alice@lab.test><1><2><><180>");
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\r\n",
		"BYE sip:a SIP/2.0",
		"BYE sip:a SIP/2.0\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCSeq: 1 BYE\r\n\r\n",
		"BYE sip:a SIP/2.0\r\nCall-ID: a\r\nTo: <sip:a@b>\r\nCSeq: 1 BYE\r\n\r\n",
		"BYE sip:a SIP/2.0\r\nCall-ID: a\r\nFrom: <sip:a@b\r\nTo: a\r\nCSeq: 1 BYE\r\n\r\n",
	};
	const struct sip_signed s = of_version(4);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;

		assert_int_equal(sip_signed_add(&t, bad[i], strlen(bad[i]), &s), -EINVAL);
		assert_int_equal(t.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_request),
					    cmocka_unit_test(test_answer),
					    cmocka_unit_test(test_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
