/*
 * SIP leg: requests within its dialog
 */
#include "mcxd/front_end/dialog.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/leg.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/messages.h"
#include "mcxd/front_end/offer.h"
#include "mcxd/front_end/pass.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/front_end/way.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/mem.h"

#include <sofia-sip/sip_header.h>

enum {
	SHARES = 16,            /* one dialog may use one of them of all transactions */
	TRANSACTION_MS = 32000, /* timer J (RFC 3261, 17.2.2) */
};

static void on_ack(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	/* The ACK of a re-INVITE, or a repeated one: sofia matched the one that counts. */
	(void)l;
	(void)sip;
	nta_incoming_destroy(irq);
}

/* A callee must not end what it has not accepted (RFC 3261, 15). */
static bool is_early_callee(const struct sip_leg *l)
{
	return !l->leg.caller &&
	       (l->fsm.state == SIP_LEG_EARLY || l->fsm.state == SIP_LEG_CANCELLING);
}

static void on_bye(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	if (is_early_callee(l)) {
		front_end_refuse(l->front_end, irq, DIAG_NOT_CONNECTED, NULL, NULL);
		return;
	}
	agent_reply(l->front_end->agent, irq, 200, NULL, NULL);
	if (l->fsm.state == SIP_LEG_EARLY && l->leg.caller) {
		leg_on_cancelled(&l->leg); /* RFC 3261, 15: a caller may also give up like this */
		return;
	}
	if (fsm_allows(&l->fsm, SIP_LEG_ON_GONE))
		fsm_feed(&l->fsm, SIP_LEG_ON_GONE, NULL);
	leg_on_ended(&l->leg);
}

static void answer_ok(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	agent_reply(l->front_end->agent, irq, 200, NULL, "Allow: " FRONT_END_ALLOW "\r\n");
}

static void on_other(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	front_end_refuse(l->front_end, irq, DIAG_BAD_METHOD, NULL,
			 "Allow: " FRONT_END_ALLOW "\r\n");
}

typedef void dialog_h(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);

static dialog_h *handler_of(sip_method_t method)
{
	static const struct {
		sip_method_t method;
		dialog_h *handler;
	} rows[] = {
		{ sip_method_message, sip_messages_on_message },
		{ sip_method_info, sip_messages_on_info },
		{ sip_method_ack, on_ack },
		{ sip_method_bye, on_bye },
		{ sip_method_invite, sip_offer_on_invite },
		{ sip_method_update, sip_offer_on_update },
		{ sip_method_options, answer_ok },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].method == method)
			return rows[i].handler;
	return on_other;
}

/* ---- limits ---- */

/* sofia has already made a transaction for the request, and keeps that of a request over UDP for as long as the
 * request may be repeated. So a dialog may use a share of them: more requests are refused, and beyond twice the share
 * the dialog ends, but only for one whose sender may ask for that. Returns whether this request counts. */
static bool count_request(struct sip_leg *l)
{
	int64_t now_ms = loop_now_ms(l->front_end->loop);

	if (strcmp(agent_came_by(l->front_end->agent), "udp") != 0)
		return false;
	if (now_ms - l->requests_since_ms >= TRANSACTION_MS) {
		l->requests_since_ms = now_ms;
		l->n_requests = 0;
	}
	l->n_requests++;
	return true;
}

static int64_t share_of(const struct front_end *s)
{
	return s->config->agent.max_transactions / SHARES + s->config->max_held_messages;
}

static void give_up(struct sip_leg *l)
{
	struct diag why = diag_make(DIAG_LIMIT);

	log_info("front_end", fsm_label(&l->fsm), "too many requests in this dialog; ending it");
	if (l->fsm.state == SIP_LEG_EARLY && l->leg.caller) {
		leg_on_cancelled(&l->leg);
	} else if (l->fsm.state == SIP_LEG_EARLY) {
		l->leg.ops->cancel(&l->leg, LEG_CANCEL_CALLER);
		leg_on_refused(&l->leg, &why);
	} else {
		sip_leg_break(l);
	}
}

/* A message may be a repetition: see core/relay.h. */
static bool passes(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	return sip->sip_request->rq_method != sip_method_message &&
	       sip_pass_on_request(l, irq, sip, NULL);
}

static void on_admitted(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip, bool is_flood)
{
	sip_way_back(l, irq);
	if (!front_end_refuse_beyond(l->front_end, irq, sip, is_flood) &&
	    !front_end_refuse_required(l->front_end, irq, sip) &&
	    !front_end_refuse_coding(l->front_end, irq, sip) && !passes(l, irq, sip))
		handler_of(sip->sip_request->rq_method)(l, irq, sip);
	if (is_flood)
		give_up(l);
}

int sip_dialog_on_request(nta_leg_magic_t *magic, nta_leg_t *dialog, nta_incoming_t *irq,
			  const sip_t *sip)
{
	struct sip_leg *l = (struct sip_leg *)magic;
	int64_t share = share_of(l->front_end);
	bool is_counted = sip->sip_request->rq_method != sip_method_ack && count_request(l);
	bool is_beyond = is_counted && l->n_requests > share;
	bool is_flood = is_counted && l->n_requests > 2 * share;

	(void)dialog;
	if ((is_flood || !front_end_refuse_beyond(l->front_end, irq, sip, is_beyond)) &&
	    front_end_auth_admits(l->front_end, irq, sip, l->aor))
		on_admitted(l, irq, sip, is_flood);
	sip_leg_settle(l);
	return 0;
}
