/*
 * Edge: its two sides
 */
#include "mcxd/edge/edge.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/list.h"
#include "mcxd/base/metric.h"
#include "mcxd/edge/private.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/record.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"

#include <sofia-sip/sip.h>

/* ---- the internal side ---- */

static void on_inside(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	const struct diag bad_method = diag_make(DIAG_BAD_METHOD);
	const struct diag bad_extension = diag_make(DIAG_BAD_EXTENSION);
	sip_method_t method = sip->sip_request->rq_method;
	struct edge *e = magic;
	struct uri domain;

	if (method != sip_method_message && method != sip_method_options)
		edge_refuse(e, e->internal, irq, &bad_method, "");
	else if (!edge_allows(e, sip->sip_request->rq_url, &domain))
		edge_refuse_domain(e, irq, domain.host);
	else if (sip->sip_proxy_require)
		edge_refuse(e, e->internal, irq, &bad_extension, "");
	else
		edge_forward(e, irq, sip, domain.host);
}

static void about_inside(void *magic, const sip_t *sip, bool sent, struct agent_about *ret)
{
	(void)magic;
	(void)sip;
	(void)sent;
	ret->is_push = true;
	snprintf(ret->peer, sizeof(ret->peer), "%s", RECORD_HOP_FRONT_END);
}

static int open_inside(struct edge *e, const struct edge_args *args)
{
	struct agent_config config = args->config->agent;

	config.udp = NULL;
	return agent_new(
		&(struct agent_args){
			.stack = args->stack,
			.tls_server = args->tls_server,
			.journal = args->journal,
			.metrics = args->metrics,
			.faults = args->faults,
			.joint = FAULT_FRONT_END_EDGE,
			.hop = RECORD_HOP_EDGE,
			.server = SIP_SERVER_EDGE,
			.instances = &e->n_messages,
			.takes_merged = true,
			.config = &config,
			.on_request = on_inside,
			.about = about_inside,
			.magic = e,
		},
		&e->internal);
}

/* ---- the external side ---- */

static void on_outside(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	const struct diag diag = diag_make(DIAG_NO_INWARD);
	struct edge *e = magic;

	(void)sip;
	edge_refuse(e, e->external, irq, &diag, "");
}

static void about_outside(void *magic, const sip_t *sip, bool sent, struct agent_about *ret)
{
	(void)magic;
	(void)sip;
	(void)sent;
	ret->is_push = true;
	snprintf(ret->peer, sizeof(ret->peer), "%s", RECORD_HOP_CLEARING_HOUSE);
}

static const char *any_listener(const struct agent *a)
{
	return *agent_tls(a) ? agent_tls(a) : agent_tcp(a);
}

static int open_outside(struct edge *e, const struct edge_args *args)
{
	struct agent_config config = args->config->agent;

	config.udp = config.tcp = NULL;
	config.tls = args->config->external_tls;
	return agent_new(
		&(struct agent_args){
			.stack = args->stack,
			.tls_server = args->tls_external,
			.tls_client = args->tls_client,
			.journal = args->journal,
			.metrics = args->metrics,
			.hop = RECORD_HOP_EDGE,
			.server = SIP_SERVER_EDGE,
			.name = "edge_external",
			.connects_from = any_listener(e->internal),
			.instances = &e->n_messages,
			.takes_merged = true,
			.config = &config,
			.on_request = on_outside,
			.about = about_outside,
			.is_next_hop = edge_is_next_hop,
			.magic = e,
		},
		&e->external);
}

/* ---- life ---- */

int edge_new(const struct edge_args *args, struct edge **ret_edge)
{
	struct edge *e = MEM_NEW(struct edge);
	int err;

	e->loop = args->loop;
	e->journal = args->journal;
	e->config = args->config;
	e->metrics = (struct edge_metrics)METRICS_INIT(EDGE_METRICS);
	list_init(&e->forwards);
	err = open_inside(e, args);
	if (!err)
		err = open_outside(e, args);
	if (err) {
		edge_free(e);
		return err;
	}
	METRICS_ADD(args->metrics, "edge", &e->metrics);
	*ret_edge = e;
	return 0;
}

struct edge *edge_free(struct edge *e)
{
	if (!e)
		return NULL;
	edge_forget(e);
	agent_free(e->external);
	agent_free(e->internal);
	free(e);
	return NULL;
}

const struct agent *edge_internal(const struct edge *e)
{
	return e->internal;
}

const struct agent *edge_external(const struct edge *e)
{
	return e->external;
}
