/*
 * Settings of mcxd: how values go together
 */
#include "mcxd/checks.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/core/core.h"
#include "mcxd/front_end/auth/auth.h"
#include "mcxd/front_end/auth/scheme.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/names.h"
#include "mcxd/net/address.h"
#include "mcxd/net/pem.h"
#include "mcxd/net/tls.h"
#include "mcxd/settings.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip_role.h"
#include "proto/sip/uri.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/http/http.h"
#include "web/lab/lab.h"

/* A certificate without its key is of no use, nor the other way around. */
static void check_pair(const char *cert_setting, const char *cert, const char *key_setting,
		       const char *key,
		       int (*check)(const char *cert, const char *key, struct text *why),
		       struct text *errors)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (!*cert != !*key)
		text_addf(errors, "%s and %s must be set together: %s is empty\n", cert_setting,
			  key_setting, *cert ? key_setting : cert_setting);
	else if (*cert && check(cert, key, &why) < 0)
		text_addf(errors, "%s: %s\n", cert_setting, text_str(&why));
}

static void check_pairs(const struct settings *s, struct text *errors)
{
	check_pair("pki.ca_cert", s->ca_cert, "pki.ca_key", s->ca_key, pem_check_authority, errors);
	check_pair("clearing_house.apns_cert_file", s->clearing_house.apns.cert_file,
		   "clearing_house.apns_cert_key_file", s->clearing_house.apns.cert_key_file,
		   pem_check_pair, errors);
	check_pair("push_service.cert_file", s->push_service_tls.cert_file, "push_service.key_file",
		   s->push_service_tls.key_file, pem_check_pair, errors);
	for (int role = 0; role < N_SIP_ROLES; role++) {
		const struct tls_settings *tls = sip_role_tls((enum sip_role)role, s);
		const char *section = sip_roles[role].section;
		CLEANUP(mem_free_string) char *cert = text_concat(section, ".cert_file");
		CLEANUP(mem_free_string) char *key = text_concat(section, ".key_file");

		check_pair(cert, tls->cert_file, key, tls->key_file, pem_check_pair, errors);
	}
}

static void check_proxies(const struct settings *s, struct text *errors)
{
	const struct {
		const char *section;
		bool on;
	} listeners[] = { { "https", s->https.proxy_protocol },
			  { "http", s->http.proxy_protocol } };

	for (size_t i = 0; i < ARRAY_SIZE(listeners); i++)
		if (listeners[i].on && !*s->trusted_proxies)
			text_addf(errors, "%s.proxy_protocol needs net.trusted_proxies\n",
				  listeners[i].section);
}

/* Who reaches the lab API can do everything that the lab can do. */
static void check_lab(const struct settings *s, struct text *errors)
{
	struct address a;

	if (!*s->lab.listen || !address_read(s->lab.listen, &a) || address_is_loopback(&a) ||
	    (s->lab_https && *s->lab_token_file))
		return;
	text_addf(errors,
		  "lab.listen: other machines can reach %s; set lab.https=yes and lab.token_file, "
		  "or listen on 127.0.0.1\n",
		  s->lab.listen);
}

static bool is_beyond(const char *listen)
{
	struct address a;

	return listen && *listen && address_read(listen, &a) && !address_is_loopback(&a);
}

/* Of a listener of a SIP role, what its clients prove who they are with; the second cure is the same everywhere. */
static void check_listener(const char *name, const char *listen, bool asks, const char *cure,
			   struct text *errors)
{
	if (is_beyond(listen) && !asks)
		text_addf(errors,
			  "%s: other machines can reach %s, and its clients prove nothing; set %s, "
			  "or "
			  "net.trust_network = yes\n",
			  name, listen, cure);
}

/* With an upstream registrar the front end listens for it alone. Its address has to be trusted, because it proves nothing. */
static bool check_upstream(const struct settings *s, struct text *errors)
{
	char transport[URI_MAX_TRANSPORT + 1];
	bool asks;

	if (!sip_role_upstream(s, transport))
		return false;
	asks = auth_schemes_read(!strcmp(transport, "udp")   ? s->sip.auth.udp
				 : !strcmp(transport, "tcp") ? s->sip.auth.tcp
							     : s->sip.auth.tls) > 0;
	CLEANUP(mem_free_string)
	char *cure = text_format("sip.%s_authentication = digest, with the registrar's address in "
				 "sip.trusted_peers",
				 transport);
	check_listener("upstream.listen", s->upstream_listen, asks, cure, errors);
	return true;
}

static bool asks_certificate(const struct settings *s, enum sip_role role)
{
	return checks_tls_client(sip_role_tls(role, s)->client) == TLS_CLIENT_REQUIRED;
}

static void check_front_end(const struct settings *s, struct text *errors)
{
	const struct agent_config *agent = &s->sip.agent;

	check_listener("sip.udp", agent->udp, auth_schemes_read(s->sip.auth.udp) > 0,
		       "sip.udp_authentication = digest", errors);
	check_listener("sip.tcp", agent->tcp, auth_schemes_read(s->sip.auth.tcp) > 0,
		       "sip.tcp_authentication = digest", errors);
	check_listener("sip.tls", agent->tls,
		       auth_schemes_read(s->sip.auth.tls) > 0 || asks_certificate(s, SIP_FRONT_END),
		       "sip.tls_authentication = digest", errors);
}

/* The Edge's internal side, and the clearing house: their clients are servers. */
static void check_neighbour(const struct settings *s, enum sip_role role, struct text *errors)
{
	const struct agent_config *agent = sip_role_agent(role, s);
	const struct sip_role_row *row = &sip_roles[role];
	CLEANUP(mem_free_string)
	char *cure = text_format("%s and %s.tls_client = required, for authentication by "
				 "certificates",
				 row->tls, row->section);

	check_listener(row->tls, agent->tls, asks_certificate(s, role), cure, errors);
	check_listener(row->tcp, agent->tcp, false, cure, errors);
}

/* Whoever reaches a listener that asks for nothing can be anybody. The external side of the Edge is none: it refuses every
 * request. */
static void check_network(const struct settings *s, struct text *errors)
{
	if (s->trust_network)
		return;
	if (!check_upstream(s, errors))
		check_front_end(s, errors);
	check_neighbour(s, SIP_EDGE, errors);
	check_neighbour(s, SIP_CLEARING_HOUSE, errors);
}

void settings_check(const struct settings *s, struct text *errors)
{
	check_lab(s, errors);
	check_network(s, errors);
	check_proxies(s, errors);
	check_pairs(s, errors);
	names_check_hops(s, errors);
	if (*s->open_password_file && !*s->core.open_domain)
		text_add(errors, "users.open_password_file needs users.open\n");
	settings_check_live(s, errors);
}

void settings_check_live(const struct settings *s, struct text *errors)
{
	if (s->core.min_expires_s > s->core.max_expires_s)
		text_addf(errors,
			  "core.min_expires (%llds) must not be longer than core.max_expires "
			  "(%llds)\n",
			  (long long)s->core.min_expires_s, (long long)s->core.max_expires_s);
}
