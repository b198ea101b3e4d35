/*
 * SIP leg: offers and answers within its dialog
 */
#include "mcxd/front_end/offer.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/leg.h"
#include "mcxd/front_end/answer.h"
#include "mcxd/front_end/interval.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refresh.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/front_end/session.h"
#include "mcxd/front_end/way.h"
#include "proto/diag.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

enum { MAX_RETRY_S = 10 };

static void take(struct sip_leg *l, const struct sip_session *session)
{
	l->session = session->sdp;
	l->leg.reads = session->sdp.reads;
}

bool sip_offer_settled(struct sip_leg *l, const sip_t *ack)
{
	CLEANUP(sip_session_deinit) struct sip_session answer = { .sdp = { .im = false } };
	const char *why;

	if (!l->has_offered)
		return true;
	l->has_offered = false;
	if (sip_session_decode(ack, &answer, &why) != DIAG_SUCCESS) {
		log_info("front_end", fsm_label(&l->fsm), "the ACK does not accept our offer: %s",
			 why);
		return false;
	}
	take(l, &answer);
	return true;
}

/* ---- whose turn it is ---- */

/* RFC 3261, 14.2, and RFC 3311, 5.2: a random time between 0 and 10 s. */
static void refuse_for_now(struct sip_leg *l, nta_incoming_t *irq)
{
	char header[40];
	uint16_t random;

	random_bytes(&random, sizeof(random));
	snprintf(header, sizeof(header), "Retry-After: %u\r\n", random % (MAX_RETRY_S + 1U));
	front_end_refuse(l->front_end, irq, DIAG_SERVER_ERROR,
			 "An earlier request with an offer has not been answered yet", header);
}

/* An offer of ours waits for its answer. */
static bool is_ours_open(const struct sip_leg *l)
{
	return l->has_offered || l->calling || sip_refresh_has_offered(l);
}

/* An offer of theirs waits for ours. */
static bool is_theirs_open(const struct sip_leg *l)
{
	return l->n_answers > 0 || l->n_passed_offers > 0 ||
	       (l->leg.caller && l->fsm.state == SIP_LEG_EARLY);
}

bool sip_offer_refuse(struct sip_leg *l, nta_incoming_t *irq, bool is_offer)
{
	if (l->fsm.state == SIP_LEG_OVER || l->fsm.state == SIP_LEG_ENDING)
		front_end_refuse(l->front_end, irq, DIAG_CONVERSATION_ENDED, NULL, NULL);
	else if (is_offer && is_ours_open(l))
		front_end_refuse(l->front_end, irq, DIAG_REQUEST_PENDING, NULL, NULL);
	else if (is_offer && is_theirs_open(l))
		refuse_for_now(l, irq);
	else
		return false;
	return true;
}

/* ---- theirs ---- */

/* It wants our offer, and the session of a call is not ours to describe. */
static bool refuse_to_offer(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	if (!l->is_call || sip_session_is_described(sip))
		return false;
	front_end_refuse(l->front_end, irq, DIAG_BAD_MODALITY,
			 "Within a call an INVITE has an offer", NULL);
	return true;
}

/* Decode their offer and describe our answer; without one, describe our offer if that is wanted. False: refused. */
static bool make_session(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip,
			 struct text *ret_sdp)
{
	CLEANUP(sip_session_deinit) struct sip_session session = { .sdp = { .im = false } };
	bool is_described = sip_session_is_described(sip);
	const char *why = NULL;
	enum diag_code code = DIAG_SUCCESS;

	if (is_described)
		code = sip_session_decode(sip, &session, &why);
	if (code == DIAG_SUCCESS &&
	    sip_session_describe(l, is_described ? text_str(&session.outline) : NULL, ret_sdp))
		code = DIAG_SERVER_ERROR;
	if (code != DIAG_SUCCESS) {
		front_end_refuse(l->front_end, irq, code, why,
				 code == DIAG_BAD_TYPE ? "Accept: " SDP_IM_CONTENT_TYPE "\r\n"
						       : NULL);
		return false;
	}
	if (is_described)
		take(l, &session);
	return true;
}

/* It is a refresh of the session and of the target. Before the answer to the INVITE the interval is not agreed on yet. */
static void refresh(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	if (l->fsm.state == SIP_LEG_ANSWERED || l->fsm.state == SIP_LEG_CONFIRMED) {
		sip_interval_take_request(l, sip);
		sip_refresh_start(l);
	}
	sip_way_refresh(l, irq, sip);
}

/* The ACK of a re-INVITE; a message is missing if none came within 64 * T1 (RFC 3261, 13.3.1.4 and 14.2). */
static int on_ack(nta_incoming_magic_t *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct sip_leg *l = (struct sip_leg *)magic;
	bool is_ack = sip && sip->sip_request->rq_method == sip_method_ack;

	if (sip && !is_ack)
		return 0; /* a CANCEL comes too late */
	if (!is_ack) {
		metric_inc(&l->front_end->metrics.acks_lost_total);
		log_info("front_end", fsm_label(&l->fsm),
			 "the 200 to a re-INVITE was never acknowledged");
	}
	if (!is_ack || !sip_offer_settled(l, sip))
		sip_leg_break(l);
	l->offering = NULL;
	nta_incoming_destroy(irq);
	sip_leg_settle(l);
	return 0;
}

/* An earlier one that was not acknowledged is repeated by sofia, and this one says as much. */
void sip_offer_await_ack(struct sip_leg *l, nta_incoming_t *irq)
{
	if (l->offering) {
		sip_answer_drop_one(l, l->offering);
		nta_incoming_destroy(l->offering);
	}
	l->offering = irq;
	nta_incoming_bind(irq, on_ack, (nta_incoming_magic_t *)l);
}

void sip_offer_on_invite(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;

	if (sip_offer_refuse(l, irq, true) || refuse_to_offer(l, irq, sip) ||
	    sip_interval_refuse(l->front_end, irq, sip) || !make_session(l, irq, sip, &sdp))
		return;
	refresh(l, irq, sip);
	if (sip_answer_again(l, irq, sip, &sdp)) {
		front_end_refuse(l->front_end, irq, DIAG_SERVER_ERROR, NULL, NULL);
		return;
	}
	l->has_offered = !sip_session_is_described(sip);
	sip_offer_await_ack(l, irq);
}

void sip_offer_on_update(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;
	bool is_offer = sip_session_is_described(sip);

	if (sip_offer_refuse(l, irq, is_offer) || sip_interval_refuse(l->front_end, irq, sip) ||
	    (is_offer && !make_session(l, irq, sip, &sdp)))
		return;
	refresh(l, irq, sip);
	if (sip_answer_again(l, irq, sip, &sdp))
		front_end_refuse(l->front_end, irq, DIAG_SERVER_ERROR, NULL, NULL);
}
