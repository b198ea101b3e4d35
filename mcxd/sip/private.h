/*
 * Agent, private part
 *
 * Grouped by the .c file that defines it.
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/agent.h"
#include "proto/text/text.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/tport.h>

#include <netinet/in.h>

struct journal;

#define AGENT_METRICS(X)                                                                           \
	X(messages_received_total, METRIC_COUNTER, "SIP messages received")                        \
	X(messages_sent_total, METRIC_COUNTER, "SIP messages sent")                                \
	X(messages_malformed_total, METRIC_COUNTER,                                                \
	  "Messages that were not SIP or broke its rules")                                         \
	X(requests_overloaded_total, METRIC_COUNTER,                                               \
	  "Requests answered 503 because the limit of transactions was reached")                   \
	X(connections, METRIC_GAUGE, "Open TCP connections")                                       \
	X(connections_refused_total, METRIC_COUNTER,                                               \
	  "TCP connections closed because the limit was reached")                                  \
	X(connections_faulty_total, METRIC_COUNTER,                                                \
	  "TCP connections closed because what they carried was not SIP")                          \
	X(connections_unread_total, METRIC_COUNTER,                                                \
	  "TCP connections closed because their peer did not read")

METRICS_STRUCT(agent_metrics, AGENT_METRICS);

struct agent {
	struct list of_registry;
	struct loop *loop;
	struct journal *journal;
	char *hop;
	char *server;
	int64_t max_connections, max_message_bytes, max_transactions, max_unread;
	int64_t room; /* how many requests may come before transactions are counted again */
	agent_request_h *on_request;
	agent_peer_h *name_peer;
	void *magic;
	nta_agent_t *nta;
	char udp[64], tcp[64];
	int udp_fd;           /* of the listener, or -1 */
	struct text scratch;  /* bytes of the message that is being recorded */
	const char *received; /* the last message, in sofia's memory or in scratch */
	size_t n_received;
	msg_iovec_t *pieces; /* of the message that is being recorded */
	isize_t max_pieces;
	struct agent_metrics metrics;

	/* watchdog: connections without a complete message yet, by age; those in trouble; and the others,
	 * the one not checked for longest first */
	struct list fresh, troubled, proven;
	int64_t n_connections;
	int64_t first_message_timeout_ms, unread_timeout_ms;
	struct loop_timer watch;

	/* answers over UDP, kept for repeated requests */
	struct strtab *completed;
	struct list completed_by_age;
	struct loop_timer timer_j;
};

/* agent.c */
/** The agent that owns a transport; NULL if another user of sofia in this process does. */
struct agent *agent_of_tport(const tport_t *tp);

/** The dialog of an answer of ours, or NULL. */
nta_leg_t *agent_leg_of_answer(const sip_t *sip);

/* interpose.c */
/** Log an error for each function that sofia calls its own version of, not ours. */
void agent_check_interposed(const char *hop);

/* Functions of sofia's that its headers do not declare, and that the library must find here. */
#pragma GCC visibility push(default)
void tport_log_msg(tport_t *self, msg_t *msg, char const *what, char const *via, su_time_t now);
int tport_tcp_init_secondary(tport_t *self, int fd, int accepted, char const **ret_reason);
int tport_shutdown0(tport_t *self, int how);
void tport_recv_event(tport_t *self);
void tport_deliver(tport_t *self, msg_t *msg, msg_t *next, tport_compressor_t *compressor,
		   su_time_t now);
#pragma GCC visibility pop

/* address.c */
/** Read a port into network byte order. False if s is not a port number. */
bool address_read_port(const char *s, in_port_t *ret);

/* datagram.c */
/** Keep a datagram until datagram_flush(). Returns its length, or 0 if it cannot be kept. */
size_t datagram_send(int fd, const su_iovec_t *pieces, isize_t n_pieces, const su_sockaddr_t *to,
		     socklen_t n_to);
void datagram_flush(void);
/** nta_incoming_mreply() for an answer whose first header carries all bytes. */
int datagram_reply(nta_incoming_t *irq, msg_t *msg);

/* send.c */
/** Send at the end of each round of this loop, not at once; NULL ends that. */
void agent_send_together(struct loop *loop);

/* reply.c */
/** A message that is sent as this text; NULL if it is not SIP. */
msg_t *agent_parse(const char *p, size_t n);
/** What follows "Name:" in the head of a message; NULL if there is no such line. */
const char *agent_find_line(const struct text *message, const char *name);

/* completed.c */
void completed_init(struct agent *a);
void completed_deinit(struct agent *a);
/** Whether this is an answer that may have to be sent again. */
bool completed_wants(const tport_t *tp, const sip_t *sip);
/** Such an answer is being sent, to this address. */
void completed_sent(struct agent *a, const tport_t *tp, const sip_t *sip, const char *peer,
		    const void *bytes, size_t n);
size_t agent_n_completed(const struct agent *a);

/* answer.c */
/** Answer without a body; headers are whole lines. Returns 0, or a negative errno if nothing was sent. */
int agent_answer_own(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		     const char *headers);

/* tap.c */
void agent_record_fault(struct agent *a, const char *what, const char *peer);

struct connection;

/* watchdog.c */
void watchdog_init(struct agent *a, const struct agent_config *config);
void watchdog_deinit(struct agent *a);
/** A complete message of n bytes came over this connection. framed: we know where it ends. */
void watchdog_heard(struct connection *c, size_t n, bool framed);

/* stream.c */
/** A message was received, or begins to be sent, over this connection. */
void stream_received(struct connection *c);
void stream_sent(struct connection *c);
/** Read from a paused connection again. */
void stream_continue(struct connection *c);
/** This request is about to be answered. */
void stream_answers(struct agent *a, nta_incoming_t *irq);

/* socket.c */
enum { SOCKET_RCVBUF = 16 * 1024 }; /* the kernel doubles it */

/** Limit what the kernel keeps for one connection: sofia reads all of it at once and copies the rest for every
 *  message in it. */
int socket_bound_rcvbuf(int fd);
/** Find the TCP listener at this address (sofia does not tell its descriptor), limit the buffers of accepted
 *  connections, and switch on keep-alive, so that the kernel notices peers that are gone. */
void socket_tune_listener(const struct sockaddr *addr, socklen_t n_addr);
/** Find the UDP socket at this address and set its receive buffer to n_bytes, or to what the kernel allows;
 *  0: unchanged. Returns the descriptor, or -1. */
int socket_tune_udp(const struct sockaddr *addr, socklen_t n_addr, int64_t n_bytes);
/** "127.0.0.1:5060", "[::1]:5060" */
void socket_format(const struct sockaddr *addr, char *ret, size_t n);
