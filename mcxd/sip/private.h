/*
 * Agent, private part
 *
 * Grouped by the .c file that defines it.
 */
#pragma once

#include "mcxd/base/idtab.h"
#include "mcxd/base/interpose.h"
#include "mcxd/base/list.h"
#include "mcxd/sip/agent.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/tport.h>

#include <netinet/in.h>

enum agent_metric {
	AGENT_RECEIVED,
	AGENT_SENT,
	AGENT_MALFORMED,
	AGENT_OVERLOADED,
	AGENT_CONNECTIONS,
	AGENT_CONNECTIONS_REFUSED,
	AGENT_FAULTS,
	AGENT_UNREAD,
	N_AGENT_METRICS
};

struct agent {
	struct list of_registry;
	struct loop *loop;
	struct journal *journal;
	char *hop;
	char *server;
	int64_t max_connections, max_message_bytes, max_transactions, max_unread;
	int64_t room; /* requests that may come before transactions are counted again */
	agent_request_h *on_request;
	agent_peer_h *name_peer;
	void *magic;
	nta_agent_t *nta;
	char udp[64], tcp[64];
	int udp_fd;           /* of its listener, or -1 */
	struct text scratch;  /* bytes of the message that is being recorded */
	const char *received; /* what came in last: in sofia's memory or in scratch */
	size_t n_received;
	msg_iovec_t *pieces; /* of the message that is being recorded */
	isize_t max_pieces;
	struct metric metrics[N_AGENT_METRICS];
	char *metric_names[N_AGENT_METRICS];

	/* watchdog: connections that have not brought a complete message yet, by age; those with which
	 * something is wrong; and the others, the one that was looked at longest ago first */
	struct list fresh, troubled, proven;
	int64_t n_connections;
	int64_t first_message_timeout_ms, unread_timeout_ms;
	struct loop_timer watch;

	/* what was answered over UDP */
	struct strtab *completed;
	struct list completed_by_age;
	struct loop_timer timer_j;
};

/* agent.c: whose transport this is; NULL: some other program's part of the process. */
struct agent *agent_of_tport(const tport_t *tp);

/** The dialog that this answer of ours is in; NULL: none. */
nta_leg_t *agent_leg_of_answer(const sip_t *sip);

/* interpose.c */
/** Log an error for each function of sofia's that is called in spite of ours. */
void agent_check_interposed(const char *hop);

/* Functions of sofia's that none of its headers declares, and that the library must find here. */
#pragma GCC visibility push(default)
void tport_log_msg(tport_t *self, msg_t *msg, char const *what, char const *via, su_time_t now);
int tport_tcp_init_secondary(tport_t *self, int fd, int accepted, char const **ret_reason);
int tport_shutdown0(tport_t *self, int how);
void tport_recv_event(tport_t *self);
void tport_deliver(tport_t *self, msg_t *msg, msg_t *next, tport_compressor_t *compressor,
		   su_time_t now);
#pragma GCC visibility pop

/* address.c */
/** False when it is not the number of a port. */
bool address_read_port(const char *s, in_port_t *ret);

/* datagram.c */
/** Keep a datagram until datagram_flush(); returns its bytes, or 0 when it cannot be kept. */
size_t datagram_send(int fd, const su_iovec_t *pieces, isize_t n_pieces, const su_sockaddr_t *to,
		     socklen_t n_to);
void datagram_flush(void);
/** nta_incoming_mreply() of an answer whose first header is all of its bytes. */
int datagram_reply(nta_incoming_t *irq, msg_t *msg);

/* send.c */
/** What is sent while this loop is awake goes out at the end of its round; NULL: everything at once. */
void agent_send_together(struct loop *loop);

/* reply.c */
/** A message that goes out as this text; NULL when it is no SIP. */
msg_t *agent_parse(const char *p, size_t n);
/** What follows "Name:" in the head of a message, NULL when there is no such line. */
const char *agent_find_line(const struct text *message, const char *name);

/* completed.c */
void completed_init(struct agent *a);
void completed_deinit(struct agent *a);
/** Whether what is sent may have to be sent again. */
bool completed_wants(const tport_t *tp, const sip_t *sip);
/** It is being sent, to this address. */
void completed_sent(struct agent *a, const tport_t *tp, const sip_t *sip, const char *peer,
		    const void *bytes, size_t n);
size_t agent_n_completed(const struct agent *a);

/* answer.c */
/** Answer without a body; headers are whole lines. Returns 0, or a negative errno, and nothing was sent. */
int agent_answer_own(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		     const char *headers);

/* tap.c */
void agent_record_fault(struct agent *a, const char *what, const char *peer);

struct connection;

/* watchdog.c */
void watchdog_init(struct agent *a, const struct agent_config *config);
void watchdog_deinit(struct agent *a);
/** A complete message of n bytes came by this connection. framed: it is known where it ends. */
void watchdog_heard(struct connection *c, size_t n, bool framed);

/* stream.c */
/** A message has come, or has begun to be sent, by this connection. */
void stream_received(struct connection *c);
void stream_sent(struct connection *c);
void stream_continue(struct connection *c);
/** This request is about to be answered. */
void stream_answers(struct agent *a, nta_incoming_t *irq);

/* socket.c */
enum { SOCKET_RCVBUF = 16 * 1024 }; /* the kernel doubles it */

/** Bound what one connection can have in the kernel: sofia reads all of it at once, and copies what it
 *  has read for every message in it. */
int socket_bound_rcvbuf(int fd);
/** Find the TCP listener at this address, which sofia does not tell, and bound the buffers of what it
 *  accepts; let the kernel notice peers that are gone. */
void socket_tune_listener(const struct sockaddr *addr, socklen_t n_addr);
/** Find the UDP socket at this address and have the kernel keep up to n_bytes for it, or as many as it
 *  allows us; 0: as it is. Returns the descriptor, or -1. */
int socket_tune_udp(const struct sockaddr *addr, socklen_t n_addr, int64_t n_bytes);
/** "127.0.0.1:5060", "[::1]:5060" */
void socket_format(const struct sockaddr *addr, char *ret, size_t n);
