/*
 * Agent: answers
 *
 * A refusal is built by sofia, and gets its diagnostics on the way (diagnose.c).
 */
#include "mcxd/sip/private.h"

#include "mcxd/base/log.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_tag.h>

/* ---- checks ---- */

/* What follows the line "Name: value\r\n" at p; NULL if it is not such a line. */
static const char *skip_header_line(const char *p)
{
	const char *name = p;

	while (chars_is_token(*p))
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

void agent_answer(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		  const char *headers)
{
	if (headers && !are_header_lines(headers)) {
		log_error("sip", a->hop, "dropped the extra headers of a %d: invalid header lines",
			  status);
		headers = NULL;
	}
	if (!phrase || !is_phrase(phrase))
		phrase = diag_sip_phrase(status);
	stream_answers(a, irq);
	if (status < 300 && !agent_answer_own(a, irq, status, phrase, headers))
		return;
	nta_incoming_treply(irq, status, phrase, SIPTAG_SERVER_STR(a->server),
			    TAG_IF(headers, SIPTAG_HEADER_STR(headers)), TAG_END());
}

void agent_reply(struct agent *a, nta_incoming_t *irq, int status, const char *phrase,
		 const char *headers)
{
	agent_answer(a, irq, status, phrase, headers);
	nta_incoming_destroy(irq);
}

/* ---- fields ---- */

void agent_add_field(struct text *out, const void *header)
{
	char field[256];
	issize_t n = sip_header_field_e(field, sizeof(field), header, 0);
	char *large;

	if (n < 0)
		return;
	/* sofia leaves out a string that would end at the last byte. */
	if ((size_t)n + 1 < sizeof(field)) {
		text_add_bytes(out, field, (size_t)n);
		return;
	}
	large = mem_zalloc((size_t)n + 2);
	n = sip_header_field_e(large, n + 2, header, 0);
	text_add_bytes(out, large, n > 0 ? (size_t)n : 0);
	free(large);
}

const char *agent_other_header(const sip_t *sip, const char *name)
{
	for (const sip_unknown_t *h = sip ? sip->sip_unknown : NULL; h; h = h->un_next)
		if (h->un_name && !strcasecmp(h->un_name, name))
			return h->un_value;
	return NULL;
}

const char *agent_find_line(const struct text *message, const char *name)
{
	size_t n = strlen(name);
	const char *line = text_str(message);

	while ((line = strchr(line, '\n')) && *++line != '\r') {
		if (!strncasecmp(line, name, n) && line[n] == ':')
			return line + n + 1;
	}
	return NULL;
}

void agent_add_vias(const sip_t *request, struct text *out)
{
	for (const sip_via_t *v = request->sip_via; v; v = v->v_next) {
		if (v != request->sip_via)
			text_add(out, ",");
		agent_add_field(out, v);
	}
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
