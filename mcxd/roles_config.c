/*
 * Roles: their configs
 */
#include "mcxd/roles_config.h"

#include "mcxd/base/backoff.h"
#include "mcxd/base/setting.h"
#include "mcxd/checks.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "mcxd/names.h"
#include "mcxd/net/pki.h"
#include "mcxd/net/tls.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/roles.h"
#include "mcxd/settings.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip_role.h"
#include "mcxd/state.h"
#include "proto/push/body.h"
#include "proto/sip/uri.h"
#include "web/http/http.h"
#include "web/lab/lab.h"
#include "web/ucwa/ucwa.h"

/* A section's own values, and those of [net] in place of the others. */
static struct net_settings effective(const struct roles *r, const struct net_settings *own)
{
	const struct net_settings *net = &r->args.settings->net;

#define OR_SHARED(member) .member = setting_or_shared(own->member, net->member)
	return (struct net_settings){
		OR_SHARED(max_connections),       OR_SHARED(max_connections_per_peer),
		OR_SHARED(max_message_bytes),     OR_SHARED(max_transactions),
		OR_SHARED(max_unsent_bytes),      OR_SHARED(handshake_timeout_ms),
		OR_SHARED(message_timeout_ms),    OR_SHARED(unread_timeout_ms),
		OR_SHARED(connection_timeout_ms), OR_SHARED(max_body_bytes),
		OR_SHARED(idle_timeout_ms),       OR_SHARED(max_rate),
	};
#undef OR_SHARED
}

static void fill_agent(const struct roles *r, enum sip_role role, struct agent_config *agent)
{
	const struct net_settings net = effective(r, sip_role_net(role, r->args.settings));

	agent->max_connections = net.max_connections;
	agent->max_connections_per_peer = net.max_connections_per_peer;
	agent->max_message_bytes = net.max_message_bytes;
	agent->max_transactions = net.max_transactions;
	agent->max_unsent_bytes = net.max_unsent_bytes;
	agent->handshake_timeout_ms = net.handshake_timeout_ms;
	agent->message_timeout_ms = net.message_timeout_ms;
	agent->unread_timeout_ms = net.unread_timeout_ms;
	agent->idle_timeout_ms = net.connection_timeout_ms;
}

void roles_fill_http(const struct roles *r, const struct net_settings *own,
		     struct http_config *http)
{
	const struct net_settings net = effective(r, own);

	http->max_connections = net.max_connections;
	http->max_body_bytes = net.max_body_bytes;
	http->idle_timeout_ms = net.idle_timeout_ms;
	http->max_rate = net.max_rate;
	http->trusted_proxies = r->args.settings->trusted_proxies;
}

void roles_fill_push_service(struct roles *r)
{
	const struct settings *s = r->args.settings;
	const struct net_settings net = effective(r, &s->push_service_net);

	r->push_service_config = s->push_service;
	r->push_service_config.max_connections = net.max_connections;
	r->push_service_config.idle_timeout_ms = net.idle_timeout_ms;
	r->push_service_config.apns_key_file = r->args.state->apns_key;
	r->push_service_config.apns_handshake_timeout_ms = s->net.handshake_timeout_ms;
	r->push_service_config.apns_request_timeout_ms = s->net.message_timeout_ms;
	r->push_service_config.apns_unread_timeout_ms = s->net.unread_timeout_ms;
}

/* A sender of this process gives up after a time of its own. By then its answer is to be there, hops included. */
static int64_t in_time_for(int64_t deadline_ms, int64_t timeout_ms)
{
	int64_t most_ms = timeout_ms - timeout_ms / 10;

	return deadline_ms < most_ms ? deadline_ms : most_ms;
}

bool roles_have_own_apns(const struct roles *r)
{
	return !*r->args.settings->clearing_house.apns.url && r->push_service &&
	       push_service_apns_url(r->push_service);
}

void roles_fill_clearing_house(struct roles *r)
{
	const struct settings *s = r->args.settings;
	struct clearing_house_config *config = &r->clearing_house_config;

	*config = s->clearing_house;
	fill_agent(r, SIP_CLEARING_HOUSE, &config->agent);
	config->proves_peers =
		checks_tls_client(s->clearing_house_tls.client) == TLS_CLIENT_REQUIRED;
	if (!*config->allow_hosts && r->own_hosts)
		config->allow_hosts = r->own_hosts;
	if (roles_have_own_apns(r)) {
		config->apns.url = push_service_apns_url(r->push_service);
		if (!*config->apns.ca_file)
			config->apns.ca_file = r->args.state->authority.cert;
	}
	if (r->foreign_house) {
		config->allow_hosts = "push.invalid";
		config->apns.url = NULL;
	}
	if (r->args.set & ROLE_EDGE)
		config->deadline_ms = in_time_for(config->deadline_ms, s->edge.timeout_ms);
	if (r->args.set & ROLE_FRONT_END)
		config->deadline_ms = in_time_for(config->deadline_ms, s->sip.push_timeout_ms);
}

void roles_fill_edge(struct roles *r)
{
	r->edge_config = r->args.settings->edge;
	fill_agent(r, SIP_EDGE, &r->edge_config.agent);
	r->edge_config.routes = &r->args.settings->routes;
	if (!*r->args.settings->edge.next_hop)
		r->edge_config.next_hop = r->clearing_house_route;
}

/* As the mobility service alone it listens where its registrar reaches it. */
static void listen_upstream(const struct settings *s, struct front_end_config *config)
{
	struct agent_config *agent = &config->agent;
	char transport[URI_MAX_TRANSPORT + 1];

	config->upstream.backoff.max_attempts = INT64_MAX;
	if (!sip_role_upstream(s, transport))
		return;
	agent->udp = !strcmp(transport, "udp") ? s->upstream_listen : "";
	agent->tcp = !strcmp(transport, "tcp") ? s->upstream_listen : "";
	agent->tls = !strcmp(transport, "tls") ? s->upstream_listen : "";
}

/* Pushes go to the Edge; without one in this process, to the clearing house itself. */
void roles_fill_front_end(struct roles *r)
{
	const struct settings *s = r->args.settings;
	struct front_end_config *config = &r->front_end_config;

	*config = s->sip;
	fill_agent(r, SIP_FRONT_END, &config->agent);
	listen_upstream(s, config);
	config->push_next_hop = s->push_next_hop;
	if (!*config->push_next_hop)
		config->push_next_hop = r->edge_route ? r->edge_route : r->clearing_house_route;
	config->edge_fqdn = s->edge.fqdn;
	config->max_message_bytes = s->core.max_message_bytes;
}

/* Whether pushes go to the clearing house of this process. */
static bool pushes_stay_here(const struct roles *r)
{
	const struct settings *s = r->args.settings;

	return r->clearing_house && !*s->push_next_hop && (!r->edge || !*s->edge.next_hop);
}

/* What the clearing house would refuse is refused when a phone subscribes. */
void roles_fill_core(struct roles *r)
{
	const struct settings *s = r->args.settings;
	struct core_config *config = &r->core_config;
	bool here = pushes_stay_here(r) && !r->foreign_house;

	*config = s->core;
	config->enable_apple_push = strcmp(s->push_apple, "no") != 0;
	config->apple_push_is_missing =
		!*s->push_apple && here &&
		!clearing_house_delivers(r->clearing_house, PUSH_PLATFORM_APPLE);
	if (*s->push_allow_hosts)
		config->push_allow_hosts = s->push_allow_hosts;
	else if (here)
		config->push_allow_hosts = r->clearing_house_config.allow_hosts;
	config->open_password = r->open_password;
	config->push_reaches = here ? names_reach : NULL;
	config->push_hosts = r->hosts;
}

/* ---- while they run ---- */

void roles_tell_upstream(const struct roles *r, struct lab_info *ret)
{
	if (r->front_end &&
	    upstream_status(front_end_upstream(r->front_end), &ret->n_upstream_registered,
			    &ret->n_upstream_phones, &ret->upstream_trouble))
		ret->upstream = r->args.settings->sip.upstream.registrar;
}

void roles_apply_settings(struct roles *r)
{
	if (r->push_service) {
		roles_fill_push_service(r);
		push_service_apply_config(r->push_service);
	}
	if (r->clearing_house) {
		roles_fill_clearing_house(r);
		clearing_house_apply_config(r->clearing_house);
	}
	if (r->edge)
		roles_fill_edge(r);
	if (r->core) {
		roles_fill_front_end(r);
		roles_fill_core(r);
		core_apply_config(r->core);
		ucwa_apply_config(r->ucwa, &r->args.settings->ucwa);
	}
}
