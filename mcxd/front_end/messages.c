/*
 * SIP leg: messages both ways
 */
#include "mcxd/front_end/messages.h"

#include "mcxd/front_end/answer.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"
#include "mcxd/core/relay.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/keep.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/outcome.h"
#include "mcxd/front_end/pass.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/front_end/way.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/im.h"
#include "proto/sip/sdp_im.h"
#include "proto/text/content_type.h"
#include "proto/text/mem.h"
#include "proto/text/message_format.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_tag.h>

/* A MESSAGE of theirs, until core reports its outcome. */
struct held {
	struct list of_leg;
	nta_incoming_t *irq;
	uint64_t id;
	uint32_t cseq;
};

/* A MESSAGE of ours, until it is answered. */
struct sending {
	struct list of_leg;
	struct sip_leg *leg;
	nta_outgoing_t *orq;
	uint64_t id;    /* of the message in core */
	unsigned turns; /* of the leg when it was sent */
};

/* ---- theirs ---- */

static void held_free(struct sip_leg *l, struct held *h)
{
	list_remove(&h->of_leg);
	l->n_held--;
	free(h);
}

static const char *check_message(const struct sip_leg *l, const sip_t *sip,
				 struct sip_im_body *body, enum diag_code *ret_code)
{
	const char *why = NULL;
	int r;

	*ret_code = DIAG_BAD_REQUEST;
	if (!sip->sip_payload || !sip->sip_content_type)
		return "The message is empty";
	if (sip->sip_payload->pl_len > (size_t)l->front_end->config->max_message_bytes) {
		*ret_code = DIAG_TOO_LARGE;
		return "The message is too large";
	}
	CLEANUP(mem_free_string) char *type = field_text(sip->sip_content_type);
	r = sip_im_decode(type, sip->sip_payload->pl_data, sip->sip_payload->pl_len,
			  conversation_peer_reads(&l->leg), body, &why);
	if (r > 0)
		*ret_code = DIAG_BAD_TYPE;
	if (!r && l->n_held >= l->front_end->config->max_held_messages) {
		*ret_code = DIAG_LIMIT;
		return "Too many messages are waiting for delivery";
	}
	return r ? why : NULL;
}

static bool is_connected(const struct sip_leg *l)
{
	return l->leg.conversation && conversation_is_connected(l->leg.conversation);
}

/* Otherwise it is converted on the way. */
static bool is_read_by_peer(const struct sip_leg *l, const sip_t *sip)
{
	unsigned reads = conversation_peer_reads(&l->leg);

	return !reads || message_format_of(sip->sip_content_type->c_type) & reads;
}

void sip_messages_on_message(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	CLEANUP(sip_im_body_deinit) struct sip_im_body body = { 0 };
	enum diag_code code;
	const char *why = check_message(l, sip, &body, &code);
	struct held *h;
	struct im im;

	/* The other client may be able to read what we cannot. */
	if (why && !(code == DIAG_BAD_TYPE && leg_can_pass(&l->leg))) {
		front_end_refuse(l->front_end, irq, code, why,
				 code == DIAG_BAD_TYPE ? "Accept: " SIP_IM_ACCEPT_VALUE "\r\n"
						       : NULL);
		return;
	}
	if (sip_keep_knows(l, sip->sip_cseq->cs_seq)) {
		agent_reply(l->front_end->agent, irq, 200, NULL, NULL);
		return;
	}
	/* It would hold up the end, and the dialog goes on after the restart. */
	if (l->front_end->core->stopping && is_connected(l)) {
		front_end_refuse(l->front_end, irq, DIAG_SHUTDOWN, NULL, FRONT_END_RETRY_AFTER);
		return;
	}
	im = (struct im){ .content_type = body.content_type, .body = body.p, .n_body = body.n };
	if ((why || is_read_by_peer(l, sip)) && sip_pass_on_request(l, irq, sip, why ? NULL : &im))
		return;
	h = MEM_NEW(struct held);
	h->irq = irq;
	im.id = h->id = ++l->last_im;
	h->cseq = sip->sip_cseq->cs_seq;
	list_append(&l->held, &h->of_leg);
	l->n_held++;
	leg_on_said(&l->leg, &im);
}

static struct held *held_find(const struct sip_leg *l, uint64_t im_id)
{
	list_for_each (node, &l->held) {
		struct held *h = LIST_ENTRY(node, struct held, of_leg);

		if (h->id == im_id)
			return h;
	}
	return NULL;
}

void sip_messages_op_storing(struct leg *leg, uint64_t im_id)
{
	struct sip_leg *l = sip_leg_of(leg);
	const struct held *h = held_find(l, im_id);

	if (h)
		sip_keep_storing(l, h->cseq);
}

void sip_messages_op_said(struct leg *leg, uint64_t im_id, const struct diag *outcome)
{
	struct sip_leg *l = sip_leg_of(leg);
	struct held *h = held_find(l, im_id);
	nta_incoming_t *irq;

	if (!h)
		return;
	irq = h->irq;
	sip_keep_outcome(l, h->cseq, outcome->code == DIAG_SUCCESS);
	held_free(l, h);
	if (outcome->code == DIAG_SUCCESS)
		agent_reply(l->front_end->agent, irq, 200, NULL, NULL);
	else
		front_end_refuse(l->front_end, irq, outcome->code, outcome->info, NULL);
}

static void on_typed(void *magic)
{
	struct sip_leg *l = magic;

	leg_on_typing(&l->leg, false);
}

/* A peer that goes on typing says so again; one that has forgotten to say that it stopped has (RFC 3994, 3.3). */
static void set_typing(struct sip_leg *l, bool typing)
{
	int64_t timeout_ms = l->front_end->config->typing_timeout_ms;

	if (typing && timeout_ms)
		loop_timer_set(l->front_end->loop, &l->typing, timeout_ms, on_typed, l);
	else
		loop_timer_stop(&l->typing);
	leg_on_typing(&l->leg, typing);
}

void sip_messages_on_info(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	struct content_type type;
	bool typing;
	const char *why = "The INFO is empty";

	if (!sip->sip_payload || !sip->sip_content_type ||
	    content_type_decode(sip->sip_content_type->c_type, &type, &why)) {
		front_end_refuse(l->front_end, irq, DIAG_BAD_REQUEST, why, NULL);
		return;
	}
	if (strcmp(type.type, SIP_IM_TYPING_CONTENT_TYPE) != 0) {
		front_end_refuse(l->front_end, irq, DIAG_BAD_TYPE, NULL,
				 "Accept: " SIP_IM_TYPING_CONTENT_TYPE "\r\n");
		return;
	}
	if (sip_im_typing_decode(sip->sip_payload->pl_data, sip->sip_payload->pl_len, &typing,
				 &why)) {
		front_end_refuse(l->front_end, irq, DIAG_BAD_REQUEST, why, NULL);
		return;
	}
	agent_reply(l->front_end->agent, irq, 200, NULL, NULL);
	set_typing(l, typing);
}

/* ---- ours ---- */

struct content {
	const char *type;
	const void *p;
	size_t n;
};

static nta_outgoing_t *send_request(struct sip_leg *l, const char *method,
				    const struct content *content, void *magic,
				    nta_response_f *on_response)
{
	sip_payload_t body[1];

	sip_payload_init(body);
	/* The member is not const, though sofia only copies what it points to. */
	memcpy((void *)&body->pl_data, (const void *)&content->p, sizeof(content->p));
	body->pl_len = (usize_t)content->n;
	sip_answer_flush(l);
	sip_keep_local(l);
	return nta_outgoing_tcreate(
		l->dialog, on_response, magic, agent_url(l->route), sip_method_code(method), method,
		NULL, SIPTAG_CONTENT_TYPE_STR(content->type), SIPTAG_PAYLOAD(body), TAG_END());
}

static struct diag outcome_of(const struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT; /* the log has it */

	if (!nta_sip_is_internal(sip))
		return sip_outcome(sip);
	return sip_way_failure(l, agent_failure(orq, sip->sip_status->st_status, &why), NULL);
}

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip);

/* Try the other way, which the leg may have changed to already. */
static bool send_again(struct sending *m, nta_outgoing_t *orq)
{
	struct sip_leg *l = m->leg;
	nta_outgoing_t *again;

	if (m->turns == l->n_turns && !sip_way_turn(l))
		return false;
	again = agent_send_again(l->front_end->agent, orq, l->route, on_answer, m);
	if (!again)
		return false;
	nta_outgoing_destroy(orq);
	m->orq = again;
	m->turns = l->n_turns;
	return true;
}

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct sending *m = (struct sending *)magic;
	struct sip_leg *l = m->leg;
	struct diag outcome;
	uint64_t id = m->id;

	if (sip && sip->sip_status->st_status < 200)
		return 0;
	if (nta_sip_is_internal(sip) && send_again(m, orq))
		return 0;
	if (!nta_sip_is_internal(sip))
		sip_way_heard(l);
	list_remove(&m->of_leg);
	free(m);
	outcome = sip ? outcome_of(l, orq, sip) : diag_make(DIAG_HOP_TIMEOUT);
	leg_on_delivered(&l->leg, id, &outcome);
	if (sip && sip_leg_is_lost(sip))
		sip_leg_break(l);
	nta_outgoing_destroy(orq);
	sip_leg_settle(l);
	return 0;
}

/* The type in our own spelling, because it goes into a header; NULL if we do not know it. */
static const char *known_type(const char *type)
{
	unsigned format = message_format_of(type);

	return format ? message_format_type((enum message_format)format) : NULL;
}

/* In a format that they can show. Returns false if it cannot be sent. */
static bool send_message(struct sip_leg *l, const struct im *im)
{
	CLEANUP(text_deinit) struct text converted = TEXT_INIT;
	CLEANUP(mem_free_string) char *value = NULL;
	struct message_text fit = { known_type(im->content_type), im->body, im->n_body };
	struct sending *m = MEM_NEW(struct sending);

	message_format_fit(&fit, l->session.reads, &converted);
	value = text_concat(fit.content_type, "; charset=UTF-8");
	m->leg = l;
	m->id = im->id;
	m->turns = l->n_turns;
	m->orq = send_request(l, "MESSAGE", &(struct content){ value, fit.p, fit.n }, m, on_answer);
	if (!m->orq) {
		free(m);
		return false;
	}
	list_append(&l->sending, &m->of_leg);
	return true;
}

void sip_messages_op_say(struct leg *leg, const struct im *im)
{
	struct sip_leg *l = sip_leg_of(leg);
	struct diag outcome = diag_make(DIAG_NOT_CONNECTED);

	if (!known_type(im->content_type))
		outcome = diag_make(DIAG_BAD_TYPE);
	else if (sip_leg_can_talk(l) && send_message(l, im))
		return;
	leg_on_delivered(leg, im->id, &outcome);
}

void sip_messages_op_typing(struct leg *leg, bool active)
{
	struct sip_leg *l = sip_leg_of(leg);
	CLEANUP(text_deinit) struct text body = TEXT_INIT;

	if (!sip_leg_can_talk(l))
		return;
	sip_im_typing_encode(&body, active);
	nta_outgoing_destroy(send_request(
		l, "INFO", &(struct content){ SIP_IM_TYPING_CONTENT_TYPE, body.data, body.n }, NULL,
		NULL));
}

static void forget_sending(const struct sip_leg *l)
{
	list_for_each_safe (other, &l->sending) {
		struct sending *m = LIST_ENTRY(other, struct sending, of_leg);

		list_remove(&m->of_leg);
		nta_outgoing_destroy(m->orq);
		free(m);
	}
}

/* Nobody knows whether it will be on the disk. Its sender repeats it, and then the next process knows. An answer would
 * have to be a guess, and destroying the transaction sends one. */
void sip_messages_leave(struct sip_leg *l)
{
	list_for_each_safe (node, &l->held)
		held_free(l, LIST_ENTRY(node, struct held, of_leg));
	forget_sending(l);
}

void sip_messages_drop(struct sip_leg *l)
{
	list_for_each_safe (node, &l->held) {
		struct held *h = LIST_ENTRY(node, struct held, of_leg);
		nta_incoming_t *irq = h->irq;

		held_free(l, h);
		front_end_refuse(l->front_end, irq, DIAG_CONVERSATION_ENDED, NULL, NULL);
	}
	forget_sending(l);
}
