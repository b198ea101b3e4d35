/*
 * URI
 */
#include "proto/sip/uri.h"

#include "proto/sip/name_addr.h"
#include "proto/text/chars.h"
#include "proto/text/percent.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <strings.h>

enum { PORT = 5060, TLS_PORT = 5061 };

static int malformed(const char **ret_why, const char *why)
{
	if (ret_why)
		*ret_why = why;
	return -EINVAL;
}

/* mark and user-unreserved of RFC 3261, 25.1. */
static bool is_user_char(char c)
{
	return chars_is_alnum(c) || (c && strchr("-_.!~*'()&=+$,;?/", c));
}

/* param-unreserved, mark. */
static bool is_param_char(char c)
{
	return chars_is_alnum(c) || (c && strchr("-_.!~*'()[]/:&+$", c));
}

/* Read one character, escaped or not. Returns how many bytes it took, 0 if the escape is malformed. */
static size_t unescape(const char *s, size_t n, char *ret)
{
	int high, low;
	unsigned char byte;

	*ret = *s;
	if (*s != '%')
		return 1;
	if (n < 3)
		return 0;
	high = chars_hex(s[1]);
	low = chars_hex(s[2]);
	if (high < 0 || low < 0)
		return 0;
	byte = (unsigned char)(high << 4 | low);
	memcpy(ret, &byte, 1);
	return 3;
}

static char hex_digit(unsigned n)
{
	return "0123456789abcdef"[n & 15];
}

/* One character: what the grammar allows unescaped is written unescaped, all other is written escaped. Returns how many bytes it
 * took of s, 0 if it is malformed. */
static size_t read_user_char(const char *s, size_t n, char ret[4])
{
	size_t step = unescape(s, n, ret);
	unsigned char c = (unsigned char)*ret;

	ret[1] = '\0';
	if (step == 0 || is_user_char((char)c))
		return step;
	ret[0] = '%';
	ret[1] = hex_digit(c >> 4);
	ret[2] = hex_digit(c);
	ret[3] = '\0';
	return step == 1 ? 0 : step;
}

/* The password of RFC 3261 25.1 says nothing of who it is. */
static int check_password(const char *s, size_t n, const char **ret_why)
{
	for (size_t i = 0; i < n;) {
		char c;
		size_t step = unescape(s + i, n - i, &c);

		if (!step || (step == 1 && (!is_user_char(c) || strchr(";?/", c))))
			return malformed(ret_why, "The password in the address is malformed");
		i += step;
	}
	return 0;
}

static int read_user(const char *s, size_t n, struct uri *u, const char **ret_why)
{
	const char *colon = memchr(s, ':', n);
	size_t n_user = colon ? (size_t)(colon - s) : n, length = 0;

	for (size_t i = 0; i < n_user;) {
		char c[4];
		size_t step = read_user_char(s + i, n_user - i, c);

		if (!step)
			return malformed(ret_why,
					 "The user part of the address has a character that is not "
					 "allowed there");
		if (length + strlen(c) > URI_MAX_USER)
			return malformed(ret_why, "The user part of the address is too long");
		memcpy(u->user + length, c, strlen(c));
		length += strlen(c);
		i += step;
	}
	u->user[length] = '\0';
	if (!length)
		return malformed(ret_why, "The user part of the address is empty");
	return colon ? check_password(colon + 1, n - n_user - 1, ret_why) : 0;
}

static bool is_ipv4(const char *host)
{
	struct in_addr a;

	return inet_pton(AF_INET, host, &a) == 1;
}

/* Puts it into the form that all of its spellings have in common: addresses are compared, not their texts (RFC 5954 4). */
static bool is_ipv6_reference(char host[URI_MAX_HOST + 1])
{
	char address[INET6_ADDRSTRLEN];
	size_t n = strlen(host);
	struct in6_addr a;

	if (n < 4 || n - 2 >= sizeof(address) || host[0] != '[' || host[n - 1] != ']')
		return false;
	memcpy(address, host + 1, n - 2);
	address[n - 2] = '\0';
	if (inet_pton(AF_INET6, address, &a) != 1)
		return false;
	inet_ntop(AF_INET6, &a, address, sizeof(address));
	snprintf(host, URI_MAX_HOST + 1, "[%s]", address);
	return true;
}

/* hostname of RFC 3261, 25.1: labels of letters, digits and inner hyphens; the last one starts with
 * a letter. */
static bool is_hostname(const char *host)
{
	const char *label = host;

	for (;;) {
		size_t n = strcspn(label, ".");

		if (!n || n > 63 || label[0] == '-' || label[n - 1] == '-')
			return false;
		for (size_t i = 0; i < n; i++) {
			if (!chars_is_alnum(label[i]) && label[i] != '-')
				return false;
		}
		if (!label[n])
			return chars_is_alpha(label[0]);
		label += n + 1;
	}
}

static int read_host(const char *s, size_t n, struct uri *u, const char **ret_why)
{
	/* A trailing dot names the root of the DNS and changes nothing. */
	if (n > 1 && s[n - 1] == '.')
		n--;
	if (n > URI_MAX_HOST)
		return malformed(ret_why, "The host of the address is too long");
	for (size_t i = 0; i < n; i++)
		u->host[i] = chars_lower(s[i]);
	u->host[n] = '\0';
	if (strlen(u->host) != n ||
	    !(is_hostname(u->host) || is_ipv4(u->host) || is_ipv6_reference(u->host)))
		return malformed(ret_why, "The host of the address is malformed");
	return 0;
}

static int read_port(const char *s, size_t n, struct uri *u, const char **ret_why)
{
	unsigned port = 0;

	for (size_t i = 0; i < n && i < 6; i++) {
		if (s[i] < '0' || s[i] > '9')
			return malformed(ret_why, "The port of the address is not a number");
		port = port * 10 + (unsigned)(s[i] - '0');
	}
	if (!port || n > 5 || port > 65535)
		return malformed(ret_why, "The port of the address is out of range");
	u->port = port;
	return 0;
}

static int read_host_port(const char *s, size_t n, struct uri *u, const char **ret_why)
{
	const char *bracket = *s == '[' ? memchr(s, ']', n) : NULL;
	size_t from = bracket ? (size_t)(bracket - s) : 0;
	const char *colon = memchr(s + from, ':', n - from);
	size_t n_host = colon ? (size_t)(colon - s) : n;
	int r = read_host(s, n_host, u, ret_why);

	if (r || !colon)
		return r;
	return read_port(colon + 1, n - n_host - 1, u, ret_why);
}

static int check_params(const char *s, size_t n, const char **ret_why)
{
	char previous = 0;

	for (size_t i = 0; i < n;) {
		char c;
		size_t step = unescape(s + i, n - i, &c);
		bool separator = step == 1 && (c == ';' || c == '=');

		if (!step || chars_is_control(c) || (step == 1 && !separator && !is_param_char(c)))
			return malformed(ret_why, "A parameter of the URI is malformed");
		if (previous == ';' && separator)
			return malformed(ret_why, "A parameter of the URI has no name");
		previous = c;
		if (!separator)
			previous = 'x';
		i += step;
	}
	if (previous == ';')
		return malformed(ret_why, "A parameter of the URI has no name");
	return 0;
}

/* The part after '?': header fields for a request made from the URI. We never make one. */
static int check_headers(const char *s, size_t n, const char **ret_why)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] <= 0x20 || s[i] == 0x7F || strchr("<>\"\\", s[i]))
			return malformed(ret_why, "The header part of the URI is malformed");
	}
	return 0;
}

static size_t length_until(const char *s, size_t n, const char *stops)
{
	for (; *stops; stops++) {
		const char *stop = n ? memchr(s, *stops, n) : NULL;

		if (stop)
			n = (size_t)(stop - s);
	}
	return n;
}

/* user@host:port;params?headers */
static int read_rest(const char *s, size_t n, struct uri *u, const char **ret_why)
{
	const char *at = memchr(s, '@', n);
	size_t n_host;
	int r;

	if (at) {
		r = read_user(s, (size_t)(at - s), u, ret_why);
		if (r)
			return r;
		n -= (size_t)(at + 1 - s);
		s = at + 1;
	}
	n_host = length_until(s, n, ";?");
	r = n_host ? read_host_port(s, n_host, u, ret_why)
		   : malformed(ret_why, "The address has no host");
	if (r)
		return r;
	u->params = s + n_host;
	u->n_params = length_until(u->params, n - n_host, "?");
	r = check_params(u->params, u->n_params, ret_why);
	if (r)
		return r;
	n_host += u->n_params;
	return check_headers(s + n_host, n - n_host, ret_why);
}

int uri_decode(const char *s, size_t n, struct uri *ret, const char **ret_why)
{
	struct uri u = { 0 };
	size_t n_scheme = 0;
	int r;

	if (n > URI_MAX_BYTES)
		return malformed(ret_why, "The URI is too long");
	if (n >= 4 && !strncasecmp(s, "sip:", 4))
		n_scheme = 4;
	else if (n >= 5 && !strncasecmp(s, "sips:", 5))
		n_scheme = 5;
	else
		return malformed(ret_why, "The URI is not a SIP URI");
	u.secure = n_scheme == 5;
	r = read_rest(s + n_scheme, n - n_scheme, &u, ret_why);
	if (!r)
		*ret = u;
	return r;
}

static int copy_unescaped(const char *s, size_t n, char *ret, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < n;) {
		char c;
		size_t step = unescape(s + i, n - i, &c);

		if (!step || length + 1 >= size || chars_is_control(c))
			return -EINVAL;
		ret[length++] = c;
		i += step;
	}
	ret[length] = '\0';
	return 0;
}

/* Names are compared without regard to case and escapes (RFC 3261 19.1.4). */
static bool is_named(const char *s, size_t n, const char *name)
{
	for (size_t i = 0; i < n; name++) {
		char c;
		size_t step = unescape(s + i, n - i, &c);

		if (!step || !*name || chars_lower(c) != chars_lower(*name))
			return false;
		i += step;
	}
	return !*name;
}

int uri_param(const struct uri *u, const char *name, char *ret, size_t size)
{
	for (size_t i = 0; i < u->n_params;) {
		const char *p = u->params + i + 1;
		size_t n = length_until(p, u->n_params - i - 1, ";");
		size_t n_this = length_until(p, n, "=");

		if (is_named(p, n_this, name)) {
			size_t skip = n_this < n ? n_this + 1 : n;

			return copy_unescaped(p + skip, n - skip, ret, size);
		}
		i += 1 + n;
	}
	return 1;
}

const char *uri_target(const struct uri *u, char maddr[URI_MAX_HOST + 1])
{
	int r = uri_param(u, "maddr", maddr, URI_MAX_HOST + 1);

	if (r > 0)
		return u->host;
	return r < 0 ? "" : maddr;
}

void uri_transport(const struct uri *u, const char *usual, char ret[URI_MAX_TRANSPORT + 1])
{
	if (u->secure)
		usual = "tls";
	if (u->secure || uri_param(u, "transport", ret, URI_MAX_TRANSPORT + 1))
		text_join(ret, URI_MAX_TRANSPORT + 1, usual);
	for (char *c = ret; *c; c++)
		*c = chars_lower(*c);
}

unsigned uri_target_port(const struct uri *u, const char *transport)
{
	if (u->port)
		return u->port;
	return strcmp(transport, "tls") == 0 ? TLS_PORT : PORT;
}

/* As in uri_aor(); there is a user part. */
static int read_address(const char *s, struct uri *ret, const char **ret_why)
{
	struct name_addr a = { .uri = s, .n_uri = strlen(s) };
	int r = strchr(s, '<') ? name_addr_decode(s, &a, ret_why) : 0;

	if (r)
		return r;
	if (length_until(a.uri, a.n_uri, ":") < length_until(a.uri, a.n_uri, "@"))
		r = uri_decode(a.uri, a.n_uri, ret, ret_why);
	else
		r = read_rest(a.uri, a.n_uri, ret, ret_why);
	return r || *ret->user ? r : malformed(ret_why, "The address has no user part");
}

int uri_aor(const char *s, char ret[URI_MAX_AOR + 1], const char **ret_why)
{
	struct uri u = { 0 };
	int r = read_address(s, &u, ret_why);
	size_t n = strlen(u.user);

	if (r)
		return r;
	for (size_t i = 0; i < n; i++)
		ret[i] = chars_lower(u.user[i]);
	ret[n] = '@';
	memcpy(ret + n + 1, u.host, strlen(u.host) + 1);
	return 0;
}

int uri_user(const char *s, char ret[URI_MAX_USER + 1], const char **ret_why)
{
	struct uri u = { 0 };
	int r = read_address(s, &u, ret_why);

	if (!r)
		memcpy(ret, u.user, strlen(u.user) + 1);
	return r;
}

bool uri_is_aor(const char *s)
{
	char aor[URI_MAX_AOR + 1];

	return !uri_aor(s, aor, NULL) && !strcmp(s, aor);
}

bool uri_is_host_port(const char *s)
{
	size_t n = 0;

	while (chars_is_alnum(s[n]) || (s[n] && strchr("-._:[]", s[n])))
		n++;
	return n && !s[n] && n <= URI_MAX_HOST + strlen(":65535");
}

void uri_add_aor(struct text *out, const char *aor)
{
	/* Unescaped, ";?," would end the user part for a parser of header values; a percent sign begins an escape. */
	static const char user[] = "!*'()&=+$/%", host[] = "@:[]+%";
	const char *at = strrchr(aor, '@');

	text_add_bytes(out, "sip:", 4);
	if (at)
		percent_add(out, aor, (size_t)(at - aor), user);
	else
		at = aor;
	percent_add(out, at, strlen(at), host);
}

void uri_add_name_addr(struct text *out, const char *display_name, const char *aor)
{
	name_addr_add_display(out, display_name);
	text_add(out, "<");
	uri_add_aor(out, aor);
	text_add(out, ">");
}
