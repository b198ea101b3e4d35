/*
 * SIP leg: the way to the other end
 */
#include "mcxd/front_end/way.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/su_tag.h>

enum { MAX_CONTACT_BYTES = 512 };

void sip_way_to_contact(struct sip_leg *l, const char *contact)
{
	struct text route = TEXT_INIT;
	int err = agent_contact_route(l->front_end->agent, contact, l->transport, &route);

	free(l->target);
	l->target = NULL;
	l->target_is_unknown = err == -EHOSTUNREACH;
	if (!err && strcmp(text_str(&route), l->route) != 0)
		l->target = text_take(&route);
	text_deinit(&route);
}

/* With a route set it is not the Contact but the first of the set, which an answer holds in reverse (RFC 3261, 12.1). */
static const url_t *next_hop(const sip_t *sip)
{
	const sip_record_route_t *route = sip->sip_record_route;

	if (!route)
		return sip->sip_contact ? sip->sip_contact->m_url : NULL;
	while (!sip->sip_request && route->r_next)
		route = route->r_next;
	return route->r_url;
}

void sip_way_to_sender(struct sip_leg *l, const sip_t *sip)
{
	const url_t *hop = next_hop(sip);
	char contact[MAX_CONTACT_BYTES];
	url_t url[1];

	if (!hop) {
		sip_way_to_contact(l, NULL);
		return;
	}
	*url = *hop;
	url->url_headers = NULL;
	if (url_e(contact, sizeof(contact), url) < (issize_t)sizeof(contact))
		sip_way_to_contact(l, contact);
}

void sip_way_back(struct sip_leg *l, nta_incoming_t *irq)
{
	struct text route = TEXT_INIT;

	agent_source(l->front_end->agent, irq, &route);
	free(l->route);
	l->route = text_take(&route);
	l->transport = agent_came_by(l->front_end->agent);
}

bool sip_way_turn(struct sip_leg *l)
{
	if (!l->target)
		return false;
	free(l->route);
	l->route = l->target;
	l->target = NULL;
	l->n_turns++;
	return true;
}

/* Not 504, which is for a server in between, nor 478, which no standard defines (RFC 3263, 4.3: as if the host had answered
 * 503). */
struct diag sip_way_failure(const struct sip_leg *l, enum diag_code otherwise, const char *info)
{
	struct front_end *s = l->front_end;
	struct diag why = diag_because(otherwise, info);
	char more[LOG_LEFT_OUT_SIZE];
	int64_t n_left_out;

	if (!l->target_is_unknown)
		return why;
	metric_inc(&s->metrics.names_unknown_total);
	if (log_throttle_passes(&s->unknown_names, loop_real_ms(s->loop), &n_left_out))
		log_warn("front_end", fsm_label(&l->fsm),
			 "the client cannot be reached where it came from, and its address is a "
			 "name that is not in [hosts]%s",
			 log_left_out(n_left_out, more));
	why = diag_because(DIAG_DNS_A, "The address of the endpoint is a name that is not known");
	why.sip_status = diag_row(DIAG_UNREACHABLE)->sip_status;
	return why;
}

/* ---- BYE ---- */

/* A BYE that can be sent another way. It may outlive its leg. */
struct bye {
	struct list of_front_end;
	struct front_end *front_end;
	char *target;
	nta_outgoing_t *orq;
};

static void bye_free(struct bye *b)
{
	list_remove(&b->of_front_end);
	if (b->orq)
		nta_outgoing_destroy(b->orq);
	free(b->target);
	free(b);
}

/* The second BYE is on its own: sofia keeps its transaction until it is answered. */
static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct bye *b = (struct bye *)magic;

	if (sip && sip->sip_status->st_status < 200)
		return 0;
	if (nta_sip_is_internal(sip))
		nta_outgoing_destroy(
			agent_send_again(b->front_end->agent, orq, b->target, NULL, NULL));
	bye_free(b);
	return 0;
}

void sip_way_bye(struct sip_leg *l)
{
	struct bye *b;

	if (!l->target) {
		nta_outgoing_destroy(nta_outgoing_tcreate(l->dialog, NULL, NULL,
							  agent_url(l->route), SIP_METHOD_BYE, NULL,
							  TAG_END()));
		return;
	}
	b = MEM_NEW(struct bye);
	b->front_end = l->front_end;
	b->target = mem_strdup(l->target);
	list_append(&l->front_end->byes, &b->of_front_end);
	b->orq = nta_outgoing_tcreate(l->dialog, on_answer, (nta_outgoing_magic_t *)b,
				      agent_url(l->route), SIP_METHOD_BYE, NULL, TAG_END());
	if (!b->orq)
		bye_free(b);
}

void sip_way_forget_byes(struct front_end *s)
{
	list_for_each_safe (node, &s->byes) {
		bye_free(LIST_ENTRY(node, struct bye, of_front_end));
	}
}
