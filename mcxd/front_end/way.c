/*
 * SIP leg: the way to the other end
 */
#include "mcxd/front_end/way.h"

#include "mcxd/base/fsm.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/binding.h"
#include "mcxd/front_end/endpoint.h"
#include "mcxd/front_end/keep.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_protos.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_tag.h>

enum { MAX_CONTACT_BYTES = 512, MAX_WAYS = 4 };

void sip_way_to_contact(struct sip_leg *l, const char *contact)
{
	struct text route = TEXT_INIT;
	int err = agent_contact_route(l->front_end->agent, contact, l->transport, &route);

	free(l->target);
	l->target = err ? NULL : text_take(&route);
	l->target_is_unknown = err == -EHOSTUNREACH;
	text_deinit(&route);
}

/* With a route set it is not the Contact but the first of the set (RFC 3261, 12.2.1.1). */
void sip_way_to_target(struct sip_leg *l)
{
	const sip_contact_t *contact = NULL;
	const sip_route_t *route = NULL;
	const url_t *hop;
	char uri[MAX_CONTACT_BYTES];
	url_t url[1];

	if (nta_leg_get_route(l->dialog, &route, &contact) < 0)
		return;
	hop = route ? route->r_url : (contact ? contact->m_url : NULL);
	if (!hop) {
		sip_way_to_contact(l, NULL);
		return;
	}
	*url = *hop;
	url->url_headers = NULL;
	if (url_e(uri, sizeof(uri), url) < (issize_t)sizeof(uri))
		sip_way_to_contact(l, uri);
}

/* ---- what the other end says ---- */

static void set_route(struct sip_leg *l, char *route, const char *transport)
{
	l->transport = transport;
	if (strcmp(route, l->route) == 0) {
		free(route);
		return;
	}
	free(l->route);
	l->route = route;
	l->n_turns++;
}

void sip_way_heard(struct sip_leg *l)
{
	l->heard_ms = loop_now_ms(l->front_end->loop);
	while (l->n_failed > 0)
		free(l->failed[--l->n_failed]);
}

void sip_way_back(struct sip_leg *l, nta_incoming_t *irq)
{
	const char *transport = agent_came_by(l->front_end->agent);
	struct text route = TEXT_INIT;

	sip_way_heard(l);
	if (!l->is_restored && strcmp(transport, "udp") == 0)
		return;
	agent_source(l->front_end->agent, irq, &route);
	set_route(l, text_take(&route), transport);
}

void sip_way_refresh_by(struct sip_leg *l, const struct sip_way_came *came, const sip_t *sip)
{
	if (sip->sip_contact && sip->sip_contact->m_url->url_host)
		nta_leg_client_reroute(l->dialog, NULL, sip->sip_contact, false);
	if (came)
		set_route(l, mem_strdup(came->route), came->transport);
	sip_way_to_target(l);
	sip_keep_dialog(l);
}

void sip_way_came_by(const struct sip_leg *l, nta_incoming_t *irq, struct sip_way_came *ret)
{
	struct text route = TEXT_INIT;

	agent_source(l->front_end->agent, irq, &route);
	*ret = (struct sip_way_came){ text_take(&route), agent_came_by(l->front_end->agent) };
}

void sip_way_refresh(struct sip_leg *l, nta_incoming_t *irq, const sip_t *sip)
{
	struct sip_way_came came = { .route = NULL };

	if (irq)
		sip_way_came_by(l, irq, &came);
	sip_way_refresh_by(l, irq ? &came : NULL, sip);
	free(came.route);
}

/* Given the INVITE's branch, sofia does not search for the INVITE, and does not abort if it is gone. */
void sip_way_acknowledge(struct sip_leg *l, nta_outgoing_t *orq, const sip_t *sip)
{
	nta_outgoing_destroy(nta_outgoing_tcreate(l->dialog, NULL, NULL, agent_url(l->route),
						  SIP_METHOD_ACK, NULL, SIPTAG_CSEQ(sip->sip_cseq),
						  NTATAG_ACK_BRANCH(nta_outgoing_branch(orq)),
						  TAG_END()));
}

/* ---- when one fails ---- */

static bool has_failed(const struct sip_leg *l, const char *route)
{
	for (unsigned i = 0; i < l->n_failed; i++)
		if (strcmp(l->failed[i], route) == 0)
			return true;
	return strcmp(l->route, route) == 0;
}

static bool is_listed(char *const *ways, unsigned n, const char *route)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(ways[i], route) == 0)
			return true;
	return false;
}

static void add_way(const struct sip_leg *l, char *ways[MAX_WAYS], unsigned *n, const char *route)
{
	if (route && *route && *n < MAX_WAYS && !has_failed(l, route) &&
	    !is_listed(ways, *n, route))
		ways[(*n)++] = mem_strdup(route);
}

/* The other ways, the best one first. A client that has registered again is where it did so, unless a proxy is to see the
 * request first. */
static unsigned find_ways(struct sip_leg *l, char *ways[MAX_WAYS])
{
	const struct binding *b = sip_endpoint_binding(l);
	CLEANUP(text_deinit) struct text contact = TEXT_INIT;
	const sip_route_t *route = NULL;
	unsigned n = 0;

	nta_leg_get_route(l->dialog, &route, NULL);
	if (route)
		add_way(l, ways, &n, l->target);
	if (b)
		add_way(l, ways, &n, b->route);
	add_way(l, ways, &n, l->target);
	if (b && !agent_contact_route(l->front_end->agent, b->contact,
				      agent_route_transport(b->route), &contact))
		add_way(l, ways, &n, text_str(&contact));
	return n;
}

static void free_ways(char **ways, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free(ways[i]);
}

bool sip_way_turn(struct sip_leg *l)
{
	char *ways[MAX_WAYS];
	unsigned n;

	if (l->n_failed == ARRAY_SIZE(l->failed))
		return false;
	n = find_ways(l, ways);
	if (!n)
		return false;
	l->failed[l->n_failed++] = l->route;
	l->route = mem_strdup(ways[0]);
	l->transport = agent_route_transport(l->route);
	l->n_turns++;
	free_ways(ways, n);
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

/* A BYE that can be sent other ways. It may outlive its leg. */
struct bye {
	struct list of_front_end;
	struct front_end *front_end;
	char *ways[MAX_WAYS];
	unsigned n_ways, n_tried;
	nta_outgoing_t *orq;
};

static void bye_free(struct bye *b)
{
	list_remove(&b->of_front_end);
	if (b->orq)
		nta_outgoing_destroy(b->orq);
	free_ways(b->ways, b->n_ways);
	free(b);
}

static int on_answer(nta_outgoing_magic_t *magic, nta_outgoing_t *orq, const sip_t *sip)
{
	struct bye *b = (struct bye *)magic;
	nta_outgoing_t *again = NULL;

	if (sip && sip->sip_status->st_status < 200)
		return 0;
	if (nta_sip_is_internal(sip) && b->n_tried < b->n_ways)
		again = agent_send_again(b->front_end->agent, orq, b->ways[b->n_tried++], on_answer,
					 b);
	if (!again) {
		bye_free(b);
		return 0;
	}
	nta_outgoing_destroy(orq);
	b->orq = again;
	return 0;
}

void sip_way_bye(struct sip_leg *l)
{
	struct bye *b = MEM_NEW(struct bye);

	b->front_end = l->front_end;
	b->n_ways = find_ways(l, b->ways);
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
