/*
 * Provider tokens: made in time, and not too often
 */
#include "mcxd/clearing_house/provider_token.h"

#include "proto/crypto/es256.h"
#include "proto/text/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { START_S = 1000000, MINUTE_S = 60 };

static char *get(struct provider_token *t, int64_t now_s)
{
	return mem_strdup(provider_token_get(t, now_s));
}

/* Signatures differ, so that two tokens are never equal. */
static bool is_same(struct provider_token *t, const char *token, int64_t now_s)
{
	return !strcmp(token, provider_token_get(t, now_s));
}

static void test_renewal(void **state)
{
	struct provider_token t = { .key = es256_key_new(), .key_id = "K", .team_id = "T" };
	CLEANUP(mem_free_string) char *first = get(&t, START_S);

	(void)state;
	assert_int_equal(strncmp(first, "bearer ey", 9), 0);
	assert_true(is_same(&t, first, START_S + 21 * MINUTE_S));
	assert_false(is_same(&t, first, START_S + 59 * MINUTE_S));
	provider_token_deinit(&t);
}

/* The machine's clock is set back: a token from the future would be refused. */
static void test_clock(void **state)
{
	struct provider_token t = { .key = es256_key_new(), .key_id = "K", .team_id = "T" };
	CLEANUP(mem_free_string) char *first = get(&t, START_S);

	(void)state;
	assert_false(is_same(&t, first, START_S - MINUTE_S));
	provider_token_deinit(&t);
}

static void test_expiry(void **state)
{
	struct provider_token t = { .key = es256_key_new(), .key_id = "K", .team_id = "T" };
	CLEANUP(mem_free_string) char *first = get(&t, START_S);

	(void)state;
	assert_false(provider_token_expire(&t, START_S, START_S + 19 * MINUTE_S));
	assert_true(is_same(&t, first, START_S + 19 * MINUTE_S));
	assert_true(provider_token_expire(&t, START_S, START_S + 20 * MINUTE_S));
	/* what else was sent with it is refused, too: before there is another one, and after */
	assert_true(provider_token_expire(&t, START_S, START_S + 20 * MINUTE_S));
	assert_false(is_same(&t, first, START_S + 20 * MINUTE_S));
	assert_true(provider_token_expire(&t, START_S, START_S + 21 * MINUTE_S));
	assert_false(provider_token_expire(&t, START_S + 20 * MINUTE_S, START_S + 21 * MINUTE_S));
	provider_token_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renewal),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_expiry),
	};

	return cmocka_run_group_tests_name("provider_token", tests, NULL, NULL);
}
