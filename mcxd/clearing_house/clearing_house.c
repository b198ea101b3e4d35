/*
 * Clearing house
 */
#include "mcxd/clearing_house/clearing_house.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/limit.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/clearing_house/answer.h"
#include "mcxd/clearing_house/dead.h"
#include "mcxd/clearing_house/notification.h"
#include "mcxd/clearing_house/outbox.h"
#include "mcxd/clearing_house/private.h"
#include "mcxd/clearing_house/provider_token.h"
#include "mcxd/clearing_house/request.h"
#include "mcxd/net/prefixes.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "proto/diag.h"
#include "proto/push/body.h"
#include "proto/record.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/client.h"

#include <errno.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>
#include <stdbool.h>

/* Push services answer with a line or two. */
#define MAX_ANSWER_BYTES INT64_C(16384)

/* ---- requests ---- */

static void record_fault(const struct clearing_house *house, const sip_t *sip,
			 const struct diag *diag)
{
	CLEANUP(mem_free_string) char *key = text_format("sip:%s", sip->sip_call_id->i_id);
	const char *what = diag->info ? diag->info : diag_row(diag->code)->reason;

	/* A rejected URI is a warning: most often allow_hosts lacks the host. */
	log_at(diag->code == DIAG_PUSH_REJECTED ? LOG_WARN : LOG_INFO, "clearing_house",
	       sip->sip_call_id->i_id, "%d: %s", diag->sip_status, what);
	journal_add(house->journal,
		    &(struct record){
			    .kind = "fault",
			    .key = key,
			    .summary = what,
			    .fields = (const struct record_field[]){ { "what", what } },
			    .n_fields = 1,
		    });
}

static void refuse(struct clearing_house *house, nta_incoming_t *irq, const sip_t *sip,
		   const struct diag *diag, const char *headers)
{
	int status = diag->sip_status;
	bool malformed = status == 400 || status == 413 || status == 415;

	if (diag->code == DIAG_PUSH_SENDER)
		metric_inc(&house->metrics.stranger_total);
	metric_inc(malformed ? &house->metrics.bad_total : &house->metrics.refused_total);
	record_fault(house, sip, diag);
	clearing_house_answer(house, irq, diag, headers);
}

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct clearing_house *house = magic;
	struct clearing_house_request r;
	CLEANUP(text_deinit) struct text headers = TEXT_INIT;
	struct diag diag;

	if (sip->sip_request->rq_method == sip_method_ack) {
		nta_incoming_destroy(irq);
		return;
	}
	if (!clearing_house_request_check(house, irq, sip, &r, &diag, &headers)) {
		refuse(house, irq, sip, &diag, text_str(&headers));
		return;
	}
	if (r.body.synthetic) {
		diag = diag_make(DIAG_SYNTHETIC_SUCCESS);
		metric_inc(&house->metrics.synthetic_total);
		clearing_house_answer(house, irq, &diag, NULL);
	} else if (!budget_take(&house->pending, 1)) {
		diag = diag_make(DIAG_LIMIT);
		refuse(house, irq, sip, &diag, NULL);
	} else if (!notification_start(house, irq, &r, &diag)) {
		refuse(house, irq, sip, &diag, NULL);
	}
	clearing_house_request_deinit(&r);
}

/* MCX and the front end add a Via each, and a test client, which has an epid too, one; an Edge adds its own, with ms-internal-info. */
static const char *hop_of(const sip_t *sip, int n_vias)
{
	const sip_via_t *top = sip->sip_via;

	if (n_vias >= 3 || (top && msg_params_find(top->v_params, "ms-internal-info=")))
		return RECORD_HOP_EDGE;
	if (n_vias == 2 || (sip->sip_from && msg_params_find(sip->sip_from->a_params, "epid=")))
		return RECORD_HOP_FRONT_END;
	return NULL;
}

static void about(void *magic, const sip_t *sip, bool sent, struct agent_about *ret)
{
	const sip_via_t *top = sip->sip_via;
	const char *hop;
	int n_vias = 0;

	(void)magic;
	(void)sent;
	for (const sip_via_t *v = top; v; v = v->v_next)
		n_vias++;
	ret->is_push = true;
	hop = hop_of(sip, n_vias);
	if (hop)
		snprintf(ret->peer, sizeof(ret->peer), "%s", hop);
	else
		snprintf(ret->peer, sizeof(ret->peer), "%s%s%s",
			 top && top->v_host ? top->v_host : "sip", top && top->v_port ? ":" : "",
			 top && top->v_port ? top->v_port : "");
}

/* ---- life ---- */

static int listen_sip(struct clearing_house *house, const struct clearing_house_args *args)
{
	const struct agent_args agent = {
		.stack = args->stack,
		.tls_server = args->tls_server,
		.journal = house->journal,
		.metrics = args->metrics,
		.faults = args->faults,
		.joint = FAULT_EDGE_CLEARING_HOUSE,
		.hop = RECORD_HOP_CLEARING_HOUSE,
		.server = SIP_SERVER_CLEARING_HOUSE,
		.config = &house->config->agent,
		.on_request = on_request,
		.about = about,
		.magic = house,
	};

	return agent_new(&agent, &house->agent);
}

static int decode_address(struct clearing_house *house)
{
	const char *address = house->config->address;
	CLEANUP(mem_free_string) char *uri = text_format("sip:%s", address);
	const char *why;
	int r = uri_decode(uri, strlen(uri), &house->address, &why);

	if (r < 0)
		log_error("clearing_house", NULL, "invalid address %s: %s", address, why);
	return r;
}

static int read_peers(struct clearing_house *house)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *list = house->config->allow_peers;

	if (!list || !*list)
		return 0;
	house->peers = prefixes_read(list, &why);
	if (house->peers)
		return 0;
	log_error("clearing_house", NULL, "invalid list of peers: %s", text_str(&why));
	return -EINVAL;
}

/* NULL for what is empty. */
static const char *or_null(const char *s)
{
	return s && *s ? s : NULL;
}

static void make_clients(struct clearing_house *house, const struct clearing_house_args *args)
{
	const struct clearing_house_apns *apns = &house->config->apns;
	const struct http_client_config common = {
		.hosts = stack_hosts(args->stack),
		.max_body_bytes = MAX_ANSWER_BYTES,
		.max_idle = house->config->outbox.requests,
		.unacknowledged_ms = house->config->exchange_timeout_ms,
	};
	struct http_client_config http = common, http2 = common;

	http.ca_file = args->ca_file;
	http2.ca_file = or_null(apns->ca_file);
	http2.cert_file = or_null(apns->cert_file);
	http2.key_file = or_null(apns->cert_key_file);
	http2.http2 = true;
	house->http = http_client_new(house->loop, &http);
	house->apns = http_client_new(house->loop, &http2);
	house->provider_token = (struct provider_token){ .key = args->apns_key,
							 .key_id = apns->key_id,
							 .team_id = apns->team_id };
}

int clearing_house_new(const struct clearing_house_args *args,
		       struct clearing_house **ret_clearing_house)
{
	struct clearing_house *house = MEM_NEW(struct clearing_house);
	int r;

	house->loop = args->loop;
	house->journal = args->journal;
	house->config = args->config;
	house->notifications = idtab_new();
	house->metrics = (struct clearing_house_metrics)METRICS_INIT(CLEARING_HOUSE_METRICS);
	house->pending = (struct budget){ .max = args->config->max_pending,
					  .refused = &house->metrics.limited_total };
	house->own = args->own;
	house->webhook_secret = args->webhook_secret;
	house->outbox = outbox_new(&house->config->outbox);
	house->dead = dead_new(&house->config->dead);
	make_clients(house, args);
	r = decode_address(house);
	if (r == 0)
		r = read_peers(house);
	if (r == 0)
		r = listen_sip(house, args);
	if (r < 0) {
		clearing_house_free(house);
		return r;
	}
	METRICS_ADD(args->metrics, "clearing_house", &house->metrics);
	*ret_clearing_house = house;
	return 0;
}

void clearing_house_apply_config(struct clearing_house *house)
{
	house->pending.max = house->config->max_pending;
	notification_send_ready(house);
}

void clearing_house_forget(struct clearing_house *house, const char *aor)
{
	if (!house)
		return;
	notification_forget(house, aor);
	dead_forget(house->dead, aor);
}

struct clearing_house *clearing_house_free(struct clearing_house *house)
{
	struct notification *n;

	if (!house)
		return NULL;
	for (uint64_t cursor = 0; (n = idtab_next(house->notifications, &cursor));)
		notification_free(n);
	outbox_free(house->outbox);
	dead_free(house->dead);
	http_client_free(house->http);
	http_client_free(house->apns);
	provider_token_deinit(&house->provider_token);
	prefixes_free(house->peers);
	agent_free(house->agent);
	idtab_free(house->notifications);
	free(house);
	return NULL;
}

const struct agent *clearing_house_agent(const struct clearing_house *house)
{
	return house->agent;
}
