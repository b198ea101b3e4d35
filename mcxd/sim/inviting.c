/*
 * Call: inviting
 */
#include "mcxd/base/loop.h"
#include "mcxd/base/random.h"
#include "mcxd/sim/auth.h"
#include "mcxd/sim/call.h"
#include "mcxd/sim/call_private.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/report.h"
#include "mcxd/sim/sim.h"
#include "mcxd/sim/window.h"
#include "mcxd/sip/agent.h"
#include "proto/sip/name_addr.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/base64.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

static void show_failure(struct sim_call *c, int status, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	CLEANUP(mem_free_string) char *sentence = sim_window_failure(status, c->peer);
	const char *diagnostics = agent_other_header(sip, "ms-diagnostics");

	text_addf(&line, "%d %s", status, sip ? sip->sip_status->st_phrase : "no answer");
	if (diagnostics)
		text_addf(&line, " (%s)", diagnostics);
	sim_call_tell(c, SIM_EVENT_FAILED, c->peer, text_str(&line));
	if (sentence)
		sim_call_tell(c, SIM_EVENT_WINDOW, NULL, sentence);
}

static void send_ack(struct sim_call *c, const sip_t *sip)
{
	nta_outgoing_t *ack;
	sip_cseq_t cseq[1];

	nta_leg_rtag(c->leg, sip->sip_to->a_tag);
	nta_leg_client_reroute(c->leg, sip->sip_record_route, sip->sip_contact, 1);
	sip_cseq_init(cseq);
	cseq->cs_seq = sip->sip_cseq->cs_seq;
	cseq->cs_method = sip_method_ack;
	cseq->cs_method_name = "ACK";
	ack = nta_outgoing_tcreate(c->leg, NULL, NULL, agent_url(c->line.route), SIP_METHOD_ACK,
				   NULL, SIPTAG_CSEQ(cseq), TAG_END());
	if (ack)
		nta_outgoing_destroy(ack);
}

static void on_patience_over(void *magic)
{
	sim_call_hang_up(magic);
}

/* From here on the window shows the name that the server asserts (RFC 3325). */
static void learn_name(struct sim_call *c, const sip_t *sip)
{
	const char *identity = agent_other_header(sip, "P-Asserted-Identity");
	struct name_addr peer;

	if (identity && name_addr_decode(identity, &peer, NULL) == 0 && *peer.display_name)
		mem_set_string(&c->peer, peer.display_name);
}

static void show_progress(struct sim_call *c, int status, const sip_t *sip)
{
	int64_t patience_ms = c->args.config->cancel_after_ms;
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	text_addf(&line, "%d %s", status, sip->sip_status->st_phrase);
	if (sip->sip_server)
		text_addf(&line, " from %s", sip->sip_server->g_string);
	learn_name(c, sip);
	sim_call_tell(c, SIM_EVENT_PROGRESS, NULL, text_str(&line));
	if (status < 180 || c->sender_was_told)
		return;
	c->sender_was_told = true;
	sim_call_tell(c, SIM_EVENT_WINDOW, NULL, sim_window_waiting);
	if (patience_ms)
		loop_timer_set_real(c->args.loop, &c->timer, patience_ms, on_patience_over, c);
}

static nta_response_f on_invite_answer;

/* After a challenge. */
static bool invite_again(struct sim_call *c, nta_outgoing_t *orq, const sip_t *sip)
{
	nta_outgoing_t *next = NULL;

	if (c->line.auth && sim_auth_take(c->line.auth, sip))
		next = agent_send_next(c->line.agent, orq, c->leg, c->line.route, on_invite_answer,
				       c);
	if (!next)
		return false;
	nta_outgoing_destroy(orq);
	c->invite = next;
	return true;
}

static int on_invite_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sim_call *c = (void *)magic;
	int status = nta_outgoing_status(orq);

	if (status < 200) {
		if (sip)
			show_progress(c, status, sip);
		return 0;
	}
	if (c->state == SIM_CALL_INVITING && !c->hanging_up && invite_again(c, orq, sip))
		return 0;
	if (status / 100 != 2) {
		show_failure(c, status, sip);
		sim_call_end(c, SIM_FAILED);
		return 0;
	}
	send_ack(c, sip);
	if (c->state == SIM_CALL_INVITING) {
		sim_call_tell(c, SIM_EVENT_PROGRESS, NULL, "200 OK");
		c->first_line_taken = sip && sip_has_feature(sip->sip_supported, "ms-text-format");
		sim_call_connect(c);
	}
	return 0;
}

static void send_invite(struct sim_call *c)
{
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	CLEANUP(mem_free_string) char *uri = text_format("sip:%s", c->peer);
	CLEANUP(mem_free_string) char *to = text_format("<sip:%s>", c->peer);

	sim_call_add_sdp(c, &sdp);
	text_add(&line, "ms-text-format: text/plain; charset=UTF-8;ms-body=");
	base64_encode(&line, c->first_line, strlen(c->first_line));
	c->leg = nta_leg_tcreate(agent_nta(c->line.agent), sim_call_on_dialog_request, (void *)c,
				 SIPTAG_CALL_ID_STR(c->call_id), SIPTAG_FROM_STR(c->line.from),
				 SIPTAG_TO_STR(to), TAG_END());
	nta_leg_tag(c->leg, NULL);
	c->invite = nta_outgoing_tcreate(
		c->leg, on_invite_answer, (void *)c, agent_url(c->line.route), SIP_METHOD_INVITE,
		agent_url(uri), SIPTAG_CONTACT_STR(c->line.contact),
		SIPTAG_ALLOW_STR(SIM_CALL_ALLOWED), SIPTAG_USER_AGENT_STR("mcxsim desktop"),
		SIPTAG_HEADER_STR(text_str(&line)), SIPTAG_CONTENT_TYPE_STR(SDP_IM_CONTENT_TYPE),
		SIPTAG_PAYLOAD_STR(text_str(&sdp)), NTATAG_PASS_100(1), TAG_END());
}

bool sim_call_invite(struct sim_call *c, const char *peer, const char *first_line)
{
	char call_id[RANDOM_UUID_SIZE];

	if (c->state != SIM_CALL_IDLE)
		return false;
	c->state = SIM_CALL_INVITING;
	mem_set_string(&c->peer, peer);
	c->uri = text_concat("sip:", peer);
	mem_set_string(&c->first_line, first_line);
	random_uuid(call_id);
	mem_set_string(&c->call_id, call_id);
	send_invite(c);
	if (c->invite) {
		sim_call_tell(c, SIM_EVENT_INVITE, c->peer, c->first_line);
		return true;
	}
	sim_report_problem(c->args.report, "cannot send INVITE to %s", peer);
	sim_call_end(c, SIM_FAILED);
	return true;
}
