/*
 * Signatures of webhooks
 */
#include "proto/auth/webhook.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The example that the libraries of Standard Webhooks are tested with. */
static void test_sign(void **state)
{
	static const char body[] = "{\"test\": 2432232314}";
	const struct webhook w = { .id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
				   .sent_s = 1614265330,
				   .body = body,
				   .n_body = strlen(body) };
	CLEANUP(text_deinit) struct text t = TEXT_INIT;
	struct webhook_secret secret;
	const char *why;

	(void)state;
	assert_int_equal(
		webhook_secret_decode("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &secret, &why), 0);
	webhook_sign(&t, &w, &secret);
	assert_string_equal(text_str(&t), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/* 6 bytes, and 60. */
#define SIX   "YWFhYWFh"
#define SIXTY SIX SIX SIX SIX SIX SIX SIX SIX SIX SIX

static void test_secrets(void **state)
{
	static const char *const good[] = { "whsec_" SIX SIX SIX SIX, "whsec_" SIXTY "YWFhYQ==" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		CLEANUP(text_deinit) struct text t = TEXT_INIT;
		struct webhook_secret secret;
		const char *why;

		assert_int_equal(webhook_secret_decode(good[i], &secret, &why), 0);
		assert_int_equal(secret.n, i ? WEBHOOK_MAX_SECRET : WEBHOOK_MIN_SECRET);
		webhook_secret_encode(&t, &secret);
		assert_string_equal(text_str(&t), good[i]);
	}
}

static void test_refused_secrets(void **state)
{
	static const char *const bad[] = {
		"",
		"whsec_",
		SIX SIX SIX SIX,
		"whsk_" SIX SIX SIX SIX,
		"whsec_" SIX SIX SIX "YWFhYWE=",
		"whsec_" SIXTY "YWFhYWE=",
		"whsec_" SIX SIX " " SIX SIX,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct webhook_secret secret = { .n = 42 };
		const char *why = NULL;

		assert_int_equal(webhook_secret_decode(bad[i], &secret, &why), -EINVAL);
		assert_non_null(why);
		assert_int_equal(secret.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_refused_secrets),
	};

	return cmocka_run_group_tests_name("webhook", tests, NULL, NULL);
}
