/*
 * Agent: why sofia refused
 *
 * sofia itself refuses a request that breaks SIP's rules, is of another version, is merged (482) or belongs to no
 * dialog (481), and gives the reason only in the phrase. Before an error without diagnostics is sent, the
 * ms-diagnostics of its status are added here; and the received that sofia leaves out.
 */
#include "mcxd/sip/private.h"

#include "mcxd/net/address.h"
#include "mcxd/sip/transport.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

static bool has_diagnostics(const sip_t *sip)
{
	static const char prefix[] = "ms-diagnostics"; /* or -public */

	for (const sip_unknown_t *h = sip->sip_unknown; h; h = h->un_next)
		if (h->un_name && !strncasecmp(h->un_name, prefix, sizeof(prefix) - 1))
			return true;
	return false;
}

/* A message made from text is sent as that text: it may be a peer's answer that we forward. */
static bool is_bare_error(const sip_t *sip)
{
	return sip && sip->sip_status && sip->sip_status->st_status >= 400 &&
	       !(sip->sip_flags & MSG_FLG_EXTRACT_COPY) && !has_diagnostics(sip);
}

/* sofia answers 500 to a CSeq that is too low (RFC 3261, 12.2.2): not a server failure. */
static bool is_of_old_cseq(const struct agent *a, const sip_t *sip)
{
	const nta_leg_t *leg;

	if (sip->sip_status->st_status != 500 || !sip->sip_to || !sip->sip_to->a_tag ||
	    !sip->sip_from || !sip->sip_call_id || !sip->sip_cseq)
		return false;
	leg = nta_leg_by_dialog(a->nta, NULL, sip->sip_call_id, sip->sip_from->a_tag, NULL,
				sip->sip_to->a_tag, NULL);
	return leg && sip->sip_cseq->cs_seq < nta_leg_get_rseq(leg);
}

/* sofia's phrase "Bad CSeq Header" as a sentence; also said of a header that must not occur twice and does. */
static bool add_bad_header(struct text *out, const char *phrase)
{
	static const char begin[] = "Bad ", end[] = " Header";
	size_t n = strlen(phrase), n_begin = sizeof(begin) - 1, n_end = sizeof(end) - 1;

	if (n <= n_begin + n_end || strncmp(phrase, begin, n_begin) != 0 ||
	    strcmp(phrase + n - n_end, end) != 0)
		return false;
	text_add(out, "The ");
	text_add_bytes(out, phrase + n_begin, n - n_begin - n_end);
	text_add(out, " header is malformed, or is there twice");
	return true;
}

static const char *missing_header(const sip_t *sip)
{
	if (!sip->sip_from)
		return "The request has no From";
	if (!sip->sip_to)
		return "The request has no To";
	if (!sip->sip_call_id)
		return "The request has no Call-ID";
	return sip->sip_cseq ? NULL : "The request has no CSeq";
}

/* A phrase other than the standard one names the fault. A header that the request lacks is also missing in the answer. */
static void add_fault(const struct agent *a, const sip_t *sip, struct text *out)
{
	const sip_status_t *st = sip->sip_status;
	const char *known = transport_why(nta_agent_tports(a->nta));

	if (st->st_status == 400 && known) {
		text_add(out, known);
	} else if (st->st_phrase && strcmp(st->st_phrase, diag_sip_phrase(st->st_status)) != 0) {
		if (!add_bad_header(out, st->st_phrase))
			text_add(out, st->st_phrase);
	} else if (st->st_status == 400) {
		text_add(out, missing_header(sip));
	}
}

static void add_diagnostics(const struct agent *a, msg_t *msg, sip_t *sip)
{
	enum diag_code code = is_of_old_cseq(a, sip) ? DIAG_OLD_CSEQ
						     : diag_code_of_sip(sip->sip_status->st_status);
	CLEANUP(text_deinit) struct text fault = TEXT_INIT;
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	struct diag diag;
	sip_unknown_t *header;

	add_fault(a, sip, &fault);
	diag = diag_because(code, fault.n > 0 ? text_str(&fault) : NULL);
	text_add(&value, "ms-diagnostics: ");
	diag_encode(&value, &diag, NULL);
	header = sip_unknown_make(msg_home(msg), text_str(&value));
	if (header)
		msg_header_insert(msg, (msg_pub_t *)sip, (msg_header_t *)header);
}

static void complete_via(msg_t *msg, const sip_t *sip)
{
	su_home_t *home = msg_home(msg);
	char host[ADDRESS_TEXT_SIZE];
	const char *received = NULL;

	if (sip && sip->sip_status && sip->sip_via && !(sip->sip_flags & MSG_FLG_EXTRACT_COPY))
		received = agent_missing_received(sip->sip_via, host);
	if (received)
		msg_header_replace_param(home, sip->sip_via->v_common,
					 su_sprintf(home, "received=%s", received));
}

void agent_on_sending(void *magic, msg_t *msg, sip_t *sip)
{
	struct agent *a = magic;

	complete_via(msg, sip);
	if (is_bare_error(sip))
		add_diagnostics(a, msg, sip);
}
