/*
 * Address
 */
#include "mcxd/net/address.h"

#include "mcxd/base/hash.h"
#include "proto/text/chars.h"
#include "proto/text/text.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAX_PORT_DIGITS = 5 };

socklen_t address_length(const struct address *a)
{
	return a->any.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

bool address_from_sockaddr(const struct sockaddr *from, socklen_t n, struct address *ret)
{
	bool v6 = from->sa_family == AF_INET6;

	*ret = (struct address){ 0 };
	if ((!v6 && from->sa_family != AF_INET) || n < (v6 ? sizeof(ret->v6) : sizeof(ret->v4)))
		return false;
	memcpy(ret, from, v6 ? sizeof(ret->v6) : sizeof(ret->v4));
	return true;
}

/* ---- reading ---- */

static bool read_v6(const char *host, size_t n, struct address *ret)
{
	char bare[INET6_ADDRSTRLEN];

	if (n >= sizeof(bare))
		return false;
	memcpy(bare, host, n);
	bare[n] = '\0';
	ret->v6.sin6_family = AF_INET6;
	return inet_pton(AF_INET6, bare, &ret->v6.sin6_addr) == 1;
}

bool address_read_host(const char *host, struct address *ret)
{
	size_t n = host ? strlen(host) : 0;

	*ret = (struct address){ 0 };
	if (n == 0)
		return false;
	if (*host == '[')
		return n > 2 && host[n - 1] == ']' && read_v6(host + 1, n - 2, ret);
	if (strchr(host, ':'))
		return read_v6(host, n, ret);
	ret->v4.sin_family = AF_INET;
	return inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1;
}

bool address_read_port(const char *s, uint16_t *ret)
{
	unsigned port = 0;
	size_t n = 0;

	for (; s && chars_is_digit(s[n]) && n < MAX_PORT_DIGITS; n++)
		port = port * 10 + (unsigned)(s[n] - '0');
	*ret = (uint16_t)port;
	return n > 0 && !s[n] && port <= UINT16_MAX;
}

bool address_read(const char *s, struct address *ret)
{
	const char *colon = s ? strrchr(s, ':') : NULL;
	char host[ADDRESS_TEXT_SIZE];
	uint16_t port;

	if (!colon || (size_t)(colon - s) >= sizeof(host) || !address_read_port(colon + 1, &port))
		return false;
	memcpy(host, s, (size_t)(colon - s));
	host[colon - s] = '\0';
	/* Without brackets the last group of an IPv6 address would pass for a port. */
	if (strchr(host, ':') && *host != '[')
		return false;
	if (!address_read_host(host, ret))
		return false;
	address_set_port(ret, port);
	return true;
}

uint16_t address_port(const struct address *a)
{
	return ntohs(a->any.sa_family == AF_INET6 ? a->v6.sin6_port : a->v4.sin_port);
}

void address_set_port(struct address *a, uint16_t port)
{
	if (a->any.sa_family == AF_INET6)
		a->v6.sin6_port = htons(port);
	else
		a->v4.sin_port = htons(port);
}

void address_unmap(struct address *a)
{
	struct address v4 = { .v4 = { .sin_family = AF_INET } };

	if (a->any.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
		return;
	memcpy(&v4.v4.sin_addr, &a->v6.sin6_addr.s6_addr[12], sizeof(v4.v4.sin_addr));
	v4.v4.sin_port = a->v6.sin6_port;
	*a = v4;
}

/* ---- writing ---- */

/* inet_ntop() of glibc goes through printf: 1,700 instructions for the four numbers that every SIP message is
 * recorded and answered with. */
static void format_v4(const struct in_addr *in, char ret[ADDRESS_TEXT_SIZE])
{
	const unsigned char *bytes = (const unsigned char *)in;
	char numbers[4][TEXT_NUMBER_SIZE];

	text_join(ret, ADDRESS_TEXT_SIZE, text_number(numbers[0], bytes[0]), ".",
		  text_number(numbers[1], bytes[1]), ".", text_number(numbers[2], bytes[2]), ".",
		  text_number(numbers[3], bytes[3]));
}

char *address_format_host(const struct address *a, bool brackets, char ret[ADDRESS_TEXT_SIZE])
{
	char bare[INET6_ADDRSTRLEN] = "";

	if (a->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->v6.sin6_addr, bare, sizeof(bare));
		text_join(ret, ADDRESS_TEXT_SIZE, brackets ? "[" : "", bare, brackets ? "]" : "");
	} else {
		format_v4(&a->v4.sin_addr, ret);
	}
	return ret;
}

char *address_format(const struct address *a, char ret[ADDRESS_TEXT_SIZE])
{
	char host[ADDRESS_TEXT_SIZE], port[TEXT_NUMBER_SIZE];

	text_join(ret, ADDRESS_TEXT_SIZE, address_format_host(a, true, host), ":",
		  text_number(port, address_port(a)));
	return ret;
}

/* ---- comparing ---- */

bool address_same_host(const struct address *a, const struct address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET6)
		return !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) &&
		       a->v6.sin6_scope_id == b->v6.sin6_scope_id;
	return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return address_same_host(a, b) && address_port(a) == address_port(b);
}

uint64_t address_hash(const struct address *a)
{
	unsigned char key[sizeof(struct in6_addr) + sizeof(uint16_t)] = { 0 };
	uint16_t port = address_port(a);

	if (a->any.sa_family == AF_INET6)
		memcpy(key, &a->v6.sin6_addr, sizeof(a->v6.sin6_addr));
	else
		memcpy(key, &a->v4.sin_addr, sizeof(a->v4.sin_addr));
	memcpy(key + sizeof(struct in6_addr), &port, sizeof(port));
	return hash_keyed(key, sizeof(key));
}

bool address_is_loopback(const struct address *a)
{
	struct address plain = *a;

	address_unmap(&plain);
	if (plain.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&plain.v6.sin6_addr);
	return ntohl(plain.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool address_is_any(const struct address *a)
{
	if (a->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
	return a->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}
