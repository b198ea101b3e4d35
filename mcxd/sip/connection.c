/*
 * Transport: connections
 *
 * A stream of SIP messages. It is found by the address of its peer, which is how an answer, or a request toward a client behind
 * a NAT, comes back over the connection that the client opened.
 */
#include "mcxd/sip/tport.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"
#include "mcxd/net/peers.h"
#include "mcxd/net/stream.h"
#include "mcxd/sip/slow.h"
#include "mcxd/sip/struck.h"
#include "mcxd/sip/transport.h"
#include "mcxd/sip/waiters.h"
#include "proto/sip/frame.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

enum { MIN_BUCKETS = 64 };

/* ---- the table by address ---- */

static struct list *bucket_of(const struct primary *p, const struct address *a)
{
	return &p->buckets[address_hash(a) & (p->n_buckets - 1)];
}

static void table_grow(struct primary *p)
{
	free(p->buckets);
	p->n_buckets = p->n_buckets ? 2 * p->n_buckets : MIN_BUCKETS;
	p->buckets = mem_zalloc(p->n_buckets * sizeof(*p->buckets));
	for (size_t i = 0; i < p->n_buckets; i++)
		list_init(&p->buckets[i]);
	list_for_each (node, &p->connections) {
		struct connection *c = LIST_ENTRY(node, struct connection, of_primary);

		list_append(bucket_of(p, &c->tport.address), &c->of_bucket);
	}
}

static void table_add(struct primary *p, struct connection *c)
{
	if (p->n_connections >= p->n_buckets)
		table_grow(p);
	list_append(bucket_of(p, &c->tport.address), &c->of_bucket);
	list_append(&p->connections, &c->of_primary);
	p->n_connections++;
}

static void table_remove(struct primary *p, struct connection *c)
{
	list_remove(&c->of_bucket);
	list_remove(&c->of_primary);
	p->n_connections--;
}

/* A connection by TLS is for the name that was checked when it was opened; one that a client opened is for its address. */
static bool is_for(const struct connection *c, const char *canon)
{
	return c->tport.protocol != TPORT_TLS || c->accepted || !canon ||
	       !strcasecmp(canon, c->tport.canon);
}

struct connection *connection_find(const struct primary *p, const struct address *to,
				   const char *canon)
{
	if (!p->n_buckets)
		return NULL;
	list_for_each (node, bucket_of(p, to)) {
		struct connection *c = LIST_ENTRY(node, struct connection, of_bucket);

		if (!c->takes_no_more && address_equal(&c->tport.address, to) && is_for(c, canon))
			return c;
	}
	return NULL;
}

/* ---- ending ---- */

/* Those who wait are told last: they may send again, by a new connection. */
static void forget(struct connection *c, int error, const char *why)
{
	struct primary *p = primary_of(&c->tport);
	struct transport *t = c->tport.master;

	if (!c->of_primary.next)
		return;
	table_remove(p, c);
	struck_forget(&t->struck, &c->tport);
	c->slow = slow_free(c->slow);
	c->stream = NULL;
	c->takes_no_more = true;
	t->n_connections--;
	peers_give(&t->peers, c->peer);
	metric_add(&t->config->metrics->connections, -1);
	if (error)
		waiters_tell(&c->tport.waiters, t->stack, &c->tport,
			     &(struct waiters_news){ .error = error, .why = why });
	c->tport.master = NULL;
	tport_unref(&c->tport);
}

void connection_close(struct connection *c, int error)
{
	stream_close(c->stream);
	forget(c, error, NULL);
}

/* What NTA makes of an errno is our policy: with EPIPE it sends a request once more, on a new connection; with others it
 * answers 503 at once. The first is right if the peer cannot have seen the request: nothing was written, or a connection that
 * had worked before and was idle brings nothing any more, as when the peer restarted meanwhile. */
static int error_of(const struct connection *c, const struct stream_end *end)
{
	if (end->reason == STREAM_UNREACHABLE && end->error)
		return end->error;
	if (end->reason == STREAM_HANDSHAKE_FAILED)
		return EPROTO;
	if (end->reason == STREAM_HANDSHAKE_TIMEOUT)
		return ETIMEDOUT;
	if (!stream_has_sent(c->stream) ||
	    (c->owes_answer && c->n_received > 0 && c->n_received == c->n_received_before))
		return EPIPE;
	return ECONNRESET;
}

static struct metric *metric_of(struct transport_metrics *m, enum stream_reason reason)
{
	switch (reason) {
	case STREAM_HANDSHAKE_FAILED:
	case STREAM_HANDSHAKE_TIMEOUT: return &m->handshakes_failed_total;
	case STREAM_MESSAGE_TIMEOUT:
	case STREAM_TOO_LONG: return &m->connections_faulty_total;
	case STREAM_UNREAD: return &m->connections_unread_total;
	case STREAM_PEER_CLOSED:
	case STREAM_BROKEN:
	case STREAM_UNREACHABLE:
	case STREAM_IDLE:
	case STREAM_ENDED:
	case N_STREAM_REASONS: break;
	}
	return NULL;
}

static void tell_fault(const struct connection *c, const char *what)
{
	struct transport *t = c->tport.master;

	transport_fault(t, LOG_INFO, &t->faults, &c->tport.address, what);
}

/* ---- never open ---- */

/* Those who connect to us can do so as often as they like; where we connect to, an operator has chosen. */
static void tell_not_open(struct transport *t, const struct address *peer, bool accepted,
			  const char *what)
{
	transport_fault(t, LOG_WARN, accepted ? &t->refusals : &t->failures, peer, what);
}

/* "the TLS handshake failed: certificate: …" */
static const char *words_of(const struct stream_end *end, struct text *words)
{
	if (end->reason == STREAM_HANDSHAKE_FAILED)
		text_add(words, "the TLS handshake failed: ");
	text_add(words, end->problem);
	return text_str(words);
}

static bool is_not_open(enum stream_reason reason)
{
	return reason == STREAM_UNREACHABLE || reason == STREAM_HANDSHAKE_FAILED ||
	       reason == STREAM_HANDSHAKE_TIMEOUT;
}

static void on_closed(void *magic, const struct stream_end *end)
{
	struct connection *c = magic;
	struct transport *t = c->tport.master;
	struct metric *metric = metric_of(t->config->metrics, end->reason);
	CLEANUP(text_deinit) struct text words = TEXT_INIT;
	const char *why = words_of(end, &words);
	int error = error_of(c, end);

	if (metric)
		metric_inc(metric);
	if (is_not_open(end->reason))
		tell_not_open(t, &c->tport.address, c->accepted, why);
	else if (metric)
		tell_fault(c, why);
	forget(c, error, why);
}

/* ---- in ---- */

/* What cannot be framed is answered if it can be, and nothing after it is read. Which header is malformed is said by the parser. */
static void end_faulty(struct connection *c, const char *bytes, const struct frame *f)
{
	metric_inc(&c->tport.master->config->metrics->connections_faulty_total);
	tell_fault(c, f->why);
	if (f->kind != FRAME_JUNK)
		transport_deliver(&c->tport, &c->tport.address, bytes, f->n_head, MSG_FLG_ERROR,
				  f->kind == FRAME_BARE_LF ? f->why : NULL);
	c->takes_no_more = true;
	if (c->stream && stream_n_unsent(c->stream) == 0)
		connection_close(c, ECONNRESET);
	else if (c->stream)
		stream_end(c->stream);
}

/* A message that is longer than may be is answered 413 by its head, and its body is skipped. */
static size_t refuse_large(struct connection *c, const char *bytes, const struct frame *f)
{
	c->n_skip = f->n - f->n_head;
	transport_deliver(&c->tport, &c->tport.address, bytes, f->n_head, MSG_FLG_TOOLARGE, NULL);
	return f->n_head;
}

static size_t skip(struct connection *c, size_t n)
{
	size_t n_skipped = n < c->n_skip ? n : c->n_skip;

	c->n_skip -= n_skipped;
	return n_skipped;
}

/* A fault of the lab ends it. */
static void break_off(struct connection *c, enum delivery_end how)
{
	c->takes_no_more = true;
	if (how == DELIVERY_CLOSE) {
		stream_end(c->stream);
		return;
	}
	stream_reset(c->stream);
	forget(c, ECONNRESET, "reset by a fault of the lab");
}

static void take_message(struct connection *c, const char *bytes, size_t n)
{
	enum delivery_end how;

	c->n_received++;
	c->owes_answer = false;
	stream_heard(c->stream);
	how = transport_deliver(&c->tport, &c->tport.address, bytes, n, 0, NULL);
	if (how != DELIVERY_GOES_ON && c->stream)
		break_off(c, how);
}

/* Take one thing. Returns how many bytes it was, 0 if more is needed or the connection ends. */
static size_t take_one(struct connection *c, const char *bytes, size_t n)
{
	size_t max = (size_t)c->tport.master->config->max_message_bytes;
	struct frame f;

	if (c->n_skip > 0)
		return skip(c, n);
	f = frame_find(bytes, n, &c->scanned);
	switch (f.kind) {
	case FRAME_BLANK:
		if (f.is_ping)
			transport_send_bytes(&c->tport, NULL, "\r\n", 2);
		return f.n;
	case FRAME_UNFRAMED:
	case FRAME_BARE_LF:
	case FRAME_JUNK: end_faulty(c, bytes, &f); return 0;
	case FRAME_MESSAGE:
	case FRAME_MORE: break;
	}
	if (f.n_head > 0 && f.n > max) {
		c->scanned = 0;
		return refuse_large(c, bytes, &f);
	}
	if (f.kind == FRAME_MORE)
		return 0;
	c->scanned = 0;
	take_message(c, bytes, f.n);
	return f.n;
}

static size_t on_bytes(void *magic, const char *bytes, size_t n)
{
	struct connection *c = magic;
	size_t n_taken = 0, n_one = 1;

	tport_ref(&c->tport);
	while (n_one > 0 && n_taken < n && c->stream && !stream_is_ending(c->stream)) {
		n_one = take_one(c, bytes + n_taken, n - n_taken);
		n_taken += n_one;
	}
	tport_unref(&c->tport);
	return n_taken;
}

static void on_open(void *magic)
{
	struct connection *c = magic;

	c->client_name = stream_client_name(c->stream);
}

static const struct stream_handlers handlers = { .on_open = on_open,
						 .on_bytes = on_bytes,
						 .on_closed = on_closed };

/* ---- beginning ---- */

static struct connection *connection_new(struct primary *p, const struct address *peer,
					 bool accepted, const char *canon)
{
	struct connection *c = MEM_NEW(struct connection);
	struct transport *t = p->tport.master;

	c->tport.kind = TPORT_CONNECTION;
	c->tport.protocol = p->tport.protocol;
	c->tport.refs = 1; /* until it ends */
	c->tport.master = t;
	c->tport.primary = &p->tport;
	c->tport.address = *peer;
	c->accepted = accepted;
	tport_set_name(&c->tport, canon);
	return c;
}

static void connection_add(struct connection *c)
{
	struct transport *t = c->tport.master;

	table_add(primary_of(&c->tport), c);
	t->n_connections++;
	metric_inc(&t->config->metrics->connections);
}

static struct stream_args args_of(const struct primary *p, struct connection *c,
				  struct tls_context *tls)
{
	return (struct stream_args){ .net = p->tport.master->config->net,
				     .tls = p->tport.protocol == TPORT_TLS ? tls : NULL,
				     .limits = &p->limits,
				     .handlers = &handlers,
				     .magic = c };
}

/* An error for this peer only. */
static void refuse(struct transport *t, int fd, const struct address *peer, struct metric *metric,
		   const char *what)
{
	close(fd);
	metric_inc(metric);
	transport_fault(t, LOG_WARN, &t->crowds, peer, what);
}

void connection_accept(struct primary *p, int fd, const struct address *peer)
{
	struct transport *t = p->tport.master;
	struct peer *charged;
	struct connection *c;
	struct stream_args args;

	if (t->n_connections >= t->config->max_connections) {
		refuse(t, fd, peer, &t->config->metrics->connections_refused_total,
		       "connection refused: max_connections is reached");
		return;
	}
	charged = peers_take(&t->peers, peer, t->config->max_connections_per_peer);
	if (!charged) {
		refuse(t, fd, peer, &t->config->metrics->connections_crowded_total,
		       "connection refused: this peer has reached max_connections_per_peer");
		return;
	}
	c = connection_new(p, peer, true, NULL);
	args = args_of(p, c, t->config->tls_server);
	c->stream = stream_accept(&args, fd, peer);
	if (!c->stream) {
		transport_fault(t, LOG_WARN, &t->refusals, peer,
				"connection refused: it cannot be watched, or TLS cannot begin");
		peers_give(&t->peers, charged);
		tport_unref(&c->tport);
		return;
	}
	c->peer = charged;
	connection_add(c);
}

struct connection *connection_open(struct primary *p, const struct address *to, const char *canon,
				   struct text *why)
{
	struct connection *c = connection_new(p, to, false, canon);
	struct stream_args args = args_of(p, c, p->tport.master->config->tls_client);
	int err;

	if (p->tport.protocol == TPORT_TLS && !args.tls)
		err = -EPROTONOSUPPORT;
	else
		err = stream_connect(&args, to, c->tport.canon, &c->stream);
	if (err) {
		text_add_all(why, "cannot connect: ", strerror(-err));
		tell_not_open(p->tport.master, to, false, text_str(why));
		tport_unref(&c->tport);
		errno = -err;
		return NULL;
	}
	connection_add(c);
	return c;
}
