/*
 * SIP leg: the caller's
 */
#include "mcxd/front_end/caller.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/random.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/front_end/answer.h"
#include "mcxd/front_end/dialog.h"
#include "mcxd/front_end/echo.h"
#include "mcxd/front_end/endpoint.h"
#include "mcxd/front_end/interval.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/merged.h"
#include "mcxd/front_end/offer.h"
#include "mcxd/front_end/ops.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refresh.h"
#include "mcxd/front_end/release.h"
#include "mcxd/front_end/restore.h"
#include "mcxd/front_end/session.h"
#include "mcxd/front_end/way.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_tag.h>

/* The transaction of the INVITE is not needed any more. Without a final, sofia answers it 500. */
static void let_go(struct sip_leg *l)
{
	nta_incoming_destroy(l->invite);
	l->invite = NULL;
}

static void op_ring(struct leg *leg, const struct party *callee)
{
	struct sip_leg *l = sip_leg_of(leg);

	if (l->invite && l->fsm.state == SIP_LEG_EARLY)
		sip_answer_party(l, callee->status ? callee->status : 180, callee);
}

static void on_end_posted(void *magic)
{
	struct sip_leg *l = magic;

	l->end_post = 0;
	leg_on_ended(&l->leg);
}

static void op_answer(struct leg *leg, const struct party *callee)
{
	struct sip_leg *l = sip_leg_of(leg);

	if (!l->invite || l->fsm.state != SIP_LEG_EARLY)
		return;
	l->has_offered = !l->outline && !callee->answer;
	sip_refresh_start(l);
	if (!sip_answer_party(l, 200, callee)) {
		free(l->outline);
		l->outline = NULL;
		fsm_feed(&l->fsm, SIP_LEG_ON_ANSWERED, NULL);
		return;
	}
	let_go(l);
	fsm_feed(&l->fsm, SIP_LEG_ON_REFUSED, NULL);
	l->end_post = loop_post(l->front_end->loop, on_end_posted, l);
}

static void op_refuse(struct leg *leg, const struct diag *why, const struct foreign *as)
{
	struct sip_leg *l = sip_leg_of(leg);

	if (!l->invite || l->fsm.state != SIP_LEG_EARLY)
		return;
	sip_answer_refuse(l, why, as);
	let_go(l);
	fsm_feed(&l->fsm, SIP_LEG_ON_REFUSED, NULL);
}

static const struct leg_ops ops = {
	SIP_LEG_OPS,
	.ring = op_ring,
	.answer = op_answer,
	.refuse = op_refuse,
};

static void on_lost_ack(struct sip_leg *l)
{
	metric_inc(&l->front_end->metrics.acks_lost_total);
	log_info("front_end", fsm_label(&l->fsm), "the 200 was never acknowledged");
	fsm_feed(&l->fsm, SIP_LEG_ON_LOST, NULL);
	let_go(l);
	leg_on_ended(&l->leg);
}

/* sofia reports a CANCEL, an ACK and, without a message, that no ACK came within 64 * T1. */
static int on_ack_or_cancel(nta_incoming_magic_t *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct sip_leg *l = (struct sip_leg *)magic;

	(void)irq;
	if (!sip) {
		on_lost_ack(l);
	} else if (sip->sip_request->rq_method == sip_method_cancel) {
		/* One that crosses the 200 has no effect (RFC 3261, 9.1). */
		if (l->fsm.state == SIP_LEG_EARLY)
			leg_on_cancelled(&l->leg);
	} else if (sip->sip_request->rq_method == sip_method_ack) {
		fsm_feed(&l->fsm, SIP_LEG_ON_CONFIRMED, NULL);
		if (!sip_offer_settled(l, sip))
			sip_leg_break(l);
		let_go(l);
	}
	sip_leg_settle(l);
	return 0;
}

/* With our tag from the start: otherwise sofia would take another INVITE with this Call-ID for one within the
 * dialog. With a number of our own, too: sofia would otherwise take the first one from the time when it is needed, and
 * what is kept ahead of it (keep.h) would be too low after a restart. */
static nta_leg_t *make_dialog(struct sip_leg *l, const sip_t *sip)
{
	su_home_t home[1] = { SU_HOME_INIT(home) };
	nta_leg_t *dialog = NULL;
	sip_to_t *to;

	su_home_init(home);
	to = sip_to_dup(home, sip->sip_to);
	if (to && sip_to_tag(home, to, l->to_tag) == 0)
		dialog = nta_leg_tcreate(agent_nta(l->front_end->agent), sip_dialog_on_request,
					 (nta_leg_magic_t *)l, SIPTAG_CALL_ID(sip->sip_call_id),
					 SIPTAG_FROM(to), SIPTAG_TO(sip->sip_from),
					 SIPTAG_CSEQ_STR("1 INVITE"),
					 NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
	su_home_deinit(home);
	if (dialog)
		nta_leg_server_route(dialog, sip->sip_record_route, sip->sip_contact);
	return dialog;
}

struct leg *sip_caller_restore(struct front_end *s, const struct store_row *dialog,
			       const struct store_row *cseq)
{
	struct sip_leg *l = sip_leg_new(s, &ops);

	if (sip_leg_restore(l, dialog, cseq))
		return &l->leg;
	sip_leg_op_free(&l->leg);
	return NULL;
}

struct leg *sip_caller_new(struct front_end *s, const struct sip_caller *in)
{
	struct sip_leg *l = sip_leg_new(s, &ops);
	struct text route = TEXT_INIT;

	random_hex(8, l->to_tag);
	l->dialog = make_dialog(l, in->sip);
	if (!l->dialog) {
		sip_leg_op_free(&l->leg);
		return NULL;
	}
	agent_source(s->agent, in->irq, &route);
	l->route = text_take(&route);
	l->transport = agent_came_by(s->agent);
	l->invite = in->irq;
	l->self = mem_strdup(in->to);
	l->session = in->offer->sdp;
	if (in->offer->outline.n > 0)
		l->outline = text_take(&in->offer->outline);
	l->leg.reads = l->session.reads;
	l->echo = *in->echo;
	*in->echo = (struct sip_echo){ 0 };
	l->aor = mem_strdup(in->from);
	l->epid = mem_strdup(msg_params_find(in->sip->sip_from->a_params, "epid="));
	l->is_call = in->is_call;
	sip_interval_take_request(l, in->sip);
	sip_way_to_target(l);
	sip_endpoint_binding(l);
	merged_add(l, in->sip);
	nta_incoming_tag(in->irq, l->to_tag);
	nta_incoming_bind(in->irq, on_ack_or_cancel, (nta_incoming_magic_t *)l);
	return &l->leg;
}
