/*
 * Datagram socket
 *
 * UDP, many datagrams with each system call: what waits is taken by recvmmsg(), up to a bound so that others get their
 * turn, and what is sent in a round of the loop goes by one sendmmsg(). An ICMP error is told with the address of the
 * peer whose datagram met it, from the socket's error queue.
 */
#pragma once

#include "mcxd/net/address.h"

#include <sys/uio.h>

struct net;
struct datagram_socket;

struct datagram_handlers {
	/** A datagram, valid until the handler returns. The socket must not be freed from here. */
	void (*on_datagram)(void *magic, const struct address *from, const char *bytes, size_t n);
	/** What was sent to this peer could not be delivered; error is an errno. */
	void (*on_error)(void *magic, const struct address *to, int error);
};

struct datagram_args {
	struct net *net;
	struct address local; /* port 0 picks one */
	int64_t receive_buffer_bytes; /* what may wait in the kernel; 0: its default. Limited by net.core.rmem_max
					 unless the process may pass it (CAP_NET_ADMIN) */
	const struct datagram_handlers *handlers; /* outlive the socket */
	void *magic;
};

/** Bind a socket and watch it. Returns 0 or a negative errno. */
int datagram_open(const struct datagram_args *args, struct datagram_socket **ret_socket);
/** What waits to be sent is sent first. NULL is fine. */
struct datagram_socket *datagram_close(struct datagram_socket *s);

/** Where it is bound. */
const struct address *datagram_local(const struct datagram_socket *s);

/** Send at the end of this round. Returns 0, -EMSGSIZE for more than UDP can carry, or -EAFNOSUPPORT. What the kernel has
 *  no room for is lost, as it may be anywhere on its way. */
int datagram_send(struct datagram_socket *s, const struct address *to, const struct iovec *pieces,
		  size_t n_pieces);
