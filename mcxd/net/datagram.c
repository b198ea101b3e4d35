/*
 * Datagram socket
 */
#include "mcxd/net/datagram.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/net/address.h"
#include "mcxd/net/net.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <limits.h>
#include <linux/errqueue.h>
#include <unistd.h>

enum {
	MAX_BATCHES = 8, /* of one socket in a round */
	MAX_ERRORS = 64,
	OUT_SIZE = 128 * 1024
};

struct datagram_out {
	struct address to;
	size_t start, n; /* in the socket's bytes */
};

struct datagram_socket {
	struct net *net;
	const struct datagram_handlers *handlers;
	void *magic;
	int fd;
	struct address local;
	struct loop_fd *watch;
	struct net_output output;
	size_t n_out, n_bytes;
	struct datagram_out out[NET_BATCH];
	char *bytes; /* OUT_SIZE, as long as something waits */
};

const struct address *datagram_local(const struct datagram_socket *s)
{
	return &s->local;
}

/* ---- in ---- */

static int receive(struct datagram_socket *s, struct mmsghdr headers[NET_BATCH],
		   struct sockaddr_storage from[NET_BATCH])
{
	struct iovec pieces[NET_BATCH];
	char *buffer = net_batch_buffer(s->net);
	int n;

	for (size_t i = 0; i < NET_BATCH; i++) {
		pieces[i] = (struct iovec){ buffer + i * NET_DATAGRAM_SIZE, NET_DATAGRAM_SIZE };
		headers[i].msg_hdr = (struct msghdr){ .msg_name = &from[i],
						      .msg_namelen = sizeof(from[i]),
						      .msg_iov = &pieces[i],
						      .msg_iovlen = 1 };
	}
	do
		n = recvmmsg(s->fd, headers, NET_BATCH, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	return n;
}

static void receive_all(struct datagram_socket *s)
{
	struct mmsghdr headers[NET_BATCH];
	struct sockaddr_storage from[NET_BATCH];
	const char *buffer = net_batch_buffer(s->net);

	for (int round = 0; round < MAX_BATCHES; round++) {
		int n = receive(s, headers, from);

		for (int i = 0; i < n; i++) {
			const struct msghdr *h = &headers[i].msg_hdr;
			struct address peer;

			if (address_from_sockaddr(h->msg_name, h->msg_namelen, &peer))
				s->handlers->on_datagram(s->magic, &peer,
							 buffer + (size_t)i * NET_DATAGRAM_SIZE,
							 headers[i].msg_len);
		}
		if (n < NET_BATCH)
			return;
	}
}

/* ---- errors ---- */

static bool is_error(const struct cmsghdr *c)
{
	return (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
	       (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
}

/* The name of the message is the peer that the datagram was for. */
static bool read_error(struct datagram_socket *s)
{
	_Alignas(struct cmsghdr) char control[512];
	char data[1];
	struct sockaddr_storage to = { 0 };
	struct iovec piece = { data, sizeof(data) };
	struct msghdr h = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &piece,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct address peer;

	if (recvmsg(s->fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	if (!address_from_sockaddr(h.msg_name, h.msg_namelen, &peer))
		return true;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
		struct sock_extended_err e;

		if (!is_error(c))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		s->handlers->on_error(s->magic, &peer, (int)e.ee_errno);
	}
	return true;
}

static void on_event(void *magic, int fd, unsigned events)
{
	struct datagram_socket *s = magic;

	(void)fd;
	if (events & LOOP_HUP)
		for (int i = 0; i < MAX_ERRORS && read_error(s); i++)
			;
	if (events & LOOP_IN)
		receive_all(s);
}

/* ---- out ---- */

/* The error that an earlier datagram met fails the next call once: that one is sent again. */
static void send_all(struct datagram_socket *s)
{
	struct mmsghdr headers[NET_BATCH];
	struct iovec pieces[NET_BATCH];
	size_t n_sent = 0;
	bool has_failed = false;

	for (size_t i = 0; i < s->n_out; i++) {
		struct datagram_out *o = &s->out[i];

		pieces[i] = (struct iovec){ s->bytes + o->start, o->n };
		headers[i].msg_hdr = (struct msghdr){ .msg_name = &o->to,
						      .msg_namelen = address_length(&o->to),
						      .msg_iov = &pieces[i],
						      .msg_iovlen = 1 };
	}
	while (n_sent < s->n_out) {
		int n = sendmmsg(s->fd, headers + n_sent, (unsigned)(s->n_out - n_sent),
				 MSG_NOSIGNAL);

		if (n <= 0 && !has_failed) {
			has_failed = true;
			continue;
		}
		n_sent += n > 0 ? (size_t)n : 1;
		has_failed = false;
	}
	s->n_out = s->n_bytes = 0;
	free(s->bytes);
	s->bytes = NULL;
}

static void on_write(struct net_output *o)
{
	send_all(LIST_ENTRY(o, struct datagram_socket, output));
}

int datagram_send(struct datagram_socket *s, const struct address *to, const struct iovec *pieces,
		  size_t n_pieces)
{
	size_t n = 0;

	for (size_t i = 0; i < n_pieces; i++)
		n += pieces[i].iov_len;
	if (to->any.sa_family != s->local.any.sa_family)
		return -EAFNOSUPPORT;
	if (n >= NET_DATAGRAM_SIZE)
		return -EMSGSIZE;
	if (s->n_out == NET_BATCH || s->n_bytes + n > OUT_SIZE)
		send_all(s);
	if (!s->bytes)
		s->bytes = mem_check(malloc(OUT_SIZE));
	s->out[s->n_out++] = (struct datagram_out){ .to = *to, .start = s->n_bytes, .n = n };
	for (size_t i = 0; i < n_pieces; i++) {
		memcpy(s->bytes + s->n_bytes, pieces[i].iov_base, pieces[i].iov_len);
		s->n_bytes += pieces[i].iov_len;
	}
	net_write_later(s->net, &s->output);
	return 0;
}

/* ---- life ---- */

static void set_receive_buffer(int fd, int64_t n_bytes)
{
	int size = n_bytes < INT_MAX / 2 ? (int)n_bytes : INT_MAX / 2;

	if (n_bytes > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static int bind_socket(struct datagram_socket *s, int64_t receive_buffer_bytes)
{
	bool v6 = s->local.any.sa_family == AF_INET6;
	socklen_t n = sizeof(s->local);
	const int on = 1;

	s->fd = socket(s->local.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	set_receive_buffer(s->fd, receive_buffer_bytes);
	if (v6)
		setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (setsockopt(s->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on,
		       sizeof(on)) < 0 ||
	    bind(s->fd, &s->local.any, address_length(&s->local)) < 0 ||
	    getsockname(s->fd, &s->local.any, &n) < 0)
		return -errno;
	return 0;
}

int datagram_open(const struct datagram_args *args, struct datagram_socket **ret_socket)
{
	struct datagram_socket *s = MEM_NEW(struct datagram_socket);
	int err;

	s->net = args->net;
	s->handlers = args->handlers;
	s->magic = args->magic;
	s->local = args->local;
	s->output.write = on_write;
	err = bind_socket(s, args->receive_buffer_bytes);
	if (!err)
		err = loop_fd_add(net_loop(s->net), s->fd, LOOP_IN | LOOP_HUP, on_event, s,
				  &s->watch);
	if (err) {
		datagram_close(s);
		return err;
	}
	*ret_socket = s;
	return 0;
}

struct datagram_socket *datagram_close(struct datagram_socket *s)
{
	if (!s)
		return NULL;
	if (s->n_out > 0)
		send_all(s);
	net_write_never(&s->output);
	loop_fd_free(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	free(s->bytes);
	free(s);
	return NULL;
}
