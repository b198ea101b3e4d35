/*
 * SHA-256 and HMAC: the examples of FIPS 180-4 and RFC 4231.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/crypto/sha256.h"

#include <string.h>

static void check(struct sha256 *s, const char *text, const char *want)
{
	char hex[HEX_DIGEST_SIZE];

	sha256_hex(s, text, strlen(text), hex);
	assert_string_equal(hex, want);
}

static void test_digest(void **state)
{
	struct sha256 *s = sha256_new();

	(void)state;
	check(s, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check(s, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check(s, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	sha256_free(s);
}

static void test_hmac(void **state)
{
	char hex[HEX_DIGEST_SIZE];

	(void)state;
	sha256_hmac_hex("Jefe", "what do ya want for nothing?", hex);
	assert_string_equal(hex,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	sha256_hmac_hex("key", "", hex);
	assert_string_equal(hex,
			    "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_digest),
					    cmocka_unit_test(test_hmac) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
