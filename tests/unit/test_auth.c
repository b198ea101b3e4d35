/*
 * Tokens
 */
#include "tests/unit/core_fixture.h"

#include "mcxd/base/loop.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "proto/crypto/md.h"
#include "proto/crypto/sha256.h"
#include "web/ucwa/auth.h"

#include <string.h>

#define HOUR   ((int64_t)3600000)
#define MINUTE ((int64_t)60000)

static struct auth *auth_with(struct fixture *f, int64_t lifetime_ms)
{
	return auth_new(f->core,
			&(struct auth_config){ .token_lifetime_ms = lifetime_ms,
					       .max_tokens_per_user = 4,
					       .max_tokens = 8 },
			NULL);
}

/* What an earlier process has saved for a token. */
static bool restore(struct fixture *f, struct auth *a, const char *token, int64_t left_ms)
{
	char digest[HEX_DIGEST_SIZE], password[HEX_DIGEST_SIZE];
	struct md *sha256 = md_new(MD_SHA256);

	md_hex(sha256, token, strlen(token), digest);
	md_free(sha256);
	sha256_hmac_hex(token, f->bob->password, password);
	return auth_restore(
		a, &(struct store_row){
			   .kind = STORE_TOKEN,
			   .id = 7,
			   .token = { .user = "bob@lab.test",
				      .expires_wall_us = loop_wall_us(f->loop) + left_ms * 1000,
				      .digest = digest,
				      .password = password } });
}

static void test_expiry(void **state)
{
	struct fixture *f = *state;
	struct auth *a = auth_with(f, HOUR);
	char token[AUTH_TOKEN_SIZE];

	assert_int_equal(auth_issue(a, f->bob, token), 0);
	fixture_advance(f, HOUR - MINUTE);
	assert_ptr_equal(auth_check(a, token), f->bob);
	fixture_advance(f, MINUTE);
	assert_null(auth_check(a, token));
	auth_free(a);
}

static void test_restored(void **state)
{
	struct fixture *f = *state;
	struct auth *a = auth_with(f, 8 * HOUR);
	char token[AUTH_TOKEN_SIZE];

	assert_true(restore(f, a, "cwt=old", HOUR));
	assert_true(restore(f, a, "cwt=other", HOUR));
	assert_false(restore(f, a, "cwt=over", 0));
	assert_null(auth_check(a, "cwt=over"));
	assert_ptr_equal(auth_check(a, "cwt=old"), f->bob);
	assert_ptr_equal(auth_check(a, "cwt=old"), f->bob);
	assert_false(restore(f, a, "cwt=old", HOUR));
	assert_false(restore(f, a, "cwt=other", HOUR));
	assert_null(auth_check(a, "cwt=older"));
	assert_null(auth_check(a, ""));
	assert_int_equal(auth_issue(a, f->alice, token), 0);
	assert_ptr_equal(auth_check(a, token), f->alice);
	assert_ptr_equal(auth_check(a, "cwt=other"), f->bob);
	fixture_advance(f, HOUR);
	assert_null(auth_check(a, "cwt=old"));
	auth_free(a);
}

/* The lifetime was shortened: tokens from before keep no others alive, and do not outlive them. */
static void test_shorter_lifetime(void **state)
{
	struct fixture *f = *state;
	struct auth *a = auth_with(f, HOUR);
	char token[AUTH_TOKEN_SIZE];

	assert_true(restore(f, a, "cwt=old", 8 * HOUR));
	assert_int_equal(auth_issue(a, f->alice, token), 0);
	assert_ptr_equal(auth_check(a, "cwt=old"), f->bob);
	fixture_advance(f, HOUR);
	assert_null(auth_check(a, token));
	assert_null(auth_check(a, "cwt=old"));
	auth_free(a);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_expiry),
		TEST(test_restored),
		TEST(test_shorter_lifetime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
