/*
 * Network
 *
 * What somebody who asks from an address is known by where attempts are counted: of an IPv6 address the network alone, as a
 * host there chooses the other half itself (RFC 4291 2.5.1).
 */
#pragma once

enum { NETWORK_SIZE = 64 };

/** Write "2001:db8:1:2::" for "2001:db8:1:2::9"; IPv4 and what is no address stays as it is, cut to the size. Returns ret. */
char *network_of(const char *host, char ret[NETWORK_SIZE]);
