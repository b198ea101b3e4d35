/*
 * Id table, string table, hash, random
 */
#include "mcxd/base/idtab.h"

#include "mcxd/base/hash.h"
#include "mcxd/base/random.h"
#include "proto/text/mem.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numbers_are_never_used_twice(void **state)
{
	struct idtab *t = idtab_new();
	int a, b, c;

	(void)state;
	assert_int_equal(idtab_add(t, &a), 1);
	assert_int_equal(idtab_add(t, &b), 2);
	idtab_remove(t, 2);
	idtab_remove(t, 2);
	assert_int_equal(idtab_add(t, &c), 3);
	assert_ptr_equal(idtab_get(t, 1), &a);
	assert_null(idtab_get(t, 2));
	assert_ptr_equal(idtab_get(t, 3), &c);
	assert_null(idtab_get(t, 0));
	assert_int_equal(idtab_count(t), 2);
	idtab_remove(t, 1);
	idtab_remove(t, 3);
	assert_int_equal(idtab_count(t), 0);
	assert_null(idtab_free(t));
	assert_null(idtab_free(NULL));
}

static void later_numbers_follow_given_ones(void **state)
{
	struct idtab *t = idtab_new();
	int objects[4];
	uint64_t cursor = 0;

	(void)state;
	idtab_add_as(t, 1000, &objects[2]);
	idtab_add_as(t, 7, &objects[0]);
	idtab_add_as(t, 8, &objects[1]);
	assert_int_equal(idtab_add(t, &objects[3]), 1001);
	for (int i = 0; i < 4; i++)
		assert_ptr_equal(idtab_next(t, &cursor), &objects[i]);
	assert_null(idtab_next(t, &cursor));
	assert_null(idtab_next(t, &cursor));
	for (const uint64_t *id = (uint64_t[]){ 7, 8, 1000, 1001, 0 }; *id; id++)
		idtab_remove(t, *id);
	idtab_free(t);
}

static void a_walk_survives_removals(void **state)
{
	struct idtab *t = idtab_new();
	int objects[100];
	uint64_t cursor = 0;
	int n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		idtab_add(t, &objects[i]);
	while (idtab_next(t, &cursor)) {
		n++;
		idtab_remove(t, cursor);
		idtab_remove(t, cursor + 1);
	}
	assert_int_equal(n, 50);
	assert_int_equal(idtab_count(t), 0);
	idtab_free(t);
}

static void many_numbers(void **state)
{
	struct idtab *t = idtab_new();
	const uint64_t n = 100000;

	(void)state;
	for (uint64_t i = 1; i <= n; i++)
		idtab_add(t, (char *)t + i);
	for (uint64_t i = 1; i <= n; i++)
		assert_ptr_equal(idtab_get(t, i), (char *)t + i);
	for (uint64_t i = n; i > 0; i--)
		idtab_remove(t, i);
	idtab_free(t);
}

static void a_name_is_taken_once(void **state)
{
	struct strtab *t = strtab_new();
	char name[] = "alice@lab.test";
	int a, b;

	(void)state;
	assert_int_equal(strtab_add(t, name, &a), 0);
	assert_int_equal(strtab_add(t, "alice@lab.test", &b), 1);
	name[0] = 'A';
	assert_ptr_equal(strtab_get(t, "alice@lab.test"), &a);
	assert_null(strtab_get(t, "Alice@lab.test"));
	assert_null(strtab_get(t, "alice@lab.tes"));
	assert_null(strtab_get(t, ""));
	assert_int_equal(strtab_add(t, "", &b), 0);
	assert_ptr_equal(strtab_get(t, ""), &b);
	assert_int_equal(strtab_count(t), 2);
	strtab_remove(t, "");
	strtab_remove(t, "alice@lab.test");
	strtab_remove(t, "alice@lab.test");
	assert_int_equal(strtab_add(t, "alice@lab.test", &b), 0);
	strtab_remove(t, "alice@lab.test");
	assert_null(strtab_free(t));
	assert_null(strtab_free(NULL));
}

static void names_are_walked_in_order_of_insertion(void **state)
{
	static const char *const names[] = { "b", "a", "d", "c" };
	struct strtab *t = strtab_new();
	void *cursor = NULL;
	char *name;
	size_t n = 0;

	(void)state;
	assert_null(strtab_next(t, &cursor));
	cursor = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		strtab_add(t, names[i], mem_strdup(names[i]));
	while ((name = strtab_next(t, &cursor)))
		assert_string_equal(name, names[n++]);
	assert_int_equal(n, ARRAY_SIZE(names));
	assert_null(strtab_next(t, &cursor));
	cursor = NULL;
	while ((name = strtab_next(t, &cursor))) {
		strtab_remove(t, name);
		free(name);
		n--;
	}
	assert_int_equal(n, 0);
	strtab_free(t);
}

/* The vectors of the paper's appendix and of its reference implementation: key 00 01 … 0f, message
 * 00 01 … of the given length. */
static void the_hash_is_siphash(void **state)
{
	static const struct {
		size_t n;
		uint64_t hash;
	} vectors[] = {
		{ 0, 0x726fdb47dd0e0e31 },
		{ 1, 0x74f839c593dc67fd },
		{ 8, 0x93f5f5799a932462 },
		{ 15, 0xa129ca6149be45e5 },
	};
	unsigned char key[16], message[16];

	(void)state;
	for (unsigned char i = 0; i < 16; i++)
		key[i] = message[i] = i;
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++)
		assert_int_equal(hash_sip24(key, message, vectors[i].n), vectors[i].hash);
	assert_int_equal(hash_keyed("bob", 3), hash_keyed("bob", 3));
	assert_int_not_equal(hash_keyed("bob", 3), hash_keyed("bo", 2));
	assert_int_not_equal(hash_keyed(message, 16), hash_sip24(key, message, 16));
}

static void random_digits(void **state)
{
	char a[2 * 40 + 2], b[2 * 40 + 2];

	(void)state;
	memset(a, 'x', sizeof(a));
	random_hex(40, a);
	assert_int_equal(strlen(a), 80);
	assert_int_equal(strspn(a, "0123456789abcdef"), 80);
	assert_int_equal(a[81], 'x');
	random_hex(40, b);
	assert_string_not_equal(a, b);
	random_hex(0, a);
	assert_string_equal(a, "");
}

enum { BUCKETS = 1024 };

static unsigned fullest_bucket(uint64_t key, uint64_t distance)
{
	unsigned n[BUCKETS] = { 0 }, most = 0;

	for (uint64_t i = 1; i <= BUCKETS; i++) {
		unsigned count = ++n[hash_number(key, i * distance) % BUCKETS];

		most = count > most ? count : most;
	}
	return most;
}

/* At random, one bucket in millions would have more than 12. */
static void numbers_spread_over_all_buckets(void **state)
{
	(void)state;
	for (uint64_t key = 1; key; key <<= 1)
		for (uint64_t distance = 1; distance && distance << 10; distance <<= 1) {
			assert_true(fullest_bucket(key, distance) <= 12);
			assert_true(fullest_bucket(~key, distance) <= 12);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_never_used_twice),
		cmocka_unit_test(later_numbers_follow_given_ones),
		cmocka_unit_test(a_walk_survives_removals),
		cmocka_unit_test(many_numbers),
		cmocka_unit_test(numbers_spread_over_all_buckets),
		cmocka_unit_test(a_name_is_taken_once),
		cmocka_unit_test(names_are_walked_in_order_of_insertion),
		cmocka_unit_test(the_hash_is_siphash),
		cmocka_unit_test(random_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
