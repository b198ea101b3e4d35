/*
 * Scan of JSON
 */
#include "proto/text/json_scan.h"

#include "proto/text/chars.h"
#include "proto/text/json_in.h"
#include "proto/text/mem.h"
#include "proto/text/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool fail(struct json_scan *s, const char *why)
{
	s->why = why;
	return false;
}

static int peek(const struct json_scan *s)
{
	return s->p < s->end ? *s->p : -1;
}

static bool take(struct json_scan *s, int c)
{
	if (peek(s) != c)
		return false;
	s->p++;
	return true;
}

static void skip_space(struct json_scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
		s->p++;
}

/* ---- scalars ---- */

static int scan_hex4(struct json_scan *s)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		int digit = s->p < s->end ? chars_hex((char)*s->p) : -1;

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
		s->p++;
	}
	return value;
}

static bool scan_unicode(struct json_scan *s)
{
	int high = scan_hex4(s), low;

	if (high < 0)
		return fail(s, "A \\u in the JSON is not followed by four hex digits.");
	if (!high)
		return fail(s, "The JSON has a NUL character in a string.");
	if (high >= 0xdc00 && high <= 0xdfff)
		return fail(s, "The JSON has an unpaired surrogate in a string.");
	if (high < 0xd800 || high > 0xdfff)
		return true;
	low = take(s, '\\') && take(s, 'u') ? scan_hex4(s) : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return fail(s, "The JSON has an unpaired surrogate in a string.");
	return true;
}

static bool scan_escape(struct json_scan *s)
{
	int c = peek(s);

	if (c < 0 || !c || !strchr("\"\\/bfnrtu", c))
		return fail(s, "The JSON has an unknown escape in a string.");
	s->p++;
	return c != 'u' || scan_unicode(s);
}

/* What most strings consist of. */
static void skip_plain(struct json_scan *s)
{
	s->p += chars_count_json((const char *)s->p, (size_t)(s->end - s->p));
}

/* After the opening quote. */
static bool scan_string(struct json_scan *s)
{
	size_t len;

	for (skip_plain(s); !take(s, '"'); skip_plain(s)) {
		if (s->p == s->end)
			return fail(s, "A string in the JSON has no end.");
		if (take(s, '\\')) {
			if (!scan_escape(s))
				return false;
			continue;
		}
		len = utf8_sequence((const char *)s->p, (size_t)(s->end - s->p));
		if (!len)
			return fail(s, "The JSON is not UTF-8.");
		if (*s->p < 0x20)
			return fail(s, "The JSON has a raw control character in a string.");
		s->p += len;
	}
	return true;
}

static size_t scan_digits(struct json_scan *s)
{
	const unsigned char *begin = s->p;

	while (s->p < s->end && chars_is_digit((char)*s->p))
		s->p++;
	return (size_t)(s->p - begin);
}

static bool fits_int64(const unsigned char *p, size_t n)
{
	int64_t value = 0;

	for (size_t i = 0; i < n; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, p[i] - '0', &value))
			return false;
	return true;
}

static bool scan_number(struct json_scan *s)
{
	static const char malformed[] = "A number in the JSON is malformed.";
	const unsigned char *digits;
	bool integer = true;
	size_t n;

	take(s, '-');
	digits = s->p;
	n = scan_digits(s);
	if (!n || (n > 1 && *digits == '0'))
		return fail(s, malformed);
	if (take(s, '.')) {
		integer = false;
		if (!scan_digits(s))
			return fail(s, malformed);
	}
	if (take(s, 'e') || take(s, 'E')) {
		integer = false;
		if (!take(s, '+'))
			take(s, '-');
		if (!scan_digits(s))
			return fail(s, malformed);
	}
	if (integer && !fits_int64(digits, n))
		return fail(s, "A number in the JSON is too big.");
	return true;
}

static bool scan_scalar(struct json_scan *s)
{
	static const char *const literals[] = { "true", "false", "null" };

	if (take(s, '"'))
		return scan_string(s);
	if (peek(s) == '-' || (peek(s) >= 0 && chars_is_digit((char)peek(s))))
		return scan_number(s);
	for (size_t i = 0; i < ARRAY_SIZE(literals); i++) {
		size_t n = strlen(literals[i]);

		if ((size_t)(s->end - s->p) >= n && !memcmp(s->p, literals[i], n)) {
			s->p += n;
			return true;
		}
	}
	return fail(s, s->p == s->end ? "The JSON ends too early."
				      : "The JSON has something that is not a value.");
}

/* ---- parts ---- */

static void begin_part(struct json_scan *s)
{
	struct json_in_parts *parts = s->parts;

	skip_space(s);
	if (parts->n == parts->room) {
		parts->room = parts->room ? 2 * parts->room : 16;
		parts->all = mem_realloc(parts->all, parts->room * sizeof(*parts->all));
	}
	parts->all[parts->n].p = (const char *)s->p;
	s->part_depth = s->depth;
	s->n_before = s->n_members;
}

static void end_part(struct json_scan *s)
{
	struct json_in_part *part = &s->parts->all[s->parts->n++];

	part->n = (size_t)((const char *)s->p - part->p);
	part->n_members = s->n_members - s->n_before;
	s->n_members = s->n_before;
	s->part_depth = 0;
}

static bool begins_part(const struct json_scan *s, const unsigned char *name, size_t n)
{
	return s->parts && !s->part_depth && n == strlen(s->parts->name) &&
	       !memcmp(name, s->parts->name, n);
}

/* ---- structure ---- */

static bool scan_name(struct json_scan *s)
{
	const unsigned char *name;
	size_t n;

	skip_space(s);
	if (!take(s, '"'))
		return fail(s, "A member of the JSON has no quoted name.");
	name = s->p;
	if (!scan_string(s))
		return false;
	n = (size_t)(s->p - name) - 1;
	skip_space(s);
	if (!take(s, ':'))
		return fail(s, "A name in the JSON is not followed by a colon.");
	s->n_members++;
	if (begins_part(s, name, n))
		begin_part(s);
	return true;
}

/* After an opening bracket. *ret_empty: the closing one follows. */
static bool scan_open(struct json_scan *s, char bracket, bool *ret_empty)
{
	if (s->depth == s->max_depth)
		return fail(s, "The JSON is nested too deeply.");
	s->open[s->depth++] = bracket;
	skip_space(s);
	*ret_empty = peek(s) == (bracket == '{' ? '}' : ']');
	return *ret_empty || bracket == '[' || scan_name(s);
}

/* After a value: take closing brackets up to a comma or the end. */
static bool scan_close(struct json_scan *s)
{
	while (s->depth) {
		char bracket = s->open[s->depth - 1];
		bool comma;

		if (s->part_depth == s->depth)
			end_part(s);
		skip_space(s);
		comma = take(s, ',');
		if (comma)
			skip_space(s);
		if (comma && (bracket == '[' || !s->is_lax || peek(s) != '}'))
			return bracket == '[' || scan_name(s);
		if (!take(s, bracket == '{' ? '}' : ']'))
			return fail(s, s->p == s->end
					       ? "The JSON ends too early."
					       : "The JSON lacks a comma or a closing bracket.");
		s->depth--;
	}
	return true;
}

static bool scan_document(struct json_scan *s)
{
	do {
		bool empty = true;
		int c;

		skip_space(s);
		c = peek(s);
		if (c == '{' || c == '[') {
			s->p++;
			if (!scan_open(s, (char)c, &empty))
				return false;
			if (!empty)
				continue;
		} else if (!scan_scalar(s)) {
			return false;
		}
		if (!scan_close(s))
			return false;
	} while (s->depth);
	skip_space(s);
	return s->p == s->end || fail(s, "The JSON is followed by something else.");
}

bool json_scan_object(struct json_scan *s)
{
	skip_space(s);
	return peek(s) == '{' ? scan_document(s) : fail(s, "The body is not a JSON object.");
}
