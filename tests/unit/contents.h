/*
 * Contents of files
 */
#pragma once

#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/** The whole file; text_deinit() it. */
static inline struct text contents_read(const char *path)
{
	FILE *file = fopen(path, "re");
	struct text t = TEXT_INIT;
	char block[4096];
	size_t n;

	assert_non_null(file);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		text_add_bytes(&t, block, n);
	fclose(file);
	return t;
}

/** The same as a string; for free(). */
static inline char *contents_of(const char *path)
{
	struct text t = contents_read(path);

	return text_take(&t);
}

/** What a file has between the lines "<!-- mark -->" and "<!-- /mark -->"; for free(). */
static inline char *contents_between(const char *path, const char *mark)
{
	CLEANUP(mem_free_string) char *all = contents_of(path);
	CLEANUP(mem_free_string) char *begin = text_format("<!-- %s -->\n", mark);
	CLEANUP(mem_free_string) char *end = text_format("<!-- /%s -->", mark);
	const char *from = strstr(all, begin), *to = strstr(all, end);

	assert_non_null(from);
	assert_non_null(to);
	from += strlen(begin);
	return mem_memdup(from, (size_t)(to - from));
}
