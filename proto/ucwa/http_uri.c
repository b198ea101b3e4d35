/*
 * http and https URIs in UCWA bodies
 */
#include "proto/ucwa/http_uri.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"

#include <strings.h>

static const char *check_port(const char *p)
{
	size_t n = strspn(p, "0123456789");
	long port = n && n <= 5 ? strtol(p, NULL, 10) : 0;

	if (p[n] || port < 1 || port > 65535)
		return "has a port that is not from 1 to 65535";
	return NULL;
}

static const char *check_authority(const char *p, size_t n)
{
	CLEANUP(mem_free_string) char *authority = mem_memdup(p, n);
	char *port;

	if (strchr(authority, '@'))
		return "has user information";
	if (*authority == '[') {
		port = strchr(authority, ']');
		if (!port || strspn(authority + 1, "0123456789abcdefABCDEF:.") !=
				     (size_t)(port - authority - 1))
			return "has a malformed address";
		port++;
	} else {
		port = authority + strcspn(authority, ":");
		for (const char *c = authority; c < port; c++)
			if (!chars_is_alnum(*c) && !strchr("-._", *c))
				return "has a malformed host name";
	}
	if (port == authority)
		return "has no host";
	if (!*port)
		return NULL;
	return *port == ':' ? check_port(port + 1) : "has a malformed host name";
}

const char *ucwa_check_uri(const char *uri)
{
	size_t scheme = 0;

	if (!strncasecmp(uri, "http://", 7))
		scheme = 7;
	else if (!strncasecmp(uri, "https://", 8))
		scheme = 8;
	else
		return "is not an http or https URI";
	for (const char *c = uri; *c; c++)
		if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f ||
		    strchr("<>\"{}|\\^`", *c))
			return "has a character that is not allowed in URIs";
	return check_authority(uri + scheme, strcspn(uri + scheme, "/?#"));
}
