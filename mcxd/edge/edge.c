/*
 * Edge
 */
#include "mcxd/edge/edge.h"

#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "mcxd/edge/edge_text.h"
#include "proto/diag.h"

#include <errno.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>

enum { DEFAULT_HOPS = 70 };

enum { EDGE_FORWARDED, EDGE_REFUSED, EDGE_UNANSWERED, N_EDGE_METRICS };

static const struct metric metric_rows[N_EDGE_METRICS] = {
	[EDGE_FORWARDED] = { .name = "edge_forwarded_total",
			     .help = "Requests that the Edge forwarded" },
	[EDGE_REFUSED] = { .name = "edge_refused_total",
			   .help = "Requests that the Edge did not let through" },
	[EDGE_UNANSWERED] = { .name = "edge_unanswered_total",
			      .help = "Requests whose next hop could not be reached or was "
				      "silent" },
};

struct edge {
	struct loop *loop;
	const struct edge_config *config;
	struct agent *agent;
	struct list forwards;
	struct metric metrics[N_EDGE_METRICS];
};

/* A request on its way: both transactions. */
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
	if (f->irq)
		nta_incoming_destroy(f->irq);
	free(f);
}

/* Takes over irq. */
static void refuse(struct edge *e, nta_incoming_t *irq, enum diag_code code, const char *more)
{
	CLEANUP(text_deinit) struct text headers = TEXT_INIT;
	struct diag d = diag_make(code);

	text_add(&headers, "ms-diagnostics: ");
	diag_encode(&headers, &d, e->config->fqdn);
	text_addf(&headers, "%s\r\n", more);
	agent_reply(e->agent, irq, d.sip_status, NULL, text_str(&headers));
}

static void fail(struct forward *f, enum diag_code code)
{
	struct edge *e = f->edge;
	nta_incoming_t *irq = f->irq;

	metric_inc(&e->metrics[EDGE_UNANSWERED]);
	f->irq = NULL;
	forward_free(f);
	refuse(e, irq, code, "");
}

static void on_silence(void *magic)
{
	fail(magic, DIAG_HOP_TIMEOUT);
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct forward *f = (void *)magic;
	struct edge *e = f->edge;
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;
	msg_t *msg;
	int status = nta_outgoing_status(orq);

	if (status < 200)
		return 0;
	msg = nta_outgoing_getresponse(orq);
	if (!sip || !msg) {
		msg_destroy(msg);
		fail(f, status == 408 ? DIAG_HOP_TIMEOUT : DIAG_TEMPORARILY_NO_ROUTE);
		return 0;
	}
	edge_text_answer(&answer, msg, e->config->fqdn);
	msg_destroy(msg);
	if (agent_reply_text(e->agent, f->irq, &answer) < 0) {
		fail(f, DIAG_BAD_GATEWAY);
		return 0;
	}
	forward_free(f);
	return 0;
}

static void forward(struct edge *e, nta_incoming_t *irq, unsigned hops)
{
	struct forward *f = MEM_NEW(struct forward);
	CLEANUP(text_deinit) struct text via = TEXT_INIT;
	CLEANUP(text_deinit) struct text request = TEXT_INIT;
	msg_t *msg = nta_incoming_getrequest(irq);

	*f = (struct forward){ .edge = e, .irq = irq };
	list_append(&e->forwards, &f->of_edge);
	agent_add_via(e->agent, &via);
	edge_text_request(&request, msg, text_str(&via), hops);
	msg_destroy(msg);
	f->orq =
		agent_forward_text(e->agent, e->config->next_hop, &request, on_response, (void *)f);
	if (!f->orq) {
		fail(f, DIAG_TEMPORARILY_NO_ROUTE);
		return;
	}
	metric_inc(&e->metrics[EDGE_FORWARDED]);
	loop_timer_set(e->loop, &f->timer, e->config->answer_timeout_ms, on_silence, f);
}

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct edge *e = magic;
	const char *domain = sip->sip_request->rq_url->url_host;
	unsigned hops =
		sip->sip_max_forwards ? (unsigned)sip->sip_max_forwards->mf_count : DEFAULT_HOPS;
	enum diag_code code = DIAG_SUCCESS;

	if (sip->sip_request->rq_method != sip_method_message)
		code = DIAG_BAD_METHOD;
	else if (!domain || strcasecmp(domain, e->config->push_domain) != 0)
		code = DIAG_NOT_FEDERATED;
	else if (hops == 0)
		code = DIAG_TOO_MANY_HOPS;
	if (code == DIAG_SUCCESS) {
		forward(e, irq, hops - 1);
		return;
	}
	metric_inc(&e->metrics[EDGE_REFUSED]);
	log_info("edge", NULL, "refused %s %s: %s", sip->sip_request->rq_method_name,
		 domain ? domain : "-", diag_row(code)->reason);
	refuse(e, irq, code, code == DIAG_BAD_METHOD ? "\r\nAllow: MESSAGE" : "");
}

/* The front end is the only one who comes; the only one we go to is the clearing house. */
static void name_peer(void *magic, const sip_t *sip, bool sent, char *ret, size_t n)
{
	bool inside = sent ? !sip->sip_request : !!sip->sip_request;

	(void)magic;
	snprintf(ret, n, "%s", inside ? "front-end" : "clearing-house");
}

int edge_new(const struct edge_args *args, struct edge **ret_edge)
{
	struct edge *e = MEM_NEW(struct edge);
	int r;

	e->loop = args->loop;
	e->config = args->config;
	list_init(&e->forwards);
	memcpy(e->metrics, metric_rows, sizeof(metric_rows));
	if (args->metrics)
		metrics_add(args->metrics, e->metrics, N_EDGE_METRICS);
	r = agent_new(&(struct agent_args){ .loop = args->loop,
					    .journal = args->journal,
					    .metrics = args->metrics,
					    .hop = "edge",
					    .server = "RTC/4.0",
					    .config = &args->config->agent,
					    .on_request = on_request,
					    .name_peer = name_peer,
					    .magic = e },
		      &e->agent);
	if (r < 0) {
		free(e);
		return r;
	}
	*ret_edge = e;
	return 0;
}

struct edge *edge_free(struct edge *e)
{
	if (!e)
		return NULL;
	list_for_each_safe (node, &e->forwards)
		forward_free(LIST_ENTRY(node, struct forward, of_edge));
	agent_free(e->agent);
	free(e);
	return NULL;
}

const char *edge_tcp(const struct edge *e)
{
	return agent_tcp(e->agent);
}
