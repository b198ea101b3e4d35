/*
 * Edge, private part
 *
 * Grouped by the .c file that defines it. A file uses only what stands before it in this list: federation, refusal, trust, forward,
 * edge.
 */
#pragma once

#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/edge/edge.h"
#include "proto/diag.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>

struct agent;
struct agent_end;
struct text;
struct uri;

#define EDGE_METRICS(X)                                                                            \
	X(forwarded_total, METRIC_COUNTER, "Messages forwarded to the next hop")                   \
	X(refused_total, METRIC_COUNTER, "Requests that the Edge refused itself")                  \
	X(refused_domain_total, METRIC_COUNTER,                                                    \
	  "Of these: their domain is not in edge.allowed_domains")                                 \
	X(refused_inward_total, METRIC_COUNTER, "Of these: they came from the external side")      \
	X(refused_loop_total, METRIC_COUNTER, "Of these: they had come here before")               \
	X(refused_hops_total, METRIC_COUNTER, "Of these: no hops were left")                       \
	X(unanswered_total, METRIC_COUNTER, "Messages that the next hop did not answer")           \
	X(bad_answers_total, METRIC_COUNTER, "Answers of the next hop that cannot be passed on")

METRICS_STRUCT(edge_metrics, EDGE_METRICS);

struct edge {
	struct loop *loop;
	struct journal *journal;
	const struct edge_config *config;
	struct agent *internal, *external;
	struct list forwards; /* struct forward.of_edge */
	uint32_t n_messages;  /* recorded by both sides */
	struct edge_metrics metrics;
};

/* ---- federation.c ---- */

/** Whether requests may go to the domain of this URI; *ret_domain is empty for a URI without one. */
bool edge_allows(const struct edge *e, const url_t *url, struct uri *ret_domain);

/** The next hop of a domain: a SIP URI, or NULL. */
const char *edge_next_hop(const struct edge *e, const char *domain);

/** Whether a connection leads to the next hop of any domain; an agent_next_hop_h, with the edge. */
bool edge_is_next_hop(const void *magic, const struct agent_end *end);

/** Append the name and port of a next hop, as in "sipfed.online.lync.com:5061"; nothing for NULL. */
void edge_add_hop(struct text *out, const char *hop);

/* ---- refusal.c ---- */

/** Refuse a request that came by this agent, and destroy it. params follow the diagnostics: ";name=\"value\"…" of diag_add_param(). */
void edge_refuse(struct edge *e, struct agent *side, nta_incoming_t *irq, const struct diag *diag,
		 const char *params);
/** Its domain is not allowed. */
void edge_refuse_domain(struct edge *e, nta_incoming_t *irq, const char *domain);
/** It cannot be delivered to the domain's next hop. why: what was wrong with the way there; "": more is not known. */
void edge_refuse_hop(struct edge *e, nta_incoming_t *irq, const char *domain, enum diag_code code,
		     const char *why);

/* ---- trust.c ---- */

/** Append the parameters of the Edge's own Via. */
void edge_add_via_params(struct text *out);
/** Append the header line that says what we know of the sender of this answer. */
void edge_add_trust(const struct edge *e, const char *answer, size_t n, struct text *out);

/* ---- forward.c ---- */

/** Send a request to its domain's next hop, and the answer back. */
void edge_forward(struct edge *e, nta_incoming_t *irq, const sip_t *sip, const char *domain);
/** Drop what waits for an answer. */
void edge_forget(struct edge *e);
