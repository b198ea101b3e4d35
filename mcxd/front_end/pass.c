/*
 * SIP leg: requests that pass from client to client
 */
#include "mcxd/front_end/pass.h"

#include "mcxd/base/list.h"
#include "mcxd/core/foreign.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/relay.h"
#include "mcxd/front_end/address.h"
#include "mcxd/front_end/answer.h"
#include "mcxd/front_end/foreign.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/interval.h"
#include "mcxd/front_end/keep.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/offer.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refresh.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/front_end/way.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_tag.h>

/* A request of theirs, until the other client has answered. */
struct asked {
	struct list of_leg;
	struct sip_leg *leg;
	nta_incoming_t *irq;
	uint64_t id;
	struct sip_way_came came;
	uint32_t cseq;
	bool is_message, is_refresh; /* MESSAGE; INVITE or UPDATE */
};

/* The same on the other side: a request of ours, until it is answered. */
struct asking {
	struct list of_leg;
	struct sip_leg *leg;
	nta_outgoing_t *orq;
	uint64_t id;
	unsigned turns; /* of the leg when it was sent */
	bool is_message, is_refresh;
};

static bool is_refresh(sip_method_t method)
{
	return method == sip_method_invite || method == sip_method_update;
}

/* ---- theirs ---- */

static void asked_free(struct asked *a)
{
	list_remove(&a->of_leg);
	a->leg->n_held--;
	a->leg->n_passed_offers -= a->is_refresh;
	free(a->came.route);
	free(a);
}

/* A CANCEL: sofia has answered it, and the answer to the request still comes from the other client. */
static int on_withdrawn(nta_incoming_magic_t *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct asked *a = (struct asked *)magic;

	(void)irq;
	if (sip && sip->sip_request->rq_method == sip_method_cancel)
		leg_on_withdrawn(&a->leg->leg, a->id);
	return 0;
}

/* What is about the dialog, or asks for something of ours, is for us, and so is a method that sofia does not know: it sends
 * none. */
static bool is_for_us(const sip_t *sip)
{
	sip_method_t method = sip->sip_request->rq_method;

	return method == sip_method_unknown || method == sip_method_ack ||
	       method == sip_method_bye || method == sip_method_cancel ||
	       (is_refresh(method) && !sip->sip_payload);
}

static struct asked *asked_new(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	struct asked *a = MEM_NEW(struct asked);

	a->leg = l;
	a->irq = irq;
	a->id = ++l->last_im;
	a->cseq = sip->sip_cseq->cs_seq;
	a->is_message = sip->sip_request->rq_method == sip_method_message;
	a->is_refresh = is_refresh(sip->sip_request->rq_method);
	sip_way_came_by(l, irq, &a->came);
	list_append(&l->pass_asked, &a->of_leg);
	l->n_held++;
	l->n_passed_offers += a->is_refresh;
	return a;
}

bool sip_pass_on_request(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip,
			 const struct im *im)
{
	CLEANUP(sip_foreign_deinit) struct sip_foreign f = { 0 };
	struct asked *a;

	if (is_for_us(sip) || !leg_can_pass(&l->leg))
		return false;
	if (is_refresh(sip->sip_request->rq_method) && sip_offer_refuse(l, irq, true))
		return true;
	if (l->n_held >= l->front_end->config->max_held_messages) {
		front_end_refuse(l->front_end, irq, DIAG_LIMIT,
				 "Too many requests are waiting for the other client",
				 FRONT_END_RETRY_AFTER);
		return true;
	}
	sip_foreign_request(&f, sip);
	a = asked_new(l, irq, sip);
	nta_incoming_bind(irq, on_withdrawn, (nta_incoming_magic_t *)a);
	if (sip->sip_request->rq_method == sip_method_invite)
		agent_answer(l->front_end->agent, irq, 100, NULL, NULL);
	leg_on_request(&l->leg, &(struct foreign_request){
					.id = a->id,
					.method = sip->sip_request->rq_method_name,
					.im = im,
					.words = f.words,
				});
	return true;
}

static struct asked *find_asked(const struct sip_leg *l, uint64_t id)
{
	list_for_each (node, &l->pass_asked) {
		struct asked *a = LIST_ENTRY(node, struct asked, of_leg);

		if (a->id == id)
			return a;
	}
	return NULL;
}

/* Their new session is agreed, and so is their new target. */
static void accept_refresh(struct sip_leg *l, const struct asked *a)
{
	msg_t *request = nta_incoming_getrequest(a->irq);

	sip_interval_take_request(l, sip_object(request));
	sip_refresh_start(l);
	sip_way_refresh_by(l, &a->came, sip_object(request));
	msg_destroy(request);
}

static void reply(struct sip_leg *l, const struct asked *a, const struct foreign_answer *answer)
{
	nta_incoming_t *irq = a->irq;
	bool is_accepted = answer->status / 100 == 2;

	bool is_invite = nta_incoming_method(irq) == sip_method_invite;

	if (is_accepted && a->is_refresh)
		accept_refresh(l, a);
	if (sip_answer_foreign(l, irq, answer->status, &answer->words)) {
		front_end_refuse(l->front_end, irq, DIAG_SERVER_ERROR, NULL, NULL);
		return;
	}
	if (is_accepted && is_invite)
		sip_offer_await_ack(l, irq);
}

void sip_pass_op_passed(struct leg *leg, const struct foreign_answer *answer)
{
	struct sip_leg *l = sip_leg_of(leg);
	struct asked *a = find_asked(l, answer->id);

	if (!a)
		return;
	if (answer->status && answer->status < 200) {
		sip_answer_foreign(l, a->irq, answer->status, &answer->words);
		return;
	}
	if (a->is_message)
		sip_keep_outcome(l, a->cseq, answer->status / 100 == 2);
	if (answer->status)
		reply(l, a, answer);
	else
		front_end_refuse(l->front_end, a->irq, answer->why.code, answer->why.info, NULL);
	asked_free(a);
}

/* ---- ours ---- */

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip);

static nta_outgoing_t *send_request(struct sip_leg *l, const struct foreign_request *r,
				    struct asking *a)
{
	CLEANUP(text_deinit) struct text headers = TEXT_INIT;
	CLEANUP(mem_free_string) char *expires = sip_interval_request_value(l);
	CLEANUP(mem_free_string) char *min = sip_interval_min_value(l);
	bool has_interval = a->is_refresh && l->interval.s;
	sip_payload_t body[1];

	sip_payload_init(body);
	body->pl_data = mem_no_const(r->words.body);
	body->pl_len = (usize_t)r->words.n_body;
	text_add(&headers, "Contact: ");
	front_end_contact(l->front_end, l->self, l->transport, &headers);
	text_add_all(&headers, "\r\n", r->words.headers ? r->words.headers : "");
	sip_answer_flush(l);
	sip_keep_local(l);
	return nta_outgoing_tcreate(l->dialog, on_answer, (nta_outgoing_magic_t *)a,
				    agent_url(l->route), sip_method_code(r->method), r->method,
				    NULL, TAG_IF(has_interval, SIPTAG_SUPPORTED_STR("timer")),
				    TAG_IF(has_interval, SIPTAG_SESSION_EXPIRES_STR(expires)),
				    TAG_IF(has_interval, SIPTAG_MIN_SE_STR(min)),
				    SIPTAG_HEADER_STR(text_str(&headers)),
				    TAG_IF(r->words.body, SIPTAG_PAYLOAD(body)), TAG_END());
}

bool sip_pass_op_pass(struct leg *leg, const struct foreign_request *r)
{
	struct sip_leg *l = sip_leg_of(leg);
	struct asking *a;

	if (!sip_leg_can_talk(l))
		return false;
	a = MEM_NEW(struct asking);
	a->leg = l;
	a->id = r->id;
	a->turns = l->n_turns;
	a->is_message = r->im;
	a->is_refresh = is_refresh(sip_method_code(r->method));
	a->orq = send_request(l, r, a);
	if (!a->orq) {
		free(a);
		return false;
	}
	list_append(&l->pass_asking, &a->of_leg);
	return true;
}

void sip_pass_op_withdraw(struct leg *leg, uint64_t id)
{
	const struct sip_leg *l = sip_leg_of(leg);

	list_for_each (node, &l->pass_asking) {
		const struct asking *a = LIST_ENTRY(node, struct asking, of_leg);

		if (a->id == id)
			nta_outgoing_cancel(a->orq);
	}
}

/* Try the other way, which the leg may have changed to already. */
static bool ask_again(struct asking *a, nta_outgoing_t *orq)
{
	struct sip_leg *l = a->leg;
	nta_outgoing_t *again;

	if (a->turns == l->n_turns && !sip_way_turn(l))
		return false;
	again = agent_send_again(l->front_end->agent, orq, l->route, on_answer, a);
	if (!again)
		return false;
	nta_outgoing_destroy(orq);
	a->orq = again;
	a->turns = l->n_turns;
	return true;
}

static void pass_answer(const struct asking *a, nta_outgoing_t *orq, const sip_t *sip)
{
	CLEANUP(sip_foreign_deinit) struct sip_foreign f = { 0 };
	CLEANUP(text_deinit) struct text why = TEXT_INIT; /* the log has it */
	struct foreign_answer answer = { .id = a->id, .why = diag_make(DIAG_HOP_TIMEOUT) };

	if (sip && nta_sip_is_internal(sip)) {
		answer.why = sip_way_failure(
			a->leg, agent_failure(orq, sip->sip_status->st_status, &why), NULL);
	} else if (sip) {
		sip_foreign_answer(&f, sip);
		answer.status = sip->sip_status->st_status;
		answer.words = f.words;
	}
	leg_on_passed(&a->leg->leg, &answer, a->is_message && answer.status / 100 != 1);
}

static void accepted(const struct asking *a, nta_outgoing_t *orq, const sip_t *sip)
{
	if (!a->is_refresh || sip->sip_status->st_status / 100 != 2)
		return;
	sip_interval_take_answer(a->leg, sip);
	sip_refresh_start(a->leg);
	sip_way_refresh(a->leg, NULL, sip);
	if (sip->sip_cseq->cs_method == sip_method_invite)
		sip_way_acknowledge(a->leg, orq, sip);
}

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct asking *a = (struct asking *)magic;
	struct sip_leg *l = a->leg;

	if (sip && sip->sip_status->st_status < 200) {
		if (sip->sip_status->st_status > 100)
			pass_answer(a, orq, sip);
		return 0;
	}
	if (nta_sip_is_internal(sip) && ask_again(a, orq))
		return 0;
	if (sip && !nta_sip_is_internal(sip)) {
		sip_way_heard(l);
		accepted(a, orq, sip);
	}
	list_remove(&a->of_leg);
	pass_answer(a, orq, sip);
	free(a);
	if (!sip || sip_leg_is_lost(sip))
		sip_leg_break(l);
	nta_outgoing_destroy(orq);
	sip_leg_settle(l);
	return 0;
}

/* ---- the end ---- */

static void forget_asking(const struct sip_leg *l)
{
	list_for_each_safe (node, &l->pass_asking) {
		struct asking *a = LIST_ENTRY(node, struct asking, of_leg);

		list_remove(&a->of_leg);
		nta_outgoing_destroy(a->orq);
		free(a);
	}
}

void sip_pass_leave(struct sip_leg *l)
{
	list_for_each_safe (node, &l->pass_asked)
		asked_free(LIST_ENTRY(node, struct asked, of_leg));
	forget_asking(l);
}

void sip_pass_drop(struct sip_leg *l)
{
	list_for_each_safe (node, &l->pass_asked) {
		struct asked *a = LIST_ENTRY(node, struct asked, of_leg);

		front_end_refuse(l->front_end, a->irq, DIAG_CONVERSATION_ENDED, NULL, NULL);
		asked_free(a);
	}
	forget_asking(l);
}
