/*
 * Characters
 *
 * Classes of ASCII characters, whatever the locale.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool chars_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool chars_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool chars_is_alnum(char c)
{
	return chars_is_alpha(c) || chars_is_digit(c);
}

/** C0 controls, including the tab, and DEL. */
static inline bool chars_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7F;
}

/*
 * Eight bytes at once: what most bytes of most texts are can be told for all eight of them in a few
 * instructions. Each of these says whether there is such a byte among them.
 */
#define CHARS_EACH(c) (0x0101010101010101ULL * (unsigned char)(c))

static inline uint64_t chars_load(const char *s)
{
	uint64_t eight;

	memcpy(&eight, s, sizeof(eight));
	return eight;
}

static inline bool chars_any_below(uint64_t eight, unsigned char limit) /* limit: at most 0x80 */
{
	return (eight - CHARS_EACH(limit)) & ~eight & CHARS_EACH(0x80);
}

static inline bool chars_any_is(uint64_t eight, char c)
{
	return chars_any_below(eight ^ CHARS_EACH(c), 1);
}

static inline bool chars_any_beyond_ascii(uint64_t eight)
{
	return eight & CHARS_EACH(0x80);
}

/** Whether it stands for itself in a string of JSON, and is ASCII. */
static inline bool chars_is_json(char c)
{
	return (signed char)c >= ' ' && c != '"' && c != '\\';
}

static inline bool chars_all_json(uint64_t eight)
{
	return !chars_any_beyond_ascii(eight) && !chars_any_below(eight, ' ') &&
	       !chars_any_is(eight, '"') && !chars_any_is(eight, '\\');
}

/** How many of n bytes do, up to the first that does not. */
static inline size_t chars_count_json(const char *s, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && chars_all_json(chars_load(s + i)))
		i += 8;
	/* The rest, together with some that were seen already. */
	if (n >= 8 && n - i < 8 && chars_all_json(chars_load(s + n - 8)))
		return n;
	while (i < n && chars_is_json(s[i]))
		i++;
	return i;
}

/** Whether one of n bytes is such a control character. */
static inline bool chars_have_control(const char *s, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && !chars_any_below(chars_load(s + i), 0x20) &&
	       !chars_any_is(chars_load(s + i), 0x7F))
		i += 8;
	while (i < n && !chars_is_control(s[i]))
		i++;
	return i < n;
}

/** Whether s can be part of a header line: no control characters except tabs (RFC 3261, 25.1, without
 *  folding; RFC 9110, 5.5). */
static inline bool chars_are_line(const char *s)
{
	if (!chars_have_control(s, strlen(s)))
		return true;
	while (*s && (!chars_is_control(*s) || *s == '\t'))
		s++;
	return !*s;
}

/** token of RFC 3261, 25.1. */
static inline bool chars_is_token(char c)
{
	switch (c) {
	case '-':
	case '.':
	case '!':
	case '%':
	case '*':
	case '_':
	case '+':
	case '`':
	case '\'':
	case '~': return true;
	default: return chars_is_alnum(c);
	}
}

static inline char chars_upper(char c)
{
	if (c >= 'a' && c <= 'z')
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[c - 'a'];
	return c;
}

static inline char chars_lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return "abcdefghijklmnopqrstuvwxyz"[c - 'A'];
	return c;
}

/** Whether it is one of these, none of which is NUL. */
static inline bool chars_is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/** Leave out the characters of set around n bytes at *p. Returns how many bytes are left. */
static inline size_t chars_trim(const char **p, size_t n, const char *set)
{
	for (; n && chars_is_in(**p, set); n--)
		++*p;
	while (n && chars_is_in((*p)[n - 1], set))
		n--;
	return n;
}

/** A byte as two hex digits, in lower case. */
static inline void chars_put_hex(unsigned char byte, char ret[2])
{
	static const char digits[] = "0123456789abcdef";

	ret[0] = digits[byte >> 4];
	ret[1] = digits[byte & 15];
}

/** Value of a hex digit, or -1. */
static inline int chars_hex(char c)
{
	if (chars_is_digit(c))
		return c - '0';
	c = chars_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
