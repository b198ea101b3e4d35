/*
 * Edge: forwarding
 */
#include "proto/sip/forward.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/edge/edge.h"
#include "mcxd/edge/private.h"
#include "mcxd/net/address.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/sip_header.h>

/* A request that waits for the next hop's answer. */
struct forward {
	struct list of_edge;
	struct edge *edge;
	nta_incoming_t *irq;
	nta_outgoing_t *orq;
	struct loop_timer timer;
	char *domain;
};

static void forward_free(struct forward *f)
{
	list_remove(&f->of_edge);
	loop_timer_stop(&f->timer);
	if (f->orq)
		nta_outgoing_destroy(f->orq);
	free(f->domain);
	free(f);
}

/* ---- the answer ---- */

static void send_back(struct forward *f)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	CLEANUP(text_deinit) struct text trust = TEXT_INIT;
	struct edge *e = f->edge;
	size_t n;
	const char *received = agent_received(e->external, &n);

	edge_add_trust(e, received, n, &trust);
	if (sip_forward_answer(&text, received, n, text_str(&trust)) ||
	    agent_forward_answer(e->internal, f->irq, &text)) {
		metric_inc(&e->metrics.bad_answers_total);
		edge_refuse_hop(e, f->irq, f->domain, DIAG_BAD_GATEWAY, "");
	} else {
		nta_incoming_destroy(f->irq);
	}
}

static void give_up(struct forward *f, enum diag_code code, const char *why)
{
	metric_inc(&f->edge->metrics.unanswered_total);
	edge_refuse_hop(f->edge, f->irq, f->domain, code, why);
}

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct forward *f = (struct forward *)magic;
	int status = sip->sip_status->st_status;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	enum diag_code code;

	if (status < 200)
		return 0;
	if (!nta_sip_is_internal(sip)) {
		send_back(f);
	} else {
		code = agent_failure(orq, status, &why);
		give_up(f, code, text_str(&why));
	}
	forward_free(f);
	return 0;
}

static void on_timeout(void *magic)
{
	struct forward *f = magic;

	give_up(f, DIAG_HOP_TIMEOUT, "");
	forward_free(f);
}

/* ---- the request ---- */

/* Returns what sip_forward_request() returns. received is what came, before anything is sent. */
static int make_request(struct edge *e, nta_incoming_t *irq, const char *route, struct text *ret)
{
	CLEANUP(text_deinit) struct text own = TEXT_INIT;
	struct address peer = { 0 };
	char host[ADDRESS_TEXT_SIZE];
	size_t n;
	const char *received = agent_received(e->internal, &n);

	agent_peer(irq, &peer);
	agent_add_via(e->external, route, &own);
	edge_add_via_params(&own);
	return sip_forward_request(
		ret, received, n,
		&(struct sip_forward_via){
			.own = text_str(&own),
			.source = { .host = address_format_host(&peer, false, host),
				    .port = address_port(&peer) },
		});
}

static void send_on(struct edge *e, nta_incoming_t *irq, const char *domain, const char *route,
		    const struct text *request)
{
	struct forward *f = MEM_NEW(struct forward);

	f->edge = e;
	f->irq = irq;
	f->domain = mem_strdup(domain);
	list_append(&e->forwards, &f->of_edge);
	f->orq = agent_send_own(e->external, route, request, on_answer, f);
	if (!f->orq) {
		edge_refuse_hop(e, irq, domain, DIAG_TEMPORARILY_NO_ROUTE, "");
		forward_free(f);
		return;
	}
	metric_inc(&e->metrics.forwarded_total);
	loop_timer_set(e->loop, &f->timer, e->config->timeout_ms, on_timeout, f);
}

static void refuse(struct edge *e, nta_incoming_t *irq, enum diag_code code)
{
	const struct diag diag = diag_make(code);

	edge_refuse(e, e->internal, irq, &diag, "");
}

/* RFC 3261 16.3, 4: a Via of ours says that it was here. */
static bool is_loop(const struct edge *e, const sip_t *sip)
{
	for (const sip_via_t *v = sip->sip_via; v; v = v->v_next)
		if (v->v_branch && agent_is_own_branch(e->external, v->v_branch))
			return true;
	return false;
}

void edge_forward(struct edge *e, nta_incoming_t *irq, const sip_t *sip, const char *domain)
{
	CLEANUP(text_deinit) struct text request = TEXT_INIT;
	CLEANUP(text_deinit) struct text route = TEXT_INIT;
	int err = agent_make_route(e->external, edge_next_hop(e, domain), &route);

	if (is_loop(e, sip)) {
		refuse(e, irq, DIAG_LOOP);
		return;
	}
	if (err) {
		edge_refuse_hop(e, irq, domain,
				err == -EHOSTUNREACH ? DIAG_DNS_A : DIAG_DNS_NO_MATCH, "");
		return;
	}
	err = make_request(e, irq, text_str(&route), &request);
	if (err)
		refuse(e, irq, err > 0 ? DIAG_TOO_MANY_HOPS : DIAG_BAD_REQUEST);
	else
		send_on(e, irq, domain, text_str(&route), &request);
}

void edge_forget(struct edge *e)
{
	list_for_each_safe (node, &e->forwards) {
		struct forward *f = LIST_ENTRY(node, struct forward, of_edge);

		nta_incoming_destroy(f->irq);
		forward_free(f);
	}
}
