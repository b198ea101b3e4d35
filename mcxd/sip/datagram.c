/*
 * Agent: many datagrams at a time
 *
 * sofia makes three system calls for each datagram that it receives (is there one, how long is it, its bytes) and
 * two for each that it sends. Here all waiting datagrams are received at once, and sofia gets them one by one from
 * the functions that it would call; what it sends meanwhile goes to the kernel together, so that the peer is woken
 * less often, too. And the destination of an answer of ours is known from its request: it skips sofia's search for
 * a transport, its look-up of the address and its writing of headers.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/interpose.h"
#include "mcxd/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_tagarg.h>
#include <sys/socket.h>

enum { MAX_DATAGRAM = 65536, MAX_TOGETHER = 32 };

struct datagram {
	struct sockaddr_storage addr;
	char bytes[MAX_DATAGRAM];
};

struct batch {
	struct mmsghdr headers[MAX_TOGETHER];
	struct iovec pieces[MAX_TOGETHER];
	struct datagram datagrams[MAX_TOGETHER];
};

/* Received datagrams, and the one that sofia is about to read; valid while current is not NULL. */
static struct {
	struct batch batch;
	const struct mmsghdr *current;
	int fd;
} in;

/* Datagrams to be sent, all by the same fd. */
static struct {
	struct batch batch;
	unsigned n;
	int fd;
} out = { .fd = -1 };

/* The response being sent by nta_incoming_mreply(), whose first header carries all bytes; or NULL. */
static const msg_t *answering;

/* ---- in ---- */

static unsigned receive(int fd)
{
	int n;

	for (size_t i = 0; i < MAX_TOGETHER; i++) {
		struct datagram *d = &in.batch.datagrams[i];

		in.batch.pieces[i] = (struct iovec){ d->bytes, sizeof(d->bytes) };
		in.batch.headers[i].msg_hdr = (struct msghdr){ .msg_name = &d->addr,
							       .msg_namelen = sizeof(d->addr),
							       .msg_iov = &in.batch.pieces[i],
							       .msg_iovlen = 1 };
	}
	n = recvmmsg(fd, in.batch.headers, MAX_TOGETHER, MSG_DONTWAIT, NULL);
	return n > 0 ? (unsigned)n : 0;
}

/* Errors are left to sofia. */
void tport_recv_event(tport_t *self)
{
	static typeof(tport_recv_event) *original;
	const struct agent *a = agent_of_tport(self);
	unsigned n;

	INTERPOSE_ORIGINAL(original, "tport_recv_event");
	n = a && tport_is_udp(self) ? receive(a->udp_fd) : 0;
	if (n == 0) {
		original(self);
		return;
	}
	in.fd = a->udp_fd;
	for (unsigned i = 0; i < n; i++) {
		in.current = &in.batch.headers[i];
		if (in.current->msg_len > 0)
			original(self);
	}
	in.current = NULL;
}

issize_t su_getmsgsize(su_socket_t s)
{
	static typeof(su_getmsgsize) *original;

	INTERPOSE_ORIGINAL(original, "su_getmsgsize");
	return in.current && s == in.fd ? (issize_t)in.current->msg_len : original(s);
}

static size_t scatter(const struct mmsghdr *from, su_iovec_t *pieces, isize_t n_pieces)
{
	const char *bytes = from->msg_hdr.msg_iov->iov_base;
	size_t left = from->msg_len;

	for (isize_t i = 0; i < n_pieces && left > 0; i++) {
		size_t n = pieces[i].siv_len < left ? pieces[i].siv_len : left;

		memcpy(pieces[i].siv_base, bytes, n);
		bytes += n;
		left -= n;
	}
	return from->msg_len - left;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): sofia's names */
issize_t su_vrecv(su_socket_t s, su_iovec_t *pieces, isize_t n, int flags, su_sockaddr_t *from,
		  socklen_t *n_from)
{
	static typeof(su_vrecv) *original;
	const struct mmsghdr *m = in.current;

	INTERPOSE_ORIGINAL(original, "su_vrecv");
	if (!m || s != in.fd || flags)
		return original(s, pieces, n, flags, from, n_from);
	if (from && *n_from > m->msg_hdr.msg_namelen)
		*n_from = m->msg_hdr.msg_namelen;
	if (from)
		memcpy(from, m->msg_hdr.msg_name, *n_from);
	return (issize_t)scatter(m, pieces, n);
}

/* ---- out ---- */

/* An earlier "port unreachable" fails the next datagram, which is then sent again. A datagram that the kernel has no
 * room for is lost, as it may be on any network: the peer repeats its request. */
void datagram_flush(void)
{
	unsigned n_sent = 0, n_failed = 0;

	while (n_sent < out.n) {
		int n = sendmmsg(out.fd, out.batch.headers + n_sent, out.n - n_sent, MSG_NOSIGNAL);

		if (n <= 0 && n_failed++ == 0)
			continue;
		if (n <= 0)
			log_debug("sip", NULL, "datagram lost: %s", strerror(errno));
		n_sent += n > 0 ? (unsigned)n : 1;
		n_failed = 0;
	}
	out.n = 0;
}

static size_t gather(struct datagram *d, const su_iovec_t *pieces, isize_t n_pieces)
{
	size_t n = 0;

	for (isize_t i = 0; i < n_pieces; i++) {
		if (pieces[i].siv_len > sizeof(d->bytes) - n)
			return 0;
		memcpy(d->bytes + n, pieces[i].siv_base, pieces[i].siv_len);
		n += pieces[i].siv_len;
	}
	return n;
}

size_t datagram_send(int fd, const su_iovec_t *pieces, isize_t n_pieces, const su_sockaddr_t *to,
		     socklen_t n_to)
{
	struct datagram *d;
	size_t n;

	if (out.n > 0 && (out.fd != fd || out.n == MAX_TOGETHER))
		datagram_flush();
	d = &out.batch.datagrams[out.n];
	n = n_to <= sizeof(d->addr) ? gather(d, pieces, n_pieces) : 0;
	if (n == 0)
		return 0;
	memcpy(&d->addr, to, n_to);
	out.batch.pieces[out.n] = (struct iovec){ d->bytes, n };
	out.batch.headers[out.n] =
		(struct mmsghdr){ .msg_hdr = { .msg_name = &d->addr,
					       .msg_namelen = n_to,
					       .msg_iov = &out.batch.pieces[out.n],
					       .msg_iovlen = 1 } };
	out.fd = fd;
	out.n++;
	return n;
}

/* ---- answers ---- */

static bool read_address(const tp_name_t *tpn, su_sockaddr_t *ret)
{
	*ret = (su_sockaddr_t){ 0 };
	ret->su_sin.sin_family = AF_INET;
	return tpn && tpn->tpn_host &&
	       inet_pton(AF_INET, tpn->tpn_host, &ret->su_sin.sin_addr) == 1 &&
	       address_read_port(tpn->tpn_port, &ret->su_sin.sin_port);
}

/* False if sofia has to send it. */
static bool send_answer(tport_t *self, msg_t *msg, const tp_name_t *tpn)
{
	const struct agent *a = tport_is_udp(self) ? agent_of_tport(self) : NULL;
	const sip_status_t *st = sip_object(msg)->sip_status;
	su_iovec_t bytes = { .siv_len = st->st_common->h_len };
	su_sockaddr_t *to = msg_addr(msg);

	/* The member is not const, but is only read. */
	memcpy(&bytes.siv_base, &st->st_common->h_data, sizeof(bytes.siv_base));
	if (!a || !read_address(tpn, to) ||
	    su_vsend(a->udp_fd, &bytes, 1, MSG_NOSIGNAL, to, sizeof(to->su_sin)) < 0)
		return false;
	tport_log_msg(self, msg, "sent", "to", (su_time_t){ 0 });
	return true;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name,readability-function-size): sofia's */
tport_t *tport_tsend(tport_t *self, msg_t *msg, const tp_name_t *tpn, tag_type_t tag,
		     tag_value_t value, ...)
{
	static typeof(tport_tsend) *original;
	tport_t *used;
	ta_list ta;

	INTERPOSE_ORIGINAL(original, "tport_tsend");
	if (msg && msg == answering && send_answer(self, msg, tpn))
		return self;
	ta_start(ta, tag, value);
	used = original(self, msg, tpn, ta_tags(ta));
	ta_end(ta);
	return used;
}

int datagram_reply(nta_incoming_t *irq, msg_t *msg)
{
	int r;

	answering = msg;
	r = nta_incoming_mreply(irq, msg);
	answering = NULL;
	return r;
}

/* ---- errors ---- */

/* sofia asks before every datagram, to clear the error of an earlier one. */
int su_soerror(su_socket_t s)
{
	static typeof(su_soerror) *original;

	INTERPOSE_ORIGINAL(original, "su_soerror");
	return out.n > 0 && s == out.fd ? 0 : original(s);
}
