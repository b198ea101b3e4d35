/*
 * Agent: requests of our own text
 *
 * sofia sends a message that it has parsed from text as that text.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "mcxd/sip/agent.h"
#include "proto/text/chars.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_protos.h>

static bool is_request(const sip_t *sip)
{
	return sip->sip_request && sip->sip_from && sip->sip_to && sip->sip_call_id &&
	       sip->sip_cseq && sip->sip_cseq->cs_method == sip->sip_request->rq_method;
}

static nta_outgoing_t *send_text(struct agent *a, const char *route_url, const struct text *message,
				 nta_response_f *on_response, void *magic, int own_via)
{
	nta_outgoing_t *orq = NULL;
	msg_t *msg = NULL;

	if (message->n > 0)
		msg = agent_parse(message->data, message->n);
	if (msg && is_request(sip_object(msg)))
		orq = nta_outgoing_mcreate(a->nta, on_response, magic, agent_url(route_url), msg,
					   NTATAG_USER_VIA(own_via), TAG_END());
	if (!orq) {
		log_error("sip", a->hop, "cannot send a request to %s: %.60s", route_url,
			  text_str(message));
		msg_destroy(msg);
	}
	return orq;
}

nta_outgoing_t *agent_send_text(struct agent *a, const char *route_url, const struct text *message,
				nta_response_f *on_response, void *magic)
{
	return send_text(a, route_url, message, on_response, magic, 0);
}

nta_outgoing_t *agent_forward_text(struct agent *a, const char *route_url,
				   const struct text *message, nta_response_f *on_response,
				   void *magic)
{
	return send_text(a, route_url, message, on_response, magic, 1);
}

/* The message without the Via that sofia inserted and will insert again. */
static msg_t *copy_request(nta_outgoing_t *orq)
{
	msg_t *sent = nta_outgoing_getrequest(orq);
	msg_t *msg = sent ? msg_dup(sent) : NULL;
	sip_t *sip = msg ? sip_object(msg) : NULL;

	if (sip && sip->sip_via)
		msg_header_remove(msg, (msg_pub_t *)sip, (msg_header_t *)sip->sip_via);
	msg_destroy(sent);
	return msg;
}

nta_outgoing_t *agent_send_again(struct agent *a, nta_outgoing_t *orq, const char *route_url,
				 nta_response_f *on_response, void *magic)
{
	msg_t *msg = copy_request(orq);
	nta_outgoing_t *again = NULL;

	if (msg)
		again = nta_outgoing_mcreate(a->nta, on_response, magic, agent_url(route_url), msg,
					     NTATAG_USER_VIA(0), TAG_END());
	if (!again)
		msg_destroy(msg);
	return again;
}

void agent_add_via(const struct agent *a, const char *route, struct text *out)
{
	const char *transport = agent_route_transport(route);
	char branch[25];

	random_hex(12, branch);
	text_add(out, "SIP/2.0/");
	for (const char *c = transport; *c; c++)
		text_add_bytes(out, &(char){ chars_upper(*c) }, 1);
	text_add_all(out, " ", agent_listener(a, transport), ";branch=z9hG4bK", branch);
}
