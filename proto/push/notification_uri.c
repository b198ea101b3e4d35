/*
 * Notification URI
 */
#include "proto/push/notification_uri.h"

#include "proto/text/chars.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS " ,\t"

static bool is_host_char(char c)
{
	return chars_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

/* The end of "host" or "[address]" at s; s itself if there is neither. */
static const char *skip_host(const char *s)
{
	const char *end = s;

	if (*s == '[') {
		for (end = s + 1; chars_hex(*end) >= 0 || *end == ':' || *end == '.';)
			end++;
		return *end == ']' && end > s + 1 ? end + 1 : s;
	}
	while (is_host_char(*end))
		end++;
	return end;
}

/* The end of ":port" at s; s itself if there is none. */
static const char *skip_port(const char *s)
{
	const char *end = s + 1;
	unsigned port = 0;

	if (*s != ':')
		return s;
	for (; chars_is_digit(*end) && port <= UINT16_MAX; end++)
		port = port * 10 + (unsigned)(*end - '0');
	return port >= 1 && port <= UINT16_MAX ? end : s;
}

static bool is_uri_char(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte > ' ' && byte < 0x7F && !strchr("\"<>\\^`{|}", c);
}

int notification_uri_decode(const char *s, struct notification_uri *ret, const char **ret_why)
{
	const char *authority, *host_end, *end;

	if (!strncasecmp(s, "http://", 7)) {
		authority = s + 7;
	} else if (!strncasecmp(s, "https://", 8)) {
		authority = s + 8;
	} else {
		*ret_why = "The notification URI is neither http nor https";
		return -EINVAL;
	}
	host_end = skip_host(authority);
	end = skip_port(host_end);
	if (host_end == authority || (*end && *end != '/' && *end != '?')) {
		*ret_why = "The notification URI is not of the form http://host:port/path";
		return -EINVAL;
	}
	for (const char *c = end; *c; c++) {
		if (!is_uri_char(*c)) {
			*ret_why = "The notification URI contains a character that is invalid in a "
				   "URI";
			return -EINVAL;
		}
	}
	*ret = (struct notification_uri){ .authority = authority,
					  .n_authority = (size_t)(end - authority),
					  .n_host = (size_t)(host_end - authority) };
	return 0;
}

static bool is_entry(const char *entry, size_t n, const char *s, size_t n_s)
{
	return n == n_s && !strncasecmp(entry, s, n);
}

bool notification_uri_is_allowed(const struct notification_uri *u, const char *list)
{
	const char *entry = list;

	while (entry && *entry) {
		size_t n = strcspn(entry, SEPARATORS);

		if (is_entry(entry, n, "*", 1) || is_entry(entry, n, u->authority, u->n_host) ||
		    is_entry(entry, n, u->authority, u->n_authority))
			return true;
		entry += n;
		entry += strspn(entry, SEPARATORS);
	}
	return false;
}
