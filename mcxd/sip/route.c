/*
 * Agent: routes
 */
#include "mcxd/sip/private.h"

#include "mcxd/net/address.h"
#include "mcxd/net/hosts.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/transport.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <errno.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip_protos.h>

static int make_route(const struct agent *a, const char *to, const char *usual_transport,
		      struct text *ret)
{
	struct uri uri;
	struct address ignored;
	char maddr[URI_MAX_HOST + 1], transport[URI_MAX_TRANSPORT + 1], port[TEXT_NUMBER_SIZE];
	const char *host;

	if (!to || uri_decode(to, strlen(to), &uri, NULL))
		return -EINVAL;
	host = uri_target(&uri, maddr);
	if (!hosts_resolve(a->hosts, host, 0, &ignored))
		return -EHOSTUNREACH;
	uri_transport(&uri, usual_transport, transport);
	text_add_all(ret, "sip:", host, ":", text_number(port, uri_target_port(&uri, transport)),
		     ";transport=", transport);
	return 0;
}

int agent_make_route(const struct agent *a, const char *next_hop, struct text *ret)
{
	return make_route(a, next_hop, "tcp", ret);
}

bool agent_leads_to(const char *next_hop, const struct agent_end *end)
{
	struct uri uri;
	char maddr[URI_MAX_HOST + 1], transport[URI_MAX_TRANSPORT + 1];

	if (!next_hop || uri_decode(next_hop, strlen(next_hop), &uri, NULL))
		return false;
	uri_transport(&uri, "tcp", transport);
	return !strcmp(transport, "tls") && !strcasecmp(uri_target(&uri, maddr), end->host) &&
	       uri_target_port(&uri, transport) == end->port;
}

int agent_contact_route(const struct agent *a, const char *contact, const char *usual_transport,
			struct text *ret)
{
	CLEANUP(text_deinit) struct text route = TEXT_INIT;
	const char *transport;
	int err = make_route(a, contact, usual_transport, &route);

	if (err)
		return err;
	transport = strstr(route.data, ";transport=") + strlen(";transport=");
	if (!agent_has_transport(a, transport))
		return -EPROTONOSUPPORT;
	text_add_bytes(ret, route.data, route.n);
	return 0;
}

const char *agent_came_by(const struct agent *a)
{
	return transport_came_by(nta_agent_tports(a->nta));
}

const char *agent_route_transport(const char *route)
{
	static const char *const names[] = { "udp", "tls" };
	const char *transport = strstr(route, ";transport=");

	for (size_t i = 0; transport && i < ARRAY_SIZE(names); i++)
		if (!strncasecmp(transport + strlen(";transport="), names[i], strlen(names[i])))
			return names[i];
	return "tcp";
}

bool agent_peer(nta_incoming_t *irq, struct address *ret)
{
	msg_t *request = nta_incoming_getrequest(irq);
	bool is_known = request && address_from_sockaddr(&msg_addr(request)->su_sa,
							 sizeof(su_sockaddr_t), ret);

	if (request)
		msg_destroy(request);
	return is_known;
}

bool agent_is_local(nta_incoming_t *irq)
{
	struct address from;

	return agent_peer(irq, &from) && address_is_loopback(&from);
}

void agent_source(const struct agent *a, nta_incoming_t *irq, struct text *ret)
{
	struct address from;
	char address[ADDRESS_TEXT_SIZE];

	if (agent_peer(irq, &from))
		text_add_all(ret, "sip:", address_format(&from, address),
			     ";transport=", agent_came_by(a));
}
