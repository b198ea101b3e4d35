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

enum { HTTP_PORT = 80, HTTPS_PORT = 443 };

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

/* The end of ":port" at s, with the port in *ret; s itself, and *ret untouched, if there is none. */
static const char *skip_port(const char *s, unsigned *ret)
{
	const char *end = s + 1;
	unsigned port = 0;

	if (*s != ':')
		return s;
	for (; chars_is_digit(*end) && port <= UINT16_MAX; end++)
		port = port * 10 + (unsigned)(*end - '0');
	if (port < 1 || port > UINT16_MAX)
		return s;
	*ret = port;
	return end;
}

static bool is_uri_char(char c)
{
	unsigned char byte = (unsigned char)c;

	switch (c) {
	case '"':
	case '<':
	case '>':
	case '\\':
	case '^':
	case '`':
	case '{':
	case '|':
	case '}': return false;
	default: return byte > ' ' && byte < 0x7F;
	}
}

/* What is behind "http://" or "https://"; NULL if it is something else. */
static const char *skip_scheme(const char *s, unsigned *ret_port)
{
	if (!strncasecmp(s, "http://", 7)) {
		*ret_port = HTTP_PORT;
		return s + 7;
	}
	*ret_port = HTTPS_PORT;
	return strncasecmp(s, "https://", 8) ? NULL : s + 8;
}

int notification_uri_decode(const char *s, struct notification_uri *ret, const char **ret_why)
{
	unsigned port;
	const char *authority = skip_scheme(s, &port);
	const char *host_end, *end;

	if (!authority) {
		*ret_why = "The notification URI is neither http nor https";
		return -EINVAL;
	}
	if (strlen(s) > NOTIFICATION_URI_MAX_BYTES) {
		*ret_why = "The notification URI is longer than 2048 characters";
		return -EINVAL;
	}
	host_end = skip_host(authority);
	end = skip_port(host_end, &port);
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
					  .n_host = (size_t)(host_end - authority),
					  .port = port };
	return 0;
}

static bool allows(const char *entry, size_t n, const struct notification_uri *u, unsigned usual)
{
	const char *rest = entry + u->n_host;
	unsigned port = usual;

	if (n == 1 && *entry == '*')
		return true;
	if (n < u->n_host || strncasecmp(entry, u->authority, u->n_host) != 0)
		return false;
	n -= u->n_host;
	if (n == 2 && !strncmp(rest, ":*", n))
		return true;
	return skip_port(rest, &port) == rest + n && port == u->port;
}

/* The port of the scheme, which stands in front of the authority. */
static unsigned usual_port(const struct notification_uri *u)
{
	char end_of_scheme = u->authority[-(int)strlen("s://")];

	return end_of_scheme == 's' || end_of_scheme == 'S' ? HTTPS_PORT : HTTP_PORT;
}

bool notification_uri_is_allowed(const struct notification_uri *u, const char *list)
{
	const char *entry = list;

	while (entry && *entry) {
		size_t n = strcspn(entry, SEPARATORS);

		if (allows(entry, n, u, usual_port(u)))
			return true;
		entry += n;
		entry += strspn(entry, SEPARATORS);
	}
	return false;
}
