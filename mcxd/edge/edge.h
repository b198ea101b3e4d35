/*
 * Edge
 *
 * The Edge role: the front end's way out to the clearing house. Forwards MESSAGEs for the push domain by
 * TLS or TCP, as a stateful proxy that adds the headers of Microsoft's Edge, and refuses everything
 * else.
 */
#pragma once

#include "mcxd/sip/agent.h"

#include <stdint.h>

struct edge;
struct faults;
struct journal;
struct loop;
struct metrics;
struct stack;
struct tls_context;

struct edge_config {
	struct agent_config agent; /* TCP and TLS only: its udp is ignored */
	const char *next_hop;      /* the clearing house: SIP URI; "" or NULL: none */
	const char *push_domain;   /* the only domain that requests may go to: "push.lync.com" */
	const char *fqdn;   /* our own name in diagnostics and in ms-edge-proxy-message-trust */
	int64_t timeout_ms; /* how long to wait for the next hop's answer */
};

struct edge_args {
	struct loop *loop;
	struct stack *stack;
	struct tls_context *tls_server, *tls_client; /* NULL: none */
	struct journal *journal;                     /* may be NULL */
	struct metrics *metrics;                     /* may be NULL */
	struct faults *faults;                       /* may be NULL */
	const struct edge_config *config;            /* outlives the role */
};

/** Listen. Returns 0, or a negative errno after logging what failed. */
int edge_new(const struct edge_args *args, struct edge **ret_edge);

/** Stop. Messages that wait for an answer are dropped without one. NULL is fine. */
struct edge *edge_free(struct edge *e);

/** The stack, for its addresses. */
const struct agent *edge_agent(const struct edge *e);
