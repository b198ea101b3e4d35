/*
 * SIP roles
 *
 * What the settings have of each role that speaks SIP.
 */
#pragma once

#include "mcxd/settings.h"
#include "proto/sip/uri.h"

#include <stdbool.h>

struct agent_config;

enum sip_role { SIP_FRONT_END, SIP_EDGE, SIP_CLEARING_HOUSE, N_SIP_ROLES };

struct sip_role_row {
	const char *hop;                 /* its name in the journal */
	const char *section;             /* of the settings */
	const char *certificate;         /* name of its files in the state directory */
	const char *udp, *tcp, *tls;     /* settings of its listeners; NULL: it has none */
	size_t at_agent, at_tls, at_net; /* in struct settings */
};

extern const struct sip_role_row sip_roles[N_SIP_ROLES];

const struct agent_config *sip_role_agent(enum sip_role role, const struct settings *s);
const struct tls_settings *sip_role_tls(enum sip_role role, const struct settings *s);
const struct net_settings *sip_role_net(enum sip_role role, const struct settings *s);

/** The transport by which the mobility service alone speaks to its registrar, and listens. False: there is no such registrar. */
bool sip_role_upstream(const struct settings *s, char ret[URI_MAX_TRANSPORT + 1]);

/** The name by which it is known to the others, and in its certificate. */
const char *sip_role_fqdn(enum sip_role role, const struct settings *s);
