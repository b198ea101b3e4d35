/*
 * Agent: messages to one peer are sent together
 *
 * sofia writes every message by itself, and each write wakes the peer, which was a quarter of the cost of a
 * conversation over TCP. It calls su_vsend() through the dynamic linker: this definition takes the place of its
 * own. It tells the kernel that more follows, and at the end of the loop's round that this was all. The kernel has
 * the bytes meanwhile, so a full or broken connection is noticed at once. Datagrams wait here (datagram.c).
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/interpose.h"
#include "mcxd/base/loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum { MAX_HELD = 64 }; /* connections; others are written to at once */

static struct {
	struct loop *loop; /* of all agents; NULL if there is none */
	int fds[MAX_HELD];
	size_t n;
	bool is_due; /* let_go() will be called */
} held;

/* Setting the option, even if it is set, makes the kernel send what it holds (tcp(7), TCP_NODELAY). Closing a
 * connection has the same effect. */
static void let_go(void *magic)
{
	const int on = 1;

	(void)magic;
	datagram_flush();
	for (size_t i = 0; i < held.n; i++)
		setsockopt(held.fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	held.n = 0;
	held.is_due = false;
}

static bool will_let_go(void)
{
	if (!held.is_due)
		held.is_due = held.loop && loop_defer(held.loop, let_go, NULL);
	return held.is_due;
}

static bool is_stream(int fd)
{
	int type = 0;
	socklen_t n = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_STREAM;
}

/* True if let_go() will be called for it. A descriptor that is held already is still a stream: sofia's datagrams
 * all have an address, so that one without is a stream, or at worst a socket of another library. */
static bool hold(int fd)
{
	for (size_t i = 0; i < held.n; i++)
		if (held.fds[i] == fd)
			return true;
	if (held.n == MAX_HELD || !is_stream(fd) || !will_let_go())
		return false;
	held.fds[held.n++] = fd;
	return true;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): sofia's names */
issize_t su_vsend(su_socket_t fd, const su_iovec_t *pieces, isize_t n, int flags,
		  const su_sockaddr_t *to, socklen_t n_to)
{
	static typeof(su_vsend) *original;

	INTERPOSE_ORIGINAL(original, "su_vsend");
	if (to && will_let_go()) {
		size_t n_taken = datagram_send(fd, pieces, n, to, n_to);

		if (n_taken > 0)
			return (issize_t)n_taken;
	}
	if (!to && hold(fd))
		flags |= MSG_MORE;
	return original(fd, pieces, n, flags, to, n_to);
}

void agent_send_together(struct loop *loop)
{
	let_go(NULL);
	held.loop = loop;
}
