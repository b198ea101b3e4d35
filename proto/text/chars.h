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

/** C0 controls and DEL, the tab included. */
static inline bool chars_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7F;
}

/** Whether one of n bytes is such a control character. Every header of every message is asked: eight bytes at a
 *  time. */
static inline bool chars_have_control(const char *s, size_t n)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		uint64_t x, y;

		memcpy(&x, s + i, sizeof(x));
		y = x ^ each * 0x7F;
		/* The top bit of a byte is set where x has one below 0x20, and where y has a zero. */
		if ((((x - each * 0x20) & ~x) | ((y - each) & ~y)) & each * 0x80)
			return true;
	}
	while (i < n && !chars_is_control(s[i]))
		i++;
	return i < n;
}

/** Whether s can stand in a line of a head: it has no control characters but tabs (RFC 3261, 25.1, without
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

static inline char chars_lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return "abcdefghijklmnopqrstuvwxyz"[c - 'A'];
	return c;
}

/** Value of a hex digit, or -1. */
static inline int chars_hex(char c)
{
	if (chars_is_digit(c))
		return c - '0';
	c = chars_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
