/*
 * Digests and HMAC, MD4 and RC4: the examples of FIPS 180-4, RFC 1320, 1321, 2202, 4231 and 6229.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/crypto/legacy.h"
#include "proto/crypto/md.h"
#include "proto/crypto/sha256.h"

#include <string.h>

static void check(struct md *md, const char *text, const char *want)
{
	char hex[MD_HEX_SIZE];

	md_hex(md, text, strlen(text), hex);
	assert_string_equal(hex, want);
}

/* It is the first to use OpenSSL here: the digests of the others must not be lost for that. */
static void test_legacy(void **state)
{
	static const unsigned char key[LEGACY_RC4_KEY_BYTES] = { 1, 2,  3,  4,  5,  6,  7,  8,
								 9, 10, 11, 12, 13, 14, 15, 16 };
	unsigned char bytes[16] = { 0 };
	const char *why = "";
	struct legacy *l = legacy_new(&why);
	char hex[MD_HEX_SIZE];

	(void)state;
	assert_non_null(l);
	assert_null(why);
	legacy_md4(l, "", 0, bytes);
	md_format_hex(bytes, sizeof(bytes), hex);
	assert_string_equal(hex, "31d6cfe0d16ae931b73c59d7e0c089c0");
	legacy_md4(l, "abc", 3, bytes);
	md_format_hex(bytes, sizeof(bytes), hex);
	assert_string_equal(hex, "a448017aaf21d8525fc10ae87aa6729d");
	for (int i = 0; i < 2; i++) { /* from the start of its stream each time */
		memset(bytes, 0, sizeof(bytes));
		legacy_rc4(l, key, bytes, sizeof(bytes), bytes);
		md_format_hex(bytes, sizeof(bytes), hex);
		assert_string_equal(hex, "9ac7cc9a609d1ef7b2932899cde41b97");
	}
	legacy_free(l);
}

static void test_digests(void **state)
{
	struct md *md = md_new(MD_SHA256);

	(void)state;
	assert_int_equal(md_size(md), 32);
	check(md, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check(md, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check(md, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	md_free(md);
	md = md_new(MD_MD5);
	assert_int_equal(md_size(md), MD_MD5_BYTES);
	check(md, "", "d41d8cd98f00b204e9800998ecf8427e");
	check(md, "message digest", "f96b697d7cb7938d525a2f31aaf161d0");
	md_free(md);
}

static void test_hmac(void **state)
{
	static const char text[] = "what do ya want for nothing?";
	static const char long_text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	unsigned char bytes[MD_MAX_BYTES], key[80];
	struct md *md = md_new(MD_MD5);
	char hex[MD_HEX_SIZE];

	(void)state;
	md_hmac(md, "Jefe", 4, text, strlen(text), bytes);
	md_format_hex(bytes, md_size(md), hex);
	assert_string_equal(hex, "750c783e6ab0b503eaa86e310a5db738");
	memset(key, 0xAA, sizeof(key));
	md_hmac(md, key, sizeof(key), long_text, strlen(long_text), bytes);
	md_format_hex(bytes, md_size(md), hex);
	assert_string_equal(hex, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
	md_free(md);
	sha256_hmac_hex("Jefe", text, hex);
	assert_string_equal(hex,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	sha256_hmac_hex("key", "", hex);
	assert_string_equal(hex,
			    "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_legacy),
					    cmocka_unit_test(test_digests),
					    cmocka_unit_test(test_hmac) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
