/*
 * Faults
 */
#include "mcxd/sip/fault.h"

#include <string.h>

static bool is_of_other_method(const sip_t *sip)
{
	const sip_request_t *line = sip->sip_request;
	const sip_cseq_t *cseq = sip->sip_cseq;

	return cseq && (cseq->cs_method != line->rq_method ||
			strcmp(cseq->cs_method_name, line->rq_method_name) != 0);
}

/* RFC 3261 18.3 */
static bool is_too_short(const sip_t *sip)
{
	size_t n = sip->sip_payload ? sip->sip_payload->pl_len : 0;

	return sip->sip_content_length && sip->sip_content_length->l_length > n;
}

const char *fault_of(const sip_t *sip, bool is_whole)
{
	if (!sip || (!sip->sip_request && !sip->sip_status))
		return "The request line is malformed";
	if (is_whole && is_too_short(sip))
		return "The body is shorter than Content-Length says";
	if (!sip->sip_request)
		return NULL;
	if (!sip->sip_via)
		return "The Via header is malformed";
	if (sip->sip_request->rq_url->url_type == url_invalid)
		return "The request URI is malformed";
	if (is_of_other_method(sip))
		return "CSeq names another method than the request line";
	/* RFC 3261 8.1.1.3. Requests of RFC 2543 had none, but neither had their INVITEs a Contact for a dialog. */
	if (sip->sip_from && (!sip->sip_from->a_tag || !*sip->sip_from->a_tag))
		return "The From has no tag";
	return NULL;
}
