/*
 * Edge
 *
 * The Edge role: the front end's way out to the clearing house, as a stateful proxy with the headers of Microsoft's Edge. It has two
 * sides, each a SIP agent of its own. The internal side takes MESSAGEs and OPTIONS for the allowed domains. They leave by the
 * external side, over TLS or TCP, to the domain's next hop; only their answers are taken from there: federation inward is not
 * emulated. What it refuses it answers with ms-diagnostics and records as a diagnostic of its trace.
 */
#pragma once

#include "mcxd/sip/agent.h"

#include <stdint.h>

struct edge;
struct faults;
struct journal;
struct loop;
struct metrics;
struct setting_map;
struct stack;
struct tls_context;

struct edge_config {
	struct agent_config agent; /* the internal side, TCP and TLS only: its udp is ignored */
	const char *external_tls;  /* listener of the external side; NULL or "": none */
	const char *
		allowed_domains; /* that requests may go to: "push.lync.com", with spaces or commas in between */
	const struct setting_map *routes; /* next hops of domains: SIP URIs; NULL: none */
	const char *next_hop; /* of the others, the clearing house: SIP URI; "" or NULL: none */
	const char *fqdn;     /* our own name in diagnostics and in ms-edge-proxy-message-trust */
	int64_t timeout_ms;   /* how long to wait for the next hop's answer */
};

struct edge_args {
	struct loop *loop;
	struct stack *stack;
	struct tls_context *tls_server, *tls_client; /* NULL: none */
	struct tls_context *tls_external; /* of the external listener; NULL: it must be off */
	struct journal *journal;          /* may be NULL */
	struct metrics *metrics;          /* may be NULL */
	struct faults *faults;            /* may be NULL */
	const struct edge_config *config; /* outlives the role */
};

/** Listen. Returns 0, or a negative errno after logging what failed. */
int edge_new(const struct edge_args *args, struct edge **ret_edge);

/** Stop. Messages that wait for an answer are dropped without one. NULL is fine. */
struct edge *edge_free(struct edge *e);

/** The two sides, for their addresses. */
const struct agent *edge_internal(const struct edge *e);
const struct agent *edge_external(const struct edge *e);
