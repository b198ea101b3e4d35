/*
 * Edge
 *
 * The access edge between the front end and the federated clearing house: forwards the push MESSAGE,
 * and nothing else, to its next hop and the answer back. What it forwards keeps the order and spelling
 * that it came in, but for a Via of its own and one hop less to go (RFC 3261, 16.6).
 */
#pragma once

#include "mcxd/base/journal.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/sip/agent.h"

struct edge;

struct edge_config {
	struct agent_config agent; /* listens on tcp */
	char *fqdn;                /* what it calls itself, in ms-edge-proxy-message-trust */
	char *push_domain;         /* the one federated partner: "push.lync.com" */
	char *next_hop;            /* SIP URI with a numeric address */
	int64_t answer_timeout_ms; /* of the next hop; 504 then */
};

struct edge_args {
	struct loop *loop;
	struct journal *journal;
	struct metrics *metrics;
	const struct edge_config *config; /* outlives the edge */
};

/** Returns 0, or the negative errno of agent_new(). */
int edge_new(const struct edge_args *args, struct edge **ret_edge);

/** Requests on their way are dropped. NULL is fine. */
struct edge *edge_free(struct edge *e);

/** "127.0.0.1:5061" of the listener as it is. */
const char *edge_tcp(const struct edge *e);
