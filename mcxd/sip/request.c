/*
 * Agent: requests of our own text
 *
 * sofia sends a message that it has parsed from text as that text. One whose first Via is ours already is built around its text
 * (verbatim.c).
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/hash.h"
#include "mcxd/base/log.h"
#include "mcxd/net/address.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/transport.h"
#include "proto/sip/line.h"
#include "proto/sip/uri.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <strings.h>

static const char cookie[] = "z9hG4bK"; /* RFC 3261 8.1.1.7 */

enum { BRANCH_SIZE = sizeof("z9hG4bK3753723F.FE580C552FA25BA9"), N_COOKIE = sizeof(cookie) - 1 };

static bool is_request(const sip_t *sip)
{
	return sip->sip_request && sip->sip_from && sip->sip_to && sip->sip_call_id &&
	       sip->sip_cseq && sip->sip_cseq->cs_method == sip->sip_request->rq_method;
}

struct sending {
	struct agent *agent;
	const char *route_url;
	const struct text *text;
	nta_response_f *on_response;
	void *magic;
};

/* Consumes msg, which may be NULL. */
static nta_outgoing_t *send_message(const struct sending *s, msg_t *msg, int own_via)
{
	nta_outgoing_t *orq = NULL;

	if (msg && is_request(sip_object(msg)) && (!own_via || sip_object(msg)->sip_via))
		orq = nta_outgoing_mcreate(s->agent->nta, s->on_response, s->magic,
					   agent_url(s->route_url), msg, NTATAG_USER_VIA(own_via),
					   TAG_END());
	if (!orq) {
		log_error("sip", s->agent->hop, "cannot send a request to %s: %.60s", s->route_url,
			  text_str(s->text));
		msg_destroy(msg);
	}
	return orq;
}

static msg_t *parse(const struct text *message)
{
	return message->n > 0 ? agent_parse(message->data, message->n) : NULL;
}

nta_outgoing_t *agent_send_text(struct agent *a, const char *route_url, const struct text *message,
				nta_response_f *on_response, void *magic)
{
	const struct sending s = { a, route_url, message, on_response, magic };

	return send_message(&s, parse(message), 0);
}

/* ---- built around the text ---- */

/* NULL if it is malformed. */
static void *read_header(msg_t *msg, msg_hclass_t *class, const char *value, size_t n,
			 const char *end)
{
	CLEANUP(mem_free_string) char *copy = mem_memdup(value, n);
	msg_header_t *h;

	for (char *fold = copy; (fold = strpbrk(fold, "\r\n"));)
		*fold = ' ';
	h = msg_header_make(msg_home(msg), class, copy);
	if (h)
		h->sh_data = end;
	return h;
}

enum { VIA, FROM, TO, CALL_ID, CSEQ, CONTENT_LENGTH, N_READ };

/* The first header of each kind. */
static void read_headers(msg_t *msg, const char *p, const char *end, void *ret[N_READ])
{
	const struct {
		const char *name;
		char compact;
		msg_hclass_t *class;
	} rows[N_READ] = {
		[VIA] = { "Via", 'v', sip_via_class },
		[FROM] = { "From", 'f', sip_from_class },
		[TO] = { "To", 't', sip_to_class },
		[CALL_ID] = { "Call-ID", 'i', sip_call_id_class },
		[CSEQ] = { "CSeq", 0, sip_cseq_class },
		[CONTENT_LENGTH] = { "Content-Length", 'l', sip_content_length_class },
	};
	struct sip_line line;

	while (sip_line_read(&p, end, &line))
		for (int i = 0; i < N_READ; i++)
			if (!ret[i] && sip_line_is(&line, rows[i].name, rows[i].compact))
				ret[i] = read_header(msg, rows[i].class, line.value, line.n_value,
						     end);
}

/* NULL: it has to be parsed. Without a Content-Length, which sofia then inserts, a stream cannot carry it. */
static msg_t *wrap(struct agent *a, const struct text *message)
{
	const char *eol = message->n > 0 ? strstr(message->data, "\r\n") : NULL;
	void *headers[N_READ] = { NULL };
	char *bytes;
	msg_t *msg;
	sip_t *sip;

	if (!eol)
		return NULL;
	msg = agent_verbatim_new(a, message, &bytes);
	sip = sip_object(msg);
	sip->sip_request = read_header(msg, sip_request_class, message->data,
				       (size_t)(eol - message->data), bytes);
	if (sip->sip_request)
		sip->sip_request->rq_common->h_len = (usize_t)message->n;
	read_headers(msg, bytes + (eol - message->data) + 2, bytes + message->n, headers);
	if (!headers[CONTENT_LENGTH]) {
		msg_destroy(msg);
		return NULL;
	}
	sip->sip_via = headers[VIA];
	sip->sip_from = headers[FROM];
	sip->sip_to = headers[TO];
	sip->sip_call_id = headers[CALL_ID];
	sip->sip_cseq = headers[CSEQ];
	return msg;
}

/* Over UDP sofia may have to change the Via: what is too long for it goes out by TCP (RFC 3261 18.1.1). */
nta_outgoing_t *agent_send_own(struct agent *a, const char *route_url, const struct text *message,
			       nta_response_f *on_response, void *magic)
{
	const struct sending s = { a, route_url, message, on_response, magic };
	bool is_udp = !strcmp(agent_route_transport(route_url), "udp");
	msg_t *msg = is_udp ? NULL : wrap(a, message);

	return send_message(&s, msg ? msg : parse(message), 1);
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

/* Consumes msg, which may be NULL. */
static nta_outgoing_t *send_copy(struct agent *a, msg_t *msg, const char *route_url,
				 nta_response_f *on_response, void *magic)
{
	nta_outgoing_t *again = NULL;

	if (msg)
		again = nta_outgoing_mcreate(a->nta, on_response, magic, agent_url(route_url), msg,
					     NTATAG_USER_VIA(0), TAG_END());
	if (!again)
		msg_destroy(msg);
	return again;
}

nta_outgoing_t *agent_send_again(struct agent *a, nta_outgoing_t *orq, const char *route_url,
				 nta_response_f *on_response, void *magic)
{
	return send_copy(a, copy_request(orq), route_url, on_response, magic);
}

static void replace(msg_t *msg, void *old, void *h)
{
	msg_header_replace(msg, (msg_pub_t *)sip_object(msg), old, mem_check(h));
}

nta_outgoing_t *agent_send_changed(struct agent *a, nta_outgoing_t *orq, const char *route_url,
				   const struct agent_change *change, nta_response_f *on_response,
				   void *magic)
{
	msg_t *msg = copy_request(orq);
	sip_t *sip = msg ? sip_object(msg) : NULL;

	if (sip) {
		su_home_t *home = msg_home(msg);
		const sip_cseq_t *cseq = sip->sip_cseq;

		replace(msg, sip->sip_cseq,
			sip_cseq_create(home, cseq->cs_seq + 1, cseq->cs_method,
					cseq->cs_method_name));
		replace(msg, sip->sip_session_expires,
			sip_session_expires_make(home, change->session_expires));
		replace(msg, sip->sip_min_se, sip_min_se_make(home, change->min_se));
	}
	return send_copy(a, msg, route_url, on_response, magic);
}

nta_outgoing_t *agent_send_next(struct agent *a, nta_outgoing_t *orq, nta_leg_t *leg,
				const char *route_url, nta_response_f *on_response, void *magic)
{
	msg_t *msg = copy_request(orq);
	sip_t *sip = msg ? sip_object(msg) : NULL;
	nta_outgoing_t *next = NULL;

	if (sip && sip->sip_cseq)
		msg_header_remove(msg, (msg_pub_t *)sip, (msg_header_t *)sip->sip_cseq);
	if (sip && !nta_msg_request_complete(msg, leg, sip->sip_request->rq_method,
					     sip->sip_request->rq_method_name, NULL))
		next = nta_outgoing_mcreate(a->nta, on_response, magic, agent_url(route_url), msg,
					    NTATAG_USER_VIA(0), TAG_END());
	if (!next)
		msg_destroy(msg);
	return next;
}

/* ---- Via ---- */

static bool find_source(const struct agent *a, const char *route, struct address *ret)
{
	char maddr[URI_MAX_HOST + 1];
	char port[TEXT_NUMBER_SIZE];
	struct uri uri;
	const char *host;

	if (uri_decode(route, strlen(route), &uri, NULL))
		return false;
	host = uri_target(&uri, maddr);
	return transport_source(
		nta_agent_tports(a->nta),
		&(const tp_name_t){ .tpn_proto = agent_route_transport(route),
				    .tpn_canon = host,
				    .tpn_host = host,
				    .tpn_port = text_number(port, uri_target_port(&uri, "tcp")) },
		ret);
}

void agent_add_sent_by(struct agent *a, const char *route, struct text *out)
{
	const char *transport = agent_route_transport(route);
	char text[ADDRESS_TEXT_SIZE];
	struct address source;

	text_add(out, "SIP/2.0/");
	for (const char *c = transport; *c; c++)
		text_add_bytes(out, &(char){ chars_upper(*c) }, 1);
	text_add_all(out, " ",
		     find_source(a, route, &source) ? address_format(&source, text)
						    : agent_listener(a, transport));
}

/* The first half of a branch is a number of its own for every message, the second proves that it is ours. */
static uint64_t proof_of(const struct agent *a, uint32_t number)
{
	return hash_sip24(a->branch_key, &number, sizeof(number));
}

static char *put_hex(char *at, uint64_t number, int n_digits)
{
	for (int shift = 4 * (n_digits - 1); shift >= 0; shift -= 4)
		*at++ = "0123456789ABCDEF"[number >> shift & 15];
	return at;
}

static void format_branch(const struct agent *a, uint32_t number, char ret[BRANCH_SIZE])
{
	char *at = ret + N_COOKIE;

	memcpy(ret, cookie, N_COOKIE);
	at = put_hex(at, number, 8);
	*at++ = '.';
	*put_hex(at, proof_of(a, number), 16) = '\0';
}

void agent_add_via(struct agent *a, const char *route, struct text *out)
{
	char branch[BRANCH_SIZE];

	format_branch(a, a->n_branches++, branch);
	agent_add_sent_by(a, route, out);
	text_add_all(out, ";branch=", branch);
}

bool agent_is_own_branch(const struct agent *a, const char *branch)
{
	char own[BRANCH_SIZE];

	if (strlen(branch) != BRANCH_SIZE - 1)
		return false;
	format_branch(a, (uint32_t)strtoul(branch + N_COOKIE, NULL, 16), own);
	return !strcasecmp(own, branch);
}
