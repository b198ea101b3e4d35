/*
 * Agent: messages of our own text
 *
 * What sofia puts together itself comes out in its own order and spelling. A message that it has
 * parsed from text with MSG_DO_EXTRACT_COPY goes out as that text.
 */
#include "mcxd/sip/agent_private.h"

#include "mcxd/base/log.h"
#include "mcxd/base/random.h"
#include "proto/diag.h"
#include "proto/uri.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

enum { MAX_FIELD_BYTES = 4096 };

/* ---- checks ---- */

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-.!%*_+`'~", c));
}

/* The end of a line "Name: value\r\n" that begins here, NULL when it is none. */
static const char *skip_header_line(const char *p)
{
	const char *name = p;

	while (is_token_char(*p))
		p++;
	if (p == name || *p++ != ':')
		return NULL;
	while ((unsigned char)*p >= ' ' || *p == '\t')
		p++;
	return p[0] == '\r' && p[1] == '\n' ? p + 2 : NULL;
}

static bool are_header_lines(const char *headers)
{
	while (headers && *headers)
		headers = skip_header_line(headers);
	return headers != NULL;
}

static bool is_phrase(const char *s)
{
	while ((unsigned char)*s >= ' ')
		s++;
	return !*s;
}

/* ---- answers from headers ---- */

void agent_reply(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		 const char *headers)
{
	if (headers && !are_header_lines(headers)) {
		log_error("sip", a->hop, "headers of a %d were dropped: they break its lines",
			  status);
		headers = NULL;
	}
	if (!phrase || !is_phrase(phrase))
		phrase = diag_sip_phrase(status);
	nta_incoming_treply(irq, status, phrase, SIPTAG_SERVER_STR(a->server),
			    TAG_IF(headers, SIPTAG_HEADER_STR(headers)), TAG_END());
	nta_incoming_destroy(irq);
}

/* ---- answers from text ---- */

static void add_field(struct text *out, const sip_header_t *h)
{
	char field[MAX_FIELD_BYTES];
	issize_t n = sip_header_field_e(field, sizeof(field), h, 0);

	if (n > 0 && (size_t)n < sizeof(field))
		text_add_bytes(out, field, (size_t)n);
}

void agent_add_vias(const sip_t *request, struct text *out)
{
	for (const sip_via_t *v = request->sip_via; v; v = v->v_next) {
		if (v != request->sip_via)
			text_add(out, ",");
		add_field(out, (const sip_header_t *)v);
	}
}

void agent_add_record_routes(const sip_t *request, struct text *out)
{
	for (const sip_record_route_t *r = request->sip_record_route; r; r = r->r_next) {
		if (r != request->sip_record_route)
			text_add(out, ",");
		add_field(out, (const sip_header_t *)r);
	}
}

static msg_t *make_message(const char *p, size_t n)
{
	msg_t *msg = msg_make(sip_default_mclass(), MSG_DO_EXTRACT_COPY, p, (issize_t)n);

	if (msg && (msg_has_error(msg) || !sip_object(msg))) {
		msg_destroy(msg);
		msg = NULL;
	}
	return msg;
}

/* sofia aborts when an answer's CSeq is of another method than its request. */
static bool is_answer_to(const sip_t *sip, const nta_incoming_t *irq)
{
	return sip->sip_status && sip->sip_via && sip->sip_from && sip->sip_to &&
	       sip->sip_call_id && sip->sip_cseq &&
	       sip->sip_cseq->cs_seq == nta_incoming_cseq(irq) &&
	       sip->sip_cseq->cs_method == nta_incoming_method(irq);
}

static bool has_via(const struct text *message)
{
	const char *head_end = strstr(text_str(message), "\r\n\r\n");
	const char *via = strcasestr(text_str(message), "\r\nVia:");

	return via && (!head_end || via < head_end);
}

static void complete_answer(struct text *out, const sip_t *request, const struct text *message)
{
	const char *eol = strstr(text_str(message), "\r\n");
	size_t n_first = eol ? (size_t)(eol - message->data) + 2 : 0;

	text_add_bytes(out, message->data, n_first);
	text_add(out, "Via: ");
	agent_add_vias(request, out);
	text_add(out, "\r\n");
	if (request->sip_record_route) {
		text_add(out, "Record-Route: ");
		agent_add_record_routes(request, out);
		text_add(out, "\r\n");
	}
	text_add_bytes(out, message->data + n_first, message->n - n_first);
}

/* The message to send; NULL when the text is no answer to this request. */
static msg_t *make_answer(nta_incoming_t *irq, const struct text *message)
{
	CLEANUP(text_deinit) struct text whole = TEXT_INIT;
	const struct text *text = message;
	msg_t *request, *msg;

	if (!has_via(message)) {
		request = nta_incoming_getrequest(irq);
		if (!request)
			return NULL;
		complete_answer(&whole, sip_object(request), message);
		msg_destroy(request);
		text = &whole;
	}
	msg = make_message(text->data, text->n);
	if (msg && !is_answer_to(sip_object(msg), irq)) {
		msg_destroy(msg);
		msg = NULL;
	}
	return msg;
}

int agent_reply_text(struct agent *a, nta_incoming_t *irq, const struct text *message)
{
	msg_t *msg = message->n > 0 ? make_answer(irq, message) : NULL;
	const char *tag;

	if (!msg) {
		log_error("sip", a->hop, "an answer of ours is no SIP: %.60s", text_str(message));
		return -EINVAL;
	}
	tag = sip_object(msg)->sip_to->a_tag;
	if (tag)
		nta_incoming_tag(irq, tag);
	return nta_incoming_mreply(irq, msg) < 0 ? -EIO : 0;
}

/* ---- requests from text ---- */

static bool is_request(const sip_t *sip)
{
	return sip->sip_request && sip->sip_from && sip->sip_to && sip->sip_call_id &&
	       sip->sip_cseq && sip->sip_cseq->cs_method == sip->sip_request->rq_method;
}

static nta_outgoing_t *send_text(struct agent *a, const char *route_url, const struct text *message,
				 nta_response_f *on_response, void *magic, int own_via)
{
	msg_t *msg = message->n > 0 ? make_message(message->data, message->n) : NULL;
	nta_outgoing_t *orq = NULL;

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

void agent_add_via(const struct agent *a, struct text *out)
{
	char branch[25];
	bool tcp = *a->tcp;

	random_hex(12, branch);
	text_addf(out, "SIP/2.0/%s %s;branch=z9hG4bK%s", tcp ? "TCP" : "UDP", tcp ? a->tcp : a->udp,
		  branch);
}

static bool is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char bare[URI_MAX_HOST + 1];

	if (*host != '[')
		return inet_pton(AF_INET, host, bytes) == 1;
	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(host + 1, "]"), host + 1);
	return inet_pton(AF_INET6, bare, bytes) == 1;
}

int agent_make_route(const char *next_hop, struct text *ret)
{
	struct uri uri;
	char transport[16];

	if (!next_hop || uri_decode(next_hop, strlen(next_hop), &uri, NULL))
		return -EINVAL;
	if (!is_address(uri.host))
		return -EHOSTUNREACH;
	if (uri_param(&uri, "transport", transport, sizeof(transport)))
		snprintf(transport, sizeof(transport), "tcp");
	text_addf(ret, "sip:%s:%u;transport=%s", uri.host, uri.port ? uri.port : 5060, transport);
	return 0;
}

void agent_source(const struct agent *a, nta_incoming_t *irq, struct text *ret)
{
	msg_t *request = nta_incoming_getrequest(irq);
	const sip_via_t *via;
	char address[64];

	(void)a;
	if (!request)
		return;
	via = sip_object(request)->sip_via;
	socket_format(&msg_addr(request)->su_sa, address, sizeof(address));
	text_addf(ret, "sip:%s;transport=%s", address,
		  via->v_protocol == sip_transport_udp ? "udp" : "tcp");
	msg_destroy(request);
}
