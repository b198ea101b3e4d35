/*
 * Own addresses
 */
#include "mcxd/own_address.h"

#include "mcxd/net/address.h"
#include "proto/text/mem.h"

#include <ifaddrs.h>
#include <string.h>

/* "host:port" of a listener, which may be a URL with a path. */
static bool read_listener(const char *s, struct address *ret)
{
	const char *scheme = strstr(s, "://");
	CLEANUP(mem_free_string) char *authority = mem_strdup(scheme ? scheme + 3 : s);

	authority[strcspn(authority, "/")] = '\0';
	return address_read(authority, ret);
}

static bool is_interface(const struct address *a)
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return true; /* nobody knows, so it may be */
	for (const struct ifaddrs *i = all; i && !found; i = i->ifa_next) {
		struct address own;

		found = i->ifa_addr &&
			address_from_sockaddr(i->ifa_addr, sizeof(struct sockaddr_in6), &own) &&
			address_same_host(&own, a);
	}
	freeifaddrs(all);
	return found;
}

/* A connection to 0.0.0.0 or [::] goes to the loopback. */
static bool is_this_machine(const struct address *a)
{
	return address_is_any(a) || address_is_loopback(a) || is_interface(a);
}

bool own_address_reaches(const struct address *to, const char *listener)
{
	struct address here, there = *to;

	address_unmap(&there);
	if (!read_listener(listener, &here) || address_port(&here) != address_port(&there))
		return false;
	address_unmap(&here);
	if (address_is_any(&here))
		return is_this_machine(&there);
	if (address_is_any(&there))
		return address_is_loopback(&here);
	return address_same_host(&here, &there);
}
