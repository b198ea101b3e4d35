/*
 * Golden files
 *
 * Bytes as they have to be, line ends included, in tests/unit/golden/.
 */
#pragma once

#include "contents.h"

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** The whole file; text_deinit() it. */
static inline struct text golden_read(const char *name)
{
	CLEANUP(mem_free_string) char *path = text_format("%s/%s", GOLDEN_DIR, name);

	return contents_read(path);
}

/** Fail unless the file holds exactly these bytes. */
static inline void golden_check(const char *name, const void *p, size_t n)
{
	CLEANUP(text_deinit) struct text golden = golden_read(name);
	CLEANUP(mem_free_string) char *got = mem_memdup(p, n);

	assert_string_equal(got, text_str(&golden));
	assert_int_equal(n, golden.n);
}
