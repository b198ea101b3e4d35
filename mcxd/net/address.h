/*
 * Address
 *
 * An IP address with a port: as the kernel takes it, as text, and as a key. Numbers only: a name is looked up
 * in the static table (net/hosts.h) and nowhere else, because a resolver would block the loop.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

/* Room for "[address]:port" of IPv6, with a scope, and the NUL. */
enum { ADDRESS_TEXT_SIZE = 80 };

/** Length of the sockaddr, for system calls. */
socklen_t address_length(const struct address *a);

/** Take over what a system call has filled in. Returns false for another family than IPv4 or IPv6. */
bool address_from_sockaddr(const struct sockaddr *from, socklen_t n, struct address *ret);

/** Read "127.0.0.1", "::1" or "[::1]"; the port becomes 0. Returns false for anything else, names included;
 *  *ret is then undefined. */
bool address_read_host(const char *host, struct address *ret);

/** Read the number of a port, 0 to 65535. */
bool address_read_port(const char *s, uint16_t *ret);

/** Read "127.0.0.1:5060" or "[::1]:5060". */
bool address_read(const char *s, struct address *ret);

/** A socket for both families reports IPv4 addresses as IPv6 (RFC 4291 2.5.5.2): make such an address IPv4. */
void address_unmap(struct address *a);

/** Its port, in the order of this machine. */
uint16_t address_port(const struct address *a);
void address_set_port(struct address *a, uint16_t port);

/** Write "127.0.0.1:5060" or "[::1]:5060"; returns ret. */
char *address_format(const struct address *a, char ret[ADDRESS_TEXT_SIZE]);

/** Write the address without its port, IPv6 in brackets if asked for; returns ret. */
char *address_format_host(const struct address *a, bool brackets, char ret[ADDRESS_TEXT_SIZE]);

/** Same family, address and port. */
bool address_equal(const struct address *a, const struct address *b);
/** The same but for the port. */
bool address_same_host(const struct address *a, const struct address *b);

/** A keyed hash of address and port: outsiders cannot choose addresses that collide. */
uint64_t address_hash(const struct address *a);

/** An address that only this machine can reach: 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct address *a);

/** 0.0.0.0 or ::, which listens everywhere. */
bool address_is_any(const struct address *a);
