/*
 * Transport: what is bound
 */
#include "mcxd/sip/tport.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/datagram.h"
#include "mcxd/net/listener.h"
#include "mcxd/net/stream.h"
#include "mcxd/sip/transport.h"
#include "mcxd/sip/waiters.h"
#include "proto/sip/frame.h"
#include "proto/text/mem.h"

#include <errno.h>

enum {
	UDP_MTU = 1300,            /* RFC 3261 18.1.1: longer requests go by TCP */
	PAUSE_UNSENT = 256 * 1024, /* bytes that a client has not read, and it is read no more */
	LINGER_MS = 5000
};

/* ---- datagrams ---- */

static bool is_nul_only(const char *bytes, size_t n)
{
	while (n > 0 && !bytes[n - 1])
		n--;
	return n == 0;
}

/* Keep-alives of CRLF or NULs are legal and say nothing; what cannot be SIP, a STUN request say, is counted and not
 * shown to sofia, which would write about it to standard error. */
static void on_datagram(void *magic, const struct address *from, const char *bytes, size_t n)
{
	struct primary *p = magic;
	struct transport *t = p->tport.master;
	const struct transport_config *config = t->config;
	size_t n_blank = frame_count_blanks(bytes, n);

	bytes += n_blank;
	n -= n_blank;
	if (is_nul_only(bytes, n))
		return;
	if (!frame_may_be_sip(bytes, n)) {
		metric_inc(&config->metrics->messages_malformed_total);
		transport_fault(t, LOG_INFO, &t->faults, from,
				"received a datagram that is not SIP");
		return;
	}
	transport_deliver(&p->tport, from, bytes, n,
			  n > (size_t)config->max_message_bytes ? MSG_FLG_TOOLARGE : 0, NULL);
}

static void on_error(void *magic, const struct address *to, int error)
{
	struct primary *p = magic;

	waiters_tell(&p->tport.waiters, p->tport.master->stack, &p->tport,
		     &(struct waiters_news){ .peer = to, .error = error });
}

static int open_datagrams(struct primary *p)
{
	static const struct datagram_handlers handlers = { .on_datagram = on_datagram,
							   .on_error = on_error };
	const struct transport_config *config = p->tport.master->config;
	int err = datagram_open(
		&(struct datagram_args){ .net = config->net,
					 .local = p->tport.address,
					 .receive_buffer_bytes = config->udp_buffer_bytes,
					 .handlers = &handlers,
					 .magic = p },
		&p->datagrams);

	if (!err)
		p->tport.address = *datagram_local(p->datagrams);
	p->mtu = UDP_MTU;
	return err;
}

/* ---- streams ---- */

static void on_accept(void *magic, int fd, const struct address *peer)
{
	connection_accept(magic, fd, peer);
}

static int open_listener(struct primary *p)
{
	const struct transport_config *config = p->tport.master->config;
	int err;

	if (p->tport.protocol == TPORT_TLS && !config->tls_server)
		return -EPROTONOSUPPORT;
	err = listener_open(
		&(struct listener_args){ .net = config->net,
					 .local = p->tport.address,
					 .on_accept = on_accept,
					 .magic = p,
					 .pauses = &config->metrics->accepts_paused_total },
		&p->listener);
	if (!err)
		p->tport.address = *listener_local(p->listener);
	return err;
}

static void set_limits(struct primary *p, const struct transport_config *config)
{
	p->limits = (struct stream_limits){
		.max_kept = (size_t)config->max_message_bytes,
		.max_unsent = (size_t)config->max_unsent_bytes,
		.pause_unsent = PAUSE_UNSENT,
		.handshake_ms = config->handshake_timeout_ms,
		.message_ms = config->message_timeout_ms,
		.unread_ms = config->unread_timeout_ms,
		.idle_ms = config->idle_timeout_ms,
		.linger_ms = LINGER_MS,
	};
}

int primary_open(struct transport *t, enum tport_protocol protocol, const struct address *local,
		 bool listens, struct primary **ret_primary)
{
	struct primary *p = MEM_NEW(struct primary);
	int err = 0;

	p->tport.kind = TPORT_PRIMARY;
	p->tport.protocol = protocol;
	p->tport.refs = 1;
	p->tport.master = t;
	p->tport.primary = &p->tport;
	p->tport.address = *local;
	list_init(&p->connections);
	set_limits(p, t->config);
	if (listens)
		err = protocol == TPORT_UDP ? open_datagrams(p) : open_listener(p);
	if (err) {
		tport_unref(&p->tport);
		return err;
	}
	tport_set_name(&p->tport, NULL);
	*ret_primary = p;
	return 0;
}

void primary_close(struct primary *p)
{
	list_for_each_safe (node, &p->connections)
		connection_close(LIST_ENTRY(node, struct connection, of_primary), 0);
	p->datagrams = datagram_close(p->datagrams);
	p->listener = listener_close(p->listener);
	free(p->buckets);
	p->buckets = NULL;
	p->n_buckets = 0;
	p->tport.master = NULL;
	tport_unref(&p->tport);
}

const struct address *transport_local(const tport_t *primary)
{
	return &primary->address;
}
