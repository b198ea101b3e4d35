/*
 * Transport
 *
 * The network under sofia's transaction engine. NTA reaches the network only through the functions of <sofia-sip/tport.h>, 43 of
 * them; transport.c, tport.c, deliver.c and send.c define those 43 on mcxd/net, and sofia's own transport is not linked. What that
 * brings: datagrams in batches, streams that cost what they carry, a closed connection told at once, TLS that checks names, and
 * nothing that asks a name server.
 *
 * Our executable must contain all 43, or the linker takes sofia's object with the one that is missing and complains about the
 * others, defined twice; and it must contain them before it looks for them, hence link_whole in meson.build.
 *
 * An agent has one struct transport, the master of sofia's words; below it a primary for each listener; and below a primary for
 * TCP or TLS its connections.
 */
#pragma once

#include "mcxd/base/metric.h"
#include "mcxd/net/address.h"

#include <sofia-sip/sip.h>
#include <sofia-sip/su_tag.h>
#include <sofia-sip/tport.h>

struct fault_strike;
struct faults;
struct hosts;
struct net;
struct prefixes;
struct struck;
struct text;
struct tls_context;
struct transport_metrics;

#define TRANSPORT_METRICS(X)                                                                       \
	X(messages_received_total, METRIC_COUNTER, "SIP messages received")                        \
	X(messages_sent_total, METRIC_COUNTER, "SIP messages sent")                                \
	X(messages_malformed_total, METRIC_COUNTER, "Received messages that break SIP's rules")    \
	X(messages_repeated_total, METRIC_COUNTER,                                                 \
	  "Repeated requests that were answered from memory")                                      \
	X(headers_untrusted_total, METRIC_COUNTER,                                                 \
	  "Headers that only trusted peers may send, removed from what others sent")               \
	X(connections, METRIC_GAUGE, "Open TCP and TLS connections")                               \
	X(connections_refused_total, METRIC_COUNTER,                                               \
	  "Connections closed because the limit was reached")                                      \
	X(connections_crowded_total, METRIC_COUNTER,                                               \
	  "Connections closed because their peer's limit was reached")                             \
	X(connections_faulty_total, METRIC_COUNTER,                                                \
	  "Connections closed because they carried no SIP, or no complete message in time")        \
	X(connections_unread_total, METRIC_COUNTER,                                                \
	  "Connections closed because the peer did not read")                                      \
	X(handshakes_failed_total, METRIC_COUNTER, "TLS handshakes that failed")                   \
	X(accepts_paused_total, METRIC_COUNTER, "Pauses of accepting because descriptors ran out")
METRICS_STRUCT(transport_metrics, TRANSPORT_METRICS);

/** A message as it is on the wire. All of it is valid during the call only. */
struct transport_message {
	const sip_t *sip; /* may lack parts if it is malformed */
	bool sent;
	const char *bytes; /* NULL when it is sent and nobody asked for them */
	size_t n;
	const char *taken; /* of one received: what the stack is given, see proto/sip/trust.h */
	size_t n_taken;
	const struct address *peer;
	const char *
		peer_name; /* that it was connected to by, or has in [hosts]; NULL: none is known */
	const char *protocol;              /* "udp", "tcp", "tls" */
	const struct fault_strike *strike; /* of the fault that strikes it; NULL: none */
	bool is_again;                     /* it was seen when it came, and has been held since */
};

struct transport_handlers {
	/** A message of the stack's is about to be sent, and may be completed. */
	void (*on_sending)(void *magic, msg_t *msg, sip_t *sip);
	/** Whether a message of the stack's that is about to be sent is to be signed: then sign() gets its bytes, and appends whole
	 *  header lines, which go behind its first line. */
	bool (*signs)(const void *magic, const sip_t *sip, const struct address *to);
	void (*sign)(void *magic, const sip_t *sip, const struct address *to,
		     const struct text *bytes, struct text *ret_lines);
	/** A message has come, or is being sent. */
	void (*on_message)(void *magic, const struct transport_message *m);
	/** Whether on_message needs the bytes of what is sent. */
	bool (*wants_bytes)(const void *magic);
	/** Whether a fault strikes this request, which is well-formed and new. Asked only while there are faults. */
	bool (*is_struck)(void *magic, const sip_t *sip, bool is_datagram,
			  struct fault_strike *ret);
	/** Whether a connection that we opened by TLS leads to a next hop that a setting names. */
	bool (*is_next_hop)(const void *magic, const char *host, unsigned port);
	/** A connection, or a datagram, was at fault: for the journal. */
	void (*on_fault)(void *magic, const struct address *peer, const char *what);
};

struct transport_config {
	struct net *net;
	const struct hosts *hosts;      /* may be NULL */
	struct faults *faults;          /* may be NULL */
	struct tls_context *tls_server; /* of a listener for TLS; may be NULL */
	struct tls_context *tls_client; /* for connecting by TLS; may be NULL */
	const struct prefixes
		*trusted;         /* peers that are trusted without a certificate; NULL: none */
	const char *server;       /* Server header of what is answered here */
	int64_t udp_buffer_bytes; /* what may wait in the kernel; 0: its default */
	int64_t max_connections;  /* at once */
	int64_t max_connections_per_peer; /* from one address; 0: no limit of its own */
	int64_t max_message_bytes;
	int64_t max_repeatable; /* answers kept for repeated requests; requests that faults hold */
	int64_t max_unsent_bytes; /* for one connection */
	int64_t handshake_timeout_ms, message_timeout_ms, unread_timeout_ms, idle_timeout_ms;
	bool is_quiet; /* log nothing about peers: the owner tells its user */
	struct transport_metrics *metrics;
	const struct transport_handlers *handlers;
	void *magic;
};

/** The tag by which nta_agent_add_tport() hands a struct transport_config to tport_tcreate(). */
extern tag_typedef_t transporttag_config;
/** Of a listener's address: nothing is to listen there; it is what Vias name, of requests by connections that we open. */
extern tag_typedef_t transporttag_connects_only;

/** The address a primary is bound to. */
const struct address *transport_local(const tport_t *primary);

/** The address that a request to this name comes from: that of the connection which it will go by, and which is opened if it is not
 *  open yet. False for UDP, and if there is none. */
bool transport_source(tport_t *master, const tp_name_t *name, struct address *ret);

/** Answers kept for repeated requests, by all primaries. */
size_t transport_n_repeatable(const tport_t *master);

/** What is wrong with the message that is being handed to the stack, as a static sentence; NULL: nothing that we know of. */
const char *transport_why(const tport_t *master);

/** The status with which a fault answers that message; 0: none. */
int transport_struck_status(const tport_t *master);

/** Whether the sender of that is trusted (proto/sip/trust.h). */
bool transport_is_trusted(const tport_t *master);
/** Where that came from; false if nothing is being handed over. */
bool transport_sender(const tport_t *master, struct address *ret);

/** Keep that request, which the stack is then told to forget. NULL: too much is held. on_gone is called when it cannot be answered
 *  any more, since its connection has ended. */
struct struck *transport_hold(const tport_t *master, void (*on_gone)(void *magic), void *magic);
/** Hand it over again; it is freed. */
void transport_let_go(struct struck *s);

/** The transport by which that came ("udp", "tcp", "tls"), whatever its Via says; "" if nothing is being handed over. */
const char *transport_came_by(const tport_t *master);
