/*
 * Peers: connections counted by address
 */
#include "mcxd/net/address.h"
#include "mcxd/net/peers.h"

/* cmocka wants these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

static struct address address_of(const char *s)
{
	struct address a;

	assert_true(address_read(s, &a));
	return a;
}

static struct peer *take(struct peers *p, const char *s, int64_t max)
{
	const struct address a = address_of(s);

	return peers_take(p, &a, max);
}

static void by_address_and_not_by_port(void **state)
{
	struct peers p = { 0 };
	struct peer *one = take(&p, "127.0.0.1:1", 2);

	(void)state;
	assert_non_null(one);
	assert_ptr_equal(take(&p, "127.0.0.1:2", 2), one);
	assert_null(take(&p, "127.0.0.1:3", 2));
	assert_int_equal(p.n_peers, 1);
	/* neighbours, of both families */
	assert_non_null(take(&p, "127.0.0.2:1", 2));
	assert_non_null(take(&p, "[::1]:1", 1));
	assert_null(take(&p, "[::1]:2", 1));
	assert_non_null(take(&p, "[::2]:1", 1));
	assert_int_equal(p.n_peers, 4);
	/* a place comes back */
	peers_give(&p, one);
	assert_ptr_equal(take(&p, "127.0.0.1:3", 2), one);
	peers_give(&p, one);
	peers_give(&p, one);
	assert_int_equal(p.n_peers, 3);
	peers_give(&p, NULL);
	peers_deinit(&p);
	peers_deinit(&p);
}

static void without_a_limit(void **state)
{
	struct peers p = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_non_null(take(&p, "127.0.0.1:1", 0));
	assert_int_equal(p.n_peers, 1);
	peers_deinit(&p);
}

static void many(void **state)
{
	enum { N = 1000 };
	struct peer *all[N];
	struct peers p = { 0 };
	char s[32];

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(s, sizeof(s), "10.0.%d.%d:9", i / 250, i % 250);
		all[i] = take(&p, s, 1);
		assert_non_null(all[i]);
		assert_null(take(&p, s, 1));
	}
	assert_int_equal(p.n_peers, N);
	for (int i = 0; i < N; i++)
		peers_give(&p, all[i]);
	assert_int_equal(p.n_peers, 0);
	assert_non_null(take(&p, "10.0.0.7:1", 1));
	peers_deinit(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_address_and_not_by_port),
		cmocka_unit_test(without_a_limit),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
