/*
 * Messages outside a dialog: a request and its answer
 */
#include "mcxd/front_end/pager_request.h"

#include "mcxd/base/list.h"
#include "mcxd/base/loop.h"
#include "mcxd/core/binding.h"
#include "mcxd/front_end/ability.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/outcome.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/sip/forward.h"
#include "proto/sip/im.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <sofia-sip/sip_header.h>

/* The copy for one client. */
struct branch {
	struct list of_request;
	struct pager_request *request;
	nta_outgoing_t *orq;
	uint64_t binding, n_registers;
};

static void branch_free(struct branch *b)
{
	list_remove(&b->of_request);
	if (b->orq)
		nta_outgoing_destroy(b->orq);
	free(b);
}

static void pager_request_free(struct pager_request *r)
{
	list_for_each_safe (node, &r->branches)
		branch_free(LIST_ENTRY(node, struct branch, of_request));
	list_remove(&r->of_front_end);
	list_remove(&r->of_leg);
	loop_timer_stop(&r->patience);
	text_deinit(&r->best_answer);
	free(r->info);
	free(r);
}

struct pager_request *pager_request_new(struct front_end *s, nta_incoming_t *irq)
{
	struct pager_request *r = MEM_NEW(struct pager_request);

	r->front_end = s;
	r->irq = irq;
	r->n_open = 1;
	list_init(&r->branches);
	list_append(&s->pager_requests, &r->of_front_end);
	return r;
}

/* ---- the outcome ---- */

static const char *accepts(enum diag_code code)
{
	return code == DIAG_BAD_TYPE ? "Accept: " SIP_IM_ACCEPT_VALUE "\r\n" : NULL;
}

/* In the endpoint's own words, with the way back that the request had. */
static bool pass_on(struct pager_request *r, const struct text *answer)
{
	struct agent *a = r->front_end->agent;

	if (answer->n == 0 || agent_reply_text(a, r->irq, answer))
		return false;
	nta_incoming_destroy(r->irq);
	return true;
}

static void refuse(struct pager_request *r)
{
	if (!pass_on(r, &r->best_answer))
		front_end_refuse(r->front_end, r->irq, r->best.code, r->best.info,
				 accepts(r->best.code));
	pager_request_free(r);
}

/* RFC 3261, 16.7, step 6: 6xx first, then the lowest class. */
static bool is_better(const struct diag *a, const struct diag *b)
{
	int class_a = a->sip_status / 100, class_b = b->sip_status / 100;

	if (class_b == 0 || class_a == 6)
		return true;
	return class_b != 6 && class_a < class_b;
}

/* own: the endpoint's words, which are taken; may be NULL. */
static void weigh(struct pager_request *r, const struct diag *why, struct text *own)
{
	if (!is_better(why, &r->best))
		return;
	mem_set_string(&r->info, why->info);
	r->best = *why;
	r->best.info = r->info;
	text_deinit(&r->best_answer);
	if (own) {
		r->best_answer = *own;
		*own = TEXT_INIT;
	}
}

void pager_request_close(struct pager_request *r)
{
	if (--r->n_open == 0)
		refuse(r);
}

void pager_request_open(struct pager_request *r)
{
	r->n_open++;
}

void pager_request_refuse(struct pager_request *r, const struct diag *why)
{
	list_remove(&r->of_leg);
	weigh(r, why, NULL);
	pager_request_close(r);
}

void pager_request_accept(struct pager_request *r, int status)
{
	agent_reply(r->front_end->agent, r->irq, status, NULL, NULL);
	pager_request_free(r);
}

void pager_request_leave(struct pager_request *r)
{
	pager_request_free(r);
}

static void on_patience(void *magic)
{
	pager_request_accept(magic, 202);
}

void pager_request_stored(struct pager_request *r)
{
	struct front_end *s = r->front_end;

	if (!loop_timer_is_set(&r->patience))
		loop_timer_set(s->loop, &r->patience, s->config->pager_wait_ms, on_patience, r);
}

/* ---- to a client ---- */

static void read_answer(const struct front_end *s, struct text *ret)
{
	size_t n;
	const char *received = agent_received(s->agent, &n);

	if (sip_forward_bare_answer(ret, received, n))
		text_reset(ret);
}

static void accept_as(struct pager_request *r, int status, const struct text *own)
{
	if (pass_on(r, own))
		pager_request_free(r);
	else
		pager_request_accept(r, status);
}

static int on_response(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct branch *b = (struct branch *)magic;
	struct pager_request *r = b->request;
	CLEANUP(text_deinit) struct text own = TEXT_INIT;
	struct diag why = diag_make(DIAG_NOT_REGISTERED);
	int status = sip->sip_status->st_status;

	(void)orq;
	if (status < 200)
		return 0;
	if (nta_sip_is_internal(sip)) {
		/* As for an invitation: the transport failed, so the contact is gone (RFC 5626, 5.3). */
		if (status == 503)
			binding_lost(r->front_end->core, b->binding, b->n_registers);
	} else {
		read_answer(r->front_end, &own);
		ability_learn(r->front_end, b->binding, sip);
		why = sip_outcome(sip);
	}
	branch_free(b);
	if (why.code == DIAG_SUCCESS) {
		accept_as(r, status, &own);
		return 0;
	}
	/* A challenge or a redirection is meant for us. */
	weigh(r, &why, why.code == DIAG_FORBIDDEN || status < 400 ? NULL : &own);
	pager_request_close(r);
	return 0;
}

static bool start(struct branch *b, const struct binding *binding,
		  const struct pager_received *received)
{
	struct front_end *s = b->request->front_end;
	CLEANUP(text_deinit) struct text own = TEXT_INIT;
	CLEANUP(text_deinit) struct text request = TEXT_INIT;
	const char *route = text_str(&received->route);
	char *host;
	struct uri from;

	if (uri_decode(route, strlen(route), &from, NULL))
		return false;
	host = from.host + (*from.host == '[');
	host[strcspn(host, "]")] = '\0';
	agent_add_via(s->agent, binding->route, &own);
	if (sip_forward_request(&request, text_str(&received->bytes), received->bytes.n,
				&(struct sip_forward_via){
					.own = text_str(&own),
					.source = { .host = host, .port = (uint16_t)from.port },
					.target = binding->contact,
				}))
		return false;
	b->orq = agent_send_own(s->agent, binding->route, &request, on_response, b);
	return b->orq;
}

void pager_request_fork(struct pager_request *r, const struct binding *binding,
			const struct pager_received *received)
{
	const struct diag why = diag_make(DIAG_NOT_REGISTERED);
	struct branch *b = MEM_NEW(struct branch);

	b->request = r;
	b->binding = binding->id;
	b->n_registers = binding->n_registers;
	list_append(&r->branches, &b->of_request);
	pager_request_open(r);
	if (start(b, binding, received))
		return;
	branch_free(b);
	pager_request_refuse(r, &why);
}

void pager_request_forget_all(struct front_end *s)
{
	list_for_each_safe (node, &s->pager_requests) {
		struct pager_request *r = LIST_ENTRY(node, struct pager_request, of_front_end);

		nta_incoming_destroy(r->irq);
		pager_request_free(r);
	}
}
