/*
 * SIP adapter
 */
#include "mcxd/front_end/front_end.h"

#include "mcxd/front_end/invite.h"
#include "mcxd/front_end/leg.h"
#include "mcxd/front_end/private.h"
#include "mcxd/front_end/push.h"
#include "mcxd/front_end/registrar.h"

#include <errno.h>
#include <sofia-sip/sip_header.h>

/* ---- requests outside any dialog ---- */

static void on_options(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	agent_reply(s->agent, irq, 200, NULL,
		    "Allow: " SIP_ALLOW "\r\nAccept: application/sdp\r\n"
		    "Supported: ms-text-format\r\n");
}

/* There is no event package here, and no state to publish (RFC 6665, 3903). */
static void on_event_package(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	(void)sip;
	sip_refuse(s, irq, DIAG_BAD_EVENT, NULL, NULL);
}

static void on_other(struct front_end *s, nta_incoming_t *irq, const sip_t *sip)
{
	/* What pidgin-sipe asks for when it signs in: it goes on after a 404, and only after that. */
	if (!strcmp(sip->sip_request->rq_method_name, "SERVICE"))
		sip_refuse(s, irq, DIAG_DESTINATION_DISABLED, NULL, NULL);
	else
		sip_refuse(s, irq, DIAG_BAD_METHOD, NULL, "Allow: " SIP_ALLOW "\r\n");
}

typedef void request_h(struct front_end *s, nta_incoming_t *irq, const sip_t *sip);

static request_h *handler_of(sip_method_t method)
{
	static const struct {
		sip_method_t method;
		request_h *handler;
	} rows[] = {
		{ sip_method_invite, sip_in_invite },
		{ sip_method_register, registrar_register },
		{ sip_method_options, on_options },
		{ sip_method_subscribe, on_event_package },
		{ sip_method_publish, on_event_package },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].method == method)
			return rows[i].handler;
	return on_other;
}

static void on_request(void *magic, nta_incoming_t *irq, const sip_t *sip)
{
	struct front_end *s = magic;

	if (sip->sip_to->a_tag)
		sip_refuse(s, irq, DIAG_NOT_CONNECTED, NULL, NULL);
	else
		handler_of(sip->sip_request->rq_method)(s, irq, sip);
}

/* ---- the journal's names ---- */

/* Only pushes go to the Edge; everybody else is a client, named by its address. */
static void name_peer(void *magic, const sip_t *sip, bool sent, char *ret, size_t n)
{
	const struct front_end *s = magic;
	char to[URI_MAX_AOR + 1];

	(void)sent;
	if (sip->sip_cseq && sip->sip_cseq->cs_method == sip_method_message && sip->sip_to &&
	    !sip_url_aor(sip->sip_to->a_url, to) && !strcmp(to, s->push_aor))
		snprintf(ret, n, "edge");
}

/* ---- life ---- */

static void declare_metrics(struct front_end *s, struct metrics *set)
{
	static const struct metric rows[N_FRONT_END_METRICS] = {
		[SIP_REFUSED] = { "sip_requests_refused_total",
				  "SIP requests refused before core heard of them.",
				  METRIC_COUNTER },
		[SIP_DIALOGS] = { "sip_dialogs", "SIP dialogs, early ones included.",
				  METRIC_GAUGE },
		[SIP_LOST_ACKS] = { "sip_acks_lost_total",
				    "Answers to invitations that were never acknowledged.",
				    METRIC_COUNTER },
		[SIP_PUSHES_UNANSWERED] = { "sip_pushes_unanswered_total",
					    "Push messages that the next hop did not answer.",
					    METRIC_COUNTER },
		[SIP_UNEXPECTED] = { "sip_dialog_events_unexpected_total",
				     "Events that a dialog's state does not allow.",
				     METRIC_COUNTER },
	};

	memcpy(s->metrics, rows, sizeof(rows));
	if (set)
		metrics_add(set, s->metrics, N_FRONT_END_METRICS);
}

int front_end_new(const struct front_end_args *args, struct front_end **ret_sip)
{
	struct front_end *s = MEM_NEW(struct front_end);
	int err;

	s->loop = args->loop;
	s->journal = args->journal;
	s->config = args->config;
	list_init(&s->legs);
	list_init(&s->registrations);
	list_init(&s->pushes);
	list_init(&s->byes);
	s->fsm_env = (struct fsm_env){ .loop = s->loop, .unexpected = &s->metrics[SIP_UNEXPECTED] };
	if (uri_aor(args->config->push_target, s->push_aor, NULL)) {
		free(s);
		return -EINVAL;
	}
	err = agent_new(
		&(struct agent_args){
			.loop = args->loop,
			.journal = args->journal,
			.metrics = args->metrics,
			.hop = "front-end",
			.server = SIP_SERVER_FRONT_END,
			.config = &args->config->agent,
			.on_request = on_request,
			.name_peer = name_peer,
			.magic = s,
		},
		&s->agent);
	if (err) {
		free(s);
		return err;
	}
	declare_metrics(s, args->metrics);
	*ret_sip = s;
	return 0;
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
	sip_legs_forget(s);
	sip_byes_forget(s);
	agent_free(s->agent);
	free(s);
	return NULL;
}

bool front_end_is_idle(const struct front_end *s)
{
	return list_empty(&s->legs) && list_empty(&s->registrations) && list_empty(&s->pushes);
}

const struct agent *front_end_agent(const struct front_end *s)
{
	return s->agent;
}
