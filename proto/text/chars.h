/*
 * Characters
 *
 * Classes of ASCII characters, whatever the locale.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

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

/** Whether one of n bytes is such a control character. */
static inline bool chars_have_control(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && !chars_is_control(s[i]))
		i++;
	return i < n;
}

/** Whether s can be part of a header line: no control characters except tabs (RFC 3261, 25.1, without
 *  folding; RFC 9110, 5.5). */
static inline bool chars_are_line(const char *s)
{
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

/** Value of a hex digit, or -1. */
static inline int chars_hex(char c)
{
	if (chars_is_digit(c))
		return c - '0';
	c = chars_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
