/*
 * data URIs
 */
#include "proto/text/data_uri.h"

#include "proto/text/base64.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"
#include "proto/text/utf8.h"

#include <errno.h>

void data_uri_encode(struct text *out, const char *type, const char *text)
{
	text_add_all(out, "data:", type, ";charset=utf-8,");
	percent_add(out, text, strlen(text), "");
}

void data_uri_deinit(struct data_uri *u)
{
	free(u->type);
	free(u->text);
	*u = (struct data_uri){ 0 };
}

static const char blanks[] = " \t\r\n";

static bool is_token(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!chars_is_alnum(p[i]) && !strchr("!#$&-^_.+", p[i]))
			return false;
	return n > 0;
}

static bool is_type(const char *p, size_t n)
{
	const char *slash = memchr(p, '/', n);

	return slash && is_token(p, (size_t)(slash - p)) &&
	       is_token(slash + 1, n - (size_t)(slash - p) - 1);
}

static bool is_base64(const char *p, size_t n)
{
	return n == 6 && !strncasecmp(p, "base64", 6);
}

static const char *check_parameter(const char *p, size_t n)
{
	static const char *const fine[] = { "charset=utf-8", "charset=utf8", "charset=us-ascii" };

	if (n < 8 || strncasecmp(p, "charset=", 8) != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(fine); i++)
		if (n == strlen(fine[i]) && !strncasecmp(p, fine[i], n))
			return NULL;
	return "The charset of the data URI is not UTF-8.";
}

/* The part between "data:" and the comma. */
static const char *decode_type(const char *p, const char *end, char **ret_type, bool *ret_base64)
{
	const char *stop = memchr(p, ';', (size_t)(end - p));
	size_t n = chars_trim(&p, (size_t)((stop ? stop : end) - p), blanks);
	const char *why;

	if (n && !is_type(p, n))
		return "The media type of the data URI is malformed.";
	*ret_type = n ? mem_memdup(p, n) : mem_strdup("text/plain");
	for (char *c = *ret_type; *c; c++)
		*c = chars_lower(*c);
	while (stop) {
		p = stop + 1;
		stop = memchr(p, ';', (size_t)(end - p));
		n = chars_trim(&p, (size_t)((stop ? stop : end) - p), blanks);
		*ret_base64 = is_base64(p, n);
		why = check_parameter(p, n);
		if (why)
			return why;
	}
	return NULL;
}

static const char *decode_base64(const struct text *data, struct text *ret)
{
	CLEANUP(text_deinit) struct text joined = TEXT_INIT;

	for (const char *p = text_str(data), *end = p + data->n; p < end; p++)
		if (!*p || !strchr(blanks, *p))
			text_add_bytes(&joined, p, 1);
	return base64_decode(ret, text_str(&joined), joined.n) < 0
		       ? "The data of the data URI is not base64."
		       : NULL;
}

/* Base64 is the last step of encoding; its characters may be escaped like any others (RFC 2397, 3). */
static const char *decode_data(const char *data, bool base64, struct text *ret)
{
	CLEANUP(text_deinit) struct text plain = TEXT_INIT;

	if (percent_decode(base64 ? &plain : ret, data, strlen(data), !base64) < 0)
		return "A percent sign in the data URI is not followed by two hex digits.";
	return base64 ? decode_base64(&plain, ret) : NULL;
}

/* What follows the scheme and its colon; NULL: it is not a data URI. */
static const char *past_scheme(const char *uri)
{
	uri += strspn(uri, blanks);
	if (strncasecmp(uri, "data", 4) != 0)
		return NULL;
	uri += 4 + strspn(uri + 4, blanks);
	return *uri == ':' ? uri + 1 : NULL;
}

static const char *decode(const char *uri, struct data_uri *ret)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	const char *comma, *why;
	bool base64 = false;

	uri = past_scheme(uri);
	if (!uri)
		return "This is not a data URI.";
	comma = strchr(uri, ',');
	if (!comma)
		return "The data URI has no comma before its data.";
	why = decode_type(uri, comma, &ret->type, &base64);
	if (!why)
		why = decode_data(comma + 1, base64, &text);
	if (why)
		return why;
	if (!utf8_is_text(text_str(&text), text.n))
		return "The data of the data URI is not UTF-8, or contains a NUL.";
	ret->text = text_take(&text);
	return NULL;
}

bool data_uri_is(const char *uri)
{
	return past_scheme(uri) != NULL;
}

int data_uri_decode(const char *uri, struct data_uri *ret, const char **ret_why)
{
	*ret = (struct data_uri){ 0 };
	*ret_why = decode(uri, ret);
	if (!*ret_why)
		return 0;
	data_uri_deinit(ret);
	return -EINVAL;
}
