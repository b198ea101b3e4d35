/*
 * SIP messages as text: answers
 */
#include "proto/sip/text_answer.h"

#include "proto/diag.h"
#include "proto/sip/ident.h"
#include "proto/sip/name_addr.h"
#include "proto/sip/product.h"
#include "proto/sip/sdp_im.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define CLEARING_HOUSE_DISPLAY "Push Notification Clearing House"

/* The address of the request's To, with our tag (and epid) in place of its own. */
static void add_to(struct sip_text *m, const char *name, const struct name_addr *to,
		   const char *display_name, const char *tag_and_epid)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	name_addr_add_display(&value, display_name);
	text_add(&value, "<");
	text_add_bytes(&value, to->uri, to->n_uri);
	text_add_all(&value, ">", tag_and_epid);
	sip_text_header(m, name, text_str(&value));
}

static void read_to(struct sip_text *m, const struct sip_request_echo *request,
		    struct name_addr *ret)
{
	const char *why = NULL;

	*ret = (struct name_addr){ 0 };
	if (!request->to || name_addr_decode(request->to, ret, &why))
		sip_text_require(m, false, why ? why : "The request has no To");
	sip_text_require(m, request->from && request->call_id && request->cseq,
			 "The request has no From, Call-ID or CSeq");
}

static void add_joined(struct sip_text *m, const char *name, const char *const *values, size_t n)
{
	CLEANUP(text_deinit) struct text all = TEXT_INIT;

	for (size_t i = 0; i < n; i++)
		text_add_all(&all, i ? "," : "", values[i]);
	if (n)
		sip_text_header(m, name, text_str(&all));
}

static void add_lines(struct sip_text *m, const char *name, const char *const *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sip_text_header(m, name, values[i]);
}

/* The tag comes before the epid, whatever their order in the request. */
static void add_from(struct sip_text *m, const char *value)
{
	CLEANUP(text_deinit) struct text from = TEXT_INIT;
	char tag[NAME_ADDR_MAX_BYTES], epid[IDENT_EPID_SIZE];
	struct name_addr a;

	if (value && !name_addr_decode(value, &a, NULL) &&
	    !name_addr_param(&a, "tag", tag, sizeof(tag)) &&
	    !name_addr_param(&a, "epid", epid, sizeof(epid)) &&
	    a.n_params == strlen(tag) + strlen(epid) + strlen(";tag=;epid=")) {
		text_add_bytes(&from, value, (size_t)(a.params - value));
		text_add_all(&from, ";tag=", tag, ";epid=", epid);
		value = text_str(&from);
	}
	sip_text_header(m, "From", value);
}

int sip_text_clearing_house_answer(struct text *ret, const struct sip_clearing_house_answer *a,
				   const char **ret_why)
{
	CLEANUP(text_deinit) struct text diagnostics = TEXT_INIT;
	const struct sip_request_echo *request = &a->request;
	struct sip_text m = SIP_TEXT_INIT;
	CLEANUP(text_deinit) struct text tag = TEXT_INIT;
	struct name_addr to;

	sip_text_check_word(&m, a->to_tag);
	text_add_all(&tag, ";tag=", a->to_tag);
	diag_encode_public(&diagnostics, &a->diag);
	read_to(&m, request, &to);
	sip_text_start_answer(&m, a->diag.sip_status, NULL);
	add_from(&m, request->from);
	if (!m.error)
		add_to(&m, "To", &to, CLEARING_HOUSE_DISPLAY, text_str(&tag));
	sip_text_header(&m, "CSeq", request->cseq);
	sip_text_header(&m, "Call-ID", request->call_id);
	add_joined(&m, "Via", request->vias, request->n_vias);
	add_joined(&m, "Record-Route", request->record_routes, request->n_record_routes);
	sip_text_header(&m, "CONTENT-LENGTH", "0");
	sip_text_header(&m, "CONTENT-TYPE", a->content_type);
	sip_text_header(&m, "SERVER", SIP_SERVER_CLEARING_HOUSE);
	sip_text_header(&m, "ms-diagnostics-public", text_str(&diagnostics));
	sip_text_header(&m, "ms-asserted-verification-level",
			a->verified ? SIP_TEXT_VERIFIED : NULL);
	return sip_text_finish(&m, ret, ret_why);
}

static void check_mcx(struct sip_text *m, const struct sip_mcx_answer *a)
{
	sip_text_check_word(m, a->to_tag);
	sip_text_require(m, !a->epid || ident_is_epid(a->epid), "The epid is malformed");
	sip_text_require(m, !a->aor || uri_is_aor(a->aor), "The callee's address is malformed");
	sip_text_require(m, !a->gruu_token || ident_is_gruu_token(a->gruu_token),
			 "The token of the Contact is malformed");
}

static void add_echo(struct sip_text *m, const struct sip_mcx_answer *a)
{
	CLEANUP(text_deinit) struct text identity = TEXT_INIT;
	const struct sip_request_echo *request = &a->request;
	struct name_addr to;

	read_to(m, request, &to);
	if (m->error)
		return;
	text_add_all(&identity, ";tag=", a->to_tag);
	if (a->epid)
		text_add_all(&identity, ";epid=", a->epid);
	sip_text_header(m, "FROM", request->from);
	add_to(m, "TO", &to, to.display_name, text_str(&identity));
	sip_text_header(m, "CSEQ", request->cseq);
	sip_text_header(m, "CALL-ID", request->call_id);
	add_lines(m, "VIA", request->vias, request->n_vias);
	add_lines(m, "RECORD-ROUTE", request->record_routes, request->n_record_routes);
}

static void add_contact(struct sip_text *m, const struct sip_mcx_answer *a)
{
	CLEANUP(text_deinit) struct text contact = TEXT_INIT;

	if (m->error || !a->aor || !a->gruu_token)
		return;
	text_add(&contact, "<");
	if (a->contact)
		text_add(&contact, a->contact);
	else
		ident_add_gruu(&contact, a->aor, a->gruu_token);
	text_add(&contact, ">;text;audio;video");
	sip_text_header(m, "CONTACT", text_str(&contact));
}

static void add_identity(struct sip_text *m, const struct sip_mcx_answer *a)
{
	CLEANUP(text_deinit) struct text identity = TEXT_INIT;

	if (m->error || !a->aor)
		return;
	uri_add_name_addr(&identity, a->display_name, a->aor);
	sip_text_header(m, "P-ASSERTED-IDENTITY", text_str(&identity));
}

static void add_server(struct sip_text *m, const char *user_agent)
{
	CLEANUP(text_deinit) struct text server = TEXT_INIT;
	CLEANUP(text_deinit) struct text phone = TEXT_INIT;

	product_add(&phone, user_agent);
	text_add_all(&server, SIP_SERVER_MCX, phone.n ? " " : "", text_str(&phone));
	sip_text_header(m, "SERVER", text_str(&server));
}

static void add_diagnostics(struct sip_text *m, const struct sip_mcx_answer *a)
{
	CLEANUP(text_deinit) struct text diagnostics = TEXT_INIT;

	if (!a->diag)
		return;
	diag_encode(&diagnostics, a->diag, a->diag_source);
	sip_text_header(m, "ms-diagnostics", text_str(&diagnostics));
}

int sip_text_mcx_answer(struct text *ret, const struct sip_mcx_answer *a, const char **ret_why)
{
	struct sip_text m = SIP_TEXT_INIT;

	check_mcx(&m, a);
	sip_text_start_answer(&m, a->status, a->phrase);
	add_echo(&m, a);
	add_contact(&m, a);
	sip_text_number(&m, "CONTENT-LENGTH", a->sdp ? a->n_sdp : 0);
	sip_text_header(&m, "SUPPORTED", "gruu-10");
	/* A line of its own: pidgin-sipe compares whole values of Supported. */
	sip_text_header(&m, "SUPPORTED", a->text_format ? "ms-text-format" : NULL);
	sip_text_header(&m, "REQUIRE", a->require);
	sip_text_header(&m, "SESSION-EXPIRES", a->session_expires);
	sip_text_header(&m, "CONTENT-TYPE", a->sdp ? SDP_IM_CONTENT_TYPE : NULL);
	sip_text_header(&m, "ALLOW", "UPDATE");
	add_identity(&m, a);
	add_server(&m, a->user_agent);
	add_diagnostics(&m, a);
	sip_text_body(&m, a->sdp, a->sdp ? a->n_sdp : 0);
	return sip_text_finish(&m, ret, ret_why);
}
