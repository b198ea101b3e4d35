/*
 * REGISTER
 */
#include "proto/sip/text_register.h"

#include "proto/sip/ident.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <string.h>

static void add_parties(struct sip_text *m, const struct sip_register *r)
{
	CLEANUP(text_deinit) struct text self = TEXT_INIT;

	uri_add_name_addr(&self, r->display_name, r->aor);
	sip_text_pieces(m, "From", text_str(&self), ";tag=", r->tag, ";epid=", r->epid);
	sip_text_header(m, "To", text_str(&self));
}

static void add_contact(struct sip_text *m, const struct sip_register *r)
{
	char uuid[IDENT_UUID_SIZE];

	ident_uuid(r->epid, uuid);
	sip_text_pieces(m, "Contact", "<", r->contact, ">;methods=\"", r->methods,
			"\";+sip.instance=\"<urn:uuid:", uuid, ">\"");
}

int sip_text_register(struct text *ret, const struct sip_register *r, const char **ret_why)
{
	CLEANUP(text_deinit) struct text registrar = TEXT_INIT;
	struct sip_text m = SIP_TEXT_INIT;
	char number[TEXT_NUMBER_SIZE];

	sip_text_check_word(&m, r->tag);
	sip_text_check_word(&m, r->call_id);
	sip_text_require(&m, ident_is_epid(r->epid), "The epid is malformed");
	text_add_all(&registrar, "sip:", strchr(r->aor, '@') + 1);
	sip_text_start_request(&m, "REGISTER", text_str(&registrar));
	sip_text_number(&m, "Max-Forwards", 70);
	add_parties(&m, r);
	sip_text_header(&m, "Call-ID", r->call_id);
	sip_text_pieces(&m, "CSeq", text_number(number, r->cseq), " REGISTER");
	add_contact(&m, r);
	sip_text_number(&m, "Expires", (uint64_t)r->expires_s);
	sip_text_header(&m, "Authorization", r->authorization);
	sip_text_header(&m, "Proxy-Authorization", r->proxy_authorization);
	sip_text_header(&m, "Supported", "gruu-10");
	sip_text_header(&m, "User-Agent", SIP_SERVER_MCX);
	sip_text_number(&m, "Content-Length", 0);
	return sip_text_finish(&m, ret, ret_why);
}
