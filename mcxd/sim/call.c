/*
 * Call
 */
#include "mcxd/sim/call.h"

#include "mcxd/sim/auth.h"

#include "mcxd/base/loop.h"
#include "mcxd/sim/call_private.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/messages.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/im.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

static nta_response_f on_bye_answer, on_cancelled;

/* message: what it is about, if that is not text. */
static void tell(const struct sim_call *c, enum sim_event_kind kind, const char *peer,
		 const char *text, const char *message)
{
	const struct sim_field fields[] = { { "peer", peer },
					    { "uri", peer ? c->uri : NULL },
					    { "text", text },
					    { "message", message },
					    { "callId", c->call_id } };
	CLEANUP(text_deinit) struct text summary = TEXT_INIT;

	text_add_all(&summary, peer ? peer : "", peer && text ? ": " : "", text ? text : "");
	sim_report_event(c->args.report, &(struct sim_event){ .kind = kind,
							      .summary = text_str(&summary),
							      .fields = fields,
							      .n_fields = ARRAY_SIZE(fields) });
}

void sim_call_tell(struct sim_call *c, enum sim_event_kind kind, const char *peer, const char *text)
{
	tell(c, kind, peer, text, NULL);
}

/* ---- the end ---- */

static void clear(struct sim_call *c)
{
	c->state = SIM_CALL_IDLE;
	c->n_received = 0;
	c->sender_was_told = c->hanging_up = false;
	sim_lines_init(&c->waiting);
}

/* Answer the INVITE that still waits for us. */
static void stop_ringing(struct sim_call *c, int status)
{
	nta_incoming_t *irq = c->incoming;

	c->incoming = NULL;
	if (irq)
		agent_reply(c->line.agent, irq, status, NULL, NULL);
}

static void drop_transactions(struct sim_call *c)
{
	sim_messages_drop(&c->messages);
	if (c->invite)
		nta_outgoing_destroy(c->invite);
	if (c->bye)
		nta_outgoing_destroy(c->bye);
	if (c->back)
		nta_outgoing_destroy(c->back);
	if (c->leg)
		nta_leg_destroy(c->leg);
	c->invite = c->bye = c->back = NULL;
	c->leg = NULL;
}

void sim_call_deinit(struct sim_call *c)
{
	loop_timer_stop(&c->timer);
	stop_ringing(c, 480);
	drop_transactions(c);
	mem_set_string(&c->peer, NULL);
	mem_set_string(&c->uri, NULL);
	mem_set_string(&c->call_id, NULL);
	mem_set_string(&c->first_line, NULL);
	sim_lines_deinit(&c->waiting);
}

void sim_call_end(struct sim_call *c, enum sim_outcome outcome)
{
	char *text;

	while ((text = sim_lines_take(&c->waiting))) {
		sim_call_tell(c, SIM_EVENT_NOT_SENT, c->peer, text);
		free(text);
	}
	sim_call_deinit(c);
	clear(c);
	c->args.on_over(c->args.magic, outcome);
}

static void send_bye(struct sim_call *c)
{
	c->state = SIM_CALL_ENDING;
	c->bye = nta_outgoing_tcreate(c->leg, on_bye_answer, (void *)c, agent_url(c->line.route),
				      SIP_METHOD_BYE, NULL, TAG_END());
	if (!c->bye)
		sim_call_end(c, SIM_FAILED);
}

static int on_bye_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sim_call *c = (void *)magic;
	int status = nta_outgoing_status(orq);

	if (status < 200)
		return 0;
	if (c->line.auth && sim_auth_take(c->line.auth, sip)) {
		c->bye = agent_send_next(c->line.agent, orq, c->leg, c->line.route, on_bye_answer,
					 c);
		nta_outgoing_destroy(orq);
		if (c->bye)
			return 0;
	}
	sim_call_tell(c, SIM_EVENT_ENDED, c->peer, NULL);
	sim_call_end(c, status / 100 == 2 ? SIM_DONE : SIM_FAILED);
	return 0;
}

/* Whether the conversation may end: every message of ours has its answer, and as many as were asked for were
 * received. */
static bool is_satisfied(const struct sim_call *c)
{
	int64_t enough = c->args.config->hang_up_after;

	if (!sim_messages_settled(&c->messages))
		return false;
	if (c->hanging_up)
		return true;
	return enough ? c->n_received >= enough : c->finishing;
}

static void hang_up_when_satisfied(struct sim_call *c)
{
	if (c->state == SIM_CALL_CONNECTED && is_satisfied(c))
		send_bye(c);
}

static int on_cancelled(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	(void)magic;
	(void)sip;
	if (nta_outgoing_status(orq) >= 200)
		nta_outgoing_destroy(orq);
	return 0;
}

static void cancel(struct sim_call *c)
{
	c->hanging_up = true;
	nta_outgoing_tcancel(c->invite, on_cancelled, NULL, TAG_END());
}

bool sim_call_hang_up(struct sim_call *c)
{
	if (c->hanging_up || (c->state != SIM_CALL_INVITING && c->state != SIM_CALL_CONNECTED))
		return false;
	if (c->state == SIM_CALL_INVITING) {
		cancel(c);
		return true;
	}
	c->hanging_up = true;
	hang_up_when_satisfied(c);
	return true;
}

bool sim_call_leave(struct sim_call *c)
{
	switch (c->state) {
	case SIM_CALL_IDLE:
	case SIM_N_CALL_STATES: return false;
	case SIM_CALL_INVITING:
		if (!c->hanging_up)
			cancel(c);
		break;
	case SIM_CALL_INVITED:
		stop_ringing(c, 480);
		sim_call_tell(c, SIM_EVENT_ENDED, c->peer, NULL);
		sim_call_end(c, SIM_DONE);
		break;
	case SIM_CALL_CONNECTED: send_bye(c); break;
	case SIM_CALL_ENDING: break;
	}
	return true;
}

void sim_call_finish(struct sim_call *c)
{
	c->finishing = true;
	hang_up_when_satisfied(c);
}

/* ---- messages ---- */

static void send_message(struct sim_call *c, const char *text)
{
	bool sent = sim_messages_send(&c->messages,
				      &(struct sim_way){ .leg = c->leg,
							 .agent = c->line.agent,
							 .route = c->line.route,
							 .auth = c->line.auth },
				      text);

	sim_call_tell(c, sent ? SIM_EVENT_SENT : SIM_EVENT_NOT_SENT, c->peer, text);
}

static void on_message_answer(void *magic, const char *text, const char *refusal)
{
	struct sim_call *c = magic;

	if (refusal)
		tell(c, SIM_EVENT_NOT_DELIVERED, c->peer, refusal, text);
	hang_up_when_satisfied(c);
}

bool sim_call_say(struct sim_call *c, const char *text)
{
	if (!*text || c->state == SIM_CALL_IDLE || c->state == SIM_CALL_ENDING)
		return false;
	if (c->state != SIM_CALL_CONNECTED)
		return sim_lines_add(&c->waiting, text);
	send_message(c, text);
	return true;
}

bool sim_call_type(struct sim_call *c)
{
	CLEANUP(text_deinit) struct text body = TEXT_INIT;
	nta_outgoing_t *orq;

	if (c->state != SIM_CALL_CONNECTED)
		return false;
	sip_im_typing_encode(&body, true);
	orq = nta_outgoing_tcreate(c->leg, NULL, NULL, agent_url(c->line.route), SIP_METHOD_INFO,
				   NULL, SIPTAG_CONTENT_TYPE_STR(SIP_IM_TYPING_CONTENT_TYPE),
				   SIPTAG_PAYLOAD_STR(text_str(&body)), TAG_END());
	if (orq)
		nta_outgoing_destroy(orq);
	return orq;
}

void sim_call_connect(struct sim_call *c)
{
	char *text;

	c->state = SIM_CALL_CONNECTED;
	loop_timer_stop(&c->timer);
	sim_call_tell(c, SIM_EVENT_CONNECTED, c->peer, NULL);
	if (c->state == SIM_CALL_CONNECTED && c->first_line &&
	    (c->args.config->repeat_first_line || !c->first_line_taken))
		send_message(c, c->first_line);
	while (c->state == SIM_CALL_CONNECTED && (text = sim_lines_take(&c->waiting))) {
		send_message(c, text);
		free(text);
	}
	hang_up_when_satisfied(c);
}

/* ---- being invited, and the dialog ---- */

void sim_call_add_sdp(const struct sim_call *c, struct text *sdp)
{
	text_addf(sdp,
		  "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
		  "m=message 5060 sip sip:%s\r\na=accept-types:text/plain text/html\r\n",
		  c->args.config->user);
}

/* sofia has answered the CANCEL, and the INVITE with 487. sip is NULL when the transaction timed out. */
static int on_incoming_cancel(nta_incoming_magic_t *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct sim_call *c = (void *)magic;

	(void)sip;
	c->incoming = NULL;
	nta_incoming_destroy(irq);
	sim_call_tell(c, SIM_EVENT_ENDED, c->peer, NULL);
	sim_call_end(c, SIM_DONE);
	return 0;
}

bool sim_call_accept(struct sim_call *c)
{
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;
	nta_incoming_t *irq = c->incoming;

	if (!irq)
		return false;
	c->incoming = NULL;
	sim_call_add_sdp(c, &sdp);
	nta_incoming_treply(irq, SIP_200_OK, SIPTAG_CONTACT_STR(c->line.contact),
			    SIPTAG_CONTENT_TYPE_STR(SDP_IM_CONTENT_TYPE),
			    SIPTAG_PAYLOAD_STR(text_str(&sdp)), TAG_END());
	nta_incoming_destroy(irq);
	sim_call_connect(c);
	return true;
}

bool sim_call_decline(struct sim_call *c)
{
	if (!c->incoming)
		return false;
	stop_ringing(c, 603);
	sim_call_tell(c, SIM_EVENT_DECLINED, c->peer, NULL);
	sim_call_tell(c, SIM_EVENT_ENDED, c->peer, NULL);
	sim_call_end(c, SIM_DONE);
	return true;
}

static void ring(struct sim_call *c, nta_incoming_t *irq, const sip_t *sip)
{
	c->peer = text_format("%s@%s", sip->sip_from->a_url->url_user,
			      sip->sip_from->a_url->url_host);
	c->uri = text_concat("sip:", c->peer);
	mem_set_string(&c->call_id, sip->sip_call_id->i_id);
	c->leg = nta_leg_tcreate(agent_nta(c->line.agent), sim_call_on_dialog_request, (void *)c,
				 SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM(sip->sip_to),
				 SIPTAG_TO(sip->sip_from), TAG_END());
	nta_leg_tag(c->leg, nta_incoming_tag(irq, NULL));
	nta_leg_server_route(c->leg, sip->sip_record_route, sip->sip_contact);
	c->state = SIM_CALL_INVITED;
	c->incoming = irq;
	nta_incoming_bind(irq, on_incoming_cancel, (nta_incoming_magic_t *)c);
	nta_incoming_treply(irq, SIP_180_RINGING, SIPTAG_CONTACT_STR(c->line.contact), TAG_END());
	sim_call_tell(c, SIM_EVENT_INVITED, c->peer, NULL);
	if (c->args.config->on_invite == SIM_ACCEPT)
		sim_call_accept(c);
}

void sim_call_on_request(struct sim_call *c, nta_incoming_t *irq, const sip_t *sip)
{
	if (sip->sip_request->rq_method != sip_method_invite || !sip->sip_from->a_url->url_user)
		agent_reply(c->line.agent, irq, 405, NULL, "Allow: " SIM_CALL_ALLOWED "\r\n");
	else if (c->state != SIM_CALL_IDLE)
		agent_reply(c->line.agent, irq, 486, NULL, NULL);
	else if (c->args.config->on_invite == SIM_DECLINE)
		agent_reply(c->line.agent, irq, 603, NULL, NULL);
	else
		ring(c, irq, sip);
}

static void take_message(struct sim_call *c, const sip_t *sip)
{
	CLEANUP(mem_free_string)
	char *text = mem_memdup(sip->sip_payload ? sip->sip_payload->pl_data : "",
				sip->sip_payload ? sip->sip_payload->pl_len : 0);

	c->n_received++;
	sim_call_tell(c, SIM_EVENT_MESSAGE, c->peer, text);
	if (c->args.config->echo && c->state == SIM_CALL_CONNECTED)
		send_message(c, text);
	hang_up_when_satisfied(c);
}

static bool is_idle(const sip_t *sip)
{
	return sip->sip_payload &&
	       memmem(sip->sip_payload->pl_data, sip->sip_payload->pl_len, "\"idle\"", 6);
}

int sim_call_on_dialog_request(nta_leg_magic_t *magic, nta_leg_t *leg, nta_incoming_t *irq,
			       const sip_t *sip)
{
	struct sim_call *c = (void *)magic;

	(void)leg;
	switch ((int)sip->sip_request->rq_method) {
	case sip_method_ack: return 0;
	case sip_method_message:
		nta_incoming_treply(irq, SIP_200_OK, TAG_END());
		take_message(c, sip);
		return 200;
	case sip_method_info:
		sim_call_tell(c, is_idle(sip) ? SIM_EVENT_STOPPED_TYPING : SIM_EVENT_TYPING,
			      c->peer, NULL);
		return 200;
	case sip_method_bye:
		nta_incoming_treply(irq, SIP_200_OK, TAG_END());
		nta_incoming_destroy(irq);
		stop_ringing(c, 487);
		sim_call_tell(c, SIM_EVENT_ENDED, c->peer, NULL);
		sim_call_end(c, SIM_DONE);
		return 0;
	default: return 405;
	}
}

/* ---- the beginning ---- */

void sim_call_init(struct sim_call *c, const struct sim_call_args *args)
{
	*c = (struct sim_call){ .args = *args };
	sim_messages_init(&c->messages, on_message_answer, c);
	clear(c);
}

void sim_call_attach(struct sim_call *c, const struct sim_call_line *line)
{
	c->line = *line;
}
