/*
 * Memory
 *
 * Allocation that cannot fail, and cleanup of locals. What peers can make mcxd keep is limited (base/limit),
 * so running out of memory means that the machine is too small: not an outcome worth handling in every
 * function. It ends the process with a message.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Run fn(&variable) when the variable leaves its scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/** printf-like checking of the arguments. */
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/** Return p, or end the process if it is NULL. */
#ifdef __clang_analyzer__
/* The analyzer does not know CLEANUP and would report the memory of such a local as leaked, so the allocation
 * is hidden from it. */
void *mem_check(void *p) __attribute__((returns_nonnull));
#else
static inline void *mem_check(void *p)
{
	if (!p) {
		fputs("mcxd: out of memory\n", stderr);
		abort();
	}
	return p;
}
#endif

/** Zeroed memory of n bytes; free() it. */
static inline void *mem_zalloc(size_t n)
{
	return mem_check(calloc(1, n ? n : 1));
}

/** Resize as realloc() does. */
static inline void *mem_realloc(void *p, size_t n)
{
	return mem_check(realloc(p, n ? n : 1));
}

/** Copy of a string; NULL stays NULL. */
static inline char *mem_strdup(const char *s)
{
	return s ? mem_check(strdup(s)) : NULL;
}

/** Copy of n bytes, and a NUL after them. */
static inline char *mem_memdup(const void *p, size_t n)
{
	char *copy = mem_check(malloc(n + 1));

	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

/** A zeroed object of the given type. */
#define MEM_NEW(type) ((type *)mem_zalloc(sizeof(type)))

/** Replace an owned string with a copy of another. */
static inline void mem_set_string(char **slot, const char *value)
{
	char *copy = mem_strdup(value);

	free(*slot);
	*slot = copy;
}

/** The same pointer without const, for a function that should have declared it. */
static inline void *mem_no_const(const void *p)
{
	const union {
		const void *from;
		void *to;
	} either = { .from = p };

	return either.to;
}

/** For CLEANUP on a char *: frees it. */
static inline void mem_free_string(char **s)
{
	free(*s);
}
