/*
 * Products
 */
#include "proto/sip/product.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <stdbool.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || chars_is_control(c);
}

/* How many bytes the escaped character at s has that may be in a comment: 2, or 0 if it is none (RFC 3261, 25.1,
 * quoted-pair; control characters are of no use to anybody). */
static size_t pair_length(const char *s)
{
	return *s == '\\' && s[1] && !chars_is_control(s[1]) && (unsigned char)s[1] < 0x80 ? 2 : 0;
}

/* The length of the comment that begins at s, 0 if it is never closed. */
static size_t comment_length(const char *s)
{
	unsigned depth = 0;

	for (const char *p = s; *p; p += pair_length(p) ? 2 : 1) {
		depth += *p == '(';
		if (*p == ')' && !--depth)
			return (size_t)(p - s) + 1;
	}
	return 0;
}

static void add_comment(struct text *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t step = pair_length(s + i);

		if (!step && s[i] != '\\')
			step = utf8_sequence(s + i, n - i);
		if (!step)
			i++;
		else if (step == 1 && is_space(s[i]))
			text_add(out, " ");
		else
			text_add_bytes(out, s + i, step);
		i += step;
	}
}

/* name[/version]; a further slash is left out. Returns the end of the word. */
static const char *add_product(struct text *out, const char *s)
{
	size_t start = out->n;
	bool has_version = false;

	for (; *s && !is_space(*s) && *s != '('; s++) {
		bool is_slash = *s == '/' && out->n > start && !has_version && chars_is_token(s[1]);

		if (!is_slash && !chars_is_token(*s))
			continue;
		has_version = has_version || is_slash;
		text_add_bytes(out, s, 1);
	}
	return s;
}

/* Returns what follows the first product or comment. */
static const char *add_one(struct text *out, const char *s)
{
	size_t n = *s == '(' ? comment_length(s) : 0;

	if (n)
		add_comment(out, s, n);
	else if (*s == '(')
		return s + 1;
	return n ? s + n : add_product(out, s);
}

void product_add(struct text *out, const char *s)
{
	size_t start = out->n;

	while (s && *s) {
		CLEANUP(text_deinit) struct text one = TEXT_INIT;

		s = is_space(*s) ? s + 1 : add_one(&one, s);
		if (one.n)
			text_add_all(out, out->n > start ? " " : "", text_str(&one));
	}
}
