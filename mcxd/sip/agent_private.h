/*
 * Agent, private part
 *
 * Grouped by the .c file that defines it.
 */
#pragma once

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
	N_AGENT_METRICS
};

struct agent {
	struct list of_registry;
	struct loop *loop;
	struct journal *journal;
	char *hop;
	char *server;
	int64_t max_connections, max_message_bytes, max_transactions;
	agent_request_h *on_request;
	agent_peer_h *name_peer;
	void *magic;
	nta_agent_t *nta;
	char udp[64], tcp[64];
	struct text scratch;  /* bytes of the message that is being recorded */
	const char *received; /* what came in last: in sofia's memory or in scratch */
	size_t n_received;
	msg_iovec_t *pieces; /* of the message that is being recorded */
	isize_t max_pieces;
	struct metric metrics[N_AGENT_METRICS];
	char *metric_names[N_AGENT_METRICS];

	/* watchdog: connections that have not brought a complete message yet, by age, and the
	 * others, the one that was looked at longest ago first */
	struct list fresh, proven;
	int64_t n_connections;
	int64_t first_message_timeout_ms;
	struct loop_timer watch;
};

/* agent.c: whose transport this is; NULL: some other program's part of the process. */
struct agent *agent_of_tport(const tport_t *tp);

/* agent_method.c */
/** Whether the library uses our definitions of its functions. */
bool agent_methods_work(void);

/* agent_extract.c */
/** The same of msg_extract(). */
bool agent_extract_works(void);

/* agent_diagnose.c */
/** The same of sip_complete_message(). */
bool agent_diagnose_works(void);

/* agent_send.c */
/** What is sent while this loop is awake goes out at the end of its round; NULL: everything at once. */
void agent_send_together(struct loop *loop);
/** The same of su_vsend(). */
bool agent_send_works(void);

/* agent_reply.c */
/** A message that goes out as this text; NULL when it is no SIP. */
msg_t *agent_parse(const char *p, size_t n);

/* agent_tap.c */
void agent_record_fault(struct agent *a, const char *what, const char *peer);

/* agent_watchdog.c */
void watchdog_init(struct agent *a, int64_t first_message_timeout_ms);
void watchdog_deinit(struct agent *a);
/** A complete message of n bytes came by this connection. */
void watchdog_heard(struct agent *a, const tport_t *tp, size_t n);

/* agent_socket.c */
enum { SOCKET_RCVBUF = 16 * 1024 }; /* the kernel doubles it */

/** Bound what one connection can have in the kernel: sofia reads all of it at once, and copies what it
 *  has read for every message in it. */
int socket_bound_rcvbuf(int fd);
/** Find the TCP listener at this address, which sofia does not tell, and bound the buffers of what it
 *  accepts; let the kernel notice peers that are gone. */
void socket_tune_listener(const struct sockaddr *addr, socklen_t n_addr);
/** Find the UDP socket at this address and have the kernel keep up to n_bytes for it, or as many as it
 *  allows us. */
void socket_tune_udp(const struct sockaddr *addr, socklen_t n_addr, int64_t n_bytes);
/** "127.0.0.1:5060", "[::1]:5060" */
void socket_format(const struct sockaddr *addr, char *ret, size_t n);
