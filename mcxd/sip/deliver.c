/*
 * Transport: what comes
 *
 * One copy of each message, parsed by sofia in one go: where it ends is known before. The tap gets the bytes as they were on
 * the wire.
 */
#include "mcxd/sip/tport.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/datagram.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/prefixes.h"
#include "mcxd/net/stream.h"
#include "mcxd/sip/answered.h"
#include "mcxd/sip/fault.h"
#include "mcxd/sip/struck.h"
#include "mcxd/sip/transport.h"
#include "mcxd/sip/unparsed.h"
#include "proto/sip/frame.h"
#include "proto/sip/trust.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/msg_buffer.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/su_time.h>

/* sofia's strings end at a NUL, which is legal within a quoted pair (RFC 4475 3.1.1.2): it is given another control
 * character there, which compares and escapes alike. */
static void hide_nul(char *p, size_t n)
{
	char *nul = memchr(p, '\0', n);
	const char *end = nul ? memmem(p, n, "\r\n\r\n", 4) : NULL;
	size_t n_head = end ? (size_t)(end - p) : n;

	for (; nul && nul < p + n_head; nul = memchr(nul, '\0', n_head - (size_t)(nul - p)))
		*nul = '\x01';
}

static msg_t *parse(struct tport_s *tp, const struct address *from, const char *bytes, size_t n,
		    unsigned flags)
{
	struct transport *t = tp->master;
	msg_t *msg =
		t->class->tpac_alloc(t->stack, MSG_DO_EXTRACT_COPY, NULL, (usize_t)n, tp, NULL);
	su_sockaddr_t su = { 0 };
	su_addrinfo_t *info;
	char *copy;
	int r;

	if (!msg)
		return NULL;
	info = msg_addrinfo(msg);
	info->ai_family = tp->info.ai_family;
	info->ai_socktype = tp->info.ai_socktype;
	info->ai_protocol = tp->info.ai_protocol;
	memcpy(&su, from, address_length(from));
	msg_set_address(msg, &su, address_length(from));
	copy = su_alloc(msg_home(msg), (isize_t)n + 1);
	memcpy(copy, bytes, n);
	copy[n] = '\0';
	hide_nul(copy, n);
	msg_buf_set(msg, copy, (usize_t)n + 1);
	msg_buf_commit(msg, (usize_t)n, 1);
	r = msg_extract(msg);
	if (r <= 0 || flags)
		msg_mark_as_complete(msg, (r <= 0 ? MSG_FLG_ERROR : 0) | flags);
	return msg;
}

/* A host in maddr that is not known is ignored, as RFC 3261 18.2.2 does without maddr: the answer goes to where the request came
 * from. NTA would take it for the address to answer to. */
static void forget_unknown_maddr(const struct transport *t, const sip_t *sip)
{
	sip_via_t *via = sip && sip->sip_request ? sip->sip_via : NULL;
	struct address ignored;

	if (via && via->v_maddr && !hosts_resolve(t->config->hosts, via->v_maddr, 0, &ignored))
		via->v_maddr = NULL;
}

/* RFC 3581 4. sofia's own way would change all Vias that come over TCP, also where nobody asked. */
static void answer_rport(msg_t *msg, const sip_t *sip, const struct address *from)
{
	sip_via_t *via = sip && sip->sip_request ? sip->sip_via : NULL;
	su_home_t *home = msg_home(msg);

	if (via && via->v_rport)
		msg_header_replace_param(home, via->v_common,
					 su_sprintf(home, "rport=%u", address_port(from)));
}

/* NTA adds "received" to the Vias of requests (RFC 3261 18.2.1), but answers those of another version before that: to the name
 * that the client gave itself. */
static void note_source(msg_t *msg, const sip_t *sip, const struct address *from)
{
	char host[ADDRESS_TEXT_SIZE];

	if (!sip || !sip->sip_request || !sip->sip_via ||
	    sip->sip_request->rq_version == sip_version_2_0)
		return;
	address_format_host(from, false, host);
	msg_header_replace_param(msg_home(msg), sip->sip_via->v_common,
				 su_sprintf(msg_home(msg), "received=%s", host));
}

static void repeat(struct tport_s *tp, const struct answer *answer)
{
	const struct iovec piece = { mem_no_const(answer->bytes), answer->n };
	msg_t *msg;

	if (datagram_send(primary_of(tp)->datagrams, &answer->peer, &piece, 1) < 0)
		return;
	msg = parse(tp, &answer->peer, answer->bytes, answer->n, 0);
	transport_tap(tp, &(struct transport_message){ .sip = sip_object(msg),
						       .sent = true,
						       .bytes = answer->bytes,
						       .n = answer->n,
						       .peer = &answer->peer });
	msg_destroy(msg);
}

/* True when that was all there was to do. */
static bool came_before(struct tport_s *tp, const sip_t *sip)
{
	struct transport *t = tp->master;
	const struct answer *answer;
	bool can_keep;

	if (tp->protocol != TPORT_UDP || !sip || !sip->sip_request)
		return false;
	answer = answered_find(&t->answered, sip, &can_keep);
	if (!answer) {
		t->is_kept_here = can_keep ? tp : NULL;
		return false;
	}
	metric_inc(&t->config->metrics->messages_repeated_total);
	repeat(tp, answer);
	return true;
}

/* NTA drops a request without a word if its Via names another transport than the listener has. But what ends TLS in front of us, or
 * carries SIP through a tunnel, does not rewrite Vias; and the answer goes back the way the request came, whatever the Via says. So
 * when NTA looks, which it does once before anything else, the listener has the transport of the Via. */
static const sip_via_t *disguise(const struct tport_s *tp, const sip_t *sip, sip_via_t *ret)
{
	const sip_via_t *own = (const sip_via_t *)primary_of(tp)->magic;

	if (!own || !sip || !sip->sip_request || !sip->sip_via)
		return NULL;
	while (own->v_next)
		own = own->v_next;
	*ret = *own;
	ret->v_protocol = sip->sip_via->v_protocol;
	return ret;
}

static struck_again_h deliver_again;

static void hand_over(struct tport_s *tp, const struct delivery *d)
{
	struct transport *t = tp->master;
	const struct delivery outer = t->delivery;
	sip_via_t via[1];
	tport_t *primary = tport_ref(tp->primary);
	tp_magic_t *magic = tport_magic(tp);

	t->delivery = *d;
	t->delivery.again = deliver_again;
	t->delivery.disguise = disguise(tp, sip_object(d->msg), via);
	t->class->tpac_recv(t->stack, tp, mem_no_const(d->msg), magic, su_now());
	if (primary->master) { /* the transport may be gone with its agent */
		t->delivery = outer;
		t->is_kept_here = NULL;
	}
	tport_unref(primary);
}

/* NTA would not answer: it has no start line, or no Via. */
static bool is_unanswerable(msg_t *msg, const sip_t *sip)
{
	if (!sip || (!sip->sip_request && !sip->sip_status))
		return msg_has_error(msg);
	return sip->sip_request && !sip->sip_via;
}

/* ---- faults of the lab ---- */

/* What came, or comes again out of a fault's hands. */
struct arrival {
	struct tport_s *tport;
	const struct address *from;
	const char *bytes;
	size_t n;
	unsigned flags;
	bool is_again, is_trusted;
	const char *fault; /* what is wrong with it */
};

static void on_slow_over(void *magic, enum fault_over how)
{
	(void)how;
	struck_free(magic);
}

static void slow_down(const struct arrival *in, const sip_t *sip, const struct fault_strike *strike)
{
	struct transport *t = in->tport->master;
	struct struck *s = struck_new(&t->struck, in->tport, sip, strike);

	faults_hold(t->config->faults, &s->hold, strike, 0, on_slow_over, s);
}

static void send_garbage(const struct arrival *in)
{
	char garbage[FAULT_GARBAGE_BYTES];

	faults_garbage(in->tport->master->config->faults, garbage);
	transport_send_bytes(in->tport, in->from, garbage, sizeof(garbage));
}

/* Of one that is neither malformed nor a repetition. */
static bool is_struck(const struct arrival *in, msg_t *msg, const sip_t *sip,
		      struct fault_strike *ret)
{
	struct transport *t = in->tport->master;
	bool is_datagram = in->tport->protocol == TPORT_UDP, ignored;

	if (!faults_are_set(t->config->faults) || in->is_again || in->fault || msg_has_error(msg) ||
	    !sip || !sip->sip_request || sip->sip_error || struck_find(&t->struck, sip) ||
	    (is_datagram && answered_find(&t->answered, sip, &ignored)))
		return false;
	return t->config->handlers->is_struck(t->config->magic, sip, is_datagram, ret);
}

/* True: the stack is not to see it. */
static bool fault_takes(const struct arrival *in, const sip_t *sip,
			const struct fault_strike *strike)
{
	switch (strike->what) {
	case FAULT_STATUS:
	case N_FAULT_WHATS: return false;
	case FAULT_SLOW: slow_down(in, sip, strike); return false;
	case FAULT_DELAY:
	case FAULT_SILENCE:
		transport_hold_struck(in->tport, in->from,
				      &(struct text){ .data = mem_no_const(in->bytes), .n = in->n },
				      sip, strike, deliver_again);
		break;
	case FAULT_GARBAGE: send_garbage(in); break;
	case FAULT_DROP:
	case FAULT_RESET:
	case FAULT_CLOSE: break;
	}
	return true;
}

/* ---- all that comes ---- */

/* A repetition of what is held is not another request. */
static bool is_held(const struct transport *t, const sip_t *sip)
{
	const struct struck *s = sip && sip->sip_request ? struck_find(&t->struck, sip) : NULL;

	return s && s->strike.what != FAULT_SLOW;
}

static void pass_on(const struct arrival *in, msg_t *msg, const sip_t *sip, int status)
{
	struct tport_s *tp = in->tport;
	const struct address *from = in->from;

	forget_unknown_maddr(tp->master, sip);
	answer_rport(msg, sip, from);
	note_source(msg, sip, from);
	if (is_unanswerable(msg, sip)) {
		transport_refuse_unparsed(tp, from, in->bytes, in->n, in->fault);
		msg_destroy(msg);
	} else if (!msg_has_error(msg) && (is_held(tp->master, sip) || came_before(tp, sip))) {
		msg_destroy(msg);
	} else {
		hand_over(tp, &(struct delivery){ .tport = tp,
						  .msg = msg,
						  .bytes = in->bytes,
						  .n = in->n,
						  .fault = in->fault,
						  .status = status,
						  .is_trusted = in->is_trusted });
	}
}

/* A client has shown a certificate that is on the listener's list. Whom we connected to by TLS has shown that it is who was meant:
 * one that a setting names, or the Contact of a client, who chooses it. */
static bool has_certificate(const struct connection *c)
{
	const struct transport_config *config = c->tport.master->config;

	if (c->accepted)
		return c->stream && stream_client_has(c->stream, NULL);
	return c->tport.protocol == TPORT_TLS &&
	       config->handlers->is_next_hop(config->magic, c->tport.canon,
					     address_port(&c->tport.address));
}

static bool is_trusted(const struct arrival *in)
{
	const struct tport_s *tp = in->tport;

	return (tp->kind == TPORT_CONNECTION && has_certificate(connection_of(tp))) ||
	       prefixes_contain(tp->master->config->trusted, in->from);
}

/* Every message of every listener and every connection passes here, before anybody looks at it. */
static void strip(struct arrival *in, struct text *room)
{
	size_t n_removed;

	in->is_trusted = is_trusted(in);
	n_removed = in->is_trusted ? 0 : sip_trust_strip(room, in->bytes, in->n);
	if (!n_removed)
		return;
	metric_add(&in->tport->master->config->metrics->headers_untrusted_total,
		   (int64_t)n_removed);
	in->bytes = text_str(room);
	in->n = room->n;
}

/* What sofia does not mind, and what it does not say. */
static void find_fault(struct arrival *in, const struct arrival *wire, msg_t *msg, const sip_t *sip)
{
	const char *why = NULL;

	if (frame_begins_folded(wire->bytes, wire->n))
		why = FRAME_FOLDED;
	else if (sip && sip->sip_request && frame_has_bare_nul(in->bytes, in->n))
		why = "There is a NUL outside a quoted pair";
	if (why)
		msg_mark_as_complete(msg, MSG_FLG_ERROR);
	if (why || !in->fault)
		in->fault = why ? why : fault_of(sip, in->flags == 0);
}

/* Returns what strikes it, N_FAULT_WHATS for nothing. */
static enum fault_what deliver(struct arrival *in)
{
	CLEANUP(text_deinit) struct text stripped = TEXT_INIT;
	struct tport_s *tp = in->tport;
	const struct arrival wire = *in;
	msg_t *msg;
	const sip_t *sip;
	struct fault_strike strike = { .what = N_FAULT_WHATS };
	bool struck;

	strip(in, &stripped);
	msg = parse(tp, in->from, in->bytes, in->n, in->flags);
	sip = msg ? sip_object(msg) : NULL;
	if (!msg)
		return N_FAULT_WHATS;
	find_fault(in, &wire, msg, sip);
	struck = is_struck(in, msg, sip, &strike);
	transport_tap(tp, &(struct transport_message){ .sip = sip,
						       .bytes = wire.bytes,
						       .n = wire.n,
						       .taken = in->bytes,
						       .n_taken = in->n,
						       .peer = in->from,
						       .strike = struck ? &strike : NULL,
						       .is_again = in->is_again });
	if (in->fault || msg_has_error(msg) || (sip && sip->sip_error))
		metric_inc(&tp->master->config->metrics->messages_malformed_total);
	if (struck && fault_takes(in, sip, &strike))
		msg_destroy(msg);
	else
		pass_on(in, msg, sip, strike.status);
	return strike.what;
}

enum delivery_end transport_deliver(struct tport_s *tp, const struct address *from,
				    const char *bytes, size_t n, unsigned flags, const char *fault)
{
	struct arrival in = {
		.tport = tp, .from = from, .bytes = bytes, .n = n, .flags = flags, .fault = fault
	};
	enum fault_what struck = deliver(&in);

	if (struck == FAULT_RESET)
		return DELIVERY_RESET;
	return struck == FAULT_CLOSE ? DELIVERY_CLOSE : DELIVERY_GOES_ON;
}

static void deliver_again(struct tport_s *tp, const struct address *from, const char *bytes,
			  size_t n)
{
	(void)deliver(&(struct arrival){
		.tport = tp, .from = from, .bytes = bytes, .n = n, .is_again = true });
}

const char *transport_came_by(const struct tport_s *master)
{
	const struct tport_s *tp = master->master->delivery.tport;

	return tp ? tp->name.tpn_proto : "";
}

int transport_struck_status(const struct tport_s *master)
{
	return master->master->delivery.status;
}

bool transport_is_trusted(const struct tport_s *master)
{
	return master->master->delivery.is_trusted;
}

const char *transport_why(const struct tport_s *master)
{
	return master->master->delivery.fault;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): sofia's names are not words */

tport_t *tport_delivered_by(const tport_t *tp, const msg_t *msg)
{
	return tp && tp->master && msg && msg == tp->master->delivery.msg
		       ? tp->master->delivery.tport
		       : NULL;
}

int tport_delivered_from(tport_t *tp, const msg_t *msg, tp_name_t ret[1])
{
	const tport_t *by = tport_delivered_by(tp, msg);

	*ret = by ? by->name : (tp_name_t){ 0 };
	return by ? 0 : -1;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
