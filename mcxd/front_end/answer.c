/*
 * SIP leg: answers to the caller
 */
#include "mcxd/front_end/answer.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/core/core.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/front_end/address.h"
#include "mcxd/front_end/echo.h"
#include "mcxd/front_end/foreign.h"
#include "mcxd/front_end/interval.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/session.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/ident.h"
#include "proto/sip/product.h"
#include "proto/sip/sdp_im.h"
#include "proto/sip/text.h"
#include "proto/sip/text_answer.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>

static int send_answer(const struct sip_leg *l, nta_incoming_t *irq, const struct text *answer)
{
	return agent_reply_text(l->front_end->agent, irq, answer);
}

/* ---- waiting for the store ---- */

struct sip_answer {
	struct list of_front_end;
	struct sip_leg *leg; /* NULL once it was sent, or the leg is gone */
	nta_incoming_t *irq; /* of a request in the dialog; NULL: it is the leg's invitation */
	bool is_end;         /* irq is not needed any more once it is answered */
	struct text text;
};

/* It waits no longer: it was sent, or cannot be. */
static void let_go(struct sip_answer *a)
{
	if (a->irq)
		a->leg->n_answers--;
	else
		a->leg->answer = NULL;
	if (a->irq && a->is_end)
		nta_incoming_destroy(a->irq);
	a->leg = NULL;
}

static void answer_free(struct sip_answer *a)
{
	if (a->leg)
		let_go(a);
	list_remove(&a->of_front_end);
	text_deinit(&a->text);
	free(a);
}

static void send_stored(struct sip_answer *a)
{
	const struct sip_leg *l = a->leg;
	nta_incoming_t *irq = a->irq ? a->irq : l->invite;

	if (irq && send_answer(l, irq, &a->text))
		log_error("front_end", fsm_label(&l->fsm), "cannot send the 200");
	let_go(a);
}

void sip_answer_flush(struct sip_leg *l)
{
	if (l->answer)
		send_stored(l->answer);
}

/* irq: only those to this request; NULL: all. */
static void drop(struct sip_leg *l, const nta_incoming_t *irq)
{
	if (!l->answer && !l->n_answers)
		return;
	list_for_each (node, &l->front_end->answers) {
		struct sip_answer *a = LIST_ENTRY(node, struct sip_answer, of_front_end);

		if (a->leg == l && (!irq || a->irq == irq))
			let_go(a);
	}
}

void sip_answer_drop(struct sip_leg *l)
{
	drop(l, NULL);
}

void sip_answer_drop_one(struct sip_leg *l, const nta_incoming_t *irq)
{
	drop(l, irq);
}

/* A store that has failed does not keep two people from talking now. */
static void on_stored(void *magic, int err)
{
	struct sip_answer *a = magic;

	(void)err;
	if (a->leg)
		send_stored(a);
	answer_free(a);
}

void sip_answer_forget_all(struct front_end *s)
{
	list_for_each_safe (node, &s->answers)
		answer_free(LIST_ENTRY(node, struct sip_answer, of_front_end));
}

/* irq and is_end as in struct sip_answer. */
static void send_when_stored(struct sip_leg *l, nta_incoming_t *irq, bool is_end,
			     struct text *answer)
{
	struct sip_answer *a = MEM_NEW(struct sip_answer);

	*a = (struct sip_answer){ .leg = l, .irq = irq, .is_end = is_end, .text = *answer };
	*answer = TEXT_INIT;
	if (irq)
		l->n_answers++;
	else
		l->answer = a;
	list_append(&l->front_end->answers, &a->of_front_end);
	core_sync(l->front_end->core, on_stored, a);
}

/* ---- phones: in MCX's name ---- */

static int make_mcx_answer(struct sip_leg *l, int status, const struct party *callee,
			   const struct text *sdp, struct text *ret, const char **ret_why)
{
	CLEANUP(text_deinit) struct text interval = TEXT_INIT;
	CLEANUP(text_deinit) struct text contact = TEXT_INIT;
	const struct diag proxied = diag_make(DIAG_PROXIED);
	const char *vias[1], *routes[1];
	struct sip_mcx_answer a = {
		.status = status,
		.display_name = callee->display_name,
		.aor = callee->aor,
		.to_tag = l->to_tag,
		.epid = callee->epid,
		.gruu_token = callee->gruu_token,
		.user_agent = callee->user_agent,
		.diag = status < 200 && callee->is_proxied ? &proxied : NULL,
		.diag_source = l->front_end->core->config->server_fqdn,
		.sdp = sdp->data,
		.n_sdp = sdp->n,
		.text_format = status == 200,
	};

	if (status == 200 && sip_interval_add_value(l, &interval))
		a.require = "timer";
	a.session_expires = interval.n > 0 ? text_str(&interval) : NULL;
	/* Another front end's GRUUs are not ours to give. */
	if (upstream_add_contact(&l->front_end->upstream, callee->gruu_token, &contact))
		a.contact = text_str(&contact);
	sip_echo_request(&l->echo, vias, routes, &a.request);
	return sip_text_mcx_answer(ret, &a, ret_why);
}

/* ---- SIP clients: in their own ---- */

static void add_identity(struct sip_text *m, const struct party *callee)
{
	CLEANUP(text_deinit) struct text identity = TEXT_INIT;

	uri_add_name_addr(&identity, callee->display_name, callee->aor);
	sip_text_header(m, "P-Asserted-Identity", text_str(&identity));
}

static void add_diagnostics(const struct sip_leg *l, struct sip_text *m, const struct diag *d)
{
	CLEANUP(text_deinit) struct text value = TEXT_INIT;

	diag_encode(&value, d, l->front_end->core->config->server_fqdn);
	sip_text_header(m, "ms-diagnostics", text_str(&value));
}

static void add_session(struct sip_text *m, const struct text *sdp)
{
	if (sdp->n > 0)
		sip_text_header(m, "Content-Type", SDP_IM_CONTENT_TYPE);
	sip_text_number(m, "Content-Length", sdp->n);
	sip_text_body(m, text_str(sdp), sdp->n);
}

static int make_client_answer(struct sip_leg *l, int status, const struct party *callee,
			      const struct text *sdp, struct text *ret, const char **ret_why)
{
	CLEANUP(text_deinit) struct text to_params = TEXT_INIT;
	CLEANUP(text_deinit) struct text server = TEXT_INIT;
	const struct diag proxied = diag_make(DIAG_PROXIED);
	struct sip_text m = SIP_TEXT_INIT;

	text_addf(&to_params, ";tag=%s", l->to_tag);
	if (callee->epid && ident_is_epid(callee->epid))
		text_addf(&to_params, ";epid=%s", callee->epid);
	sip_echo_start_answer(&m, status, &l->echo, text_str(&to_params));
	front_end_add_contact(l->front_end, &m, l->self, l->transport);
	/* It says that the first line was taken; otherwise the caller's client sends it as a message. */
	if (status == 200 && !callee->needs_first_line)
		sip_text_header(&m, "Supported", "ms-text-format");
	if (status == 200)
		sip_interval_add_answer(l, &m);
	sip_text_header(&m, "Allow", callee->answer ? FRONT_END_PASSES : FRONT_END_ALLOW);
	add_identity(&m, callee);
	product_add(&server, callee->user_agent);
	sip_text_header(&m, "Server", server.n ? text_str(&server) : SIP_SERVER_FRONT_END);
	if (status < 200 && callee->is_proxied)
		add_diagnostics(l, &m, &proxied);
	if (callee->answer)
		sip_foreign_add(&m, callee->answer);
	else
		add_session(&m, sdp);
	return sip_text_finish(&m, ret, ret_why);
}

int sip_answer_party(struct sip_leg *l, int status, const struct party *callee)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;
	const char *why = "the session cannot be described";
	int err = 0;

	if (status == 200 && !callee->answer)
		err = sip_session_describe(l, l->outline, &sdp);

	if (!err)
		err = (callee->is_phone ? make_mcx_answer : make_client_answer)(
			l, status, callee, &sdp, &answer, &why);
	if (err) {
		log_error("front_end", l->echo.call_id, "cannot build the %d: %s", status, why);
		return err;
	}
	if (status != 200 || !l->leg.row)
		return send_answer(l, l->invite, &answer);
	send_when_stored(l, NULL, false, &answer);
	return 0;
}

static int make_mcx_refusal(const struct sip_leg *l, const struct diag *why, struct text *ret,
			    const char **ret_why)
{
	const char *vias[1], *routes[1];
	struct sip_mcx_answer a = {
		.status = why->sip_status,
		.to_tag = l->to_tag,
		.diag = why,
		.diag_source = l->front_end->core->config->server_fqdn,
	};

	sip_echo_request(&l->echo, vias, routes, &a.request);
	return sip_text_mcx_answer(ret, &a, ret_why);
}

static int make_client_refusal(const struct sip_leg *l, const struct diag *why,
			       const struct foreign *as, struct text *ret, const char **ret_why)
{
	CLEANUP(mem_free_string) char *to_params = text_concat(";tag=", l->to_tag);
	struct sip_text m = SIP_TEXT_INIT;

	sip_echo_start_refusal(&m, why->sip_status, as->phrase, &l->echo, to_params);
	/* Our word for it, unless we have none for this status. */
	if (why->info || diag_row(why->code)->sip_status == why->sip_status)
		add_diagnostics(l, &m, why);
	sip_foreign_add(&m, as);
	return sip_text_finish(&m, ret, ret_why);
}

int sip_answer_refuse(struct sip_leg *l, const struct diag *why, const struct foreign *as)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;
	const char *wrong;
	int err = as ? make_client_refusal(l, why, as, &answer, &wrong)
		     : make_mcx_refusal(l, why, &answer, &wrong);

	if (err) {
		log_error("front_end", l->echo.call_id, "cannot build the %d: %s", why->sip_status,
			  wrong);
		return err;
	}
	return send_answer(l, l->invite, &answer);
}

/* ---- in the dialog ---- */

/* The request's To has the tag of this dialog: it is repeated unchanged. Returns 0 or a negative errno. */
static int start_again(struct sip_text *m, const sip_t *sip, int status, const char *phrase)
{
	struct sip_echo echo = { 0 };
	const char *why;
	int err = sip_echo_init(&echo, sip, &why);

	sip_text_start_answer(m, status, phrase);
	sip_text_header(m, "Via", echo.vias);
	sip_text_header(m, "From", echo.from);
	sip_text_header(m, "To", echo.to);
	sip_text_header(m, "Call-ID", echo.call_id);
	sip_text_header(m, "CSeq", echo.cseq);
	sip_echo_deinit(&echo);
	return err;
}

/* The transaction of a final is not needed any more, but for that of a re-INVITE's 2xx. That 2xx and an UPDATE's change what is
 * kept of the dialog, and wait for it. */
static int finish_again(struct sip_leg *l, nta_incoming_t *irq, int status, struct sip_text *m)
{
	CLEANUP(text_deinit) struct text answer = TEXT_INIT;
	sip_method_t method = nta_incoming_method(irq);
	bool is_invite = method == sip_method_invite;
	bool is_accepted = status / 100 == 2;
	bool is_end = status >= 300 || (is_accepted && !is_invite);
	const char *why;
	int err = sip_text_finish(m, &answer, &why);

	if (!err && l->leg.row && is_accepted && (is_invite || method == sip_method_update)) {
		send_when_stored(l, irq, is_end, &answer);
		return 0;
	}
	if (!err)
		err = send_answer(l, irq, &answer);
	if (!err && is_end)
		nta_incoming_destroy(irq);
	return err;
}

int sip_answer_again(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip,
		     const struct text *sdp)
{
	struct sip_text m = SIP_TEXT_INIT;
	int err = start_again(&m, sip, 200, NULL);

	front_end_add_contact(l->front_end, &m, l->self, l->transport);
	sip_interval_add_answer(l, &m);
	sip_text_header(&m, "Allow", FRONT_END_ALLOW);
	sip_text_header(&m, "Server", SIP_SERVER_FRONT_END);
	add_session(&m, sdp);
	sip_text_require(&m, !err, "The request cannot be answered");
	return finish_again(l, irq, 200, &m);
}

int sip_answer_foreign(struct sip_leg *l, nta_incoming_t *irq, int status,
		       const struct foreign *words)
{
	msg_t *request = nta_incoming_getrequest(irq);
	struct sip_text m = SIP_TEXT_INIT;
	int err = start_again(&m, sip_object(request), status, words->phrase);
	sip_method_t method = nta_incoming_method(irq);
	bool is_refresh = method == sip_method_invite || method == sip_method_update;

	msg_destroy(request);
	if (status < 300)
		front_end_add_contact(l->front_end, &m, l->self, l->transport);
	if (status / 100 == 2 && is_refresh)
		sip_interval_add_answer(l, &m);
	sip_foreign_add(&m, words);
	sip_text_require(&m, !err, "The request cannot be answered");
	return finish_again(l, irq, status, &m);
}
