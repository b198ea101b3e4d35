/*
 * NTLM: the example of [MS-NLMP] 4.2.4, messages, and what is refused.
 */
#include "proto/auth/ntlm.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const unsigned char nonce[NTLM_NONCE_BYTES] = { 0x01, 0x23, 0x45, 0x67,
						       0x89, 0xAB, 0xCD, 0xEF };

/* 4.2.4.3: the AUTHENTICATE_MESSAGE, without NTLMSSP_NEGOTIATE_DATAGRAM, which is 0x40 of its flags. */
#define HEAD                                                                                       \
	"4e544c4d5353500003000000180018006c0000005400540084000000"                                 \
	"0c000c0048000000080008005400000010001000"                                                 \
	"5c00000010001000d8000000"
#define FLAGS          "358288e2"
#define DATAGRAM_FLAGS "758288e2"
#define NAMES                                                                                      \
	"0501280a0000000f44006f006d00610069006e0055007300650072"                                   \
	"0043004f004d0050005500540045005200"
#define LM    "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"
#define PROOF "68cd0ab851e51c96aabc927bebef6a1c"
#define BLOB                                                                                       \
	"01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d0061006900"     \
	"6e0001000c005300650072007600650072000000000000000000"
#define KEY                                                                                        \
	"c5dad2544fc979909"                                                                        \
	"4ce1ce90bc9d03e"

/* of "<NTLM>" under its session key, computed with the hashes and an RC4 of python */
#define SIGNATURE_C "01000000f4999fe0d4b999b264000000"
#define SIGNATURE_S "010000009ac8aedb631aab7564000000"

static void read_hex(struct text *out, const char *hex)
{
	for (; *hex; hex += 2) {
		const char byte = (char)(chars_hex(hex[0]) << 4 | chars_hex(hex[1]));

		text_add_bytes(out, &byte, 1);
	}
}

static void assert_hex(const unsigned char *p, size_t n, const char *want)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	read_hex(&t, want);
	assert_int_equal(t.n, n);
	assert_memory_equal(p, t.data, n);
}

static struct ntlm_maker *maker(void)
{
	const char *why;
	struct ntlm_maker *m = ntlm_maker_new(&why);

	assert_non_null(m);
	return m;
}

static struct ntlm_authenticate read_message(const char *flags)
{
	CLEANUP(mem_free_string)
	char *hex = text_concat(HEAD, flags, NAMES, LM, PROOF, BLOB, KEY);
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct ntlm_authenticate a;
	const char *why;

	read_hex(&t, hex);
	assert_int_equal(ntlm_authenticate_decode(t.data, t.n, &a, &why), 0);
	return a;
}

/* 4.2.4.1.1 and 4.2.4.2.3 */
static void test_keys(void **state)
{
	unsigned char session_key[NTLM_KEY_BYTES], key[NTLM_KEY_BYTES];
	struct ntlm_maker *m = maker();
	struct ntlm_keys keys;

	(void)state;
	ntlm_response_key(m, "Password", "User", "Domain", key);
	assert_hex(key, sizeof(key), "0c868a403bfd7a93a3001ef22ef02e3f");
	memset(session_key, 0x55, sizeof(session_key));
	ntlm_derive_keys(m, session_key, &keys);
	assert_hex(keys.sign[NTLM_CLIENT], NTLM_KEY_BYTES, "4788dc861b4782f35d43fd98fe1a2d39");
	assert_hex(keys.seal[NTLM_CLIENT], NTLM_KEY_BYTES, "59f600973cc4960a25480a7c196e4c58");
	ntlm_maker_free(m);
}

static void test_proof(void **state)
{
	struct ntlm_authenticate a = read_message(DATAGRAM_FLAGS);
	unsigned char signature[NTLM_SIGNATURE_BYTES], session_key[NTLM_KEY_BYTES];
	struct ntlm_maker *m = maker();
	struct ntlm_keys keys, want;

	(void)state;
	assert_string_equal(a.user, "User");
	assert_string_equal(a.domain, "Domain");
	assert_true(ntlm_prove(m, &a, nonce, "Password", &keys));
	memset(session_key, 0x55, sizeof(session_key));
	ntlm_derive_keys(m, session_key, &want);
	assert_memory_equal(&keys, &want, sizeof(keys));
	ntlm_sign(m, &keys, NTLM_CLIENT, "<NTLM>", 6, signature);
	assert_hex(signature, sizeof(signature), SIGNATURE_C);
	ntlm_sign(m, &keys, NTLM_SERVER, "<NTLM>", 6, signature);
	assert_hex(signature, sizeof(signature), SIGNATURE_S);
	assert_false(ntlm_prove(m, &a, nonce, "password", &keys));
	a.blob[20] ^= 1;
	assert_false(ntlm_prove(m, &a, nonce, "Password", &keys));
	ntlm_authenticate_deinit(&a);
	ntlm_maker_free(m);
}

static void test_signatures(void **state)
{
	unsigned char session_key[NTLM_KEY_BYTES] = { 1 };
	struct ntlm_maker *m = maker();
	struct ntlm_keys keys;
	char hex[] = SIGNATURE_C, upper[] = SIGNATURE_C;

	(void)state;
	memset(session_key, 0x55, sizeof(session_key));
	ntlm_derive_keys(m, session_key, &keys);
	for (char *c = upper; *c; c++)
		*c = chars_upper(*c);
	assert_true(ntlm_verify(m, &keys, NTLM_CLIENT, "<NTLM>", 6, hex));
	assert_true(ntlm_verify(m, &keys, NTLM_CLIENT, "<NTLM>", 6, upper));
	assert_false(ntlm_verify(m, &keys, NTLM_SERVER, "<NTLM>", 6, hex));
	assert_false(ntlm_verify(m, &keys, NTLM_CLIENT, "<ntlm>", 6, hex));
	assert_false(ntlm_verify(m, &keys, NTLM_CLIENT, "<NTLM>", 6, ""));
	hex[30] = hex[30] == '0' ? '1' : '0';
	assert_false(ntlm_verify(m, &keys, NTLM_CLIENT, "<NTLM>", 6, hex));
	hex[30] = 'x';
	assert_false(ntlm_verify(m, &keys, NTLM_CLIENT, "<NTLM>", 6, hex));
	ntlm_maker_free(m);
}

static void test_challenge(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct ntlm_challenge c = { .domain = "LAB",
				    .computer = "FE",
				    .dns_domain = "lab.test",
				    .dns_computer = "fe.lab.test" };

	(void)state;
	memcpy(c.nonce, nonce, sizeof(nonce));
	ntlm_challenge_encode(&t, &c);
	assert_hex((const unsigned char *)t.data, t.n,
		   "4e544c4d53535000020000000600060038000000558299e2"
		   "0123456789abcdef0000000000000000"
		   "500050003e0000000601b11d0000000f4c0041004200"
		   "020006004c00410042000100040046004500"
		   "040010006c00610062002e0074006500730074000300160066"
		   "0065002e006c00610062002e00740065007300740007000800"
		   "00803ed5deb19d0100000000");
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"4e544c4d53535000",
		/* as the example has it: without datagrams, whose signatures would need an order */
		HEAD FLAGS NAMES LM PROOF BLOB KEY,
		/* another type of message; no proof; a key of 8 bytes; cut off */
		"4e544c4d5353500001000000180018006c0000005400540084000000"
		"0c000c0048000000080008005400000010001000"
		"5c00000010001000d8000000" DATAGRAM_FLAGS NAMES LM PROOF BLOB KEY,
		"4e544c4d5353500003000000180018006c0000001800180084000000"
		"0c000c0048000000080008005400000010001000"
		"5c00000010001000d8000000" DATAGRAM_FLAGS NAMES LM PROOF BLOB KEY,
		"4e544c4d5353500003000000180018006c0000005400540084000000"
		"0c000c0048000000080008005400000010001000"
		"5c00000008000800d8000000" DATAGRAM_FLAGS NAMES LM PROOF BLOB KEY,
		HEAD DATAGRAM_FLAGS NAMES LM PROOF BLOB,
		HEAD DATAGRAM_FLAGS NAMES,
		HEAD DATAGRAM_FLAGS,
		/* a user of 7 bytes */
		"4e544c4d5353500003000000180018006c0000005400540084000000"
		"0c000c0048000000070007005400000010001000"
		"5c00000010001000d8000000" DATAGRAM_FLAGS NAMES LM PROOF BLOB KEY,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;
		struct ntlm_authenticate a;
		const char *why = NULL;

		read_hex(&t, bad[i]);
		assert_int_equal(ntlm_authenticate_decode(text_str(&t), t.n, &a, &why), -EINVAL);
		assert_non_null(why);
		assert_null(a.user);
	}
}

static void test_utf16(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	ntlm_add_utf16(&t, "aZ1\303\244\303\277\316\261\317\202\321\217\360\237\230\200", false);
	assert_hex((const unsigned char *)t.data, t.n, "61005a003100e400ff00b103c2034f043dd800de");
	text_reset(&t);
	ntlm_add_utf16(&t, "aZ1\303\244\303\267\316\261\321\217\305\202\xFF", true);
	assert_hex((const unsigned char *)t.data, t.n,
		   "41005a003100c400f7009103"
		   "2f044201fdff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),       cmocka_unit_test(test_proof),
		cmocka_unit_test(test_signatures), cmocka_unit_test(test_challenge),
		cmocka_unit_test(test_refused),    cmocka_unit_test(test_utf16),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
