/*
 * JSON from outside
 */
#include "proto/text/json_in.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/utf8.h"

#include <errno.h>
#include <json-c/json_visit.h>
#include <limits.h>
#include <math.h>

struct scan {
	const unsigned char *p, *end;
	const char *why;
	char open[JSON_IN_MAX_DEPTH]; /* the brackets that are open, innermost last */
	int depth, max_depth;
	bool is_lax; /* a comma may end an object */
	size_t n_members;
};

static bool fail(struct scan *s, const char *why)
{
	s->why = why;
	return false;
}

static int peek(const struct scan *s)
{
	return s->p < s->end ? *s->p : -1;
}

static bool take(struct scan *s, int c)
{
	if (peek(s) != c)
		return false;
	s->p++;
	return true;
}

static void skip_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
		s->p++;
}

/* ---- scalars ---- */

static int scan_hex4(struct scan *s)
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

static bool scan_unicode(struct scan *s)
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

static bool scan_escape(struct scan *s)
{
	int c = peek(s);

	if (c < 0 || !c || !strchr("\"\\/bfnrtu", c))
		return fail(s, "The JSON has an unknown escape in a string.");
	s->p++;
	return c != 'u' || scan_unicode(s);
}

/* What most strings consist of. */
static void skip_plain(struct scan *s)
{
	s->p += chars_count_json((const char *)s->p, (size_t)(s->end - s->p));
}

/* After the opening quote. */
static bool scan_string(struct scan *s)
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

static size_t scan_digits(struct scan *s)
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

static bool scan_number(struct scan *s)
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

static bool scan_scalar(struct scan *s)
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

/* ---- structure ---- */

static bool scan_name(struct scan *s)
{
	skip_space(s);
	if (!take(s, '"'))
		return fail(s, "A member of the JSON has no quoted name.");
	if (!scan_string(s))
		return false;
	skip_space(s);
	if (!take(s, ':'))
		return fail(s, "A name in the JSON is not followed by a colon.");
	s->n_members++;
	return true;
}

/* After an opening bracket. *ret_empty: the closing one follows. */
static bool scan_open(struct scan *s, char bracket, bool *ret_empty)
{
	if (s->depth == s->max_depth)
		return fail(s, "The JSON is nested too deeply.");
	s->open[s->depth++] = bracket;
	skip_space(s);
	*ret_empty = peek(s) == (bracket == '{' ? '}' : ']');
	return *ret_empty || bracket == '[' || scan_name(s);
}

/* After a value: take closing brackets up to a comma or the end. */
static bool scan_close(struct scan *s)
{
	while (s->depth) {
		char bracket = s->open[s->depth - 1];
		bool comma;

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

static bool scan_document(struct scan *s)
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

/* ---- the tree ---- */

struct count {
	size_t n_members;
	bool infinite;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is json-c's */
static int count_one(json_object *o, int flags, json_object *parent, const char *key, size_t *index,
		     void *magic)
{
	struct count *count = magic;

	(void)parent;
	(void)index;
	if (flags & JSON_C_VISIT_SECOND)
		return JSON_C_VISIT_RETURN_CONTINUE;
	if (key)
		count->n_members++;
	if (json_object_is_type(o, json_type_double) && !isfinite(json_object_get_double(o)))
		count->infinite = true;
	return JSON_C_VISIT_RETURN_CONTINUE;
}

/* That it is UTF-8 was checked before: to check it again would cost a fifth of the parsing. */
static struct json_object *parse(const char *p, size_t n, int max_depth)
{
	struct json_tokener *tok = mem_check(json_tokener_new_ex(max_depth + 1));
	struct json_object *o;

	o = json_tokener_parse_ex(tok, p, (int)n);
	json_tokener_free(tok);
	return o;
}

static const char *check_tree(struct json_object *o, size_t n_members)
{
	struct count count = { 0 };

	json_c_visit(o, 0, count_one, &count);
	if (count.infinite)
		return "A number in the JSON is too big.";
	/* json-c keeps the last of several members with one name. */
	if (count.n_members != n_members)
		return "A member of the JSON occurs twice.";
	return NULL;
}

static int read_object(const void *p, size_t n, struct scan s, struct json_object **ret,
		       const char **ret_why)
{
	const unsigned char *begin = n ? p : (const void *)"";
	struct json_object *o;

	*ret = NULL;
	*ret_why = NULL;
	/* Writers of .NET begin a text with a byte order mark, which readers may ignore (RFC 8259, 8.1). */
	if (n >= 3 && !memcmp(begin, "\xEF\xBB\xBF", 3)) {
		begin += 3;
		n -= 3;
	}
	s.p = begin;
	s.end = begin + n;
	if (s.max_depth > JSON_IN_MAX_DEPTH)
		s.max_depth = JSON_IN_MAX_DEPTH;
	skip_space(&s);
	if (!n || n > INT_MAX || peek(&s) != '{') {
		*ret_why = "The body is not a JSON object.";
		return -EINVAL;
	}
	if (!scan_document(&s)) {
		*ret_why = s.why;
		return -EINVAL;
	}
	o = parse((const char *)begin, n, s.max_depth);
	*ret_why = o ? check_tree(o, s.n_members) : "The JSON is malformed.";
	if (*ret_why) {
		json_object_put(o);
		return -EINVAL;
	}
	*ret = o;
	return 0;
}

int json_in_object(const void *p, size_t n, int max_depth, struct json_object **ret,
		   const char **ret_why)
{
	return read_object(p, n, (struct scan){ .max_depth = max_depth }, ret, ret_why);
}

int json_in_object_lax(const void *p, size_t n, int max_depth, struct json_object **ret,
		       const char **ret_why)
{
	return read_object(p, n, (struct scan){ .max_depth = max_depth, .is_lax = true }, ret,
			   ret_why);
}

/* ---- members ---- */

int json_in_member(struct json_object *o, const char *name, struct json_object **ret)
{
	int n = 0;

	*ret = NULL;
	json_object_object_foreach (o, key, value) {
		if (strcasecmp(key, name) != 0)
			continue;
		if (!n)
			*ret = value;
		n++;
	}
	return n;
}

struct json_object *json_in_find(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, name, &value);
	return value;
}

const char *json_in_string(struct json_object *o, const char *name)
{
	struct json_object *value = json_in_find(o, name);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

struct json_object *json_in_path(struct json_object *o, const char *path)
{
	while (o && *path) {
		size_t n = strcspn(path, ".");
		CLEANUP(mem_free_string) char *name = mem_memdup(path, n);

		o = json_in_find(o, name);
		path += n + (path[n] == '.');
	}
	return o;
}
