/*
 * SIP leg: a contact that is called
 *
 * Implements core's dial port.
 */
#include "mcxd/base/fsm.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/random.h"
#include "mcxd/core/binding.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"
#include "mcxd/core/user.h"
#include "mcxd/front_end/ability.h"
#include "mcxd/front_end/address.h"
#include "mcxd/front_end/caller.h"
#include "mcxd/front_end/dialog.h"
#include "mcxd/front_end/endpoint.h"
#include "mcxd/front_end/foreign.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/interval.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/link.h"
#include "mcxd/front_end/ops.h"
#include "mcxd/front_end/pager_callee.h"
#include "mcxd/front_end/pager_caller.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refresh.h"
#include "mcxd/front_end/release.h"
#include "mcxd/front_end/restore.h"
#include "mcxd/front_end/session.h"
#include "mcxd/front_end/way.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/ident.h"
#include "proto/sip/im.h"
#include "proto/sip/sdp_im.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/clean.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_tag.h>

enum { MAX_UA_BYTES = 256, FIRST_CSEQ = 1 };

/* Sent again for a longer session it is numbered up to this (front_end/interval). */
#define LAST_INVITE "3 INVITE"

/* ---- what comes back ---- */

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip);

struct callee {
	struct party party;
	char epid[IDENT_EPID_SIZE];
	char *user_agent;
	struct sip_foreign words;
};

static void callee_deinit(struct callee *c)
{
	free(c->user_agent);
	sip_foreign_deinit(&c->words);
}

static void callee_init(struct callee *c, const struct sip_leg *l, const sip_t *sip)
{
	const char *epid = msg_params_find(sip->sip_to->a_params, "epid=");
	const char *agent = sip->sip_server ? sip->sip_server->g_string : NULL;

	if (!agent && sip->sip_user_agent)
		agent = sip->sip_user_agent->g_string;
	*c = (struct callee){ .user_agent = clean_copy(agent, MAX_UA_BYTES) };
	if (!epid || !ident_is_epid(epid))
		epid = l->epid;
	if (epid)
		snprintf(c->epid, sizeof(c->epid), "%s", epid);
	c->party = (struct party){ .aor = l->aor,
				   .display_name = l->display_name,
				   .epid = *c->epid ? c->epid : NULL,
				   .user_agent = c->user_agent };
	if (!l->passes)
		return;
	sip_foreign_answer(&c->words, sip);
	c->party.answer = &c->words.words;
}

static void let_go(struct sip_leg *l)
{
	nta_outgoing_t *calling = l->calling;

	l->calling = NULL;
	nta_outgoing_destroy(calling);
}

static void on_ringing(struct sip_leg *l, const sip_t *sip)
{
	CLEANUP(callee_deinit) struct callee c;

	l->heard = true;
	callee_init(&c, l, sip);
	/* 199 is about one early dialog of several, and the caller has one for all (RFC 6228, 5). */
	if (sip->sip_status->st_status < 180 || sip->sip_status->st_status == 199 ||
	    l->fsm.state != SIP_LEG_EARLY)
		return;
	c.party.status = sip->sip_status->st_status;
	leg_on_ringing(&l->leg, &c.party);
}

static void begin(struct sip_leg *l, const sip_t *sip)
{
	CLEANUP(callee_deinit) struct callee c;

	callee_init(&c, l, sip);
	c.party.needs_first_line =
		l->has_first_line && !sip_has_feature(sip->sip_supported, "ms-text-format");
	leg_on_answered(&l->leg, &c.party);
}

static void hang_up(struct sip_leg *l, enum diag_code code, const char *info)
{
	struct diag why = diag_because(code, info);

	fsm_feed(&l->fsm, SIP_LEG_ON_HANG_UP, NULL);
	leg_on_refused(&l->leg, &why);
}

/* What it can do is said by its answer to an invitation to messages. */
static bool learn(const struct sip_leg *l, const sip_t *sip)
{
	const struct conversation *v = l->leg.conversation;

	if (!v || v->media != MEDIA_TEXT || v->conference)
		return false;
	ability_learn(l->front_end, l->binding, sip);
	return true;
}

/* A client without sessions may still take messages one by one. */
static void page_instead(struct sip_leg *l, int status)
{
	const struct binding *b = binding_get(l->front_end->core, l->binding);
	struct leg *leg = NULL;

	if (!l->leg.done && ability_lacks_sessions(status) && b && ability_takes_messages(b))
		leg = pager_callee_dial(l->front_end, b);
	if (leg)
		conversation_add_leg(l->leg.conversation, leg);
}

/* The transaction is destroyed last, because the message belongs to it. */
static void on_accepted(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip)
{
	CLEANUP(sip_session_deinit) struct sip_session session = { .sdp = { .im = false } };
	bool crossed = l->fsm.state == SIP_LEG_CANCELLING;
	const char *why;
	enum diag_code code = sip_session_decode(sip, &session, &why);

	l->session = session.sdp;
	l->leg.reads = l->session.reads;
	nta_leg_rtag(l->dialog, sip->sip_to->a_tag);
	nta_leg_client_route(l->dialog, sip->sip_record_route, sip->sip_contact);
	sip_way_acknowledge(l, orq, sip);
	learn(l, sip);
	sip_way_to_target(l);
	sip_interval_take_answer(l, sip);
	sip_refresh_start(l);
	fsm_feed(&l->fsm, SIP_LEG_ON_CONFIRMED, NULL);
	if (!crossed && (l->is_call || code == DIAG_SUCCESS))
		begin(l, sip);
	else if (!crossed)
		hang_up(l, code, why);
	let_go(l);
}

/* A failure on the way to the contact is not the callee's refusal: to the caller, the callee is not there. */
static struct diag refusal_of(const struct sip_leg *l, const sip_t *sip,
			      struct diag_header *details)
{
	int status = sip->sip_status->st_status;
	const char *header = agent_other_header(sip, "ms-diagnostics");
	struct diag why = diag_make(diag_code_of_refusal(status));

	if (nta_sip_is_internal(sip))
		return sip_way_failure(l, DIAG_NOT_REGISTERED, "The endpoint cannot be reached");
	why.sip_status = status;
	if (header && !diag_decode(header, details) && *details->reason)
		why.info = details->reason;
	return why;
}

/* The contact never received it: try the other way, if there is one. */
static bool invite_again(struct sip_leg *l, nta_outgoing_t *orq)
{
	nta_outgoing_t *again;

	if (l->heard || l->fsm.state != SIP_LEG_EARLY || !sip_way_turn(l))
		return false;
	again = agent_send_again(l->front_end->agent, orq, l->route, on_response, l);
	if (!again)
		return false;
	let_go(l);
	l->calling = again;
	return true;
}

/* Its session is to last longer without a refresh (RFC 4028, 7.4). */
static bool invite_longer(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip)
{
	nta_outgoing_t *again = NULL;

	if (sip->sip_status->st_status == 422 && l->fsm.state == SIP_LEG_EARLY)
		again = sip_interval_invite_again(l, orq, sip, on_response);
	if (!again)
		return false;
	let_go(l);
	l->calling = again;
	return true;
}

static void on_refused(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip)
{
	CLEANUP(sip_foreign_deinit) struct sip_foreign as = { 0 };
	bool is_theirs = !nta_sip_is_internal(sip);
	struct diag_header details;
	struct diag why;

	if (is_theirs ? invite_longer(l, orq, sip) : invite_again(l, orq))
		return;
	/* sofia's own 503: the transport failed, so the contact is gone (RFC 5626, 5.3). Its own 408 may be
	 * lost packets. */
	if (!is_theirs && sip->sip_status->st_status == 503)
		binding_lost(l->front_end->core, l->binding, l->n_registers);
	why = refusal_of(l, sip, &details);
	if (is_theirs) {
		sip_foreign_refusal(&as, sip);
		if (learn(l, sip))
			page_instead(l, sip->sip_status->st_status);
	}
	fsm_feed(&l->fsm, SIP_LEG_ON_REFUSED, NULL);
	leg_on_refused_as(&l->leg, &why, is_theirs ? &as.words : NULL);
	let_go(l);
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sip_leg *l = (struct sip_leg *)magic;
	int status = sip->sip_status->st_status;

	if (status < 200)
		on_ringing(l, sip);
	else if (status < 300)
		on_accepted(l, orq, sip);
	else
		on_refused(l, orq, sip);
	sip_leg_settle(l);
	return 0;
}

/* ---- the INVITE ---- */

/* A phone calls in the mobility service's name. Its user has signed in, so the identity is certain (RFC 3325). */
static void add_phone(struct sip_text *m, const struct invitation *inv)
{
	CLEANUP(text_deinit) struct text identity = TEXT_INIT;
	CLEANUP(mem_free_string) char *agent = clean_copy(inv->caller->agent, MAX_UA_BYTES);

	uri_add_name_addr(&identity, inv->from_name, inv->from);
	sip_text_header(m, "P-Asserted-Identity", text_str(&identity));
	sip_text_pieces(m, "User-Agent", SIP_SERVER_MCX " ", agent ? agent : "");
}

static void add_invitation_headers(struct sip_text *m, const struct sip_leg *l,
				   const struct invitation *inv)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	front_end_add_contact(l->front_end, m, inv->from, l->transport);
	if (inv->first_line) {
		sip_im_first_line_encode(&line, inv->first_line_type, inv->first_line,
					 strlen(inv->first_line));
		sip_text_header(m, "ms-text-format", text_str(&line));
	}
	sip_text_header(m, "Ms-Conversation-ID", inv->thread_id);
	sip_text_header(m, "Subject", inv->subject);
	sip_text_header(m, "Priority", inv->importance);
	sip_text_header(m, "Supported", "ms-sender");
	sip_interval_add_request(l, m);
	sip_text_header(m, "Allow", inv->offer ? FRONT_END_PASSES : FRONT_END_ALLOW);
	if (inv->caller->agent)
		add_phone(m, inv);
}

struct call_names {
	struct text from, to;
	char call_id[33], tag[17];
};

static void call_names_init(struct call_names *n, const struct sip_leg *l,
			    const struct invitation *inv)
{
	*n = (struct call_names){ 0 };
	random_hex(16, n->call_id);
	random_hex(8, n->tag);
	uri_add_name_addr(&n->from, inv->from_name, inv->from);
	text_addf(&n->from, ";tag=%s", n->tag);
	if (inv->caller->epid && ident_is_epid(inv->caller->epid))
		text_addf(&n->from, ";epid=%s", inv->caller->epid);
	uri_add_name_addr(&n->to, NULL, l->aor);
}

static int make_invite(struct sip_leg *l, const struct invitation *inv,
		       const struct call_names *names, struct text *ret, const char **ret_why)
{
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;
	const struct foreign own = { .headers = "Content-Type: " SDP_IM_CONTENT_TYPE "\r\n" };
	struct foreign offer = inv->offer ? *inv->offer : own;
	struct sip_text m = SIP_TEXT_INIT;
	char cseq[TEXT_NUMBER_SIZE];

	*ret_why = "the session cannot be described";
	if (!inv->offer && sip_session_describe(l, NULL, &sdp))
		return -EINVAL;
	if (!inv->offer) {
		offer.body = sdp.data;
		offer.n_body = sdp.n;
	}
	sip_text_start_request(&m, "INVITE", l->contact);
	sip_text_header(&m, "From", text_str(&names->from));
	sip_text_header(&m, "To", text_str(&names->to));
	sip_text_header(&m, "Call-ID", names->call_id);
	sip_text_pieces(&m, "CSeq", text_number(cseq, FIRST_CSEQ), " INVITE");
	sip_text_number(&m, "Max-Forwards", inv->hops);
	add_invitation_headers(&m, l, inv);
	sip_foreign_add(&m, &offer);
	return sip_text_finish(&m, ret, ret_why);
}

static bool call(struct sip_leg *l, const struct invitation *inv)
{
	CLEANUP(text_deinit) struct text invite = TEXT_INIT;
	struct call_names names;
	const char *why = "the dialog cannot be made";
	int err = -EINVAL;

	call_names_init(&names, l, inv);
	l->dialog = nta_leg_tcreate(
		agent_nta(l->front_end->agent), sip_dialog_on_request, (nta_leg_magic_t *)l,
		SIPTAG_CALL_ID_STR(names.call_id), SIPTAG_FROM_STR(text_str(&names.from)),
		SIPTAG_TO_STR(text_str(&names.to)), SIPTAG_CSEQ_STR(LAST_INVITE), TAG_END());
	l->call_id = mem_strdup(names.call_id);
	l->local = mem_strdup(text_str(&names.from));
	if (l->dialog)
		err = make_invite(l, inv, &names, &invite, &why);
	if (!err) {
		front_end_link(l->front_end, inv->key, names.call_id, "invites a contact");
		l->calling =
			agent_send_text(l->front_end->agent, l->route, &invite, on_response, l);
	} else {
		log_warn("front_end", inv->key, "cannot send INVITE to %s: %s", l->contact, why);
	}
	text_deinit(&names.from);
	text_deinit(&names.to);
	return l->calling;
}

/* ---- operations ---- */

static void on_failed_offer(void *magic)
{
	struct sip_leg *l = magic;
	struct diag why = diag_make(DIAG_UNREACHABLE);

	l->end_post = 0;
	leg_on_refused(&l->leg, &why);
}

static void op_offer(struct leg *leg, const struct invitation *inv)
{
	struct sip_leg *l = sip_leg_of(leg);

	l->self = mem_strdup(inv->from);
	l->has_first_line = inv->first_line;
	l->passes = inv->offer;
	l->is_call = inv->media != MEDIA_TEXT || inv->conference;
	if (call(l, inv))
		return;
	fsm_feed(&l->fsm, SIP_LEG_ON_REFUSED, NULL);
	l->end_post = loop_post(l->front_end->loop, on_failed_offer, l);
}

/* RFC 3326: why a client stops ringing. */
static const char *reason_of(enum leg_cancel why)
{
	switch (why) {
	case LEG_CANCEL_ELSEWHERE: return "SIP;cause=200;text=\"Call completed elsewhere\"";
	case LEG_CANCEL_DECLINED: return "SIP;cause=603;text=\"Decline\"";
	case LEG_CANCEL_TIMEOUT: return "SIP;cause=408;text=\"Request Timeout\"";
	case LEG_CANCEL_SHUTDOWN:
	case LEG_CANCEL_RESTART: return "SIP;cause=503;text=\"Service Unavailable\"";
	case LEG_CANCEL_CALLER: break;
	}
	return "SIP;cause=487;text=\"Request Terminated\"";
}

/* sofia delays the CANCEL until there is a provisional answer, and keeps its transaction itself. */
static void op_cancel(struct leg *leg, enum leg_cancel why)
{
	struct sip_leg *l = sip_leg_of(leg);

	if (!l->calling || l->fsm.state != SIP_LEG_EARLY)
		return;
	fsm_feed(&l->fsm, SIP_LEG_ON_CANCEL, NULL);
	nta_outgoing_tcancel(l->calling, NULL, NULL, SIPTAG_REASON_STR(reason_of(why)), TAG_END());
}

static const struct leg_ops ops = {
	SIP_LEG_OPS,
	.offer = op_offer,
	.cancel = op_cancel,
};

static struct leg *dial(void *adapter, const struct binding *contact)
{
	struct front_end *s = adapter;
	struct sip_leg *l;

	if (!contact->contact || !contact->route || !*contact->route)
		return NULL;
	l = sip_leg_new(s, &ops);
	l->route = mem_strdup(contact->route);
	l->transport = agent_route_transport(contact->route);
	l->n_registers = contact->n_registers;
	l->contact = mem_strdup(contact->contact);
	sip_way_to_contact(l, l->contact);
	l->aor = mem_strdup(contact->user->aor);
	l->display_name = mem_strdup(contact->user->display_name);
	l->epid = mem_strdup(contact->epid);
	sip_endpoint_join(l, contact->id);
	return &l->leg;
}

static struct leg *restore(void *adapter, const struct store_row *dialog,
			   const struct store_row *cseq)
{
	struct sip_leg *l;

	if (dialog->dialog.caller)
		return sip_caller_restore(adapter, dialog, cseq);
	l = sip_leg_new(adapter, &ops);
	if (sip_leg_restore(l, dialog, cseq))
		return &l->leg;
	sip_leg_op_free(&l->leg);
	return NULL;
}

static struct leg *page(void *adapter, const struct binding *contact)
{
	return pager_callee_dial(adapter, contact);
}

static struct leg *restore_pager(void *adapter, const struct store_row *row)
{
	return row->pager.caller ? pager_caller_restore(adapter, row)
				 : pager_callee_restore(adapter, row);
}

static bool can_restore(void *adapter, const struct store_row *dialog)
{
	(void)adapter;
	return sip_leg_can_restore(dialog);
}

const struct dial_port front_end_dial_port = { .dial = dial,
					       .page = page,
					       .restore = restore,
					       .restore_pager = restore_pager,
					       .can_restore = can_restore,
					       .expired = sip_leg_registration_expired };
