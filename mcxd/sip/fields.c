/*
 * Agent: headers, as sofia has them and as text
 */
#include "mcxd/sip/private.h"

#include "mcxd/net/address.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/line.h"
#include "proto/sip/via.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <strings.h>

/* A fold is a space, also within a quoted string (RFC 3261, 7.3.1). */
static void add_unfolded(struct text *out, const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end) {
		size_t n_line = strcspn(s, "\r\n");

		text_add_bytes(out, s, n_line);
		s += n_line;
		s += strspn(s, " \t\r\n");
		if (s < end)
			text_add(out, " ");
	}
}

void agent_add_field(struct text *out, const void *header)
{
	char field[256];
	issize_t n = sip_header_field_e(field, sizeof(field), header, 0);
	char *large;

	if (n < 0)
		return;
	/* sofia leaves out a string that would end at the last byte. */
	if ((size_t)n + 1 < sizeof(field)) {
		add_unfolded(out, field, (size_t)n);
		return;
	}
	large = mem_zalloc((size_t)n + 2);
	n = sip_header_field_e(large, n + 2, header, 0);
	add_unfolded(out, large, n > 0 ? (size_t)n : 0);
	free(large);
}

static void add_line(struct text *out, const struct sip_line *line)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	sip_line_add_value(&value, line);
	if (chars_have_control(text_str(&value), value.n))
		return;
	text_add_bytes(out, line->p, line->n_name);
	text_add_all(out, ": ", text_str(&value), "\r\n");
}

/* The lines that sofia has read headers from; those that it made itself have none. */
void agent_add_lines(struct text *out, const sip_t *sip, agent_line_h *wants)
{
	const msg_header_t *h = sip->sip_request ? (const msg_header_t *)sip->sip_request
						 : (const msg_header_t *)sip->sip_status;
	struct sip_line line;

	for (; h; h = h->sh_succ) {
		const char *p = h->sh_data;

		if (p && h->sh_len && sip_line_read(&p, p + h->sh_len, &line) && line.n_name &&
		    wants(&line))
			add_line(out, &line);
	}
}

const char *agent_other_header(const sip_t *sip, const char *name)
{
	for (const sip_unknown_t *h = sip ? sip->sip_unknown : NULL; h; h = h->un_next)
		if (h->un_name && !strcasecmp(h->un_name, name))
			return h->un_value;
	return NULL;
}

static bool is_listed(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcasecmp(word, *list))
			return true;
	return false;
}

void agent_add_unlisted(const msg_list_t *tags, const char *const *list, struct text *out)
{
	for (; tags; tags = tags->k_next)
		for (const msg_param_t *tag = tags->k_items; tag && *tag; tag++)
			if (!is_listed(*tag, list))
				text_add_all(out, out->n ? ", " : "", *tag);
}

void agent_add_unsupported(const sip_t *request, const char *const *supported, struct text *out)
{
	agent_add_unlisted(request->sip_require, supported, out);
	agent_add_unlisted(request->sip_proxy_require, supported, out);
}

const char *agent_missing_received(const sip_via_t *via, char ret[ADDRESS_TEXT_SIZE])
{
	struct address a;

	if (!via->v_rport || !*via->v_rport || via->v_received ||
	    !address_read_host(via->v_host, &a))
		return NULL;
	return address_format_host(&a, false, ret);
}

void agent_add_vias(const sip_t *request, struct text *out)
{
	char host[ADDRESS_TEXT_SIZE];
	const char *received;

	for (const sip_via_t *v = request->sip_via; v; v = v->v_next) {
		if (v != request->sip_via)
			text_add(out, ",");
		agent_add_field(out, v);
		received = v == request->sip_via ? agent_missing_received(v, host) : NULL;
		if (received)
			text_add_all(out, ";received=", received);
	}
}

static void add_received_via(struct text *out, const sip_via_t *via, const struct address *from)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	char host[ADDRESS_TEXT_SIZE];

	agent_add_field(&value, via);
	sip_via_add_received(out, text_str(&value), value.n,
			     &(struct sip_via_source){
				     .host = address_format_host(from, false, host),
				     .port = address_port(from),
				     .is_shown = true,
			     });
}

void agent_add_received_vias(nta_incoming_t *irq, struct text *out)
{
	msg_t *request = nta_incoming_getrequest(irq);
	const sip_t *sip = sip_object(request);
	struct address from;

	if (!address_from_sockaddr(&msg_addr(request)->su_sa, sizeof(su_sockaddr_t), &from)) {
		agent_add_vias(sip, out);
	} else {
		add_received_via(out, sip->sip_via, &from);
		for (const sip_via_t *v = sip->sip_via->v_next; v; v = v->v_next) {
			text_add(out, ",");
			agent_add_field(out, v);
		}
	}
	msg_destroy(request);
}

void agent_add_record_routes(const sip_t *request, struct text *out)
{
	for (const sip_record_route_t *r = request->sip_record_route; r; r = r->r_next) {
		if (r != request->sip_record_route)
			text_add(out, ",");
		agent_add_field(out, r);
	}
}

msg_t *agent_parse(const char *p, size_t n)
{
	msg_t *msg = msg_make(sip_default_mclass(), MSG_DO_EXTRACT_COPY, p, (issize_t)n);

	if (msg && (msg_has_error(msg) || !sip_object(msg))) {
		msg_destroy(msg);
		msg = NULL;
	}
	return msg;
}
