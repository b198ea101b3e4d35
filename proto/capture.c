/*
 * Records as a capture file
 */
#include "proto/capture.h"

#include "proto/exchange.h"
#include "proto/pcapng.h"
#include "proto/record.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <inttypes.h>

enum {
	NETWORK = 0xC0000200, /* 192.0.2.0 */
	MAX_HOPS = 254,
	SEGMENT = 60000, /* more does not fit into an IPv4 packet with its headers */
	PORT_SIP = 5060,
	PORT_SIP_TLS = 5061,
	PORT_HTTPS = 8443,
	PORT_PUSH = 8080,
	PORT_CLIENT = 49152 /* of a client whose port nobody recorded */
};

struct message {
	const struct record *record;
	int64_t time_us;
	size_t order; /* of those of the same time */
	bool is_udp;
	const char *from, *to;
	uint16_t from_port, to_port;
	size_t connection; /* over TCP */
	struct text bytes;
};

struct connection {
	struct pcapng_end ends[2]; /* who has opened it is the first */
	bool is_open;
	uint32_t next[2]; /* sequence number of the next byte of each end */
};

struct capture {
	struct text *out;
	const char *hops[MAX_HOPS];
	size_t n_hops;
	const struct record **received; /* by the other end, in the order of `sent` */
	size_t n_received;
	struct message *messages;
	size_t n_messages;
	struct connection *connections;
	uint16_t push_port;
};

/* ---- who ---- */

static uint32_t address_of(struct capture *c, const char *hop)
{
	size_t i = 0;

	while (i < c->n_hops && strcmp(c->hops[i], hop) != 0)
		i++;
	if (i == MAX_HOPS)
		return NETWORK + MAX_HOPS;
	if (i == c->n_hops)
		c->hops[c->n_hops++] = hop;
	return NETWORK + 1 + (uint32_t)i;
}

/* What can be a host's name: front-end, alice.lab.test, phone.bob.lab.test. */
static char *name_of(const char *hop)
{
	CLEANUP(text_deinit) struct text name = TEXT_INIT;

	for (const char *p = hop; *p; p++) {
		bool is_plain = chars_is_alnum(*p) || *p == '-' || *p == '.';

		text_add_bytes(&name, is_plain ? p : *p == '@' || *p == ':' ? "." : "-", 1);
	}
	return text_take(&name);
}

static void add_names(struct capture *c)
{
	struct pcapng_name names[MAX_HOPS];

	for (size_t i = 0; i < c->n_hops; i++)
		names[i] = (struct pcapng_name){ NETWORK + 1 + (uint32_t)i, name_of(c->hops[i]) };
	pcapng_add_names(c->out, names, c->n_hops);
	for (size_t i = 0; i < c->n_hops; i++)
		free(names[i].name);
}

/* The port in "127.0.0.1:5061"; 0: there is none. */
static uint16_t port_in(const char *address)
{
	const char *colon = address ? strrchr(address, ':') : NULL;
	int64_t port = 0;

	if (colon)
		text_to_int(colon + 1, 1, UINT16_MAX, &port);
	return (uint16_t)port;
}

static int by_sent(const void *a, const void *b)
{
	const struct record *const *x = a, *const *y = b;

	return ((*x)->sent > (*y)->sent) - ((*x)->sent < (*y)->sent);
}

/* The port of the hop that recorded it, which the other end saw. */
static uint16_t own_port(const struct capture *c, const struct record *r)
{
	const struct record key = { .sent = r->seq }, *pointer = &key;
	const struct record **other = c->n_received == 0
					      ? NULL
					      : bsearch(&pointer, (const void *)c->received,
							c->n_received, sizeof(void *), by_sent);
	const char *transport = record_value(r, "transport");
	uint16_t port = other ? port_in(record_value(*other, "peer")) : 0;

	if (port)
		return port;
	return transport && strcmp(transport, "tls") == 0 ? PORT_SIP_TLS : PORT_SIP;
}

/* ---- what ---- */

static struct message *add_message(struct capture *c, const struct record *r, bool is_back)
{
	struct message *m = &c->messages[c->n_messages++];

	*m = (struct message){ .record = r,
			       .order = c->n_messages,
			       .time_us = r->wall_us,
			       .from = is_back ? r->to : r->from,
			       .to = is_back ? r->from : r->to };
	return m;
}

static void add_sip(struct capture *c, const struct record *r)
{
	const char *transport = record_value(r, "transport");
	uint16_t own = own_port(c, r), other = port_in(record_value(r, "peer"));
	struct message *m;

	if (!r->raw)
		return;
	m = add_message(c, r, false);
	m->is_udp = transport && strcmp(transport, "udp") == 0;
	m->from_port = r->incoming ? other : own;
	m->to_port = r->incoming ? own : other;
	text_add_bytes(&m->bytes, r->raw, r->n_raw);
}

static bool is_push(const struct record *r)
{
	return strcmp(r->from, RECORD_HOP_PUSH_SERVICE) == 0 ||
	       strcmp(r->to, RECORD_HOP_PUSH_SERVICE) == 0;
}

/* The port of the server in "http://127.0.0.1:8080/…"; 0: it is not in there. */
static uint16_t port_in_url(const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL;
	CLEANUP(mem_free_string)
	char *authority = host ? mem_memdup(host + 3, strcspn(host + 3, "/?#")) : NULL;

	return port_in(authority);
}

static void add_http(struct capture *c, const struct record *r)
{
	uint16_t client = port_in(record_value(r, "peer"));
	uint16_t in_url = port_in_url(record_value(r, "path")), server;
	const char *duration = record_value(r, "duration_us");
	struct exchange e;
	int64_t took = 0;
	struct message *m;

	if (in_url)
		c->push_port = in_url;
	server = is_push(r) ? c->push_port : PORT_HTTPS;
	client = client ? client : PORT_CLIENT;
	if (duration)
		text_to_int(duration, 0, r->wall_us, &took);
	exchange_init(&e, r);
	if (e.request.n) {
		m = add_message(c, r, false);
		m->time_us -= took;
		m->from_port = client;
		m->to_port = server;
		text_add_bytes(&m->bytes, e.request.data, e.request.n);
	}
	if (e.answer.n) {
		m = add_message(c, r, e.request.n != 0);
		m->from_port = server;
		m->to_port = client;
		text_add_bytes(&m->bytes, e.answer.data, e.answer.n);
	}
	exchange_deinit(&e);
}

static void collect(struct capture *c, const struct record *const *records, size_t n)
{
	c->received = mem_zalloc((n + 1) * sizeof(void *));
	c->messages = mem_zalloc((2 * n + 1) * sizeof(*c->messages));
	for (size_t i = 0; i < n; i++)
		if (records[i]->sent)
			c->received[c->n_received++] = records[i];
	qsort((void *)c->received, c->n_received, sizeof(void *), by_sent);
	for (size_t i = 0; i < n; i++) {
		const struct record *r = records[i];
		enum record_kind kind = record_kind_of(r->kind);

		if (!r->from || !r->to || r->sent)
			continue;
		if (kind == RECORD_SIP)
			add_sip(c, r);
		else if (kind == RECORD_HTTP)
			add_http(c, r);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* ---- packets ---- */

/* The answers to an INVITE that a story turns on, with what they mean. */
static const char *turn_of(const struct record *r)
{
	const char *method = record_value(r, "method"), *status = record_value(r, "status");

	if (record_kind_of(r->kind) != RECORD_SIP || !method || !status ||
	    strcmp(method, "INVITE") != 0)
		return NULL;
	if (strcmp(status, "180") == 0)
		return ": the callee is being looked for, and the caller waits";
	if (strcmp(status, "408") == 0)
		return ": nobody came back in time";
	return *status == '2' ? ": answered" : *status > '2' ? ": not answered" : NULL;
}

static bool is_same(const struct pcapng_end *a, const struct pcapng_end *b)
{
	return a->address == b->address && a->port == b->port;
}

static uint64_t number_of(const struct pcapng_end *e)
{
	return (uint64_t)e->address << 16 | e->port;
}

/* A message and the ends that it goes between. */
struct way {
	uint64_t low, high;
	struct pcapng_end from, to;
	struct message *message;
};

static int by_ends(const void *a, const void *b)
{
	const struct way *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return (x->message > y->message) - (x->message < y->message);
}

static struct way way_of(struct capture *c, struct message *m)
{
	struct way w = { .from = { address_of(c, m->from), m->from_port },
			 .to = { address_of(c, m->to), m->to_port },
			 .message = m };
	uint64_t from = number_of(&w.from), to = number_of(&w.to);

	w.low = from < to ? from : to;
	w.high = from < to ? to : from;
	return w;
}

/* Messages between the same two ends are of one connection, whichever way they go. */
static void connect_messages(struct capture *c)
{
	struct way *ways = mem_zalloc((c->n_messages + 1) * sizeof(*ways));
	size_t n = 0, n_connections = 0;

	for (size_t i = 0; i < c->n_messages; i++)
		if (!c->messages[i].is_udp)
			ways[n++] = way_of(c, &c->messages[i]);
	qsort(ways, n, sizeof(*ways), by_ends);
	c->connections = mem_zalloc((n + 1) * sizeof(*c->connections));
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || ways[i].low != ways[i - 1].low || ways[i].high != ways[i - 1].high)
			c->connections[n_connections++] =
				(struct connection){ .ends = { ways[i].from, ways[i].to },
						     .next = { 1000, 2000 } };
		ways[i].message->connection = n_connections - 1;
	}
	free(ways);
}

static void open_connection(struct capture *c, struct connection *n, int64_t time_us)
{
	struct pcapng_packet there = { .time_us = time_us, .from = n->ends[0], .to = n->ends[1] };
	struct pcapng_packet back = { .time_us = time_us, .from = n->ends[1], .to = n->ends[0] };

	n->is_open = true;
	pcapng_add_tcp(c->out, &there, n->next[0]++, 0, PCAPNG_SYN);
	pcapng_add_tcp(c->out, &back, n->next[1]++, n->next[0], PCAPNG_SYN | PCAPNG_ACK);
	pcapng_add_tcp(c->out, &there, n->next[0], n->next[1], PCAPNG_ACK);
}

static void add_segments(struct capture *c, struct connection *n, struct pcapng_packet *p)
{
	int side = !is_same(&n->ends[0], &p->from);
	size_t left = p->n;

	if (!n->is_open)
		open_connection(c, n, p->time_us);
	for (; left; left -= p->n) {
		p->n = left < SEGMENT ? left : SEGMENT;
		pcapng_add_tcp(c->out, p, n->next[side], n->next[!side], PCAPNG_PUSH | PCAPNG_ACK);
		n->next[side] += (uint32_t)p->n;
		p->data = (const char *)p->data + p->n;
		p->comment = NULL;
	}
}

static void add_packets(struct capture *c, const struct message *m)
{
	CLEANUP(text_deinit) struct text comment = TEXT_INIT;
	struct pcapng_packet p = { .time_us = m->time_us, .data = m->bytes.data, .n = m->bytes.n };

	p.from = (struct pcapng_end){ address_of(c, m->from), m->from_port };
	p.to = (struct pcapng_end){ address_of(c, m->to), m->to_port };
	text_addf(&comment, "record %" PRIu64 ", ", m->record->seq);
	record_label(m->record, &comment);
	text_add(&comment, turn_of(m->record));
	p.comment = text_str(&comment);
	if (m->is_udp)
		pcapng_add_udp(c->out, &p);
	else
		add_segments(c, &c->connections[m->connection], &p);
}

void capture_encode(struct text *out, const struct record *const *records, size_t n)
{
	struct capture c = { .out = out, .push_port = PORT_PUSH };

	collect(&c, records, n);
	qsort(c.messages, c.n_messages, sizeof(*c.messages), by_time);
	for (size_t i = 0; i < c.n_messages; i++) {
		address_of(&c, c.messages[i].from);
		address_of(&c, c.messages[i].to);
	}
	connect_messages(&c);
	pcapng_begin(out);
	add_names(&c);
	for (size_t i = 0; i < c.n_messages; i++) {
		add_packets(&c, &c.messages[i]);
		text_deinit(&c.messages[i].bytes);
	}
	free((void *)c.received);
	free(c.messages);
	free(c.connections);
}
