/*
 * Edge
 */
#include "mcxd/edge/edge.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "mcxd/edge/text.h"
#include "proto/diag.h"
#include "proto/sip/uri.h"
#include "proto/text/base64.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>
#include <strings.h>

enum { INTERNAL_INFO_BYTES = 24 };

enum edge_metric { EDGE_FORWARDED, EDGE_REFUSED, EDGE_UNANSWERED, N_EDGE_METRICS };

struct edge {
	struct loop *loop;
	const struct edge_config *config;
	struct agent *agent;
	struct list forwards;
	char *internal_info; /* opaque, of this server's own Vias */
	struct metric metrics[N_EDGE_METRICS];
};

/* A MESSAGE on its way. */
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

/* As traces of a real Edge spell it. */
static const char *phrase_of(int status)
{
	return status == 504 ? "Server time-out" : NULL;
}

/* Names of hosts go into quotes: what a host can be made of cannot end them. */
static void refuse(struct edge *e, nta_incoming_t *irq, enum diag_code code, const char *params)
{
	CLEANUP(text_deinit) struct text headers = TEXT_INIT;
	struct diag diag = diag_make(code);

	metric_inc(&e->metrics[EDGE_REFUSED]);
	text_add(&headers, "ms-diagnostics: ");
	diag_encode(&headers, &diag, e->config->fqdn);
	text_addf(&headers, "%s\r\n", params);
	if (code == DIAG_BAD_METHOD)
		text_add(&headers, "Allow: MESSAGE\r\n");
	agent_reply(e->agent, irq, diag.sip_status, phrase_of(diag.sip_status), text_str(&headers));
}

static void refuse_hop(struct edge *e, nta_incoming_t *irq, enum diag_code code)
{
	CLEANUP(mem_free_string) char *params = NULL;
	const char *hop = e->config->next_hop;
	struct uri uri;

	if (hop && !uri_decode(hop, strlen(hop), &uri, NULL))
		params = text_format(";domain=\"%s\";fqdn1=\"%s:%u\"", e->config->push_domain,
				     uri.host, uri.port ? uri.port : 5060);
	else
		params = text_format(";domain=\"%s\"", e->config->push_domain);
	refuse(e, irq, code, params);
}

/* ---- the answer ---- */

static void answer(struct forward *f)
{
	CLEANUP(text_deinit) struct text text = TEXT_INIT;
	struct edge *e = f->edge;
	CLEANUP(mem_free_string)
	char *trust = text_format("ms-edge-proxy-message-trust: ms-source-type=DirectPartner;"
				  "ms-ep-fqdn=%s;ms-source-verified-user=verified;"
				  "ms-source-network=federation",
				  e->config->fqdn);
	size_t n;
	const char *received = agent_received(e->agent, &n);

	if (edge_text_answer(&text, received, n, trust) ||
	    agent_forward_answer(e->agent, f->irq, &text))
		refuse_hop(e, f->irq, DIAG_BAD_GATEWAY);
	else
		nta_incoming_destroy(f->irq);
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct forward *f = (struct forward *)magic;

	(void)orq;
	if (sip->sip_status->st_status < 200)
		return 0;
	if (!nta_sip_is_internal(sip)) {
		answer(f);
	} else {
		metric_inc(&f->edge->metrics[EDGE_UNANSWERED]);
		refuse_hop(f->edge, f->irq,
			   sip->sip_status->st_status == 408 ? DIAG_HOP_TIMEOUT
							     : DIAG_TEMPORARILY_NO_ROUTE);
	}
	forward_free(f);
	return 0;
}

static void on_timeout(void *magic)
{
	struct forward *f = magic;

	metric_inc(&f->edge->metrics[EDGE_UNANSWERED]);
	refuse_hop(f->edge, f->irq, DIAG_HOP_TIMEOUT);
	forward_free(f);
}

/* ---- the request ---- */

/* The port and the id of the connection that it came by; the port is unique among those that are open. */
static void make_via_params(const struct edge *e, nta_incoming_t *irq, struct text *out)
{
	CLEANUP(text_deinit) struct text source = TEXT_INIT;
	const char *port;
	unsigned number;

	agent_source(e->agent, irq, &source);
	port = strrchr(text_str(&source), ':');
	number = port ? (unsigned)strtoul(port + 1, NULL, 10) : 0;
	text_addf(out, ";ms-received-port=%u;ms-received-cid=%X", number, number);
}

/* Returns what edge_text_forward() does. */
static int make_request(const struct edge *e, nta_incoming_t *irq, struct text *ret)
{
	CLEANUP(text_deinit) struct text via = TEXT_INIT;
	CLEANUP(text_deinit) struct text params = TEXT_INIT;
	size_t n;
	const char *received = agent_received(e->agent, &n);

	agent_add_via(e->agent, &via);
	text_addf(&via, ";branched=FALSE;ms-internal-info=\"%s\"", e->internal_info);
	make_via_params(e, irq, &params);
	return edge_text_forward(
		ret, received, n,
		&(struct edge_hop){ .via = text_str(&via), .via_params = text_str(&params) });
}

static void send_on(struct edge *e, nta_incoming_t *irq, const char *route,
		    const struct text *request)
{
	struct forward *f = MEM_NEW(struct forward);

	f->edge = e;
	f->irq = irq;
	list_append(&e->forwards, &f->of_edge);
	f->orq = agent_forward_text(e->agent, route, request, on_response, f);
	if (!f->orq) {
		refuse_hop(e, irq, DIAG_TEMPORARILY_NO_ROUTE);
		forward_free(f);
		return;
	}
	metric_inc(&e->metrics[EDGE_FORWARDED]);
	loop_timer_set(e->loop, &f->timer, e->config->timeout_ms, on_timeout, f);
}

static void forward(struct edge *e, nta_incoming_t *irq)
{
	CLEANUP(text_deinit) struct text request = TEXT_INIT;
	CLEANUP(text_deinit) struct text route = TEXT_INIT;
	int err = agent_make_route(e->config->next_hop, &route);

	if (err) {
		refuse_hop(e, irq, err == -EHOSTUNREACH ? DIAG_DNS_A : DIAG_DNS_NO_MATCH);
		return;
	}
	err = make_request(e, irq, &request);
	if (err)
		refuse(e, irq, err > 0 ? DIAG_TOO_MANY_HOPS : DIAG_BAD_REQUEST, "");
	else
		send_on(e, irq, text_str(&route), &request);
}

static void refuse_domain(struct edge *e, nta_incoming_t *irq, const url_t *url)
{
	CLEANUP(mem_free_string)
	char *uri_text = text_format("sip:%s", url->url_host ? url->url_host : "");
	CLEANUP(mem_free_string) char *params = NULL;
	struct uri uri;

	if (!uri_decode(uri_text, strlen(uri_text), &uri, NULL))
		params = text_format(";domain=\"%s\"", uri.host);
	refuse(e, irq, DIAG_NOT_FEDERATED, params ? params : "");
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

static void name_peer(void *magic, const sip_t *sip, bool sent, char *ret, size_t n)
{
	bool inside = sent == !sip->sip_request;

	(void)magic;
	snprintf(ret, n, "%s", inside ? "front-end" : "clearing-house");
}

static void declare_metrics(struct edge *e, struct metrics *set)
{
	static const struct metric rows[N_EDGE_METRICS] = {
		[EDGE_FORWARDED] = { "edge_forwarded_total", "Messages sent on to the next hop.",
				     METRIC_COUNTER },
		[EDGE_REFUSED] = { "edge_refused_total", "Requests that the Edge answered itself.",
				   METRIC_COUNTER },
		[EDGE_UNANSWERED] = { "edge_unanswered_total",
				      "Messages that the next hop did not answer.",
				      METRIC_COUNTER },
	};

	memcpy(e->metrics, rows, sizeof(rows));
	if (set)
		metrics_add(set, e->metrics, N_EDGE_METRICS);
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
	list_init(&e->forwards);
	agent.udp = NULL;
	err = agent_new(
		&(struct agent_args){
			.loop = args->loop,
			.journal = args->journal,
			.metrics = args->metrics,
			.hop = "edge",
			.server = "RTC/4.0",
			.config = &agent,
			.on_request = on_request,
			.name_peer = name_peer,
			.magic = e,
		},
		&e->agent);
	if (err) {
		free(e);
		return err;
	}
	e->internal_info = make_internal_info();
	declare_metrics(e, args->metrics);
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

const char *edge_listen(const struct edge *e)
{
	return agent_tcp(e->agent);
}
