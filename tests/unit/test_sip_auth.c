/*
 * Authentication over SIP: nonces, associations and the words for schemes.
 */
#include "mcxd/base/loop.h"
#include "mcxd/front_end/auth/association.h"
#include "mcxd/front_end/auth/nonce.h"
#include "mcxd/front_end/auth/scheme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

enum { LIFETIME_MS = 1000, MAX_NONCES = 2 };

static int setup(void **state)
{
	struct loop *l;

	assert_int_equal(loop_new(&l), 0);
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static void on_done(void *magic)
{
	*(bool *)magic = true;
}

static void advance(struct loop *l, int64_t ms)
{
	bool done = false;

	loop_advance(l, ms, on_done, &done);
	while (!done)
		loop_step(l, 0);
}

static void test_nonce(void **state)
{
	struct loop *l = *state;
	struct nonces *n = nonces_new(l, LIFETIME_MS, MAX_NONCES);
	struct nonces *others = nonces_new(l, LIFETIME_MS, MAX_NONCES);
	char nonce[NONCE_SIZE], other[NONCE_SIZE];

	loop_freeze(l);
	nonces_make(n, nonce);
	nonces_make(n, other);
	assert_string_not_equal(nonce, other);
	assert_int_equal(nonces_check(n, nonce), NONCE_GOOD);
	assert_int_equal(nonces_check(others, nonce), NONCE_FOREIGN);
	assert_int_equal(nonces_check(n, ""), NONCE_FOREIGN);
	other[20] = other[20] == '0' ? '1' : '0';
	assert_int_equal(nonces_check(n, other), NONCE_FOREIGN);
	assert_int_equal(nonces_used(n), 0);
	advance(l, LIFETIME_MS - 1);
	assert_int_equal(nonces_check(n, nonce), NONCE_GOOD);
	advance(l, 1);
	assert_int_equal(nonces_check(n, nonce), NONCE_EXPIRED);
	nonces_free(n);
	nonces_free(others);
}

static void test_count(void **state)
{
	struct loop *l = *state;
	struct nonces *n = nonces_new(l, LIFETIME_MS, MAX_NONCES);
	char nonce[NONCE_SIZE];

	nonces_make(n, nonce);
	assert_true(nonces_use(n, nonce, 3));
	assert_false(nonces_use(n, nonce, 3));
	assert_false(nonces_use(n, nonce, 1));
	assert_true(nonces_use(n, nonce, 4));
	assert_false(nonces_use(n, nonce, 3));
	assert_true(nonces_use(n, nonce, UINT32_MAX));
	assert_int_equal(nonces_used(n), 1);
	nonces_free(n);
}

/* One that is forgotten for another is not taken again, however young it is; the others are. */
static void test_forgotten(void **state)
{
	struct loop *l = *state;
	struct nonces *n = nonces_new(l, LIFETIME_MS, MAX_NONCES);
	char nonces[4][NONCE_SIZE];

	loop_freeze(l);
	for (size_t i = 0; i < 4; i++) {
		nonces_make(n, nonces[i]);
		advance(l, 1);
	}
	for (size_t i = 0; i < 3; i++)
		assert_true(nonces_use(n, nonces[i], 1));
	assert_int_equal(nonces_used(n), MAX_NONCES);
	assert_int_equal(nonces_check(n, nonces[0]), NONCE_EXPIRED);
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(nonces_check(n, nonces[i]), NONCE_GOOD);
	assert_false(nonces_use(n, nonces[2], 1));
	advance(l, LIFETIME_MS);
	nonces_make(n, nonces[0]);
	assert_true(nonces_use(n, nonces[0], 1));
	assert_int_equal(nonces_used(n), 1);
	nonces_free(n);
}

static void test_secret(void **state)
{
	struct nonces *n = nonces_new(*state, LIFETIME_MS, MAX_NONCES);
	unsigned char a[NONCE_SECRET_BYTES], b[NONCE_SECRET_BYTES];
	char nonces[2][NONCE_SIZE];

	nonces_make(n, nonces[0]);
	nonces_make(n, nonces[1]);
	nonces_secret(n, nonces[0], a);
	nonces_secret(n, nonces[0], b);
	assert_memory_equal(a, b, sizeof(a));
	nonces_secret(n, nonces[1], b);
	assert_memory_not_equal(a, b, sizeof(a));
	nonces_free(n);
}

static void test_associations(void **state)
{
	struct associations *a = associations_new(2);
	struct association *one = association_new(a, "bob@lab.test", "0a", "x");

	(void)state;
	one->peer = 1;
	assert_ptr_equal(association_find(a, "x"), one);
	assert_string_equal(association_aor(one), "bob@lab.test");
	assert_ptr_equal(association_of_client(a, "bob@lab.test", "0a", 2), one);
	assert_ptr_equal(association_of_client(a, "bob@lab.test", "", 1), one);
	assert_null(association_of_client(a, "bob@lab.test", "", 2));
	assert_null(association_of_client(a, "bob@lab.test", "0b", 1));
	assert_null(association_of_client(a, "alice@lab.test", "0a", 1));
	/* the same client again, then others: the oldest goes */
	association_new(a, "bob@lab.test", "0a", "y");
	assert_null(association_find(a, "x"));
	association_new(a, "bob@lab.test", "0b", "z");
	association_new(a, "alice@lab.test", "", "w");
	assert_int_equal(associations_count(a), 3);
	association_new(a, "bob@lab.test", "0c", "v");
	assert_null(association_find(a, "y"));
	assert_non_null(association_find(a, "z"));
	assert_int_equal(associations_count(a), 3);
	associations_free(a);
}

static void test_window(void **state)
{
	struct associations *a = associations_new(1);
	struct association *s = association_new(a, "bob@lab.test", "", "x");

	(void)state;
	assert_true(association_count(s, 1));
	assert_false(association_count(s, 1));
	assert_true(association_count(s, 5));
	assert_true(association_count(s, 3));
	assert_false(association_count(s, 3));
	assert_false(association_count(s, 5));
	assert_true(association_count(s, 100));
	assert_false(association_count(s, 36)); /* too late to be told from one that has come */
	assert_true(association_count(s, 37));
	assert_false(association_count(s, 37));
	assert_true(association_count(s, 163));
	assert_true(association_count(s, 101));
	associations_free(a);
}

static void test_schemes(void **state)
{
	(void)state;
	assert_int_equal(auth_schemes_read("none"), AUTH_NONE);
	assert_int_equal(auth_schemes_read("digest"), AUTH_DIGEST);
	assert_int_equal(auth_schemes_read(" ntlm, digest"), AUTH_DIGEST | AUTH_NTLM);
	assert_int_equal(auth_schemes_read(""), -1);
	assert_int_equal(auth_schemes_read("Digest"), -1);
	assert_int_equal(auth_schemes_read("none ntlm"), -1);
	assert_int_equal(auth_schemes_read("ntlm none"), -1);
	assert_int_equal(auth_schemes_read("digest digest"), -1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_nonce),        TEST(test_count),  TEST(test_forgotten), TEST(test_secret),
		TEST(test_associations), TEST(test_window), TEST(test_schemes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
