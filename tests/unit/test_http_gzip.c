/*
 * HTTP server: gzip
 */
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/gzip.h"

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

/* "hello", as gzip(1) packs it. */
static const unsigned char hello[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd,
	0xc9, 0xc9, 0x07, 0x00, 0x86, 0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00,
};

static int unpack(struct http_gzip *z, const void *p, size_t n, size_t max, struct text *ret)
{
	text_reset(ret);
	return http_gzip_unpack(z, p, n, max, ret);
}

static void packs_and_unpacks(void **state)
{
	struct http_gzip *z = http_gzip_new();
	CLEANUP(text_deinit) struct text plain = TEXT_INIT;
	CLEANUP(text_deinit) struct text packed = TEXT_INIT;
	CLEANUP(text_deinit) struct text again = TEXT_INIT;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		text_add_number(&plain, (uint64_t)i * 7919);
		if (i % 100)
			continue;
		text_reset(&packed);
		if (!http_gzip_pack(z, plain.data, plain.n, &packed)) {
			assert_true(plain.n < 100);
			continue;
		}
		assert_true(packed.n < plain.n);
		assert_int_equal(unpack(z, packed.data, packed.n, plain.n, &again), 0);
		assert_int_equal(again.n, plain.n);
		assert_memory_equal(again.data, plain.data, plain.n);
		assert_int_equal(unpack(z, packed.data, packed.n, plain.n - 1, &again), -E2BIG);
	}
	http_gzip_free(z);
}

static void unpacks_what_others_pack(void **state)
{
	struct http_gzip *z = http_gzip_new();
	CLEANUP(text_deinit) struct text twice = TEXT_INIT;
	CLEANUP(text_deinit) struct text ret = TEXT_INIT;

	(void)state;
	text_add_bytes(&twice, hello, sizeof(hello));
	text_add_bytes(&twice, hello, sizeof(hello));
	assert_int_equal(unpack(z, hello, sizeof(hello), 5, &ret), 0);
	assert_string_equal(text_str(&ret), "hello");
	assert_int_equal(unpack(z, twice.data, twice.n, 100, &ret), 0);
	assert_string_equal(text_str(&ret), "hellohello");
	assert_int_equal(unpack(z, twice.data, twice.n, 9, &ret), -E2BIG);
	http_gzip_free(z);
}

static void refuses_the_malformed(void **state)
{
	struct http_gzip *z = http_gzip_new();
	CLEANUP(text_deinit) struct text ret = TEXT_INIT;
	unsigned char bad[sizeof(hello) + 1];

	(void)state;
	for (size_t n = 0; n < sizeof(hello); n++)
		assert_int_equal(unpack(z, hello, n, 100, &ret), -EINVAL);
	memcpy(bad, hello, sizeof(hello));
	bad[sizeof(hello)] = 0;
	assert_int_equal(unpack(z, bad, sizeof(bad), 100, &ret), -EINVAL);
	bad[18]++; /* of the checksum */
	assert_int_equal(unpack(z, bad, sizeof(hello), 100, &ret), -EINVAL);
	assert_int_equal(unpack(z, "hello", 5, 100, &ret), -EINVAL);
	assert_int_equal(unpack(z, hello, sizeof(hello), 100, &ret), 0);
	http_gzip_free(z);
}

/* A megabyte in a kilobyte takes no more memory than it may. */
static void stops_at_the_limit(void **state)
{
	struct http_gzip *z = http_gzip_new();
	CLEANUP(mem_free_string) char *zeros = mem_zalloc(1 << 20);
	CLEANUP(text_deinit) struct text bomb = TEXT_INIT;
	CLEANUP(text_deinit) struct text ret = TEXT_INIT;

	(void)state;
	assert_true(http_gzip_pack(z, zeros, 1 << 20, &bomb));
	assert_true(bomb.n < 8192);
	assert_int_equal(unpack(z, bomb.data, bomb.n, 65536, &ret), -E2BIG);
	assert_true(ret.size < (size_t)4 * 65536);
	http_gzip_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packs_and_unpacks),
		cmocka_unit_test(unpacks_what_others_pack),
		cmocka_unit_test(refuses_the_malformed),
		cmocka_unit_test(stops_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
