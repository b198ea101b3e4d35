/*
 * SIP messages as text: the push MESSAGE
 */
#include "proto/sip/text_push.h"

#include "proto/sip/ident.h"
#include "proto/sip/name_addr.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#define CONTACT_FEATURES ">;IsOutsideVoiceB2B;automata;actor=\"attendant\";text;audio;video;image"

static bool is_host(const char *host)
{
	CLEANUP(mem_free_string) char *uri = text_concat("sip:", host);
	struct uri u;

	return !uri_decode(uri, strlen(uri), &u, NULL) && !u.user[0] && !u.n_params;
}

static void check(struct sip_text *m, const struct sip_push_message *p, bool synthetic)
{
	sip_text_require(m, p->aor && uri_is_aor(p->aor), "The owner of the phone has no address");
	sip_text_require(m, !p->push_identity || ident_is_push_identity(p->push_identity),
			 "The push identity is not 32 hex digits");
	sip_text_require(m, !p->epid || ident_is_epid(p->epid), "The epid is malformed");
	sip_text_require(m, p->edge_fqdn && is_host(p->edge_fqdn),
			 "The name of the Edge is not a host name");
	sip_text_require(m,
			 synthetic || (p->contact_token && ident_is_gruu_token(p->contact_token)),
			 "The token of the Contact is malformed");
	sip_text_require(m, p->content_type, "The push has no content type");
	sip_text_check_word(m, p->tag);
	sip_text_check_word(m, p->call_id);
}

static void add_from(struct sip_text *m, const struct sip_push_message *p, const char *display_name)
{
	CLEANUP(text_deinit) struct text from = TEXT_INIT;

	name_addr_add_display(&from, display_name);
	text_add(&from, "<");
	if (p->push_identity)
		ident_add_mcx_user(&from, p->push_identity, p->aor);
	else
		uri_add_aor(&from, p->aor);
	text_add(&from, ">");
	if (p->epid)
		text_add_all(&from, ";epid=", p->epid);
	text_add_all(&from, ";tag=", p->tag);
	sip_text_header(m, "From", text_str(&from));
}

/* The headers that both kinds of push share. */
static void add_head(struct sip_text *m, const struct sip_push_message *p, const char *display_name)
{
	const char *target = p->target ? p->target : SIP_TEXT_PUSH_TARGET;
	char cseq[TEXT_NUMBER_SIZE];

	sip_text_start_request(m, "MESSAGE", target);
	if (m->error)
		return;
	add_from(m, p, display_name);
	sip_text_pieces(m, "To", "<", target, ">");
	sip_text_pieces(m, "CSeq", text_number(cseq, p->cseq), " MESSAGE");
	sip_text_header(m, "Call-ID", p->call_id);
	sip_text_header(m, "Via", p->via);
	sip_text_number(m, "Max-Forwards", p->max_forwards);
	sip_text_header(m, "Via", p->mcx_via);
}

int sip_text_push(struct text *ret, const struct sip_push_message *p, const char **ret_why)
{
	struct sip_text m = SIP_TEXT_INIT;

	check(&m, p, false);
	add_head(&m, p, p->display_name);
	sip_text_pieces(&m, "CONTACT", "<sip:", p->edge_fqdn ? p->edge_fqdn : "",
			";gruu;opaque=srvr:McxExternal:", p->contact_token ? p->contact_token : "",
			CONTACT_FEATURES);
	sip_text_number(&m, "CONTENT-LENGTH", p->n_body);
	sip_text_header(&m, "SUPPORTED", "gruu-10");
	sip_text_header(&m, "USER-AGENT", SIP_SERVER_MCX);
	sip_text_header(&m, "CONTENT-TYPE", p->content_type);
	sip_text_header(&m, "ms-asserted-verification-level", SIP_TEXT_VERIFIED);
	sip_text_body(&m, p->body, p->n_body);
	return sip_text_finish(&m, ret, ret_why);
}

int sip_text_push_synthetic(struct text *ret, const struct sip_push_message *p,
			    const char **ret_why)
{
	struct sip_text m = SIP_TEXT_INIT;

	check(&m, p, true);
	add_head(&m, p, NULL);
	sip_text_pieces(&m, "CONTACT", "<sip:", p->edge_fqdn ? p->edge_fqdn : "",
			";transport=Tls>");
	sip_text_number(&m, "CONTENT-LENGTH", p->n_body);
	sip_text_header(&m, "USER-AGENT", "RTCC/4.0.0.0");
	sip_text_header(&m, "CONTENT-TYPE", p->content_type);
	sip_text_header(&m, "ms-asserted-verification-level", SIP_TEXT_VERIFIED);
	sip_text_body(&m, p->body, p->n_body);
	return sip_text_finish(&m, ret, ret_why);
}
