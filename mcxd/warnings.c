/*
 * Warnings
 */
#include "mcxd/warnings.h"

#include "mcxd/base/log.h"
#include "mcxd/checks.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/identity.h"
#include "mcxd/net/pem.h"
#include "mcxd/net/pki.h"
#include "mcxd/net/tls.h"
#include "mcxd/roles.h"
#include "mcxd/settings.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip_role.h"
#include "mcxd/state.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/words.h"

#include <sys/stat.h>

/* NULL: it does not run. */
static const struct agent *agent_of(const struct roles *r, enum sip_role role)
{
	switch (role) {
	case SIP_FRONT_END: return r->front_end ? front_end_agent(r->front_end) : NULL;
	case SIP_EDGE: return r->edge ? edge_internal(r->edge) : NULL;
	case SIP_CLEARING_HOUSE:
		return r->clearing_house ? clearing_house_agent(r->clearing_house) : NULL;
	case N_SIP_ROLES: break;
	}
	return NULL;
}

static bool listens(const struct roles *r, enum sip_role role)
{
	const struct agent *a = agent_of(r, role);

	return a && *agent_tls(a);
}

/* ---- lists of names ---- */

static void warn_of_empty_list(const struct roles *r, enum sip_role role)
{
	const struct tls_settings *tls = sip_role_tls(role, r->args.settings);
	CLEANUP(words_free) char **names = words_split(tls->allow);
	const char *section = sip_roles[role].section;

	if (!listens(r, role) || *names || checks_tls_client(tls->client) == TLS_CLIENT_NONE)
		return;
	log_warn("mcxd", NULL, "%s.tls_client is %s and %s.tls_allow is empty, so that %s", section,
		 tls->client, section,
		 checks_tls_client(tls->client) == TLS_CLIENT_REQUIRED
			 ? "nobody can connect"
			 : "clients that show a certificate are refused");
}

/* A certificate that the lab makes has many names; the one to allow is the role's own. */
static void advise(const struct roles *r, enum sip_role client, struct text *ret)
{
	const struct settings *s = r->args.settings;
	CLEANUP(text_deinit) struct text names = TEXT_INIT;

	if (!*sip_role_tls(client, s)->cert_file) {
		text_add_all(ret, "add ", sip_role_fqdn(client, s), " to it");
		return;
	}
	pem_add_names(r->args.state->pairs[client].cert, &names);
	if (names.n)
		text_add_all(ret, "add one of its names (", names.data, ") to it");
	else
		text_add(ret, "it has no name that could be added");
}

/* A neighbour in this process that would not let another one in. */
static void warn_of_stranger(const struct roles *r, enum sip_role server, enum sip_role client)
{
	const struct pki_pair *pair = &r->args.state->pairs[client];
	CLEANUP(text_deinit) struct text advice = TEXT_INIT;

	if (tls_server_allows(r->identities[server].server, pair->cert))
		return;
	advise(r, client, &advice);
	log_warn("mcxd", NULL,
		 "%s.tls_allow has no name of the certificate %s, so that requests from %s to %s "
		 "will be refused; %s",
		 sip_roles[server].section, pair->cert, sip_roles[client].hop,
		 sip_roles[server].hop, text_str(&advice));
}

/* A neighbour in this process that another one reaches without a certificate, and so believes nothing of what it vouches for. */
static void warn_of_distrust(const struct roles *r, enum sip_role server, enum sip_role client)
{
	if (*sip_role_agent(server, r->args.settings)->trusted_peers)
		return;
	log_warn("mcxd", NULL,
		 "%s.tls is off and %s.trusted_peers is empty, so that pushes from %s will be "
		 "refused; add the addresses that it connects from to %s.trusted_peers",
		 sip_roles[server].section, sip_roles[server].section, sip_roles[client].hop,
		 sip_roles[server].section);
}

static void warn_of_neighbour(const struct roles *r, enum sip_role server, enum sip_role client)
{
	if (listens(r, server))
		warn_of_stranger(r, server, client);
	else if (agent_of(r, server))
		warn_of_distrust(r, server, client);
}

static void warn_of_strangers(const struct roles *r)
{
	const struct settings *s = r->args.settings;

	if (r->edge && !*s->edge.next_hop)
		warn_of_neighbour(r, SIP_CLEARING_HOUSE, SIP_EDGE);
	if (!r->front_end || *s->push_next_hop)
		return;
	warn_of_neighbour(r, r->edge ? SIP_EDGE : SIP_CLEARING_HOUSE, SIP_FRONT_END);
}

/* Anybody with that file can decrypt a capture. */
static void warn_of_key_log(void)
{
	if (tls_key_log_path())
		log_warn("mcxd", NULL,
			 "SSLKEYLOGFILE is set: the keys of TLS connections are written to %s",
			 tls_key_log_path());
}

/* Said again at each start: it is a state, not a decision. */
static void warn_of_network(const struct roles *r)
{
	if (r->args.settings->trust_network)
		log_warn("mcxd", NULL,
			 "net.trust_network is yes: where SIP clients are not asked who they are, "
			 "anybody who reaches a listener can be anybody");
}

void warnings_at_start(const struct roles *r)
{
	warn_of_network(r);
	warn_of_key_log();
	for (int role = 0; role < N_SIP_ROLES; role++)
		warn_of_empty_list(r, (enum sip_role)role);
	warn_of_strangers(r);
	warnings_of_files(r);
}

/* ---- files ---- */

static void warn_of_date(const char *file, const char *whose, const char *advice)
{
	CLEANUP(text_deinit) struct text what = TEXT_INIT;

	if (pem_is_out_of_date(file, &what))
		log_warn("mcxd", NULL, "the certificate %s of %s %s%s", file, whose,
			 text_str(&what), advice);
}

static void warn_of_mode(const char *setting, const char *what, const char *file)
{
	struct stat st;

	if (*file && stat(file, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 077)
		log_warn("mcxd", NULL,
			 "%s: others may use the %s %s, because its mode is %04o; chmod 600 %s",
			 setting, what, file, st.st_mode & 07777, file);
}

static void warn_of_pair(const struct roles *r, enum sip_role role)
{
	const struct tls_settings *own = sip_role_tls(role, r->args.settings);
	const char *section = sip_roles[role].section;
	CLEANUP(mem_free_string) char *setting = text_concat(section, ".key_file");
	CLEANUP(mem_free_string)
	char *whose = text_concat(listens(r, role) ? sip_roles[role].tls : section,
				  role == SIP_FRONT_END && r->https ? " and https.listen" : "");

	warn_of_date(r->args.state->pairs[role].cert, whose,
		     *own->cert_file ? "" : "; the next start makes a new one");
	warn_of_mode(setting, "private key", own->key_file);
}

/* The public half of the key is for everybody. */
static void warn_of_push_service(const struct roles *r)
{
	const struct settings *s = r->args.settings;
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	warn_of_mode("push_service.key_file", "private key", s->push_service_tls.key_file);
	if (*s->apns_key_file && !pem_check_key(s->apns_key_file, &why))
		warn_of_mode("push_service.apns_key_file", "private key", s->apns_key_file);
}

void warnings_of_files(const struct roles *r)
{
	const struct settings *s = r->args.settings;
	CLEANUP(words_free) char **trusted = words_split(s->trust);
	bool speaks_tls = false;

	warn_of_mode("lab.token_file", "token", s->lab_token_file);
	warn_of_mode("clearing_house.webhook_secret_file", "secret", s->webhook_secret_file);
	warn_of_mode("clearing_house.apns_key_file", "private key",
		     s->clearing_house_apns_key_file);
	warn_of_mode("clearing_house.apns_cert_key_file", "private key",
		     s->clearing_house.apns.cert_key_file);
	warn_of_push_service(r);
	warn_of_mode("users.open_password_file", "password", s->open_password_file);
	for (int role = 0; role < N_SIP_ROLES; role++)
		if (agent_of(r, (enum sip_role)role)) {
			warn_of_pair(r, (enum sip_role)role);
			speaks_tls = true;
		}
	if (!speaks_tls)
		return;
	warn_of_date(r->args.state->authority.cert, *s->ca_cert ? "pki.ca_cert" : "the lab",
		     *s->ca_cert ? "" : "; the next start makes a new one");
	for (char **file = trusted; *file; file++)
		warn_of_date(*file, "pki.trust", "");
	warn_of_mode("pki.ca_key", "private key", s->ca_key);
}
