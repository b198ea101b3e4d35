/*
 * Text
 *
 * A growing byte buffer, always NUL-terminated: SIP messages, XML and traces are built in it.
 */
#pragma once

#include "proto/text/mem.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data; /* NULL until something is added */
	size_t n;
	size_t size;
};

#define TEXT_INIT ((struct text){ 0 })

/** Free the memory; the text can be used again. Also for CLEANUP. */
void text_deinit(struct text *t);

/** Empty the text and keep its memory. */
void text_reset(struct text *t);

void text_grow(struct text *t, size_t n); /* for text_reserve() */

/** Make room for n more bytes and the final NUL. */
static inline void text_reserve(struct text *t, size_t n)
{
	if (!t->data || t->size - t->n <= n)
		text_grow(t, n);
}

/** Append bytes. */
static inline void text_add_bytes(struct text *t, const void *p, size_t n)
{
	text_reserve(t, n);
	if (n)
		memcpy(t->data + t->n, p, n);
	t->n += n;
	t->data[t->n] = '\0';
}

/** Append a string; NULL adds nothing. */
static inline void text_add(struct text *t, const char *s)
{
	if (s)
		text_add_bytes(t, s, strlen(s));
}

/** Append several strings: cheaper than text_addf() for what is built once a message. */
#define text_add_all(t, ...) text_add_list(t, (const char *const[]){ __VA_ARGS__, NULL })

static inline void text_add_list(struct text *t, const char *const *strings)
{
	for (; *strings; strings++)
		text_add(t, *strings);
}

/** Concatenate strings into a buffer of size bytes, truncated, or into fresh memory; free() the latter. */
#define text_join(ret, size, ...)                                                                  \
	text_join_list(ret, size, (const char *const[]){ __VA_ARGS__, NULL })
#define text_concat(...) text_concat_list((const char *const[]){ __VA_ARGS__, NULL })
void text_join_list(char *ret, size_t size, const char *const *strings);
char *text_concat_list(const char *const *strings);

/** A number in decimal: written at the end of the buffer, where the result points to; or appended. */
#define TEXT_NUMBER_SIZE 21
const char *text_number(char buffer[TEXT_NUMBER_SIZE], uint64_t n);
void text_add_number(struct text *t, uint64_t n);
void text_add_signed(struct text *t, int64_t n);

/** Read a decimal number: digits, with a '-' in front of a negative one, and nothing else. False, and
 *  *ret untouched, if s is something else or the number is not from min to max. */
bool text_to_int(const char *s, int64_t min, int64_t max, int64_t *ret);

/** Append what printf() would print. */
void text_addf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_vaddf(struct text *t, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/** Append a character as UTF-8. What is none (NUL, a surrogate, beyond U+10FFFF) becomes U+FFFD. */
void text_add_character(struct text *t, uint32_t code);

/** Append s as XML character data or attribute value: & < > " ' are escaped, and characters that
 *  XML 1.0 (2.2) forbids become U+FFFD. */
void text_add_xml(struct text *t, const char *s);

/** Append a row of a help text, indented by two: a name, and beside it, from this column on, what it means, broken at
 *  spaces so that lines have at most 80 columns. The words go below a name that is too long. */
void text_add_help(struct text *t, const char *name, size_t column, const char *words);

/** The text so far, never NULL. Valid until the next change. */
const char *text_str(const struct text *t);

/** Hand the memory over to the caller; free() it. Never NULL. The text is empty afterwards. */
char *text_take(struct text *t);

/** What printf() would print, in fresh memory; free() it. */
char *text_format(const char *fmt, ...) PRINTF_LIKE(1, 2);
