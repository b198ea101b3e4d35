/*
 * Agent: requests of our own text
 *
 * sofia sends a message that it has parsed from text as that text, and reads few of its headers again: of a
 * request that brings its own Via only those are parsed, and the first one stands for all of the bytes.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/log.h"
#include "mcxd/base/random.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_protos.h>

static bool is_request(const sip_t *sip)
{
	return sip->sip_request && sip->sip_from && sip->sip_to && sip->sip_call_id &&
	       sip->sip_cseq && sip->sip_cseq->cs_method == sip->sip_request->rq_method;
}

/* ---- messages that sofia reads little of ---- */

/* The start line and what sofia reads of a request again. False when a header is missing, or is spelled in
 * one of the ways that only a parser understands: in brief (RFC 3261, 7.3.3), or on several lines. */
static bool add_essence(struct text *out, const struct text *message)
{
	static const char *const names[] = { "Via", "From", "To", "Call-ID", "CSeq" };
	const char *eol = strchr(text_str(message), '\n');

	/* sofia adds the length where there is none. */
	if (!eol || !agent_find_line(message, "Content-Length"))
		return false;
	text_add_bytes(out, message->data, (size_t)(eol + 1 - message->data));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = agent_find_line(message, names[i]);

		eol = value ? strchr(value, '\n') : NULL;
		if (!eol || eol[1] == ' ' || eol[1] == '\t')
			return false;
		text_add_all(out, names[i], ":");
		text_add_bytes(out, value, (size_t)(eol + 1 - value));
	}
	text_add(out, "Content-Length: 0\r\n\r\n");
	return true;
}

static void set_bytes(msg_t *msg, const struct text *message)
{
	char *bytes = mem_check(su_alloc(msg_home(msg), (isize_t)message->n + 1));
	msg_header_t *h = (msg_header_t *)sip_object(msg)->sip_request;

	memcpy(bytes, message->data, message->n + 1);
	h->sh_data = bytes;
	h->sh_len = (usize_t)message->n;
	while ((h = h->sh_succ)) {
		h->sh_data = bytes + message->n;
		h->sh_len = 0;
	}
}

static msg_t *parse_essence(const struct text *message)
{
	CLEANUP(text_deinit) struct text essence = TEXT_INIT;
	msg_t *msg;

	if (!add_essence(&essence, message))
		return agent_parse(message->data, message->n);
	msg = agent_parse(essence.data, essence.n);
	if (msg && sip_object(msg)->sip_request)
		set_bytes(msg, message);
	return msg;
}

/* ---- sending ---- */

static nta_outgoing_t *send_text(struct agent *a, const char *route_url, const struct text *message,
				 nta_response_f *on_response, void *magic, int own_via)
{
	nta_outgoing_t *orq = NULL;
	msg_t *msg = NULL;

	if (message->n > 0)
		msg = own_via ? parse_essence(message) : agent_parse(message->data, message->n);
	if (msg && is_request(sip_object(msg)))
		orq = nta_outgoing_mcreate(a->nta, on_response, magic, agent_url(route_url), msg,
					   NTATAG_USER_VIA(own_via), TAG_END());
	if (!orq) {
		log_error("sip", a->hop, "a request of ours could not be sent to %s: %.60s",
			  route_url, text_str(message));
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

/* The message without the Via that sofia has put in: it will do so again. */
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

void agent_add_via(const struct agent *a, struct text *out)
{
	char branch[25];
	bool tcp = *a->tcp;

	random_hex(12, branch);
	text_add_all(out, "SIP/2.0/", tcp ? "TCP " : "UDP ", tcp ? a->tcp : a->udp,
		     ";branch=z9hG4bK", branch);
}
