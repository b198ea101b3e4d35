/*
 * Network
 */
#include "proto/text/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

char *network_of(const char *host, char ret[NETWORK_SIZE])
{
	struct in6_addr a;

	snprintf(ret, NETWORK_SIZE, "%s", host);
	if (inet_pton(AF_INET6, ret, &a) != 1 || IN6_IS_ADDR_V4MAPPED(&a))
		return ret;
	memset(a.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &a, ret, NETWORK_SIZE);
	return ret;
}
