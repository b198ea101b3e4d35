/*
 * Transport: what goes
 *
 * NTA names an address and says which transport it would like; a request goes by a connection that is there, or by a new one.
 * What is sent is with the socket's queue when tport_tsend() returns and is written at the end of the round: a failure comes to
 * those who wait for an answer.
 */
#include "mcxd/sip/tport.h"

#include "mcxd/net/address.h"
#include "mcxd/net/datagram.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/net.h"
#include "mcxd/net/stream.h"
#include "mcxd/sip/answered.h"
#include "mcxd/sip/failure.h"
#include "mcxd/sip/slow.h"
#include "mcxd/sip/struck.h"
#include "mcxd/sip/transport.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_tagarg.h>

enum { MAX_PIECES = 256 };

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): sofia's names are not words */

struct wishes {
	bool fresh; /* no connection that is there */
	bool ends;  /* it is to be closed after this */
	size_t mtu; /* 0: the transport's own */
};

/* TPTAG_SDWN_AFTER is ignored: NTA closes a connection after the answer to a request that breaks SIP's rules, which would also
 * disconnect others that share it, such as the users behind a proxy. Here it is known where the next message begins. */
static struct wishes read_wishes(const tagi_t *tags)
{
	struct wishes w = { 0 };

	for (; tags; tags = tl_next(tags)) {
		if (tags->t_tag == tptag_reuse)
			w.fresh |= !tags->t_value;
		else if (tags->t_tag == tptag_fresh)
			w.fresh |= !!tags->t_value;
		else if (tags->t_tag == tptag_close_after)
			w.ends |= !!tags->t_value;
		else if (tags->t_tag == tptag_mtu)
			w.mtu = (size_t)tags->t_value;
	}
	return w;
}

static tport_t *fail(msg_t *msg, int error, const char *why)
{
	failure_note(msg, error, why);
	return NULL;
}

/* ---- choosing ---- */

static void set_destination(msg_t *msg, const tport_t *tp, const struct address *to)
{
	su_addrinfo_t *info = msg_addrinfo(msg);
	su_sockaddr_t su = { 0 };

	memcpy(&su, to, address_length(to));
	msg_set_address(msg, &su, address_length(to));
	info->ai_family = to->any.sa_family;
	info->ai_socktype = tp->info.ai_socktype;
	info->ai_protocol = tp->info.ai_protocol;
}

static bool resolve(const struct transport *t, const tp_name_t *name, struct address *ret)
{
	uint16_t port;

	return address_read_port(name->tpn_port, &port) &&
	       hosts_resolve(t->config->hosts, name->tpn_host, port, ret);
}

static tport_t *fail_to_resolve(msg_t *msg, const tp_name_t *name)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	text_add_all(&why, "the name ", name->tpn_host ? name->tpn_host : "", " is not in [hosts]");
	return fail(msg, ENXIO, text_str(&why));
}

/* Where rport says that the request came from (RFC 3581 4). */
static bool resolve_rport(const sip_t *sip, struct address *ret)
{
	const sip_via_t *via = sip && sip->sip_status ? sip->sip_via : NULL;
	uint16_t port;

	if (!via || !via->v_rport || !address_read_port(via->v_rport, &port) ||
	    !address_read_host(via->v_received ? via->v_received : via->v_host, ret))
		return false;
	address_set_port(ret, port);
	return true;
}

static tport_t *choose_connection(struct primary *p, msg_t *msg, const struct address *to,
				  const tp_name_t *name, struct wishes w)
{
	struct connection *c = w.fresh ? NULL : connection_find(p, to, name->tpn_canon);
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (!c)
		c = connection_open(p, to, name->tpn_canon, &why);
	return c ? &c->tport : fail(msg, errno, text_str(&why));
}

static tport_t *choose(tport_t *self, msg_t *msg, const tp_name_t *name, struct wishes w)
{
	struct transport *t = self->master;
	tport_t *primary =
		self->kind == TPORT_MASTER ? tport_primary_by_name(self, name) : self->primary;
	struct address to;

	if (!primary)
		return fail(msg, EPROTONOSUPPORT, "this hop cannot send by that transport");
	if (self->kind == TPORT_CONNECTION && !w.fresh && tport_is_clear_to_send(self)) {
		set_destination(msg, self, &self->address);
		return self;
	}
	if (!(primary->protocol == TPORT_UDP && resolve_rport(sip_object(msg), &to)) &&
	    !resolve(t, name, &to))
		return fail_to_resolve(msg, name);
	set_destination(msg, primary, &to);
	if (primary->protocol == TPORT_UDP)
		return primary;
	return choose_connection(primary_of(primary), msg, &to, name, w);
}

/* ---- sending ---- */

/* One piece, gathered if there are several and somebody wants to see the whole. */
static const char *whole(const struct iovec *pieces, size_t n_pieces, struct text *gathered)
{
	if (n_pieces == 1)
		return pieces->iov_base;
	for (size_t i = 0; i < n_pieces; i++)
		text_add_bytes(gathered, pieces[i].iov_base, pieces[i].iov_len);
	return text_str(gathered);
}

/* All answers to a request that is struck, up to the final one. */
static void slow_down(struct connection *c, const sip_t *sip)
{
	const struct transport_config *config = c->tport.master->config;
	struct struck *s =
		sip && sip->sip_status ? struck_find(&c->tport.master->struck, sip) : NULL;

	if (!s)
		return;
	if (!c->slow)
		slow_start(&c->slow, net_loop(config->net), config->faults, &s->strike, c->stream);
	if (sip->sip_status->st_status >= 200)
		struck_free(s);
}

static int write_message(tport_t *tp, const sip_t *sip, const struct address *to,
			 const struct iovec *pieces, size_t n_pieces)
{
	if (tp->protocol == TPORT_UDP)
		return -datagram_send(primary_of(tp)->datagrams, to, pieces, n_pieces);
	slow_down(connection_of(tp), sip);
	return transport_write(connection_of(tp), pieces, n_pieces);
}

static void after_sending(tport_t *tp, const sip_t *sip, struct wishes w)
{
	struct connection *c = tp->kind == TPORT_CONNECTION ? connection_of(tp) : NULL;

	if (c && sip && sip->sip_request && sip->sip_request->rq_method != sip_method_ack) {
		c->owes_answer = true;
		c->n_received_before = c->n_received;
	}
	if (c && w.ends) {
		c->takes_no_more = true;
		if (c->slow)
			slow_finish(c->slow);
		stream_end(c->stream);
	}
}

/* Put lines behind the first one of a message, in one piece. */
static void insert(struct text *out, const struct text *bytes, const struct text *lines)
{
	const char *eol = memmem(bytes->data, bytes->n, "\r\n", 2);
	size_t n_first = eol ? (size_t)(eol - bytes->data) + 2 : 0;

	text_add_bytes(out, bytes->data, n_first);
	text_add_bytes(out, lines->data, lines->n);
	text_add_bytes(out, bytes->data + n_first, bytes->n - n_first);
}

/* A message that its owner signs is signed as it is on the wire, with all that the stack has added. */
static bool sign(const struct transport *t, const sip_t *sip, const struct address *to,
		 const struct iovec *pieces, size_t n_pieces, struct text *ret)
{
	const struct transport_handlers *handlers = t->config->handlers;
	CLEANUP(text_deinit) struct text bytes = TEXT_INIT;
	CLEANUP(text_deinit) struct text lines = TEXT_INIT;

	if (!sip || !handlers->signs(t->config->magic, sip, to))
		return false;
	for (size_t i = 0; i < n_pieces; i++)
		text_add_bytes(&bytes, pieces[i].iov_base, pieces[i].iov_len);
	handlers->sign(t->config->magic, sip, to, &bytes, &lines);
	if (lines.n)
		insert(ret, &bytes, &lines);
	return lines.n;
}

static int send_by(tport_t *tp, msg_t *msg, struct wishes w)
{
	CLEANUP(text_deinit) struct text gathered = TEXT_INIT;
	CLEANUP(text_deinit) struct text signed_text = TEXT_INIT;
	struct transport *t = tp->master;
	const struct transport_config *config = t->config;
	const sip_t *sip = sip_object(msg);
	bool keeps = tp->protocol == TPORT_UDP && answered_wants(sip);
	struct iovec pieces[MAX_PIECES];
	struct address to;
	size_t n_pieces, n;
	const char *bytes = NULL;
	int error;

	config->handlers->on_sending(config->magic, msg, sip_object(msg));
	if (msg_prepare(msg) < 0)
		return errno ? errno : EINVAL;
	n_pieces = msg_iovec(msg, (msg_iovec_t *)pieces, MAX_PIECES);
	n = msg_size(msg);
	if (n_pieces > MAX_PIECES ||
	    (primary_of(tp)->mtu && n > (w.mtu ? w.mtu : primary_of(tp)->mtu)))
		return EMSGSIZE;
	if (!address_from_sockaddr(&msg_addr(msg)->su_sa, sizeof(su_sockaddr_t), &to))
		return EINVAL;
	if (sign(t, sip, &to, pieces, n_pieces, &signed_text)) {
		n = signed_text.n;
		n_pieces = 1;
		pieces[0] = (struct iovec){ signed_text.data, n };
	}
	error = write_message(tp, sip, &to, pieces, n_pieces);
	if (error)
		return error;
	if (keeps || config->handlers->wants_bytes(config->magic))
		bytes = whole(pieces, n_pieces, &gathered);
	if (keeps)
		answered_add(&t->answered, sip, &to, bytes, n);
	transport_tap(tp, &(struct transport_message){
				  .sip = sip, .sent = true, .bytes = bytes, .n = n, .peer = &to });
	after_sending(tp, sip, w);
	return 0;
}

/* NOLINTNEXTLINE(readability-function-size): the macros for tags */
tport_t *tport_tsend(tport_t *self, msg_t *msg, const tp_name_t *name, tag_type_t tag,
		     tag_value_t value, ...)
{
	struct wishes w;
	tport_t *tp;
	ta_list ta;
	int error;

	if (!self || !self->master || !msg || !name)
		return fail(msg, EINVAL, NULL);
	ta_start(ta, tag, value);
	w = read_wishes(ta_args(ta));
	ta_end(ta);
	failure_forget(msg);
	tp = choose(self, msg, name, w);
	error = tp ? send_by(tp, msg, w) : 0;
	return error ? fail(msg, error, NULL) : tp;
}

/* ---- finding ---- */

tport_t *tport_by_protocol(const tport_t *self, const char *protocol)
{
	if (tport_is_any(protocol))
		return mem_no_const(self);
	while (self && (!self->name.tpn_proto || strcasecmp(self->name.tpn_proto, protocol) != 0))
		self = tport_next(self);
	return mem_no_const(self);
}

/* A listener of the family of the address, if it is known: an IPv4 socket cannot send to IPv6. A connection has a socket of its
 * own, which any listener for its protocol may open. */
tport_t *tport_primary_by_name(const tport_t *self, const tp_name_t *name)
{
	tport_t *other_family = NULL;
	struct address to;
	bool is_known = self && self->master && name->tpn_host &&
			hosts_resolve(self->master->config->hosts, name->tpn_host, 0, &to);

	for (tport_t *p = tport_primaries(self); p; p = tport_next(p)) {
		if (!tport_is_any(name->tpn_proto) &&
		    strcasecmp(name->tpn_proto, p->name.tpn_proto) != 0)
			continue;
		if (!is_known || p->address.any.sa_family == to.any.sa_family)
			return p;
		if (!other_family && tport_is_stream(p))
			other_family = p;
	}
	return other_family;
}

bool transport_source(tport_t *master, const tp_name_t *name, struct address *ret)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	tport_t *primary = tport_primary_by_name(master, name);
	struct connection *c;
	struct address to;

	if (!primary || !tport_is_stream(primary) || !resolve(master->master, name, &to))
		return false;
	c = connection_find(primary_of(primary), &to, name->tpn_canon);
	if (!c)
		c = connection_open(primary_of(primary), &to, name->tpn_canon, &why);
	return c && stream_local(c->stream, ret);
}

tport_t *tport_by_name(const tport_t *self, const tp_name_t *name)
{
	tport_t *primary = self && self->kind == TPORT_PRIMARY ? mem_no_const(self)
							       : tport_primary_by_name(self, name);
	struct connection *c = NULL;
	struct address to;

	if (primary && tport_is_stream(primary) && resolve(primary->master, name, &to))
		c = connection_find(primary_of(primary), &to, name->tpn_canon);
	return c ? &c->tport : primary;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
