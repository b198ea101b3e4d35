/*
 * Edge: refusals
 *
 * Each is an answer with ms-diagnostics (outside, ms-diagnostics-public), a count, and a diagnostic in the trace.
 */
#include "mcxd/base/journal.h"
#include "mcxd/base/metric.h"
#include "mcxd/edge/edge.h"
#include "mcxd/edge/private.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/sip_header.h>
#include <string.h>

/* ---- the record ---- */

enum { CALL_ID_SIZE = 300, START_LINE_SIZE = 512 };

/* Microsoft's name and number of everything that is wrong with the way to a domain. */
#define RESULT_ROUTING "0xc3e93c5e SIPPROXY_E_ROUTING"

static bool is_about_routing(enum diag_code code)
{
	return code == DIAG_NOT_FEDERATED || diag_row(code)->sip_status == 504;
}

static void format_start_line(const sip_t *sip, char *ret, size_t n)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	agent_add_field(&line, sip->sip_request);
	text_join(ret, n, text_str(&line), "");
	ret[strcspn(ret, "\r\n")] = '\0';
}

/* What of the diagnostics is not the reason itself, as the trace of a real Edge shows it. */
static void add_data(struct text *out, const struct diag *diag, const char *params)
{
	if (*params == ';')
		params++;
	text_add_all(out, params, *params ? ";" : "", "reason=\"", diag_row(diag->code)->reason,
		     "\"");
	if (diag->info)
		text_add_all(out, ";info=\"", diag->info, "\"");
}

static void record(struct edge *e, const struct agent *side, const sip_t *sip,
		   const struct diag *diag, const char *params, const char *peer)
{
	CLEANUP(text_deinit) struct text data = TEXT_INIT;
	char start_line[START_LINE_SIZE], key[CALL_ID_SIZE], cseq[TEXT_NUMBER_SIZE + 32];
	char number[TEXT_NUMBER_SIZE];
	struct agent_users users;
	const char *reason = diag_row(diag->code)->reason;

	agent_find_users(side, sip, false, &users);
	format_start_line(sip, start_line, sizeof(start_line));
	text_join(key, sizeof(key), "sip:", sip->sip_call_id->i_id);
	text_join(cseq, sizeof(cseq), text_number(number, sip->sip_cseq->cs_seq), " ",
		  sip->sip_cseq->cs_method_name);
	add_data(&data, diag, params);
	const struct record_field fields[] = {
		{ "severity", "error" },
		{ "text", reason },
		{ "result", is_about_routing(diag->code) ? RESULT_ROUTING : NULL },
		{ "start_line", start_line },
		{ "call_id", sip->sip_call_id->i_id },
		{ "cseq", cseq },
		{ "peer", *peer ? peer : NULL },
		{ "data", text_str(&data) },
	};
	journal_add(e->journal, &(struct record){
					.kind = "diagnostic",
					.from = RECORD_HOP_EDGE,
					.key = key,
					.summary = reason,
					.users = { users.users[0], users.users[1] },
					.fields = fields,
					.n_fields = ARRAY_SIZE(fields),
				});
}

/* ---- the answer ---- */

static void count(struct edge *e, enum diag_code code)
{
	metric_inc(&e->metrics.refused_total);
	if (code == DIAG_NOT_FEDERATED)
		metric_inc(&e->metrics.refused_domain_total);
	else if (code == DIAG_NO_INWARD)
		metric_inc(&e->metrics.refused_inward_total);
	else if (code == DIAG_LOOP)
		metric_inc(&e->metrics.refused_loop_total);
	else if (code == DIAG_TOO_MANY_HOPS)
		metric_inc(&e->metrics.refused_hops_total);
}

/* ms-diagnostics stays inside the enterprise, and so does the name of the server that wrote it. */
static void add_diagnostics(struct text *out, const struct edge *e, const struct agent *side,
			    const struct diag *diag, const char *params)
{
	bool is_inside = side == e->internal;

	text_add(out, is_inside ? "ms-diagnostics: " : "ms-diagnostics-public: ");
	diag_encode(out, diag, is_inside ? e->config->fqdn : NULL);
	text_add_all(out, params, "\r\n");
}

/* What the sender may do instead. */
static void add_advice(struct text *out, enum diag_code code, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text options = TEXT_INIT;
	const char *const none = NULL;

	if (code == DIAG_BAD_METHOD)
		text_add(out, "Allow: MESSAGE, OPTIONS\r\n");
	if (code != DIAG_BAD_EXTENSION)
		return;
	agent_add_unlisted(sip->sip_proxy_require, &none, &options);
	text_add_all(out, "Unsupported: ", text_str(&options), "\r\n");
}

static void refuse(struct edge *e, struct agent *side, nta_incoming_t *irq, const struct diag *diag,
		   const char *params, const char *peer)
{
	CLEANUP(text_deinit) struct text headers = TEXT_INIT;
	msg_t *msg = nta_incoming_getrequest(irq);

	count(e, diag->code);
	if (journal_is_on(e->journal))
		record(e, side, sip_object(msg), diag, params, peer);
	add_diagnostics(&headers, e, side, diag, params);
	add_advice(&headers, diag->code, sip_object(msg));
	msg_destroy(msg);
	agent_reply(side, irq, diag->sip_status, diag_lync_phrase(diag->sip_status),
		    text_str(&headers));
}

void edge_refuse(struct edge *e, struct agent *side, nta_incoming_t *irq, const struct diag *diag,
		 const char *params)
{
	CLEANUP(text_deinit) struct text source = TEXT_INIT;
	const char *peer;

	agent_source(side, irq, &source);
	peer = strchr(text_str(&source), ':');
	if (peer)
		source.data[strcspn(source.data, ";")] = '\0';
	refuse(e, side, irq, diag, params, peer ? peer + 1 : "");
}

void edge_refuse_domain(struct edge *e, nta_incoming_t *irq, const char *domain)
{
	CLEANUP(text_deinit) struct text params = TEXT_INIT;
	CLEANUP(text_deinit) struct text hop = TEXT_INIT;
	struct diag diag = diag_make(DIAG_NOT_FEDERATED);

	diag.sip_status = 504;
	edge_add_hop(&hop, edge_next_hop(e, domain));
	if (*domain)
		diag_add_param(&params, "domain", domain);
	if (hop.n)
		diag_add_param(&params, "fqdn1", text_str(&hop));
	refuse(e, e->internal, irq, &diag, text_str(&params), text_str(&hop));
}

void edge_refuse_hop(struct edge *e, nta_incoming_t *irq, const char *domain, enum diag_code code,
		     const char *why)
{
	CLEANUP(text_deinit) struct text params = TEXT_INIT;
	CLEANUP(text_deinit) struct text hop = TEXT_INIT;
	CLEANUP(mem_free_string) char *target = NULL;
	struct diag diag = diag_make(code);

	edge_add_hop(&hop, edge_next_hop(e, domain));
	if (*why)
		diag_add_param(&params, "ErrorType", why);
	if (code != DIAG_TRUST)
		diag_add_param(&params, "domain", domain);
	if (hop.n && code == DIAG_TRUST) {
		target = mem_memdup(hop.data, (size_t)(strrchr(hop.data, ':') - hop.data));
		diag_add_param(&params, "tls-target", target);
	}
	if (hop.n)
		diag_add_param(&params, code == DIAG_TRUST ? "PeerServer" : "fqdn1",
			       text_str(&hop));
	refuse(e, e->internal, irq, &diag, text_str(&params), text_str(&hop));
}
