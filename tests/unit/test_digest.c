/*
 * Digest: the examples of RFC 7616 and 2617, both sides, and what is refused.
 */
#include "proto/auth/digest.h"

#include "proto/auth/params.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static struct auth_params read_params(const char *s)
{
	struct auth_params a;
	const char *why;

	assert_int_equal(auth_params_decode(s, strlen(s), &a, &why), 0);
	assert_null(why);
	return a;
}

/* ---- parameters ---- */

static void test_params(void **state)
{
	struct auth_params a = read_params("  Digest\trealm=\"a \\\"b\\\", c=d\",\r\n qop=auth , "
					   "x = \"\",,Y=AbC+/==");

	(void)state;
	assert_string_equal(auth_params_scheme(&a), "Digest");
	assert_int_equal(a.n, 4);
	assert_string_equal(auth_params_get(&a, "REALM"), "a \"b\", c=d");
	assert_string_equal(auth_params_get(&a, "qop"), "auth");
	assert_string_equal(auth_params_get(&a, "x"), "");
	assert_string_equal(auth_params_get(&a, "y"), "AbC+/==");
	assert_null(auth_params_get(&a, "c"));
	auth_params_deinit(&a);
	a = read_params("NTLM");
	assert_string_equal(auth_params_scheme(&a), "NTLM");
	assert_int_equal(a.n, 0);
	auth_params_deinit(&a);
	assert_string_equal(auth_params_scheme(&a), "");
}

static void test_bad_params(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		",",
		"=",
		"Digest, a=b",
		"Digest a",
		"Digest a=",
		"Digest =b",
		"Digest a=\"b",
		"Digest a=\"b\\",
		"Digest a=\"b\"c=d",
		"Digest a=b c=d",
		"Digest a=b, A=c",
		"Digest a=b\"c\"",
		"Digest a a=b",
		"\"Digest\" a=b",
	};
	CLEANUP(text_deinit) struct text many = TEXT_INIT;
	struct auth_params a;
	const char *why;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(auth_params_decode(bad[i], strlen(bad[i]), &a, &why), -EINVAL);
		assert_non_null(why);
		assert_null(a.text);
	}
	assert_int_equal(auth_params_decode("A b=\0c", 6, &a, &why), -EINVAL);
	text_add(&many, "A ");
	for (int i = 0; i <= AUTH_PARAMS_MAX; i++)
		text_addf(&many, "p%d=1,", i);
	assert_int_equal(auth_params_decode(many.data, many.n, &a, &why), -EINVAL);
	text_reset(&many);
	text_addf(&many, "A b=%0*d", AUTH_PARAMS_MAX_BYTES, 1);
	assert_int_equal(auth_params_decode(many.data, many.n, &a, &why), -EINVAL);
}

static void test_writing(void **state)
{
	CLEANUP(text_deinit) struct text t = TEXT_INIT;

	(void)state;
	text_add(&t, "Digest ");
	auth_params_add_quoted(&t, "a", "x\"y\\z\r\nV: 1");
	auth_params_add_token(&t, "b", "c");
	assert_string_equal(text_str(&t), "Digest a=\"x\\\"y\\\\zV: 1\", b=c");
}

/* ---- the response ---- */

#define MUFASA                                                                                     \
	"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "   \
	"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "                    \
	"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "                      \
	"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", "
#define SHA256_RESPONSE "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
#define MD5_RESPONSE    "8ca523f5e9506fed4657c9700eebdbec"

static bool is_proved(const char *s, const char *method, const char *password)
{
	struct digest_maker *m = digest_maker_new();
	struct auth_params a = read_params(s);
	struct digest_credentials c;
	const char *why = NULL;
	bool result;

	assert_int_equal(digest_credentials_read(&a, &c, &why), 0);
	assert_null(why);
	result = digest_verify(m, &c, method, password);
	auth_params_deinit(&a);
	digest_maker_free(m);
	return result;
}

static void test_verify(void **state)
{
	(void)state;
	assert_true(is_proved(MUFASA "algorithm=SHA-256, response=\"" SHA256_RESPONSE "\"", "GET",
			      "Circle of Life"));
	assert_true(is_proved(MUFASA "algorithm=\"md5\", response=\"" MD5_RESPONSE "\"", "GET",
			      "Circle of Life"));
	assert_true(is_proved(MUFASA "response=\"8CA523F5E9506FED4657C9700EEBDBEC\"", "GET",
			      "Circle of Life"));
	/* RFC 2617, 3.5 */
	assert_true(is_proved("Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
			      "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
			      "uri=\"/dir/index.html\", qop=auth, nc=00000001, "
			      "cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\"",
			      "GET", "Circle Of Life"));
	/* another password, method, algorithm, and a response that is cut off */
	assert_false(is_proved(MUFASA "algorithm=MD5, response=\"" MD5_RESPONSE "\"", "GET",
			       "Circle of life"));
	assert_false(is_proved(MUFASA "algorithm=MD5, response=\"" MD5_RESPONSE "\"", "POST",
			       "Circle of Life"));
	assert_false(is_proved(MUFASA "algorithm=SHA-256, response=\"" MD5_RESPONSE "\"", "GET",
			       "Circle of Life"));
	assert_false(
		is_proved(MUFASA "algorithm=MD5, response=\"8ca523f5\"", "GET", "Circle of Life"));
}

static void test_bad_credentials(void **state)
{
	static const char *const bad[] = {
		"Digest a=b",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\"",
		MUFASA "response=\"x\", algorithm=SHA-512-256",
		MUFASA "response=\"x\", algorithm=MD5-sess",
		MUFASA "response=\"x\", userhash=true",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", "
		"qop=auth-int, nc=00000001, cnonce=\"c\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", "
		"qop=auth, nc=1, cnonce=\"c\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", "
		"qop=auth, nc=0000000g, cnonce=\"c\"",
		"Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\", "
		"qop=auth, nc=00000000, cnonce=\"c\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct auth_params a = read_params(bad[i]);
		struct digest_credentials c;
		const char *why = NULL;

		assert_int_equal(digest_credentials_read(&a, &c, &why), -EINVAL);
		assert_non_null(why);
		auth_params_deinit(&a);
	}
}

/* ---- the client ---- */

static void take(struct digest_session *s, const char *challenge)
{
	struct auth_params a = read_params(challenge);
	const char *why = NULL;

	assert_int_equal(digest_session_take(s, &a, &why), 0);
	auth_params_deinit(&a);
}

static const struct digest_request mufasa = {
	.username = "Mufasa",
	.password = "Circle of Life",
	.method = "GET",
	.uri = "/dir/index.html",
	.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};

/* What the server's side writes the client's side takes, and answers with what the RFC has. */
static void test_client(void **state)
{
	struct digest_maker *m = digest_maker_new();
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct digest_session s = { 0 };

	(void)state;
	for (int i = 0; i < N_DIGEST_ALGORITHMS; i++) {
		const struct digest_challenge c = {
			.realm = "http-auth@example.org",
			.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
			.opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
			.algorithm = (enum digest_algorithm)i,
			.stale = i == 1,
		};

		text_reset(&t);
		digest_challenge_encode(&t, &c);
		take(&s, text_str(&t));
		assert_int_equal(s.stale, c.stale);
		text_reset(&t);
		digest_session_answer(&t, &s, m, &mufasa);
		assert_non_null(
			strstr(text_str(&t), i == DIGEST_MD5 ? MD5_RESPONSE : SHA256_RESPONSE));
		assert_non_null(strstr(text_str(&t), "nc=00000001"));
		assert_true(is_proved(text_str(&t), "GET", "Circle of Life"));
		text_reset(&t);
		digest_session_answer(&t, &s, m, &mufasa);
		assert_non_null(strstr(text_str(&t), "nc=00000002"));
		assert_true(is_proved(text_str(&t), "GET", "Circle of Life"));
	}
	digest_session_deinit(&s);
	digest_maker_free(m);
}

/* A registrar that demands nothing is answered as RFC 2069 has it: this one was computed with openssl dgst. */
static void test_client_without_qop(void **state)
{
	struct digest_maker *m = digest_maker_new();
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct digest_session s = { 0 };

	(void)state;
	take(&s, "Digest realm=\"testrealm@host.com\", "
		 "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"");
	digest_session_answer(&t, &s, m,
			      &(struct digest_request){ .username = "Mufasa",
							.password = "Circle Of Life",
							.method = "GET",
							.uri = "/dir/index.html",
							.cnonce = "" });
	assert_non_null(strstr(text_str(&t), "response=\"670fd8c2df070c60b045671b8b24ff02\""));
	assert_null(strstr(text_str(&t), "nc="));
	digest_session_deinit(&s);
	digest_maker_free(m);
}

static void test_bad_challenges(void **state)
{
	static const char *const bad[] = {
		"NTLM realm=\"r\", nonce=\"n\"",
		"Digest realm=\"r\"",
		"Digest nonce=\"n\"",
		"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256",
		"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
	};
	struct digest_session s = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct auth_params a = read_params(bad[i]);
		const char *why = NULL;

		assert_int_equal(digest_session_take(&s, &a, &why), -EINVAL);
		assert_non_null(why);
		assert_null(s.nonce);
		auth_params_deinit(&a);
	}
	take(&s, "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int,auth\", stale=TRUE");
	assert_true(s.stale && s.has_qop && !s.opaque);
	digest_session_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_bad_params),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_bad_credentials),
		cmocka_unit_test(test_client),
		cmocka_unit_test(test_client_without_qop),
		cmocka_unit_test(test_bad_challenges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
