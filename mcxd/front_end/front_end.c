/*
 * Front end
 */
#include "mcxd/front_end/front_end.h"

#include "mcxd/front_end/answer.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/fsm.h"
#include "mcxd/base/idtab.h"
#include "mcxd/base/list.h"
#include "mcxd/base/log.h"
#include "mcxd/base/metric.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/route.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/dialog.h"
#include "mcxd/front_end/field.h"
#include "mcxd/front_end/invite.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/pager.h"
#include "mcxd/front_end/pager_request.h"
#include "mcxd/front_end/presence/package.h"
#include "mcxd/front_end/presence/publication.h"
#include "mcxd/front_end/presence/subscription.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/push.h"
#include "mcxd/front_end/refuse.h"
#include "mcxd/front_end/registrar.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "mcxd/front_end/way.h"
#include "mcxd/sip/agent.h"
#include "proto/diag.h"
#include "proto/record.h"
#include "proto/sip/sdp_im.h"
#include "proto/sip/text.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>

/* ---- requests outside any dialog ---- */

/* The status is the one that an INVITE would get (RFC 3261, 11.2); without a user it is about the server itself. */
static void on_options(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	char to[URI_MAX_AOR + 1];
	enum diag_code code = DIAG_SUCCESS;

	if (!field_aor(sip->sip_request->rq_url, to))
		code = route_check(s->core, to, agent_is_local(irq));
	if (code != DIAG_SUCCESS)
		front_end_refuse(s, irq, code, NULL, NULL);
	else
		agent_reply(s->agent, irq, 200, NULL,
			    "Allow: " FRONT_END_ALLOW "\r\nAccept: " SDP_IM_CONTENT_TYPE "\r\n"
			    "Supported: ms-text-format\r\nAllow-Events: " PACKAGE_EVENTS "\r\n");
}

/* What belongs into a dialog. */
static void on_stray(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	front_end_refuse(s, irq, DIAG_NOT_CONNECTED, NULL, NULL);
}

static void on_other(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	/* pidgin-sipe sends it while it signs in, and goes on only after a 404. */
	if (!strcmp(sip->sip_request->rq_method_name, "SERVICE"))
		front_end_refuse(s, irq, DIAG_DESTINATION_DISABLED, NULL, NULL);
	else
		front_end_refuse(s, irq, DIAG_BAD_METHOD, NULL, "Allow: " FRONT_END_ALLOW "\r\n");
}

typedef void request_h(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);

static request_h *handler_of(sip_method_t method)
{
	static const struct {
		sip_method_t method;
		request_h *handler;
	} rows[] = {
		{ sip_method_invite, invite_on_request },
		{ sip_method_register, registrar_on_request },
		{ sip_method_options, on_options },
		{ sip_method_bye, on_stray },
		{ sip_method_info, on_stray },
		{ sip_method_update, on_stray },
		{ sip_method_subscribe, sip_subscription_on_request },
		{ sip_method_publish, publication_on_request },
		{ sip_method_message, pager_on_request },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].method == method)
			return rows[i].handler;
	return on_other;
}

/* For an element that would pass it on (RFC 3261, 16.3, step 3): a registrar and a server that is asked about itself do not. */
static bool is_at_its_last_hop(const sip_t *sip)
{
	sip_method_t method = sip->sip_request->rq_method;

	return sip->sip_max_forwards && sip->sip_max_forwards->mf_count == 0 &&
	       method != sip_method_options && method != sip_method_register;
}

static bool lacks_user(const sip_t *sip)
{
	sip_method_t method = sip->sip_request->rq_method;

	return !sip->sip_request->rq_url->url_user &&
	       (method == sip_method_invite || method == sip_method_message);
}

/* In the order of RFC 3261, 8.2 and 16.3. */
static bool refuse(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	enum url_type_e scheme = (enum url_type_e)sip->sip_request->rq_url->url_type;

	if (sip->sip_to->a_tag)
		front_end_refuse(s, irq, DIAG_NOT_CONNECTED, NULL, NULL);
	else if (scheme != url_sip && scheme != url_sips)
		front_end_refuse(s, irq, DIAG_BAD_SCHEME, NULL, NULL);
	else if (is_at_its_last_hop(sip))
		front_end_refuse(s, irq, DIAG_TOO_MANY_HOPS, "Max-Forwards is 0", NULL);
	else if (lacks_user(sip))
		front_end_refuse(s, irq, DIAG_INCOMPLETE, NULL, NULL);
	else
		return front_end_refuse_coding(s, irq, sip);
	return true;
}

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct front_end *s = magic;

	if (!front_end_refuse_required(s, irq, sip) && !refuse(s, irq, sip))
		handler_of(sip->sip_request->rq_method)(s, irq, sip);
}

/* ---- presence ---- */

static void on_changed(void *adapter, const char *aor)
{
	sip_subscription_tell(adapter, aor);
}

static void on_users_changed(void *adapter)
{
	sip_subscription_tell(adapter, NULL);
}

static void on_forgotten(void *adapter, const char *aor, bool removed)
{
	publication_forget(adapter, aor);
	sip_subscription_forget(adapter, aor, removed);
}

const struct presence_port front_end_presence_port = {
	.changed = on_changed,
	.users_changed = on_users_changed,
	.forgotten = on_forgotten,
};

/* ---- the journal ---- */

static bool is_push(const struct front_end *s, const sip_t *sip)
{
	char to[URI_MAX_AOR + 1];

	return sip->sip_cseq && sip->sip_cseq->cs_method == sip_method_message && sip->sip_to &&
	       !field_aor(sip->sip_to->a_url, to) && !strcmp(to, s->push_aor);
}

/* An INVITE that we have answered 180 and keep. */
static int64_t deadline_of(const struct front_end *s, const sip_t *sip)
{
	nta_leg_t *dialog;
	const struct sip_leg *l;

	if (!sip->sip_status || sip->sip_status->st_status != 180 || !sip->sip_to->a_tag)
		return 0;
	dialog = nta_leg_by_dialog(agent_nta(s->agent), NULL, sip->sip_call_id,
				   sip->sip_from->a_tag, NULL, sip->sip_to->a_tag, NULL);
	l = (const struct sip_leg *)nta_leg_magic(dialog, sip_dialog_on_request);
	return l && l->leg.conversation ? conversation_deadline_us(l->leg.conversation) : 0;
}

/* Only pushes go to the Edge; all other peers are clients, named by their address. */
static void about(void *magic, const sip_t *sip, bool sent, struct agent_about *ret)
{
	const struct front_end *s = magic;

	ret->is_push = is_push(s, sip);
	if (ret->is_push)
		snprintf(ret->peer, sizeof(ret->peer), RECORD_HOP_EDGE);
	else if (sent)
		ret->deadline_us = deadline_of(s, sip);
}

static bool is_next_hop(const void *magic, const struct agent_end *end)
{
	const struct front_end *s = magic;

	return agent_leads_to(s->config->push_next_hop, end);
}

/* ---- life ---- */

int front_end_new(const struct front_end_args *args, struct front_end **ret_front_end)
{
	struct front_end *s = MEM_NEW(struct front_end);
	const char *why;
	int err;

	s->loop = args->loop;
	s->journal = args->journal;
	s->config = args->config;
	list_init(&s->legs);
	strtab_init(&s->invites);
	list_init(&s->registrations);
	list_init(&s->pushes);
	list_init(&s->answers);
	list_init(&s->byes);
	idtab_init(&s->endpoints);
	subscriptions_init(&s->subscriptions);
	publications_init(&s->publications);
	list_init(&s->pager_requests);
	list_init(&s->pager_legs);
	s->metrics = (struct front_end_metrics)METRICS_INIT(FRONT_END_METRICS);
	s->fsm_env = (struct fsm_env){ .loop = s->loop,
				       .unexpected = &s->metrics.dialog_events_unexpected_total };
	if (uri_aor(args->config->push_target, s->push_aor, &why)) {
		log_error("front_end", NULL, "invalid push target %s: %s",
			  args->config->push_target, why);
		idtab_deinit(&s->endpoints);
		free(s);
		return -EINVAL;
	}
	err = front_end_auth_new(s, args, &s->auth);
	if (err) {
		free(s);
		return err;
	}
	err = agent_new(
		&(struct agent_args){
			.stack = args->stack,
			.tls_server = args->tls_server,
			.tls_client = args->tls_client,
			.journal = args->journal,
			.metrics = args->metrics,
			.faults = args->faults,
			.joint = FAULT_SIP_PEER,
			.hop = RECORD_HOP_FRONT_END,
			.server = SIP_SERVER_FRONT_END,
			.config = &args->config->agent,
			.on_request = on_request,
			.admit = front_end_auth_admit,
			.signer = front_end_auth_signer,
			.about = about,
			.is_next_hop = is_next_hop,
			.takes_merged = true,
			.magic = s,
		},
		&s->agent);
	if (err) {
		front_end_auth_free(s->auth);
		idtab_deinit(&s->endpoints);
		free(s);
		return err;
	}
	s->pagers = strtab_new();
	METRICS_ADD(args->metrics, "front_end", &s->metrics);
	err = upstream_init(&s->upstream, s);
	if (err)
		s = front_end_free(s);
	*ret_front_end = s;
	return err;
}

void front_end_attach(struct front_end *s, struct core *c)
{
	s->core = c;
}

struct front_end *front_end_free(struct front_end *s)
{
	if (!s)
		return NULL;
	registrar_forget(s);
	sip_push_forget(s);
	sip_leg_forget_all(s);
	sip_answer_forget_all(s);
	sip_way_forget_byes(s);
	idtab_deinit(&s->endpoints);
	strtab_deinit(&s->invites);
	subscriptions_deinit(&s->subscriptions);
	publications_deinit(&s->publications);
	pager_request_forget_all(s);
	s->pagers = strtab_free(s->pagers);
	upstream_deinit(&s->upstream);
	agent_free(s->agent);
	front_end_auth_free(s->auth);
	free(s);
	return NULL;
}

/* A dialog that is kept goes on after a restart. */
static bool has_dialog_to_end(const struct front_end *s)
{
	list_for_each (node, &s->legs) {
		const struct sip_leg *l = LIST_ENTRY(node, struct sip_leg, of_front_end);

		if (!l->leg.row || l->leg.done)
			return true;
	}
	return false;
}

bool front_end_is_idle(const struct front_end *s)
{
	return !has_dialog_to_end(s) && list_empty(&s->registrations) && list_empty(&s->pushes) &&
	       list_empty(&s->answers) && list_empty(&s->pager_requests);
}

const struct upstream *front_end_upstream(const struct front_end *s)
{
	return &s->upstream;
}

const struct agent *front_end_agent(const struct front_end *s)
{
	return s->agent;
}
