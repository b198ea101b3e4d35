/*
 * Agent: answers of our own text
 *
 * An answer is built around its text (verbatim.c): what sofia reads of it is the request's. Only one from elsewhere that is
 * written in an unusual way is parsed: that costs five times as much.
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/log.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/line.h"
#include "proto/sip/name_addr.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_status.h>

enum { MAX_TAG = 256 };

/* ---- a message around a text ---- */

/* A header for sofia to read, without bytes on the wire; its strings are the request's. */
static void *borrow(msg_t *msg, const void *header, const char *end)
{
	const msg_header_t *from = header;
	msg_hclass_t *class = from->sh_class;
	msg_header_t *h = mem_check(msg_header_alloc(msg_home(msg), class, 0));

	memcpy((char *)h + sizeof(msg_common_t), (const char *)from + sizeof(msg_common_t),
	       class->hc_size - sizeof(msg_common_t));
	h->sh_header_next->shn_next = NULL;
	h->sh_data = end;
	return h;
}

static sip_via_t *borrow_vias(msg_t *msg, const sip_via_t *from, const char *end)
{
	sip_via_t *first = NULL, **next = &first;

	for (; from; from = from->v_next, next = &(*next)->v_next)
		*next = borrow(msg, from, end);
	return first;
}

static sip_status_t *make_status(msg_t *msg, int status, char *bytes, size_t n)
{
	sip_status_t *st = agent_verbatim_header(msg, sip_status_class, bytes);

	st->st_common->h_len = (usize_t)n;
	st->st_version = SIP_VERSION_CURRENT;
	st->st_status = status;
	st->st_phrase = sip_status_phrase(status);
	return st;
}

static msg_t *wrap(struct agent *a, msg_t *request, int status, const char *tag,
		   const struct text *text)
{
	char *bytes;
	msg_t *msg = agent_verbatim_new(a, text, &bytes);
	const char *end = bytes + text->n;
	const sip_t *from = sip_object(request);
	sip_t *sip = sip_object(msg);

	msg_set_parent(msg, request);
	sip->sip_status = make_status(msg, status, bytes, text->n);
	sip->sip_via = borrow_vias(msg, from->sip_via, end);
	sip->sip_from = borrow(msg, from->sip_from, end);
	sip->sip_to = borrow(msg, from->sip_to, end);
	sip->sip_call_id = borrow(msg, from->sip_call_id, end);
	sip->sip_cseq = borrow(msg, from->sip_cseq, end);
	if (tag)
		sip->sip_to->a_tag = mem_check(su_strdup(msg_home(msg), tag));
	return msg;
}

/* ---- answers from headers ---- */

/* As it was received, which sofia keeps for the tap; or as sofia writes it, if sofia has changed it. */
static void add_line(struct text *out, const char *name, const void *header)
{
	const msg_header_t *h = header;
	const char *line = h->sh_data;
	size_t n = h->sh_len;
	const char *colon = line && n ? memchr(line, ':', n) : NULL;

	text_add_all(out, name, ": ");
	if (!colon) {
		agent_add_field(out, header);
		return;
	}
	n -= (size_t)(colon + 1 - line);
	for (line = colon + 1; n > 0 && (*line == ' ' || *line == '\t'); line++)
		n--;
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' '))
		n--;
	text_add_bytes(out, line, n);
}

static void add_ways(struct text *out, const sip_t *request)
{
	text_add(out, "Via: ");
	agent_add_vias(request, out);
	text_add(out, "\r\n");
	if (request->sip_record_route) {
		text_add(out, "Record-Route: ");
		agent_add_record_routes(request, out);
		text_add(out, "\r\n");
	}
}

static void add_headers(struct text *out, const sip_t *request, const char *tag, const char *server,
			const char *headers)
{
	add_ways(out, request);
	add_line(out, "From", request->sip_from);
	add_line(out, "\r\nTo", request->sip_to);
	if (tag && !request->sip_to->a_tag)
		text_add_all(out, ";tag=", tag);
	add_line(out, "\r\nCall-ID", request->sip_call_id);
	add_line(out, "\r\nCSeq", request->sip_cseq);
	text_add_all(out, "\r\nServer: ", server, "\r\n", headers ? headers : "",
		     "Content-Length: 0\r\n\r\n");
}

int agent_answer_own(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		     const char *headers)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;
	const char *tag = status > 100 ? nta_incoming_tag(irq, NULL) : NULL;
	msg_t *request = nta_incoming_getrequest(irq);
	char number[TEXT_NUMBER_SIZE];
	int err = -EINVAL;

	/* sofia answers a Timestamp with one of its own, which would go after the end of the text. */
	if (request && !sip_object(request)->sip_timestamp) {
		text_add_all(&out, "SIP/2.0 ", text_number(number, (uint64_t)status), " ", phrase,
			     "\r\n");
		add_headers(&out, sip_object(request), tag, a->server, headers);
		err = nta_incoming_mreply(irq, wrap(a, request, status, tag, &out)) < 0 ? -EIO : 0;
	}
	msg_destroy(request);
	return err;
}

/* ---- answers from text ---- */

static void complete_answer(struct text *out, const sip_t *request, const struct text *message)
{
	const char *eol = strstr(text_str(message), "\r\n");
	size_t n_first = eol ? (size_t)(eol - message->data) + 2 : 0;

	text_add_bytes(out, message->data, n_first);
	add_ways(out, request);
	text_add_bytes(out, message->data + n_first, message->n - n_first);
}

/* The tag of our To; false if there is none. */
static bool find_tag(const struct text *message, char ret[MAX_TAG])
{
	CLEANUP(mem_free_string) char *to = NULL;
	struct sip_line line;
	struct name_addr a;

	if (!sip_line_find(message->data, message->n, "To", &line))
		return false;
	to = mem_memdup(line.value, line.n_value);
	return !name_addr_decode(to, &a, NULL) && !name_addr_param(&a, "tag", ret, MAX_TAG);
}

static bool is_cseq_of(const struct text *message, const nta_incoming_t *irq)
{
	struct sip_line line;
	const char *method = nta_incoming_method_name(irq);
	size_t n = strlen(method);
	char *end;

	if (!sip_line_find(message->data, message->n, "CSeq", &line) ||
	    strtoul(line.value, &end, 10) != nta_incoming_cseq(irq))
		return false;
	end += strspn(end, " ");
	return !strncmp(end, method, n) && end[n] == '\r';
}

/* The message to send; NULL if the text is not an answer to this request. */
static msg_t *wrap_own(struct agent *a, nta_incoming_t *irq, const struct text *message,
		       char ret_tag[MAX_TAG])
{
	CLEANUP(text_deinit) struct text whole = TEXT_INIT;
	msg_t *request = nta_incoming_getrequest(irq), *msg = NULL;
	int status = (int)strtol(message->data + strcspn(message->data, " "), NULL, 10);

	if (request && status >= 100 && status <= 699 && find_tag(message, ret_tag) &&
	    is_cseq_of(message, irq)) {
		struct sip_line via;
		bool is_whole = sip_line_find(message->data, message->n, "Via", &via);

		if (!is_whole)
			complete_answer(&whole, sip_object(request), message);
		msg = wrap(a, request, status, ret_tag, is_whole ? message : &whole);
	}
	msg_destroy(request);
	return msg;
}

static int refuse(const struct agent *a, const struct text *message)
{
	log_error("sip", a->hop, "internal error: built an invalid SIP response: %.60s",
		  text_str(message));
	return -EINVAL;
}

int agent_reply_text(struct agent *a, nta_incoming_t *irq, const struct text *message)
{
	char tag[MAX_TAG];
	msg_t *msg = message->n > 0 ? wrap_own(a, irq, message, tag) : NULL;

	if (!msg)
		return refuse(a, message);
	nta_incoming_tag(irq, tag);
	return nta_incoming_mreply(irq, msg) < 0 ? -EIO : 0;
}

/* sofia aborts if the method in an answer's CSeq is not that of its request. */
static bool is_answer_to(const sip_t *sip, const nta_incoming_t *irq)
{
	return sip->sip_status && sip->sip_via && sip->sip_from && sip->sip_to &&
	       sip->sip_call_id && sip->sip_cseq &&
	       sip->sip_cseq->cs_seq == nta_incoming_cseq(irq) &&
	       sip->sip_cseq->cs_method == nta_incoming_method(irq);
}

/* NULL if it is not an answer to this request. */
static msg_t *parse_answer(nta_incoming_t *irq, const struct text *message)
{
	msg_t *msg = message->n > 0 ? agent_parse(message->data, message->n) : NULL;

	if (!msg || is_answer_to(sip_object(msg), irq))
		return msg;
	msg_destroy(msg);
	return NULL;
}

/* Without a Content-Length, which sofia inserts, a stream cannot carry it. */
int agent_forward_answer(struct agent *a, nta_incoming_t *irq, const struct text *message)
{
	struct sip_line length;
	char tag[MAX_TAG];
	msg_t *msg = NULL;

	if (message->n > 0 && sip_line_find(message->data, message->n, "Content-Length", &length))
		msg = wrap_own(a, irq, message, tag);
	if (!msg)
		msg = parse_answer(irq, message);
	/* Its sender has written it, so this is no error of ours. */
	if (!msg) {
		log_warn("sip", a->hop, "received an answer that does not fit its request: %.60s",
			 text_str(message));
		return -EINVAL;
	}
	if (sip_object(msg)->sip_to->a_tag)
		nta_incoming_tag(irq, sip_object(msg)->sip_to->a_tag);
	return nta_incoming_mreply(irq, msg) < 0 ? -EIO : 0;
}
