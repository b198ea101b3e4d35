/*
 * Agent: addresses from text
 *
 * sofia has the address of every datagram that it sends looked up, though it is numeric: 1,300 instructions in
 * a resolver that allocates memory. For IPv4 addresses these definitions take its place.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/interpose.h"
#include "proto/text/chars.h"

#include <arpa/inet.h>
#include <sofia-sip/su_addrinfo.h>

/* The result of the last look-up: sofia copies it and then frees it. */
static struct {
	su_addrinfo_t info;
	struct sockaddr_in address;
	bool in_use;
} numeric;

bool address_read_port(const char *s, in_port_t *ret)
{
	unsigned port = 0;

	if (!s || !*s || strlen(s) > 5)
		return false;
	for (; *s; s++) {
		if (!chars_is_digit(*s))
			return false;
		port = port * 10 + (unsigned)(*s - '0');
	}
	*ret = htons((in_port_t)port);
	return port <= UINT16_MAX;
}

static bool is_ipv4_wanted(const su_addrinfo_t *hints)
{
	return hints && (hints->ai_family == AF_UNSPEC || hints->ai_family == AF_INET) &&
	       hints->ai_socktype && hints->ai_protocol && !(hints->ai_flags & AI_CANONNAME);
}

#pragma GCC visibility push(default)

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): sofia's names */

int su_getaddrinfo(const char *node, const char *service, const su_addrinfo_t *hints,
		   su_addrinfo_t **ret)
{
	static typeof(su_getaddrinfo) *original;
	struct sockaddr_in address = { .sin_family = AF_INET };

	if (!node || numeric.in_use || !is_ipv4_wanted(hints) ||
	    inet_pton(AF_INET, node, &address.sin_addr) != 1 ||
	    !address_read_port(service, &address.sin_port)) {
		INTERPOSE_ORIGINAL(original, "su_getaddrinfo");
		return original(node, service, hints, ret);
	}
	numeric.in_use = true;
	numeric.address = address;
	numeric.info = (su_addrinfo_t){
		.ai_family = AF_INET,
		.ai_socktype = hints->ai_socktype,
		.ai_protocol = hints->ai_protocol,
		.ai_addrlen = sizeof(numeric.address),
		.ai_addr = (void *)&numeric.address,
	};
	*ret = &numeric.info;
	return 0;
}

void su_freeaddrinfo(su_addrinfo_t *info)
{
	static typeof(su_freeaddrinfo) *original;

	if (info == &numeric.info) {
		numeric.in_use = false;
		return;
	}
	INTERPOSE_ORIGINAL(original, "su_freeaddrinfo");
	original(info);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

#pragma GCC visibility pop
