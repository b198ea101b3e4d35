/*
 * Echo
 */
#include "mcxd/front_end/echo.h"

#include "mcxd/front_end/field.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/name_addr.h"
#include "proto/sip/text.h"
#include "proto/sip/text_answer.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>

enum { MAX_FIELD_BYTES = 4096, MAX_CALL_ID_BYTES = 256, MAX_LIST_BYTES = 16384 };

static bool is_echo_short(const struct sip_echo *e)
{
	return strlen(e->from) <= MAX_FIELD_BYTES && strlen(e->to) <= MAX_FIELD_BYTES &&
	       strlen(e->call_id) <= MAX_CALL_ID_BYTES && strlen(e->vias) <= MAX_LIST_BYTES &&
	       (!e->record_routes || strlen(e->record_routes) <= MAX_LIST_BYTES);
}

/* Check that answers can be built from it now, not when the phone is already ringing. */
static int check_echo(const struct sip_echo *e, const char **ret_why)
{
	struct name_addr to;

	*ret_why = "A header that answers repeat is too long";
	if (!is_echo_short(e))
		return -EINVAL;
	*ret_why = "A header that answers repeat has control characters";
	if (!sip_text_is_value(e->from) || !sip_text_is_value(e->to) ||
	    !sip_text_is_value(e->call_id) || !sip_text_is_value(e->cseq) ||
	    !sip_text_is_value(e->vias) ||
	    (e->record_routes && !sip_text_is_value(e->record_routes)))
		return -EINVAL;
	return name_addr_decode(e->to, &to, ret_why);
}

int sip_echo_init(struct sip_echo *e, const sip_t *sip, const char **ret_why)
{
	struct text list = TEXT_INIT;
	char number[TEXT_NUMBER_SIZE];

	e->from = field_text(sip->sip_from);
	e->to = field_text(sip->sip_to);
	e->call_id = mem_strdup(sip->sip_call_id->i_id);
	e->cseq = text_concat(text_number(number, sip->sip_cseq->cs_seq), " ",
			      sip->sip_cseq->cs_method_name);
	agent_add_vias(sip, &list);
	e->vias = text_take(&list);
	if (sip->sip_record_route) {
		agent_add_record_routes(sip, &list);
		e->record_routes = text_take(&list);
	}
	return check_echo(e, ret_why);
}

void sip_echo_deinit(struct sip_echo *e)
{
	free(e->from);
	free(e->to);
	free(e->call_id);
	free(e->cseq);
	free(e->vias);
	free(e->record_routes);
	*e = (struct sip_echo){ 0 };
}

void sip_echo_request(const struct sip_echo *e, const char *vias[1], const char *routes[1],
		      struct sip_request_echo *ret)
{
	vias[0] = e->vias;
	routes[0] = e->record_routes;
	*ret = (struct sip_request_echo){
		.vias = vias,
		.n_vias = 1,
		.record_routes = routes,
		.n_record_routes = e->record_routes ? 1 : 0,
		.from = e->from,
		.to = e->to,
		.call_id = e->call_id,
		.cseq = e->cseq,
	};
}

void sip_echo_start_refusal(struct sip_text *m, int status, const char *phrase,
			    const struct sip_echo *e, const char *to_params)
{
	struct name_addr to;
	const char *why;

	sip_text_start_answer(m, status, phrase);
	sip_text_header(m, "Via", e->vias);
	sip_text_header(m, "Record-Route", e->record_routes);
	sip_text_header(m, "From", e->from);
	if (name_addr_decode(e->to, &to, &why)) {
		sip_text_require(m, false, "The request's To is malformed");
		return;
	}
	CLEANUP(text_deinit) struct text value = TEXT_INIT;
	name_addr_add_display(&value, to.display_name);
	text_add(&value, "<");
	text_add_bytes(&value, to.uri, to.n_uri);
	text_add_all(&value, ">", to_params);
	sip_text_header(m, "To", text_str(&value));
	sip_text_header(m, "Call-ID", e->call_id);
	sip_text_header(m, "CSeq", e->cseq);
}

void sip_echo_start_answer(struct sip_text *m, int status, const struct sip_echo *e,
			   const char *to_params)
{
	sip_echo_start_refusal(m, status, NULL, e, to_params);
}
