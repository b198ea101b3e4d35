/*
 * Identities of endpoints
 */
#include "proto/sip/ident.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TOKEN    "K4iGOZHs_FqfXFaJVv4cXwAA"
#define IDENTITY "0123456789abcdef0123456789ABCDEF"

static void test_is_epid(void **state)
{
	(void)state;
	assert_true(ident_is_epid("3470B22863"));
	assert_true(ident_is_epid("12345678901234567890123456789012"));
	assert_false(ident_is_epid("123456789012345678901234567890123"));
	assert_false(ident_is_epid(""));
	assert_false(ident_is_epid("a;b"));
	assert_false(ident_is_epid("a\nb"));
}

/* The example of [MS-SIPRE]. */
static void test_uuid(void **state)
{
	char uuid[IDENT_UUID_SIZE];

	(void)state;
	ident_uuid("01010101", uuid);
	assert_string_equal(uuid, "4b1682a8-f968-5701-83fc-7c6741dc6697");
	ident_uuid("01010102", uuid);
	assert_int_equal(uuid[14], '5');
	assert_string_not_equal(uuid, "4b1682a8-f968-5701-83fc-7c6741dc6697");
}

static void test_instance(void **state)
{
	static const char *const bad[] = {
		"",
		"urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc6697",
		"<urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc6697",
		"\"<urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc6697>",
		"<urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc669>",
		"<urn:uuid:4b1682a8-f968-5701-83fc-7c6741dc66978>",
		"<urn:uuid:4b1682a8xf968-5701-83fc-7c6741dc6697>",
		"<urn:uuid:",
		"<urn:imei:4b1682a8-f968-5701-83fc-7c6741dc6697>",
	};
	char uuid[IDENT_UUID_SIZE];

	(void)state;
	assert_int_equal(
		ident_instance_decode("\"<urn:uuid:4B1682A8-F968-5701-83FC-7C6741DC6697>\"", uuid),
		0);
	assert_string_equal(uuid, "4b1682a8-f968-5701-83fc-7c6741dc6697");
	assert_int_equal(
		ident_instance_decode("<URN:UUID:4b1682a8-f968-5701-83fc-7c6741dc6697>", uuid), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ident_instance_decode(bad[i], uuid), -EINVAL);
}

static void test_gruu_token(void **state)
{
	uint8_t bytes[16];
	char token[IDENT_TOKEN_SIZE];

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	assert_true(ident_gruu_token(bytes, token));
	assert_string_equal(token, "AAAAAAAAAAAAAAAAAAAAAAAA");
	memset(bytes, 0xFF, sizeof(bytes));
	assert_true(ident_gruu_token(bytes, token));
	assert_string_equal(token, "_____________________wAA");
	assert_true(ident_is_gruu_token(token));
	bytes[3] = 0x09;
	bytes[4] = 0x27;
	bytes[5] = 0xAA;
	assert_false(ident_gruu_token(bytes, token));
	assert_string_equal(token, "____CSeq_____________wAA");
	assert_false(ident_is_gruu_token("K4iGOZHs_FqfXFaJVv4cXwAB"));
	assert_false(ident_is_gruu_token("K4iGOZHs_FqfXFaJVv4cXwAAA"));
	assert_false(ident_is_gruu_token("K4iGOZHs_FqfXFaJVv4cXAA"));
	assert_false(ident_is_gruu_token("K4iGOZHs+FqfXFaJVv4cXwAA"));
	assert_false(ident_is_gruu_token(""));
}

static void test_gruu(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct gruu g;

	(void)state;
	ident_add_gruu(&t, "bob@lab.test", TOKEN);
	assert_string_equal(text_str(&t), "sip:bob@lab.test;opaque=user:epid:" TOKEN ";gruu");
	assert_int_equal(ident_gruu_decode(text_str(&t), &g), 0);
	assert_string_equal(g.aor, "bob@lab.test");
	assert_string_equal(g.token, TOKEN);
	assert_int_equal(ident_gruu_decode("\"Bob\" <sip:BOB@lab.test;gruu;opaque=user:epid:" TOKEN
					   ">;text;audio",
					   &g),
			 0);
	assert_string_equal(g.aor, "bob@lab.test");
}

static void test_not_gruu(void **state)
{
	struct gruu g;

	(void)state;
	assert_int_equal(ident_gruu_decode("sip:bob@lab.test", &g), 1);
	assert_int_equal(ident_gruu_decode("sip:bob@lab.test;opaque=user:epid:" TOKEN, &g), 1);
	assert_int_equal(ident_gruu_decode("sip:bob@lab.test;opaque=user:epid:AbCdEf;gruu", &g), 1);
	assert_int_equal(ident_gruu_decode("sip:lab.test;gruu;opaque=srvr:McxExternal:" TOKEN, &g),
			 1);
	assert_int_equal(ident_gruu_decode("sip:lab.test;opaque=user:epid:" TOKEN ";gruu", &g),
			 -EINVAL);
	assert_int_equal(ident_gruu_decode("sip:bob@;gruu", &g), -EINVAL);
	assert_int_equal(ident_gruu_decode("<sip:bob@lab.test", &g), -EINVAL);
	assert_int_equal(ident_gruu_decode("", &g), -EINVAL);
}

static void test_mcx_user(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct mcx_user m;

	(void)state;
	ident_add_mcx_user(&t, IDENTITY, "bob.b@lab.test");
	assert_string_equal(text_str(&t), "sip:McxUser" IDENTITY "bob.b@lab.test");
	assert_int_equal(ident_mcx_user_decode(text_str(&t), &m), 0);
	assert_string_equal(m.push_identity, "0123456789abcdef0123456789abcdef");
	assert_string_equal(m.aor, "bob.b@lab.test");
	assert_int_equal(
		ident_mcx_user_decode("\"Bob\"<sip:mcxuser" IDENTITY "Bob@Lab.test>;epid=1", &m),
		0);
	assert_string_equal(m.aor, "bob@lab.test");
}

static void test_not_mcx_user(void **state)
{
	struct mcx_user m;

	(void)state;
	assert_int_equal(ident_mcx_user_decode("sip:bob@lab.test", &m), 1);
	assert_int_equal(ident_mcx_user_decode("sip:McxUser@lab.test", &m), 1);
	assert_int_equal(ident_mcx_user_decode("sip:McxUser" IDENTITY "@lab.test", &m), 1);
	assert_int_equal(ident_mcx_user_decode("sip:McxUser0123xbob@lab.test", &m), 1);
	assert_int_equal(ident_mcx_user_decode("McxUser" IDENTITY "bob@lab.test", &m), -EINVAL);
	assert_int_equal(ident_mcx_user_decode("", &m), -EINVAL);
}

static void test_is_push_identity(void **state)
{
	(void)state;
	assert_true(ident_is_push_identity(IDENTITY));
	assert_false(ident_is_push_identity(IDENTITY "0"));
	assert_false(ident_is_push_identity("0123456789abcdef0123456789abcde"));
	assert_false(ident_is_push_identity("0123456789abcdef0123456789abcdeg"));
	assert_false(ident_is_push_identity(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_epid),
		cmocka_unit_test(test_uuid),
		cmocka_unit_test(test_instance),
		cmocka_unit_test(test_gruu_token),
		cmocka_unit_test(test_gruu),
		cmocka_unit_test(test_not_gruu),
		cmocka_unit_test(test_mcx_user),
		cmocka_unit_test(test_not_mcx_user),
		cmocka_unit_test(test_is_push_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
