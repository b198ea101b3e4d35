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

/* ---- answers ---- */

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
