/*
 * UTF-8
 */
#include "proto/text/utf8.h"

#include "proto/text/chars.h"

#include <stdint.h>
#include <string.h>

/* RFC 3629, 4: the ranges of the first and the second byte; all others are 80..BF. */
static const struct {
	unsigned char first_low, first_high, second_low, second_high;
	unsigned char length;
} forms[] = {
	{ 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 },
	{ 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
	{ 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
};

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t form_length(unsigned char first, unsigned char second)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (first >= forms[i].first_low && first <= forms[i].first_high)
			return second >= forms[i].second_low && second <= forms[i].second_high
				       ? forms[i].length
				       : 0;
	}
	return 0;
}

size_t utf8_sequence(const char *s, size_t n)
{
	size_t length;

	if (!n)
		return 0;
	if ((unsigned char)*s < 0x80)
		return 1;
	length = n > 1 ? form_length((unsigned char)s[0], (unsigned char)s[1]) : 0;
	if (length > n)
		return 0;
	for (size_t i = 2; i < length; i++) {
		if (!is_continuation(s[i]))
			return 0;
	}
	return length;
}

/* A control character, or U+2028 or 2029. */
static bool is_control(const unsigned char *u, size_t n)
{
	if (n == 1)
		return chars_is_control((char)*u);
	if (n == 2) /* C1 */
		return u[0] == 0xC2 && u[1] < 0xA0;
	return n == 3 && u[0] == 0xE2 && u[1] == 0x80 && (u[2] == 0xA8 || u[2] == 0xA9);
}

bool utf8_steers(const char *s, size_t n)
{
	/* U+202A..202E, U+200E and 200F, U+2066..2069 */
	static const struct {
		unsigned char second, low, high;
	} marks[] = { { 0x80, 0xAA, 0xAE }, { 0x80, 0x8E, 0x8F }, { 0x81, 0xA6, 0xA9 } };
	const unsigned char *u = (const unsigned char *)s;

	if (is_control(u, n))
		return true;
	if (n == 2) /* U+061C */
		return u[0] == 0xD8 && u[1] == 0x9C;
	for (size_t i = 0; n == 3 && i < sizeof(marks) / sizeof(marks[0]); i++)
		if (u[0] == 0xE2 && u[1] == marks[i].second && u[2] >= marks[i].low &&
		    u[2] <= marks[i].high)
			return true;
	return false;
}

bool utf8_has_control(const char *s)
{
	size_t step;

	for (size_t n = strlen(s); n; s += step, n -= step) {
		step = utf8_sequence(s, n);
		if (!step || is_control((const unsigned char *)s, step))
			return true;
	}
	return false;
}

/* How many bytes, from the first on, are ASCII without NUL. */
static size_t count_ascii(const char *s, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && !chars_any_below(chars_load(s + i), 1) &&
	       !chars_any_beyond_ascii(chars_load(s + i)))
		i += 8;
	while (i < n && (signed char)s[i] > 0)
		i++;
	return i;
}

bool utf8_is_text(const char *s, size_t n)
{
	for (size_t i = count_ascii(s, n); i < n; i += count_ascii(s + i, n - i)) {
		size_t step = s[i] ? utf8_sequence(s + i, n - i) : 0;

		if (!step)
			return false;
		i += step;
	}
	return true;
}

size_t utf8_complete(const char *s, size_t n)
{
	size_t start = n;

	while (start && n - start < 3 && is_continuation(s[start - 1]))
		start--;
	if (!start)
		return n;
	start--;
	return utf8_sequence(s + start, n - start) ? n : start;
}

size_t utf8_count(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += !is_continuation(*s);
	return n;
}

size_t utf8_first(const char *s, size_t max)
{
	size_t i = 0;

	for (size_t n = 0; s[i]; i++) {
		n += !is_continuation(s[i]);
		if (n > max)
			break;
	}
	return i;
}

/* ---- what is shown as one ---- */

/* Of a well-formed sequence of n bytes. */
static uint32_t code_point(const char *s, size_t n)
{
	uint32_t c = n == 1 ? (unsigned char)*s : (unsigned char)*s & (0x7FU >> n);

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3F);
	return c;
}

enum { ZERO_WIDTH_JOINER = 0x200D };

/* Marks that go with the character before them: the blocks of combining marks, variation selectors, skin tones, tags and the
 * joiner itself (UAX #29, GB9, as far as whole blocks tell). */
static bool continues(uint32_t c)
{
	static const struct {
		uint32_t low, high;
	} blocks[] = {
		{ 0x0300, 0x036F },   { 0x0483, 0x0489 },
		{ 0x0591, 0x05BD },   { 0x064B, 0x065F },
		{ 0x0E31, 0x0E31 },   { 0x0E34, 0x0E3A },
		{ 0x0E47, 0x0E4E },   { 0x093A, 0x093C },
		{ 0x093E, 0x094D },   { 0x1AB0, 0x1AFF },
		{ 0x1DC0, 0x1DFF },   { ZERO_WIDTH_JOINER, ZERO_WIDTH_JOINER },
		{ 0x20D0, 0x20FF },   { 0x3099, 0x309A },
		{ 0xFE00, 0xFE0F },   { 0xFE20, 0xFE2F },
		{ 0x1F3FB, 0x1F3FF }, { 0xE0020, 0xE007F },
		{ 0xE0100, 0xE01EF },
	};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (c >= blocks[i].low && c <= blocks[i].high)
			return true;
	return false;
}

/* The character at s[at]; 0: there is none. */
static uint32_t character_at(const char *s, size_t at)
{
	return s[at] ? code_point(s + at, utf8_sequence(s + at, strlen(s + at))) : 0;
}

static size_t step_back(const char *s, size_t at)
{
	do
		at--;
	while (at && is_continuation(s[at]));
	return at;
}

size_t utf8_cut(const char *s, size_t max)
{
	size_t n = utf8_first(s, max), at = n;

	while (at && s[at] &&
	       (continues(character_at(s, at)) ||
		character_at(s, step_back(s, at)) == ZERO_WIDTH_JOINER))
		at = step_back(s, at);
	return at ? at : n;
}
