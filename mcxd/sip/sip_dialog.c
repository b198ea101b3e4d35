/*
 * SIP leg: requests within its dialog
 */
#include "mcxd/sip/sip_leg.h"

#include "mcxd/core/conversation.h"
#include "proto/content_type.h"

#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

static void on_ack(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	/* Of a re-INVITE, or once more: sofia has matched the one that counts. */
	(void)l;
	(void)sip;
	nta_incoming_destroy(irq);
}

static void on_bye(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	agent_reply(l->sip->agent, irq, 200, NULL, NULL);
	if (l->fsm.state == SIP_LEG_EARLY && l->leg.caller) {
		leg_on_cancelled(&l->leg); /* RFC 3261, 15: a caller may give up so, too */
		return;
	}
	if (fsm_allows(&l->fsm, SIP_LEG_ON_GONE))
		fsm_feed(&l->fsm, SIP_LEG_ON_GONE, NULL);
	leg_on_ended(&l->leg);
}

static bool offers_im(const sip_t *sip)
{
	struct content_type type;
	struct sdp_im sdp;
	const char *why;

	if (!sip->sip_payload)
		return true; /* asks for our offer, which is the one that stands */
	if (!sip->sip_content_type ||
	    content_type_decode(sip->sip_content_type->c_type, &type, &why) ||
	    strcmp(type.type, SDP_IM_CONTENT_TYPE) != 0)
		return false;
	return !sdp_im_decode(sip->sip_payload->pl_data, sip->sip_payload->pl_len, &sdp, &why) &&
	       sdp.im;
}

static void on_invite(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	struct sip *s = l->sip;

	if (l->fsm.state == SIP_LEG_EARLY || l->fsm.state == SIP_LEG_CANCELLING)
		sip_refuse(s, irq, DIAG_REQUEST_PENDING, NULL, NULL);
	else if (l->fsm.state == SIP_LEG_OVER)
		sip_refuse(s, irq, DIAG_CONVERSATION_ENDED, NULL, NULL);
	else if (!offers_im(sip))
		sip_refuse(s, irq, DIAG_BAD_MODALITY, NULL, NULL);
	else if (sip_answer_again(l, irq, sip))
		sip_refuse(s, irq, DIAG_SERVER_ERROR, NULL, NULL);
	else
		nta_incoming_destroy(irq);
}

static void on_fine(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	agent_reply(l->sip->agent, irq, 200, NULL, "Allow: " SIP_ALLOW "\r\n");
}

static void on_other(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	sip_refuse(l->sip, irq, DIAG_BAD_METHOD, NULL, "Allow: " SIP_ALLOW "\r\n");
}

typedef void dialog_h(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip);

static dialog_h *handler_of(sip_method_t method)
{
	static const struct {
		sip_method_t method;
		dialog_h *handler;
	} rows[] = {
		{ sip_method_message, sip_leg_on_message },
		{ sip_method_info, sip_leg_on_info },
		{ sip_method_ack, on_ack },
		{ sip_method_bye, on_bye },
		{ sip_method_invite, on_invite },
		{ sip_method_update, on_fine },
		{ sip_method_options, on_fine },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].method == method)
			return rows[i].handler;
	return on_other;
}

int sip_dialog_on_request(nta_leg_magic_t *magic, nta_leg_t *dialog, nta_incoming_t *irq,
			  const sip_t *sip)
{
	struct sip_leg *l = (struct sip_leg *)magic;

	(void)dialog;
	handler_of(sip->sip_request->rq_method)(l, irq, sip);
	sip_leg_settle(l);
	return 0;
}
