/*
 * Edge
 *
 * The Edge role: the front end's way out to the clearing house. Forwards MESSAGEs for the push domain
 * over SIP on TCP, as a stateful proxy with the headers that Microsoft's Edge adds, and refuses
 * everything else.
 */
#pragma once

#include "mcxd/sip/agent.h"

struct edge;

struct edge_config {
	struct agent_config agent; /* TCP only: udp is not listened to */
	const char *next_hop; /* SIP URI with an address, the clearing house's; "" or NULL: none */
	const char *push_domain; /* "push.lync.com": what is let out */
	const char *fqdn;        /* our own name, in diagnostics and in what we vouch for */
	int64_t timeout_ms;      /* a next hop that does not answer by then does not answer */
};

struct edge_args {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	const struct edge_config *config; /* outlives the role */
};

/** Returns 0 or a negative errno; what failed is logged. */
int edge_new(const struct edge_args *args, struct edge **ret_edge);

/** What is under way ends without an answer. NULL is fine. */
struct edge *edge_free(struct edge *e);

/** "127.0.0.1:5062" as it is. */
const char *edge_listen(const struct edge *e);
