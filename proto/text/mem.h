/*
 * Memory
 *
 * Allocation that cannot fail and cleanup of locals. mcxd bounds what outsiders can make it keep
 * (base/limit), so running out of memory is a defect of the machine, not an outcome worth handling
 * in every function: it ends the process with a message.
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

/** Return p, or end the process when it is NULL. */
#ifdef __clang_analyzer__
/* The analyzer does not know CLEANUP and would take what such a local holds for lost: it is not shown
 * where memory comes from. */
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

/** Copy of n bytes with a NUL behind them. */
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

/** Replace an owned string by a copy of another. */
static inline void mem_set_string(char **slot, const char *value)
{
	char *copy = mem_strdup(value);

	free(*slot);
	*slot = copy;
}

/** For CLEANUP on a char *: frees it. */
static inline void mem_free_string(char **s)
{
	free(*s);
}
