/*
 * Text
 */
#include "proto/text/text.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/utf8.h"

enum { HELP_WIDTH = 80 };

#define TEXT_MIN_SIZE 128

/* U+FFFD, in place of a character that XML cannot carry. */
#define XML_REPLACEMENT "\xEF\xBF\xBD"

void text_deinit(struct text *t)
{
	free(t->data);
	*t = TEXT_INIT;
}

void text_reset(struct text *t)
{
	t->n = 0;
	if (t->data)
		t->data[0] = '\0';
}

void text_grow(struct text *t, size_t n)
{
	size_t size = t->size ? t->size : TEXT_MIN_SIZE;

	if (n > SIZE_MAX / 4 || t->n > SIZE_MAX / 4)
		mem_check(NULL);
	while (size - t->n <= n)
		size *= 2;
	t->data = mem_realloc(t->data, size);
	t->size = size;
}

const char *text_number(char buffer[TEXT_NUMBER_SIZE], uint64_t n)
{
	char *at = buffer + TEXT_NUMBER_SIZE - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return at;
}

void text_add_number(struct text *t, uint64_t n)
{
	char buffer[TEXT_NUMBER_SIZE];
	const char *number = text_number(buffer, n);

	text_add_bytes(t, number, (size_t)(buffer + TEXT_NUMBER_SIZE - 1 - number));
}

void text_add_signed(struct text *t, int64_t n)
{
	if (n < 0)
		text_add(t, "-");
	text_add_number(t, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void text_join_list(char *ret, size_t size, const char *const *strings)
{
	size_t left = size - 1;

	for (; *strings && left; strings++) {
		size_t n = strnlen(*strings, left);

		memcpy(ret, *strings, n);
		ret += n;
		left -= n;
	}
	*ret = '\0';
}

char *text_concat_list(const char *const *strings)
{
	size_t n = 0;
	char *all, *p;

	for (size_t i = 0; strings[i]; i++)
		n += strlen(strings[i]);
	all = p = mem_check(malloc(n + 1));
	for (size_t i = 0; strings[i]; i++)
		p = stpcpy(p, strings[i]);
	*p = '\0';
	return all;
}

void text_vaddf(struct text *t, const char *fmt, va_list args)
{
	va_list again;
	size_t room;
	int n;

	text_reserve(t, TEXT_MIN_SIZE);
	room = t->size - t->n;
	va_copy(again, args);
	n = vsnprintf(t->data + t->n, room, fmt, args);
	/* An invalid format is a bug of ours. */
	if (n < 0)
		mem_check(NULL);
	if ((size_t)n >= room) {
		text_reserve(t, (size_t)n);
		vsnprintf(t->data + t->n, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	t->n += (size_t)n;
}

bool text_to_int(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = *s == '-';
	int64_t value = 0;

	s += negative;
	if (!*s)
		return false;
	for (; *s; s++) {
		/* Negative numbers reach one further: the value is built below zero. */
		if (!chars_is_digit(*s) || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, *s - '0', &value))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	if (value < min || value > max)
		return false;
	*ret = value;
	return true;
}

void text_addf(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_vaddf(t, fmt, args);
	va_end(args);
}

/* Whether the well-formed sequence of n bytes is a character that XML 1.0 (2.2) forbids. */
static bool is_xml_forbidden(const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (n == 1)
		return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
	/* U+FFFE and U+FFFF */
	return n == 3 && !memcmp(s, "\xEF\xBF", 2) && (unsigned char)s[2] >= 0xBE;
}

static const char *xml_escape(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	/* Unescaped, parsers turn these into line feeds or, in attributes, into spaces (XML 1.0,
	 * 2.11 and 3.3.3). */
	case '\r': return "&#13;";
	case '\n': return "&#10;";
	case '\t': return "&#9;";
	default: return NULL;
	}
}

/* How many characters at s are ASCII that needs no escape. */
static size_t count_plain(const char *s)
{
	size_t i = 0;

	while ((signed char)s[i] >= ' ' && !xml_escape(s[i]))
		i++;
	return i;
}

void text_add_xml(struct text *t, const char *s)
{
	size_t left = s ? strlen(s) : 0;

	while (left) {
		size_t n_plain = count_plain(s);
		size_t n = n_plain ? n_plain : utf8_sequence(s, left);
		const char *escape = xml_escape(*s);

		if (escape)
			text_add(t, escape);
		else if (!n || is_xml_forbidden(s, n))
			text_add(t, XML_REPLACEMENT);
		else
			text_add_bytes(t, s, n);
		n = n ? n : 1;
		s += n;
		left -= n;
	}
}

/* Characters, not bytes. */
static size_t help_width(const char *s, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++)
		width += ((unsigned char)s[i] & 0xC0) != 0x80;
	return width;
}

void text_add_help(struct text *t, const char *name, size_t column, const char *words)
{
	size_t at = help_width(name, strlen(name)) + 2;

	text_addf(t, "  %s", name);
	if (at + 2 > column) {
		text_add(t, "\n");
		at = 0;
	}
	text_addf(t, "%*s", (int)(column - at), "");
	for (at = column; *words;) {
		size_t n = strcspn(words, " "), width = help_width(words, n);

		if (at > column && at + 1 + width > HELP_WIDTH) {
			text_addf(t, "\n%*s", (int)column, "");
			at = column;
		}
		text_addf(t, "%s%.*s", at > column ? " " : "", (int)n, words);
		at += width + (at > column);
		words += n + (words[n] == ' ');
	}
	text_add(t, "\n");
}

const char *text_str(const struct text *t)
{
	return t->data ? t->data : "";
}

char *text_take(struct text *t)
{
	char *data = t->data ? t->data : mem_zalloc(1);

	*t = TEXT_INIT;
	return data;
}

char *text_format(const char *fmt, ...)
{
	char *s;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&s, fmt, args) < 0)
		mem_check(NULL);
	va_end(args);
	return s;
}

void text_add_character(struct text *t, uint32_t code)
{
	char s[4];
	size_t n = 0;

	if (!code || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		code = 0xFFFD;
	if (code < 0x80) {
		s[n++] = (char)code;
	} else if (code < 0x800) {
		s[n++] = (char)(0xC0 | code >> 6);
	} else if (code < 0x10000) {
		s[n++] = (char)(0xE0 | code >> 12);
		s[n++] = (char)(0x80 | (code >> 6 & 0x3F));
	} else {
		s[n++] = (char)(0xF0 | code >> 18);
		s[n++] = (char)(0x80 | (code >> 12 & 0x3F));
		s[n++] = (char)(0x80 | (code >> 6 & 0x3F));
	}
	if (code >= 0x80)
		s[n++] = (char)(0x80 | (code & 0x3F));
	text_add_bytes(t, s, n);
}
