/*
 * Transport: bytes to a socket
 */
#include "mcxd/sip/tport.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/datagram.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "mcxd/sip/slow.h"
#include "mcxd/sip/transport.h"
#include "proto/text/mem.h"

#include <errno.h>

int transport_write(struct connection *c, const struct iovec *pieces, size_t n_pieces)
{
	if (c->slow)
		return slow_send(c->slow, pieces, n_pieces,
				 primary_of(&c->tport)->limits.max_unsent);
	return -stream_send(c->stream, pieces, n_pieces);
}

int transport_send_bytes(struct tport_s *tp, const struct address *to, const char *bytes, size_t n)
{
	const struct iovec piece = { mem_no_const(bytes), n };

	if (tp->kind == TPORT_PRIMARY && tp->protocol == TPORT_UDP)
		return -datagram_send(primary_of(tp)->datagrams, to, &piece, 1);
	if (tp->kind != TPORT_CONNECTION || !connection_of(tp)->stream)
		return EPIPE;
	return transport_write(connection_of(tp), &piece, 1);
}

void transport_fault(const struct transport *t, enum log_level level, struct log_throttle *throttle,
		     const struct address *peer, const char *what)
{
	char address[ADDRESS_TEXT_SIZE], more[LOG_LEFT_OUT_SIZE];
	int64_t n_left_out;

	t->config->handlers->on_fault(t->config->magic, peer, what);
	if (t->config->is_quiet || !log_enabled(level, "sip") ||
	    !log_throttle_passes(throttle, loop_real_ms(net_loop(t->config->net)), &n_left_out))
		return;
	log_write(level, "sip", address_format(peer, address), "%s%s", what,
		  log_left_out(n_left_out, more));
}

static const char *name_of(const struct tport_s *tp, const struct address *peer)
{
	struct address ignored;

	const struct connection *c = tp->kind == TPORT_CONNECTION ? connection_of(tp) : NULL;
	const char *name = c && !c->accepted ? tp->canon : NULL;

	if (c && c->accepted)
		name = c->client_name;
	if (name && !address_read_host(name, &ignored))
		return name;
	return hosts_name_of(tp->master->config->hosts, peer);
}

void transport_tap(const struct tport_s *tp, struct transport_message *m)
{
	const struct transport_config *config = tp->master->config;

	m->protocol = tp->name.tpn_proto;
	m->peer_name = name_of(tp, m->peer);
	metric_inc(m->sent ? &config->metrics->messages_sent_total
			   : &config->metrics->messages_received_total);
	config->handlers->on_message(config->magic, m);
}
