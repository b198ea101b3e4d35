/*
 * SIP roles
 */
#include "mcxd/sip_role.h"

#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/core/core.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/front_end/upstream/upstream.h"
#include "mcxd/settings.h"
#include "proto/record.h"
#include "proto/sip/uri.h"

#define AT(member) offsetof(struct settings, member)

const struct sip_role_row sip_roles[N_SIP_ROLES] = {
	[SIP_FRONT_END] = { RECORD_HOP_FRONT_END, "sip", "server", "sip.udp", "sip.tcp", "sip.tls",
			    AT(sip.agent), AT(sip_tls), AT(sip_net) },
	[SIP_EDGE] = { RECORD_HOP_EDGE, "edge", "edge", NULL, "edge.tcp", "edge.tls",
		       AT(edge.agent), AT(edge_tls), AT(edge_net) },
	[SIP_CLEARING_HOUSE] = { RECORD_HOP_CLEARING_HOUSE, "clearing_house", "clearing_house",
				 NULL, "clearing_house.tcp", "clearing_house.tls",
				 AT(clearing_house.agent), AT(clearing_house_tls),
				 AT(clearing_house_net) },
};

static const void *at(const struct settings *s, size_t offset)
{
	return (const char *)s + offset;
}

const struct agent_config *sip_role_agent(enum sip_role role, const struct settings *s)
{
	return at(s, sip_roles[role].at_agent);
}

const struct tls_settings *sip_role_tls(enum sip_role role, const struct settings *s)
{
	return at(s, sip_roles[role].at_tls);
}

const struct net_settings *sip_role_net(enum sip_role role, const struct settings *s)
{
	return at(s, sip_roles[role].at_net);
}

bool sip_role_upstream(const struct settings *s, char ret[URI_MAX_TRANSPORT + 1])
{
	const char *registrar = s->sip.upstream.registrar;
	struct uri uri;

	if (!registrar || !*registrar || uri_decode(registrar, strlen(registrar), &uri, NULL))
		return false;
	uri_transport(&uri, "tcp", ret);
	return true;
}

const char *sip_role_fqdn(enum sip_role role, const struct settings *s)
{
	switch (role) {
	case SIP_FRONT_END: return s->core.server_fqdn;
	case SIP_EDGE: return s->edge.fqdn;
	case SIP_CLEARING_HOUSE:
	case N_SIP_ROLES: break;
	}
	return s->clearing_house_fqdn;
}
