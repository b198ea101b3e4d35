/*
 * JSON Web Tokens: what is refused, and when
 */
#include "proto/auth/jwt.h"

#include "proto/crypto/es256.h"
#include "proto/text/base64.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { NOW = 1700000000 };

static struct es256_key *the_key;

static struct jwt_rules rules(void)
{
	return (struct jwt_rules){
		.key = the_key,
		.key_id = "ABC123DEFG",
		.issuer = "TEAM000001",
		.max_age_s = 3600,
		.max_ahead_s = 60,
	};
}

/* A token with these parts, signed. */
static char *token_of(const char *header, const char *claims)
{
	struct text t = TEXT_INIT;
	unsigned char signature[ES256_SIGNATURE_BYTES];

	base64_encode_url(&t, header, strlen(header));
	text_add(&t, ".");
	base64_encode_url(&t, claims, strlen(claims));
	es256_sign(the_key, t.data, t.n, signature);
	text_add(&t, ".");
	base64_encode_url(&t, signature, sizeof(signature));
	return text_take(&t);
}

static int decode(const char *s, struct jwt *ret)
{
	const char *why = NULL;
	int r = jwt_decode(s, strlen(s), ret, &why);

	if (r < 0) {
		assert_non_null(why);
		assert_null(ret->key_id);
		assert_int_equal(ret->issued_s, -1);
	}
	return r;
}

static void test_made_and_checked(void **state)
{
	const struct jwt_rules r = rules();
	CLEANUP(text_deinit) struct text token = TEXT_INIT;
	struct jwt t;

	(void)state;
	jwt_encode(&token, r.key_id, r.issuer, NOW, the_key);
	assert_int_equal(decode(text_str(&token), &t), 0);
	assert_string_equal(t.key_id, "ABC123DEFG");
	assert_string_equal(t.issuer, "TEAM000001");
	assert_int_equal(t.issued_s, NOW);
	assert_int_equal(t.expires_s, -1);
	assert_int_equal(jwt_check(text_str(&token), &t, &r), JWT_GOOD);
	assert_int_equal(jwt_check_time(&t, &r, NOW), JWT_GOOD);
	assert_int_equal(jwt_check_time(&t, &r, NOW + 3600), JWT_GOOD);
	assert_int_equal(jwt_check_time(&t, &r, NOW + 3601), JWT_EXPIRED);
	assert_int_equal(jwt_check_time(&t, &r, NOW - 60), JWT_GOOD);
	assert_int_equal(jwt_check_time(&t, &r, NOW - 61), JWT_EARLY);
	jwt_deinit(&t);
	for (int i = 0; i < N_JWT_VERDICTS; i++)
		assert_non_null(jwt_verdict_text((enum jwt_verdict)i));
}

static enum jwt_verdict verdict_of(const char *header, const char *claims, int64_t now_s)
{
	const struct jwt_rules r = rules();
	CLEANUP(mem_free_string) char *token = token_of(header, claims);
	enum jwt_verdict verdict;
	struct jwt t;

	assert_int_equal(decode(token, &t), 0);
	verdict = jwt_check(token, &t, &r);
	if (verdict == JWT_GOOD)
		verdict = jwt_check_time(&t, &r, now_s);
	jwt_deinit(&t);
	return verdict;
}

static void test_verdicts(void **state)
{
	static const char good[] = "{\"alg\":\"ES256\",\"kid\":\"ABC123DEFG\"}";
	static const struct {
		const char *header, *claims;
		enum jwt_verdict verdict;
	} rows[] = {
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1700000000}", JWT_GOOD },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1700000000.5,\"x\":[1,{}]}", JWT_GOOD },
		{ "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"kid\":\"ABC123DEFG\"}",
		  "{\"iss\":\"TEAM000001\",\"iat\":1700000000}", JWT_GOOD },
		{ "{\"alg\":\"ES256\"}", "{\"iss\":\"TEAM000001\",\"iat\":1700000000}",
		  JWT_OTHER_KEY },
		{ "{\"alg\":\"ES256\",\"kid\":\"abc123defg\"}",
		  "{\"iss\":\"TEAM000001\",\"iat\":1700000000}", JWT_OTHER_KEY },
		{ good, "{\"iss\":\"TEAM000002\",\"iat\":1700000000}", JWT_OTHER_ISSUER },
		{ good, "{\"ISS\":\"TEAM000001\",\"iat\":1700000000}", JWT_OTHER_ISSUER },
		{ good, "{\"iat\":1700000000}", JWT_OTHER_ISSUER },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1700000000,\"aud\":\"else\"}",
		  JWT_OTHER_AUDIENCE },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1700000000,\"aud\":[]}",
		  JWT_OTHER_AUDIENCE },
		{ good, "{\"iss\":\"TEAM000001\"}", JWT_NO_TIME },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1699996399}", JWT_EXPIRED },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1700000061}", JWT_EARLY },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1700000000,\"exp\":1700000000}",
		  JWT_EXPIRED },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1700000000,\"exp\":1700000001}",
		  JWT_GOOD },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":1700000000,\"nbf\":1700000099}",
		  JWT_EARLY },
		{ good, "{\"iss\":\"TEAM000001\",\"iat\":9223372036854775807}", JWT_EARLY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(verdict_of(rows[i].header, rows[i].claims, NOW), rows[i].verdict);
}

static void test_other_key_signed(void **state)
{
	const struct jwt_rules r = rules();
	struct es256_key *other = es256_key_new();
	CLEANUP(text_deinit) struct text token = TEXT_INIT;
	struct jwt t;

	(void)state;
	jwt_encode(&token, r.key_id, r.issuer, NOW, other);
	assert_int_equal(decode(text_str(&token), &t), 0);
	assert_int_equal(jwt_check(text_str(&token), &t, &r), JWT_BAD_SIGNATURE);
	jwt_deinit(&t);
	es256_key_free(other);
}

static void test_every_character_counts(void **state)
{
	const struct jwt_rules r = rules();
	CLEANUP(text_deinit) struct text token = TEXT_INIT;
	struct jwt t;

	(void)state;
	jwt_encode(&token, r.key_id, r.issuer, NOW, the_key);
	for (size_t i = 0; i < token.n; i++) {
		const char was = token.data[i];

		token.data[i] = was == 'A' ? 'B' : 'A';
		if (decode(token.data, &t) == 0)
			assert_int_not_equal(jwt_check(token.data, &t, &r), JWT_GOOD);
		jwt_deinit(&t);
		token.data[i] = was;
	}
}

static void test_algorithms(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"kid\":\"ABC123DEFG\"}",
		"{\"alg\":\"HS256\",\"kid\":\"ABC123DEFG\"}",
		"{\"alg\":\"es256\",\"kid\":\"ABC123DEFG\"}",
		"{\"alg\":\"ES384\",\"kid\":\"ABC123DEFG\"}",
		"{\"alg\":null,\"kid\":\"ABC123DEFG\"}",
		"{\"alg\":[\"ES256\"],\"kid\":\"ABC123DEFG\"}",
		"{\"ALG\":\"ES256\",\"kid\":\"ABC123DEFG\"}",
		"{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"ABC123DEFG\"}",
		"{\"kid\":\"ABC123DEFG\"}",
		"{\"alg\":\"ES256\",\"kid\":\"ABC123DEFG\",\"crit\":[\"b64\"],\"b64\":false}",
		"{\"alg\":\"ES256\",\"kid\":7}",
		"[]",
		"",
	};
	struct jwt t;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		CLEANUP(mem_free_string)
		char *token = token_of(headers[i], "{\"iss\":\"TEAM000001\",\"iat\":1700000000}");

		assert_int_equal(decode(token, &t), -EINVAL);
	}
}

static void test_malformed(void **state)
{
	static const char *const claims[] = {
		"", "7", "{\"iss\":7}", "{\"iat\":\"1700000000\"}", "{\"iat\":-1}", "{\"exp\":{}}",
	};
	CLEANUP(mem_free_string)
	char *good = token_of("{\"alg\":\"ES256\"}", "{\"iss\":\"TEAM000001\"}");
	CLEANUP(mem_free_string) char *longer = text_format("%sA", good);
	CLEANUP(mem_free_string) char *padded = text_format("%s==", good);
	CLEANUP(mem_free_string) char *fourth = text_format("%s.x", good);
	char big[JWT_MAX_BYTES + 2];
	struct jwt t;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		CLEANUP(mem_free_string) char *token = token_of("{\"alg\":\"ES256\"}", claims[i]);

		assert_int_equal(decode(token, &t), -EINVAL);
	}
	assert_int_equal(decode("", &t), -EINVAL);
	assert_int_equal(decode("..", &t), -EINVAL);
	assert_int_equal(decode("a.b", &t), -EINVAL);
	assert_int_equal(decode(longer, &t), -EINVAL);
	assert_int_equal(decode(padded, &t), -EINVAL);
	assert_int_equal(decode(fourth, &t), -EINVAL);
	good[strlen(good) - 1] = '\0';
	assert_int_equal(decode(good, &t), -EINVAL);
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(decode(big, &t), -EINVAL);
}

static int make_key(void **state)
{
	(void)state;
	the_key = es256_key_new();
	return 0;
}

static int free_key(void **state)
{
	(void)state;
	es256_key_free(the_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_and_checked),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_other_key_signed),
		cmocka_unit_test(test_every_character_counts),
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}
