/*
 * Simulated desktop: its one call
 */
#include "mcxd/sim/desktop.h"
#include "proto/sip/name_addr.h"
#include "proto/sip/uri.h"
#include "proto/text/base64.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

#define ALLOWED "INVITE, ACK, CANCEL, BYE, MESSAGE, INFO"

static struct desktop *desktop(void *magic)
{
	return magic;
}

/* A MESSAGE of ours that has no answer yet. */
struct message {
	struct list of_call;
	struct desktop *desktop;
	nta_outgoing_t *orq;
};

static nta_response_f on_invite_answer, on_message_answer, on_bye_answer, on_cancelled;
static nta_request_f on_dialog_request;

/* ---- the end ---- */

void call_init(struct desktop *d)
{
	d->call = (struct call){ 0 };
	list_init(&d->call.unanswered);
}

static void message_free(struct message *m)
{
	list_remove(&m->of_call);
	if (m->orq)
		nta_outgoing_destroy(m->orq);
	free(m);
}

/* Say why to whoever still waits for us to answer. */
static void stop_ringing(struct desktop *d, int status)
{
	nta_incoming_t *irq = d->call.incoming;

	d->call.incoming = NULL;
	if (irq)
		agent_reply(d->agent, irq, status, NULL, NULL);
}

void call_deinit(struct desktop *d)
{
	struct call *call = &d->call;

	loop_timer_stop(&call->timer);
	stop_ringing(d, 480);
	list_for_each_safe (node, &call->unanswered)
		message_free(LIST_ENTRY(node, struct message, of_call));
	if (call->invite)
		nta_outgoing_destroy(call->invite);
	if (call->bye)
		nta_outgoing_destroy(call->bye);
	if (call->leg)
		nta_leg_destroy(call->leg);
	free(call->peer);
	text_deinit(&call->waiting);
	call_init(d);
}

/* Whoever invites has done what was asked; whoever waits to be invited waits for the next. */
static void call_over(struct desktop *d, int exit_code)
{
	call_deinit(d);
	if (d->options->peer || d->input_ended || exit_code != SIM_OK)
		desktop_end(d, exit_code);
}

static void hang_up(struct desktop *d)
{
	struct call *call = &d->call;

	if (call->state != CALL_CONNECTED)
		return;
	call->state = CALL_ENDING;
	call->bye = nta_outgoing_tcreate(call->leg, on_bye_answer, (void *)d,
					 agent_url(text_str(&d->route)), SIP_METHOD_BYE, NULL,
					 TAG_END());
	if (!call->bye)
		call_over(d, SIM_FAILED);
}

static int on_bye_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct desktop *d = desktop(magic);
	int status = nta_outgoing_status(orq);

	(void)sip;
	if (status < 200)
		return 0;
	desktop_say(d, "ended", d->call.peer, NULL);
	call_over(d, status / 100 == 2 ? SIM_OK : SIM_FAILED);
	return 0;
}

/* ---- messages ---- */

static bool done_talking(const struct desktop *d)
{
	const struct desktop_options *o = d->options;

	if (!list_empty(&d->call.unanswered))
		return false;
	return o->hang_up_after ? d->call.n_received >= o->hang_up_after : d->input_ended;
}

static void send_message(struct desktop *d, const char *text)
{
	struct message *m = MEM_NEW(struct message);

	m->desktop = d;
	list_append(&d->call.unanswered, &m->of_call);
	m->orq = nta_outgoing_tcreate(d->call.leg, on_message_answer, (void *)m,
				      agent_url(text_str(&d->route)), SIP_METHOD_MESSAGE, NULL,
				      SIPTAG_CONTENT_TYPE_STR("text/plain; charset=UTF-8"),
				      SIPTAG_PAYLOAD_STR(text), TAG_END());
	if (!m->orq) {
		message_free(m);
		desktop_say(d, "not-sent", d->call.peer, text);
		return;
	}
	desktop_say(d, "sent", d->call.peer, text);
}

static int on_message_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct message *m = (void *)magic;
	struct desktop *d = m->desktop;
	int status = nta_outgoing_status(orq);

	if (status < 200)
		return 0;
	if (status / 100 != 2) {
		char line[80];

		snprintf(line, sizeof(line), "%d %s", status,
			 sip ? sip->sip_status->st_phrase : "no answer");
		desktop_say(d, "not-delivered", d->call.peer, line);
	}
	message_free(m);
	if (done_talking(d))
		hang_up(d);
	return 0;
}

static void send_waiting(struct desktop *d)
{
	CLEANUP(mem_free_string) char *lines = text_take(&d->call.waiting);
	char *rest = lines, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			send_message(d, line);
}

void call_line(struct desktop *d, const char *line)
{
	struct call *call = &d->call;

	if (!*line)
		return;
	if (call->state == CALL_CONNECTED)
		send_message(d, line);
	else
		text_addf(&call->waiting, "%s\n", line);
}

void call_no_more_lines(struct desktop *d)
{
	if (d->call.state == CALL_CONNECTED && done_talking(d))
		hang_up(d);
	else if (d->call.state == CALL_IDLE && !d->options->peer)
		desktop_end(d, SIM_OK);
}

static void connected(struct desktop *d)
{
	d->call.state = CALL_CONNECTED;
	loop_timer_stop(&d->call.timer);
	desktop_say(d, "connected", d->call.peer, NULL);
	if (d->options->repeat_first_line && d->options->first_line)
		send_message(d, d->options->first_line);
	send_waiting(d);
	if (done_talking(d))
		hang_up(d);
}

/* ---- inviting ---- */

/* What the window of a Lync client says, by the status that the INVITE ended with. */
struct window_row {
	int status; /* 0: every other */
	const char *before, *after;
};

static const struct window_row window_rows[] = {
	{ 408, "This message may not have been delivered to ", "." },
	{ 404, "This message was not delivered to ", " because this person is offline." },
	{ 480, "This message was not delivered to ", " because this person is offline." },
	{ 486, "", " does not want to be disturbed." },
	{ 415, "", " cannot receive this type of message." },
	{ 488, "", " cannot receive this type of message." },
	{ 0, "This message was not delivered to ", " because the service is not available." },
};

static void show_failure(struct desktop *d, int status, const sip_t *sip)
{
	const struct window_row *row = window_rows;
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	const char *diagnostics = agent_other_header(sip, "ms-diagnostics");

	text_addf(&line, "%d %s", status, sip ? sip->sip_status->st_phrase : "no answer");
	if (diagnostics)
		text_addf(&line, " (%s)", diagnostics);
	desktop_say(d, "failed", d->call.peer, text_str(&line));
	/* Our own CANCEL: a window that was closed says nothing more. */
	if (status == 487)
		return;
	while (row->status && row->status != status)
		row++;
	text_reset(&line);
	text_addf(&line, "%s%s%s", row->before, d->call.peer, row->after);
	desktop_say(d, "window", NULL, text_str(&line));
}

static void send_ack(struct desktop *d, const sip_t *sip)
{
	nta_outgoing_t *ack;
	sip_cseq_t cseq[1];

	nta_leg_rtag(d->call.leg, sip->sip_to->a_tag);
	nta_leg_client_reroute(d->call.leg, sip->sip_record_route, sip->sip_contact, 1);
	sip_cseq_init(cseq);
	cseq->cs_seq = sip->sip_cseq->cs_seq;
	cseq->cs_method = sip_method_ack;
	cseq->cs_method_name = "ACK";
	ack = nta_outgoing_tcreate(d->call.leg, NULL, NULL, agent_url(text_str(&d->route)),
				   SIP_METHOD_ACK, NULL, SIPTAG_CSEQ(cseq), TAG_END());
	if (ack)
		nta_outgoing_destroy(ack);
}

static void on_cancel_timer(void *magic)
{
	struct desktop *d = magic;

	if (d->call.state == CALL_INVITING && d->call.invite)
		nta_outgoing_tcancel(d->call.invite, on_cancelled, NULL, TAG_END());
}

static int on_cancelled(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	(void)magic;
	(void)sip;
	if (nta_outgoing_status(orq) >= 200)
		nta_outgoing_destroy(orq);
	return 0;
}

/* The name that the server vouches for (RFC 3325) is what the window shows from then on. */
static void learn_name(struct desktop *d, const sip_t *sip)
{
	const char *identity = agent_other_header(sip, "P-Asserted-Identity");
	struct name_addr peer;

	if (identity && name_addr_decode(identity, &peer, NULL) == 0 && *peer.display_name)
		mem_set_string(&d->call.peer, peer.display_name);
}

static void show_progress(struct desktop *d, int status, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text line = TEXT_INIT;

	text_addf(&line, "%d %s", status, sip->sip_status->st_phrase);
	if (sip->sip_server)
		text_addf(&line, " from %s", sip->sip_server->g_string);
	learn_name(d, sip);
	desktop_say(d, "progress", NULL, text_str(&line));
	if (status < 180 || d->call.sender_was_told)
		return;
	d->call.sender_was_told = true;
	desktop_say(d, "window", NULL, "Waiting for a response…");
	if (d->options->cancel_after_ms)
		loop_timer_set_real(d->loop, &d->call.timer, d->options->cancel_after_ms,
				    on_cancel_timer, d);
}

static int on_invite_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct desktop *d = desktop(magic);
	int status = nta_outgoing_status(orq);

	if (status < 200) {
		if (sip)
			show_progress(d, status, sip);
		return 0;
	}
	if (status / 100 != 2) {
		show_failure(d, status, sip);
		call_over(d, SIM_FAILED);
		return 0;
	}
	send_ack(d, sip);
	if (d->call.state == CALL_INVITING) {
		desktop_say(d, "progress", NULL, "200 OK");
		connected(d);
	}
	return 0;
}

static void add_sdp(const struct desktop *d, struct text *sdp)
{
	text_addf(sdp,
		  "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
		  "m=message 5060 sip sip:%s\r\na=accept-types:text/plain text/html\r\n",
		  d->options->user);
}

void call_invite(struct desktop *d)
{
	const struct desktop_options *o = d->options;
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;
	CLEANUP(text_deinit) struct text line = TEXT_INIT;
	CLEANUP(mem_free_string) char *uri = text_format("sip:%s", o->peer);
	CLEANUP(mem_free_string) char *to = text_format("<sip:%s>", o->peer);

	add_sdp(d, &sdp);
	text_add(&line, "ms-text-format: text/plain; charset=UTF-8;ms-body=");
	base64_encode(&line, o->first_line, strlen(o->first_line));
	d->call.peer = mem_strdup(o->peer);
	d->call.state = CALL_INVITING;
	d->call.leg =
		nta_leg_tcreate(agent_nta(d->agent), on_dialog_request, (void *)d,
				SIPTAG_FROM_STR(text_str(&d->from)), SIPTAG_TO_STR(to), TAG_END());
	nta_leg_tag(d->call.leg, NULL);
	d->call.invite = nta_outgoing_tcreate(
		d->call.leg, on_invite_answer, (void *)d, agent_url(text_str(&d->route)),
		SIP_METHOD_INVITE, agent_url(uri), SIPTAG_CONTACT_STR(text_str(&d->contact)),
		SIPTAG_ALLOW_STR(ALLOWED), SIPTAG_USER_AGENT_STR("mcxsim desktop"),
		SIPTAG_HEADER_STR(text_str(&line)), SIPTAG_CONTENT_TYPE_STR("application/sdp"),
		SIPTAG_PAYLOAD_STR(text_str(&sdp)), NTATAG_PASS_100(1), TAG_END());
	if (!d->call.invite) {
		sim_complain("cannot send the INVITE");
		call_over(d, SIM_FAILED);
		return;
	}
	desktop_say(d, "invite", o->peer, o->first_line);
}

/* ---- being invited, and the dialog ---- */

/* sofia answers the CANCEL, and then the INVITE with 487. sip is NULL when the INVITE has had its time. */
static int on_incoming_cancel(nta_incoming_magic_t *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct desktop *d = (void *)magic;

	(void)sip;
	d->call.incoming = NULL;
	nta_incoming_destroy(irq);
	desktop_say(d, "ended", d->call.peer, NULL);
	call_over(d, SIM_OK);
	return 0;
}

static void invited(struct desktop *d, nta_incoming_t *irq, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text sdp = TEXT_INIT;
	struct call *call = &d->call;

	if (call->state != CALL_IDLE || !strcmp(d->options->on_invite, "decline")) {
		agent_reply(d->agent, irq, call->state != CALL_IDLE ? 486 : 603, NULL, NULL);
		return;
	}
	call->peer = text_format("%s@%s", sip->sip_from->a_url->url_user,
				 sip->sip_from->a_url->url_host);
	call->leg = nta_leg_tcreate(agent_nta(d->agent), on_dialog_request, (void *)d,
				    SIPTAG_CALL_ID(sip->sip_call_id), SIPTAG_FROM(sip->sip_to),
				    SIPTAG_TO(sip->sip_from), TAG_END());
	nta_leg_tag(call->leg, nta_incoming_tag(irq, NULL));
	nta_leg_server_route(call->leg, sip->sip_record_route, sip->sip_contact);
	desktop_say(d, "invited", call->peer, NULL);
	nta_incoming_treply(irq, SIP_180_RINGING, SIPTAG_CONTACT_STR(text_str(&d->contact)),
			    TAG_END());
	call->state = CALL_INVITED;
	if (!strcmp(d->options->on_invite, "ignore")) {
		call->incoming = irq;
		nta_incoming_bind(irq, on_incoming_cancel, (nta_incoming_magic_t *)d);
		return;
	}
	add_sdp(d, &sdp);
	nta_incoming_treply(irq, SIP_200_OK, SIPTAG_CONTACT_STR(text_str(&d->contact)),
			    SIPTAG_CONTENT_TYPE_STR("application/sdp"),
			    SIPTAG_PAYLOAD_STR(text_str(&sdp)), TAG_END());
	nta_incoming_destroy(irq);
	connected(d);
}

void call_on_request(struct desktop *d, nta_incoming_t *irq, const sip_t *sip)
{
	if (sip->sip_request->rq_method == sip_method_invite && sip->sip_from->a_url->url_user)
		invited(d, irq, sip);
	else
		agent_reply(d->agent, irq, 405, NULL, "Allow: " ALLOWED "\r\n");
}

static void show_message(struct desktop *d, const sip_t *sip)
{
	CLEANUP(mem_free_string)
	char *text = mem_memdup(sip->sip_payload ? sip->sip_payload->pl_data : "",
				sip->sip_payload ? sip->sip_payload->pl_len : 0);

	d->call.n_received++;
	desktop_say(d, "message", d->call.peer, text);
	if (d->options->echo)
		send_message(d, text);
}

static bool is_idle(const sip_t *sip)
{
	return sip->sip_payload &&
	       memmem(sip->sip_payload->pl_data, sip->sip_payload->pl_len, "\"idle\"", 6);
}

static int on_dialog_request(nta_leg_magic_t *magic, nta_leg_t *leg, nta_incoming_t *irq,
			     const sip_t *sip)
{
	struct desktop *d = desktop(magic);

	(void)leg;
	switch ((int)sip->sip_request->rq_method) {
	case sip_method_ack: return 0;
	case sip_method_message:
		nta_incoming_treply(irq, SIP_200_OK, TAG_END());
		show_message(d, sip);
		if (done_talking(d))
			hang_up(d);
		return 200;
	case sip_method_info:
		desktop_say(d, is_idle(sip) ? "stopped-typing" : "typing", d->call.peer, NULL);
		return 200;
	case sip_method_bye:
		nta_incoming_treply(irq, SIP_200_OK, TAG_END());
		nta_incoming_destroy(irq);
		stop_ringing(d, 487);
		desktop_say(d, "ended", d->call.peer, NULL);
		call_over(d, SIM_OK);
		return 0;
	default: return 405;
	}
}
