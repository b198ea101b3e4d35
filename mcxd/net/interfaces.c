/*
 * Interfaces
 */
#include "mcxd/net/interfaces.h"

#include "mcxd/net/address.h"

#include <errno.h>
#include <ifaddrs.h>

int interfaces_each(void (*on_address)(void *magic, const struct address *a), void *magic)
{
	struct ifaddrs *all;
	struct address a;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!i->ifa_addr ||
		    !address_from_sockaddr(i->ifa_addr, sizeof(struct sockaddr_storage), &a))
			continue;
		address_set_port(&a, 0);
		if (a.any.sa_family == AF_INET6)
			a.v6.sin6_scope_id = 0;
		on_address(magic, &a);
	}
	freeifaddrs(all);
	return 0;
}
