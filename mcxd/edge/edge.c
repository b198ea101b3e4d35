/*
 * Edge
 */
#include "mcxd/edge/edge.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/record.h"
#include "proto/sip/forward.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/base64.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <stdbool.h>
#include <strings.h>

enum { INTERNAL_INFO_BYTES = 24 };

#define EDGE_METRICS(X)                                                                            \
	X(forwarded_total, METRIC_COUNTER, "Messages forwarded to the next hop")                   \
	X(refused_total, METRIC_COUNTER, "Requests that the Edge refused itself")                  \
	X(unanswered_total, METRIC_COUNTER, "Messages that the next hop did not answer")

METRICS_STRUCT(edge_metrics, EDGE_METRICS);

struct edge {
	struct loop *loop;
	const struct edge_config *config;
	struct agent *agent;
	struct list forwards; /* struct forward.of_edge */
	char *internal_info;  /* opaque parameter of our Vias */
	struct edge_metrics metrics;
};

/* A MESSAGE that waits for the next hop's answer. */
struct forward {
	struct list of_edge;
	struct edge *edge;
	nta_incoming_t *irq;
	nta_outgoing_t *orq;
	struct loop_timer timer;
};

static void forward_free(struct forward *f)
{
	list_remove(&f->of_edge);
	loop_timer_stop(&f->timer);
	if (f->orq)
		nta_outgoing_destroy(f->orq);
	free(f);
}

/* ---- refusals ---- */

/* params follow the diagnostics: ";name="value"…" of diag_add_param(). */
static void refuse(struct edge *e, nta_incoming_t *irq, enum diag_code code, const char *params)
{
	CLEANUP(text_deinit) struct text headers = TEXT_INIT;
	struct diag diag = diag_make(code);

	metric_inc(&e->metrics.refused_total);
	text_add(&headers, "ms-diagnostics: ");
	diag_encode(&headers, &diag, e->config->fqdn);
	text_addf(&headers, "%s\r\n", params);
	if (code == DIAG_BAD_METHOD)
		text_add(&headers, "Allow: MESSAGE\r\n");
	agent_reply(e->agent, irq, diag.sip_status, diag_lync_phrase(diag.sip_status),
		    text_str(&headers));
}

/* why: what was wrong with the way there; "": more is not known. */
static void refuse_hop(struct edge *e, nta_incoming_t *irq, enum diag_code code, const char *why)
{
	CLEANUP(text_deinit) struct text params = TEXT_INIT;
	CLEANUP(mem_free_string) char *peer = NULL;
	const char *hop = e->config->next_hop, *host;
	char maddr[URI_MAX_HOST + 1], transport[URI_MAX_TRANSPORT + 1];
	struct uri uri;

	if (*why)
		diag_add_param(&params, "ErrorType", why);
	if (code != DIAG_TRUST)
		diag_add_param(&params, "domain", e->config->push_domain);
	if (hop && !uri_decode(hop, strlen(hop), &uri, NULL)) {
		host = uri_target(&uri, maddr);
		uri_transport(&uri, "tcp", transport);
		peer = text_format("%s:%u", host, uri_target_port(&uri, transport));
		if (code == DIAG_TRUST)
			diag_add_param(&params, "tls-target", host);
		diag_add_param(&params, code == DIAG_TRUST ? "PeerServer" : "fqdn1", peer);
	}
	refuse(e, irq, code, text_str(&params));
}

static void refuse_domain(struct edge *e, nta_incoming_t *irq, const url_t *url)
{
	CLEANUP(mem_free_string)
	char *uri_text = text_format("sip:%s", url->url_host ? url->url_host : "");
	CLEANUP(text_deinit) struct text params = TEXT_INIT;
	struct uri uri;

	if (!uri_decode(uri_text, strlen(uri_text), &uri, NULL))
		diag_add_param(&params, "domain", uri.host);
	refuse(e, irq, DIAG_NOT_FEDERATED, text_str(&params));
}

/* ---- the answer ---- */

static void send_back(struct forward *f)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	struct edge *e = f->edge;
	CLEANUP(mem_free_string)
	char *trust =
		text_format("ms-edge-proxy-message-trust: ms-source-type=DirectPartner;"
			    "ms-ep-fqdn=%s;" SIP_TEXT_VERIFIED ";ms-source-network=federation",
			    e->config->fqdn);
	size_t n;
	const char *received = agent_received(e->agent, &n);

	if (sip_forward_answer(&text, received, n, trust) ||
	    agent_forward_answer(e->agent, f->irq, &text))
		refuse_hop(e, f->irq, DIAG_BAD_GATEWAY, "");
	else
		nta_incoming_destroy(f->irq);
}

static void give_up(struct forward *f, enum diag_code code, const char *why)
{
	metric_inc(&f->edge->metrics.unanswered_total);
	refuse_hop(f->edge, f->irq, code, why);
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

/* Port and id of the connection that the request came over. The port serves as the id, too: it is unique
 * among the open connections of a peer. */
static void make_received_params(const struct edge *e, nta_incoming_t *irq, struct text *out)
{
	CLEANUP(text_deinit) struct text source = TEXT_INIT;
	const char *port;
	unsigned number;

	agent_source(e->agent, irq, &source);
	port = strrchr(text_str(&source), ':');
	number = port ? (unsigned)strtoul(port + 1, NULL, 10) : 0;
	text_addf(out, ";ms-received-port=%u;ms-received-cid=%X", number, number);
}

/* Returns what sip_forward_request() returns. */
static int make_request(const struct edge *e, nta_incoming_t *irq, const char *route,
			struct text *ret)
{
	CLEANUP(text_deinit) struct text own = TEXT_INIT;
	CLEANUP(text_deinit) struct text params = TEXT_INIT;
	size_t n;
	const char *received = agent_received(e->agent, &n);

	agent_add_via(e->agent, route, &own);
	text_addf(&own, ";branched=FALSE;ms-internal-info=\"%s\"", e->internal_info);
	make_received_params(e, irq, &params);
	return sip_forward_request(ret, received, n,
				   &(struct sip_forward_via){
					   .own = text_str(&own),
					   .received_params = text_str(&params),
				   });
}

static void send_on(struct edge *e, nta_incoming_t *irq, const char *route,
		    const struct text *request)
{
	struct forward *f = MEM_NEW(struct forward);

	f->edge = e;
	f->irq = irq;
	list_append(&e->forwards, &f->of_edge);
	f->orq = agent_forward_text(e->agent, route, request, on_answer, f);
	if (!f->orq) {
		refuse_hop(e, irq, DIAG_TEMPORARILY_NO_ROUTE, "");
		forward_free(f);
		return;
	}
	metric_inc(&e->metrics.forwarded_total);
	loop_timer_set(e->loop, &f->timer, e->config->timeout_ms, on_timeout, f);
}

static void forward(struct edge *e, nta_incoming_t *irq)
{
	CLEANUP(text_deinit) struct text request = TEXT_INIT;
	CLEANUP(text_deinit) struct text route = TEXT_INIT;
	int err = agent_make_route(e->agent, e->config->next_hop, &route);

	if (err) {
		refuse_hop(e, irq, err == -EHOSTUNREACH ? DIAG_DNS_A : DIAG_DNS_NO_MATCH, "");
		return;
	}
	err = make_request(e, irq, text_str(&route), &request);
	if (err)
		refuse(e, irq, err > 0 ? DIAG_TOO_MANY_HOPS : DIAG_BAD_REQUEST, "");
	else
		send_on(e, irq, text_str(&route), &request);
}

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct edge *e = magic;
	const url_t *url = sip->sip_request->rq_url;

	if (sip->sip_request->rq_method != sip_method_message)
		refuse(e, irq, DIAG_BAD_METHOD, "");
	else if (!url->url_host || strcasecmp(url->url_host, e->config->push_domain) != 0)
		refuse_domain(e, irq, url);
	else
		forward(e, irq);
}

/* ---- life ---- */

/* Requests come from the front end and go to the clearing house; answers the other way. */
static void about(void *magic, const sip_t *sip, bool sent, struct agent_about *ret)
{
	bool inside = sent == !sip->sip_request;

	(void)magic;
	ret->is_push = true;
	snprintf(ret->peer, sizeof(ret->peer), "%s",
		 inside ? RECORD_HOP_FRONT_END : RECORD_HOP_CLEARING_HOUSE);
}

static char *make_internal_info(void)
{
	unsigned char bytes[INTERNAL_INFO_BYTES];
	struct text info = TEXT_INIT;

	random_bytes(bytes, sizeof(bytes));
	base64_encode(&info, bytes, sizeof(bytes));
	return text_take(&info);
}

int edge_new(const struct edge_args *args, struct edge **ret_edge)
{
	struct agent_config agent = args->config->agent;
	struct edge *e = MEM_NEW(struct edge);
	int err;

	e->loop = args->loop;
	e->config = args->config;
	e->metrics = (struct edge_metrics)METRICS_INIT(EDGE_METRICS);
	list_init(&e->forwards);
	agent.udp = NULL;
	err = agent_new(
		&(struct agent_args){
			.stack = args->stack,
			.tls_server = args->tls_server,
			.tls_client = args->tls_client,
			.journal = args->journal,
			.metrics = args->metrics,
			.faults = args->faults,
			.joint = FAULT_FRONT_END_EDGE,
			.hop = RECORD_HOP_EDGE,
			.server = SIP_SERVER_EDGE,
			.config = &agent,
			.on_request = on_request,
			.about = about,
			.magic = e,
		},
		&e->agent);
	if (err) {
		free(e);
		return err;
	}
	e->internal_info = make_internal_info();
	METRICS_ADD(args->metrics, "edge", &e->metrics);
	*ret_edge = e;
	return 0;
}

struct edge *edge_free(struct edge *e)
{
	if (!e)
		return NULL;
	list_for_each_safe (node, &e->forwards) {
		struct forward *f = LIST_ENTRY(node, struct forward, of_edge);

		nta_incoming_destroy(f->irq);
		forward_free(f);
	}
	agent_free(e->agent);
	free(e->internal_info);
	free(e);
	return NULL;
}

const struct agent *edge_agent(const struct edge *e)
{
	return e->agent;
}
