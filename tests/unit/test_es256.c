/*
 * ES256: keys and signatures
 */
#include "proto/crypto/es256.h"

#include "proto/text/mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* RFC 7515, A.3: the key's public half, what was signed with it, and the signature. */
#define RFC_KEY                                                                                    \
	"-----BEGIN PUBLIC KEY-----\n"                                                             \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"                       \
	"6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"                           \
	"-----END PUBLIC KEY-----\n"
#define RFC_INPUT                                                                                  \
	"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcG"  \
	"xlLmNvbS9pc19yb290Ijp0cnVlfQ"

static const unsigned char rfc_signature[ES256_SIGNATURE_BYTES] = {
	14,  209, 33,  83,  121, 99,  108, 72,  60,  47,  127, 21,  88,  7,   212, 2,
	163, 178, 40,  3,   58,  249, 124, 126, 23,  129, 154, 195, 22,  158, 166, 101,
	197, 10,  7,   211, 140, 60,  112, 229, 216, 241, 45,  175, 8,   74,  84,  128,
	166, 101, 144, 197, 242, 147, 80,  154, 143, 63,  127, 138, 131, 163, 84,  213,
};

/* Made with `openssl genpkey`. */
#define P384_KEY                                                                                   \
	"-----BEGIN PUBLIC KEY-----\n"                                                             \
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEyjBIdLbl0LNO6bqsXjoZ9yKVVfQ34JPL\n"                       \
	"7x+iDqWWoCLSZB9IaE5HUJeRIm2BC5M0YfW7D25vArLonsx/a8McHkcZ1ggCSXZC\n"                       \
	"0BUvlWTIcmA22d/Ow9m/jQoZumOSX0uf\n"                                                       \
	"-----END PUBLIC KEY-----\n"
#define ENCRYPTED_KEY                                                                              \
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                                  \
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjsRZnrbJYysgICCAAw\n"                       \
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEFkupk2qXkwy7sP6cLBsSMQEgZCu\n"                       \
	"jQkd0nNDsTXhHj7wiJu1xm9SEDNEg2j99d4A+6Nf5bCe/jWZaqur65N1YsUjp0nA\n"                       \
	"27VXhDltrI5+q9ZjxTQmMSCopgsDD9BeppsjIYwEyo9CWR7mfpCT7gxFUUD9QJ5S\n"                       \
	"Aw5LS0n0HrH+9EiERqf84J9aKiH/oLZZuSFM8e78nh+qAgSQmP4+YsrISXRdrwk=\n"                       \
	"-----END ENCRYPTED PRIVATE KEY-----\n"
#define SEC1_KEY                                                                                   \
	"-----BEGIN EC PRIVATE KEY-----\n"                                                         \
	"MHcCAQEEILM6WsbRbp+RdPyT5Pc1Ep40Vnsm0Yh8UXT/RlUJVUKNoAoGCCqGSM49\n"                       \
	"AwEHoUQDQgAE47TSOarqcfnV/eALpFNvWjG/gTJwKyA6DkiegDxxD59Wt9N3KHkZ\n"                       \
	"AJl6xj7n+fuO0WbEFLec0u9FkcuCqgqMjg==\n"                                                   \
	"-----END EC PRIVATE KEY-----\n"

static struct es256_key *read_key(const char *pem)
{
	struct es256_key *key = NULL;
	const char *why = NULL;

	if (es256_key_read(pem, strlen(pem), &key, &why) == 0)
		return key;
	assert_non_null(why);
	return NULL;
}

static void test_rfc_example(void **state)
{
	struct es256_key *key = read_key(RFC_KEY);
	unsigned char changed[ES256_SIGNATURE_BYTES];

	(void)state;
	assert_non_null(key);
	assert_false(es256_key_can_sign(key));
	assert_true(es256_verify(key, RFC_INPUT, strlen(RFC_INPUT), rfc_signature));
	assert_false(es256_verify(key, RFC_INPUT, strlen(RFC_INPUT) - 1, rfc_signature));
	for (size_t i = 0; i < sizeof(changed); i++) {
		memcpy(changed, rfc_signature, sizeof(changed));
		changed[i] ^= 1;
		assert_false(es256_verify(key, RFC_INPUT, strlen(RFC_INPUT), changed));
	}
	memset(changed, 0, sizeof(changed));
	assert_false(es256_verify(key, RFC_INPUT, strlen(RFC_INPUT), changed));
	memset(changed, 0xFF, sizeof(changed));
	assert_false(es256_verify(key, RFC_INPUT, strlen(RFC_INPUT), changed));
	es256_key_free(key);
}

static void test_own_keys(void **state)
{
	struct es256_key *key = es256_key_new(), *other = es256_key_new();
	CLEANUP(mem_free_string) char *private = es256_key_write_private(key);
	CLEANUP(mem_free_string) char *public = es256_key_write_public(key);
	struct es256_key *read_private = read_key(private), *read_public = read_key(public);
	unsigned char signature[ES256_SIGNATURE_BYTES];

	(void)state;
	assert_non_null(strstr(private, "-----BEGIN PRIVATE KEY-----"));
	assert_non_null(strstr(public, "-----BEGIN PUBLIC KEY-----"));
	assert_true(es256_key_can_sign(read_private));
	assert_false(es256_key_can_sign(read_public));
	/* Numbers that begin with a zero byte have to be padded: one in 128 signatures has one. */
	for (int i = 0; i < 600; i++) {
		es256_sign(read_private, &i, sizeof(i), signature);
		assert_true(es256_verify(read_public, &i, sizeof(i), signature));
	}
	assert_false(es256_verify(other, "x", 1, signature));
	es256_key_free(key);
	es256_key_free(other);
	es256_key_free(read_private);
	es256_key_free(read_public);
}

static void test_refused_keys(void **state)
{
	struct es256_key *key;

	(void)state;
	assert_null(read_key(""));
	assert_null(read_key("hello"));
	assert_null(read_key(P384_KEY));
	assert_null(read_key(ENCRYPTED_KEY));
	/* Other things may stand in front of it. */
	key = read_key("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
		       "-----END EC PARAMETERS-----\n" SEC1_KEY);
	assert_non_null(key);
	es256_key_free(key);
	key = read_key(SEC1_KEY);
	assert_non_null(key);
	assert_true(es256_key_can_sign(key));
	es256_key_free(key);
	assert_null(es256_key_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_example),
		cmocka_unit_test(test_own_keys),
		cmocka_unit_test(test_refused_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
