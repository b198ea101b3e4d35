/*
 * Refusals
 */
#include "mcxd/front_end/refuse.h"

#include "mcxd/base/metric.h"
#include "mcxd/core/core.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <strings.h>

/* The option tags that clients may require. Microsoft's clients require adhoclist, categorylist and ms-benotify of their subscriptions; a NOTIFY is as
 * good as a BENOTIFY, which only saves its answer. */
static const char *const extensions[] = { "gruu",           "gruu-10",
					  "ms-text-format", "adhoclist",
					  "categorylist",   "ms-benotify",
					  "timer",          NULL };

bool front_end_refuse_beyond(struct front_end *s, nta_incoming_t *irq, const sip_t *sip,
			     bool is_beyond)
{
	sip_method_t method = sip->sip_request->rq_method;

	if (method == sip_method_ack || method == sip_method_bye)
		return false;
	if (agent_is_too_large(s->agent, irq)) {
		front_end_refuse(s, irq, DIAG_TOO_LARGE, NULL, NULL);
		return true;
	}
	if (!is_beyond && !agent_is_overloaded(s->agent))
		return false;
	front_end_refuse(s, irq, DIAG_LIMIT, NULL, FRONT_END_RETRY_AFTER);
	return true;
}

bool front_end_refuse_required(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text missing = TEXT_INIT;
	CLEANUP(mem_free_string) char *header = NULL;
	sip_method_t method = sip->sip_request->rq_method;

	if (method == sip_method_ack || method == sip_method_cancel)
		return false;
	agent_add_unsupported(sip, extensions, &missing);
	if (!missing.n)
		return false;
	header = text_format("Unsupported: %s\r\n", text_str(&missing));
	front_end_refuse(s, irq, DIAG_BAD_EXTENSION, NULL, header);
	return true;
}

bool front_end_refuse_coding(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	CLEANUP(mem_free_string) char *coding = field_text(sip->sip_content_encoding);

	if (!sip->sip_payload || !coding || !*coding || !strcasecmp(coding, "identity"))
		return false;
	front_end_refuse(s, irq, DIAG_BAD_TYPE,
			 "The body has a content coding, and none is supported",
			 "Accept-Encoding: identity\r\n");
	return true;
}

void front_end_refuse(struct front_end *s, nta_incoming_t *irq, enum diag_code code,
		      const char *info, const char *headers)
{
	CLEANUP(text_deinit) struct text lines = TEXT_INIT;
	struct diag diag = diag_because(code, info);

	metric_inc(&s->metrics.requests_refused_total);
	text_add(&lines, headers);
	text_add(&lines, "ms-diagnostics: ");
	diag_encode(&lines, &diag, s->core->config->server_fqdn);
	text_add(&lines, "\r\n");
	agent_reply(s->agent, irq, diag.sip_status, NULL, text_str(&lines));
}
