/*
 * Roles
 */
#include "mcxd/roles.h"

#include "mcxd/base/guess.h"
#include "mcxd/base/log.h"
#include "mcxd/base/setting_map.h"
#include "mcxd/clearing_house/clearing_house.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/ports.h"
#include "mcxd/core/user.h"
#include "mcxd/edge/edge.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/identity.h"
#include "mcxd/names.h"
#include "mcxd/net/hosts.h"
#include "mcxd/net/pki.h"
#include "mcxd/push_service/push_service.h"
#include "mcxd/roles_clearing_house.h"
#include "mcxd/roles_config.h"
#include "mcxd/roles_push_service.h"
#include "mcxd/settings.h"
#include "mcxd/sip/agent.h"
#include "mcxd/sip/stack.h"
#include "mcxd/sip_role.h"
#include "mcxd/state.h"
#include "mcxd/store/sqlite.h"
#include "mcxd/store/store.h"
#include "mcxd/token.h"
#include "mcxd/users.h"
#include "mcxd/warnings.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "proto/text/url.h"
#include "proto/text/words.h"
#include "web/http/http.h"
#include "web/lab/lab.h"
#include "web/ucwa/ucwa.h"

#include <errno.h>

static const struct {
	const char *name;
	unsigned role;
} names[MAX_ROLES] = {
	{ RECORD_HOP_FRONT_END, ROLE_FRONT_END },
	{ RECORD_HOP_EDGE, ROLE_EDGE },
	{ RECORD_HOP_CLEARING_HOUSE, ROLE_CLEARING_HOUSE },
	{ RECORD_HOP_PUSH_SERVICE, ROLE_PUSH_SERVICE },
};

static unsigned role_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].name, word))
			return names[i].role;
	return 0;
}

unsigned roles_parse(const char *list, struct text *why)
{
	CLEANUP(words_free) char **words = words_split(list);
	unsigned set = 0;

	for (char **word = words; *word; word++) {
		unsigned role = role_of(*word);

		if (!role) {
			text_addf(why, "unknown role \"%s\"", *word);
			break;
		}
		set |= role;
	}
	if (!why->n && !set)
		text_add(why, "no role is named");
	if (!why->n)
		return set;
	text_add(why, "; roles are front-end, edge, clearing-house and push-service");
	return 0;
}

/* ---- starting ---- */

void roles_add_listener(struct roles *r, const char *name, const char *prefix, const char *address)
{
	if (!address || !*address)
		return;
	r->addresses[r->n_listeners] = text_format("%s%s", prefix, address);
	r->listeners[r->n_listeners] = (struct lab_listener){
		.name = name,
		.address = r->addresses[r->n_listeners],
	};
	r->n_listeners++;
}

static void add_agent(struct roles *r, enum sip_role role, const struct agent *a)
{
	const struct sip_role_row *row = &sip_roles[role];

	if (row->udp)
		roles_add_listener(r, row->udp, "", agent_udp(a));
	roles_add_listener(r, row->tcp, "", agent_tcp(a));
	roles_add_listener(r, row->tls, "", agent_tls(a));
}

/* To an agent of this process. */
static char *route_to(const struct agent *a)
{
	const char *tls = agent_tls(a);
	CLEANUP(mem_free_string) char *where = url_to_listener(*tls ? tls : agent_tcp(a));

	return text_format("sip:%s;transport=%s", where, *tls ? "tls" : "tcp");
}

static struct identity_args identity_args_of(const struct roles *r, enum sip_role role)
{
	const struct settings *s = r->args.settings;

	return (struct identity_args){ .section = sip_roles[role].section,
				       .pair = &r->args.state->pairs[role],
				       .authority = r->args.state->authority.cert,
				       .trust = s->trust,
				       .policy = sip_role_tls(role, s) };
}

static int make_identity(struct roles *r, enum sip_role role)
{
	const struct identity_args args = identity_args_of(r, role);

	return identity_init(&r->identities[role], &args);
}

/* The authority of a URL, as an entry of a list of allowed hosts. */
static char *hosts_of(const char *url)
{
	const char *authority = strstr(url, "://") + strlen("://");

	return mem_memdup(authority, strcspn(authority, "/"));
}

static int start_push_service(struct roles *r)
{
	int err = roles_start_push_service(r);

	if (err)
		return err;
	roles_add_listener(r, "push_service", "", push_service_url(r->push_service));
	roles_add_listener(r, "apns", "", push_service_apns_url(r->push_service));
	r->own_hosts = hosts_of(push_service_url(r->push_service));
	return 0;
}

static int start_clearing_house(struct roles *r)
{
	int err = make_identity(r, SIP_CLEARING_HOUSE);

	if (!err)
		err = roles_start_clearing_house(r);
	if (err)
		return err;
	r->clearing_house_route = route_to(clearing_house_agent(r->clearing_house));
	add_agent(r, SIP_CLEARING_HOUSE, clearing_house_agent(r->clearing_house));
	return 0;
}

/* Whoever comes to the external side is refused, and nothing that it says is believed: a certificate would prove nothing. */
static int start_edge(struct roles *r)
{
	const struct identity_args outside = identity_args_of(r, SIP_EDGE);
	int err = make_identity(r, SIP_EDGE);

	if (!err)
		err = identity_init_unasking(&r->edge_external, &outside);
	if (err)
		return err;
	roles_fill_edge(r);
	if (!r->edge_config.next_hop && !r->args.settings->routes.n) {
		log_error("mcxd", NULL,
			  "neither edge.next_hop nor a route in [federation] is set, and no "
			  "clearing house runs in this process");
		return -EINVAL;
	}
	err = edge_new(&(struct edge_args){ .loop = r->args.loop,
					    .stack = r->stack,
					    .journal = r->args.journal,
					    .metrics = r->args.metrics,
					    .faults = r->args.faults,
					    .config = &r->edge_config,
					    .tls_server = r->identities[SIP_EDGE].server,
					    .tls_external = r->edge_external.server,
					    .tls_client = r->identities[SIP_EDGE].client },
		       &r->edge);
	if (err)
		return err;
	r->edge_route = route_to(edge_internal(r->edge));
	add_agent(r, SIP_EDGE, edge_internal(r->edge));
	roles_add_listener(r, "edge.external_tls", "", agent_tls(edge_external(r->edge)));
	return 0;
}

static int listen_https(struct roles *r)
{
	const struct settings *s = r->args.settings;
	struct http_config config = s->https;
	int err;

	if (!*config.listen)
		return 0;
	roles_fill_http(r, &s->https_net, &config);
	config.cert_file = r->args.state->pairs[SIP_FRONT_END].cert;
	config.key_file = r->args.state->pairs[SIP_FRONT_END].key;
	err = ucwa_listen(r->ucwa, "https", &config, &r->https);
	if (!err)
		roles_add_listener(r, "https", "https://", http_listen(r->https));
	return err;
}

static int listen_http(struct roles *r)
{
	const struct settings *s = r->args.settings;
	struct http_config config = s->http;
	struct http *http;
	int err;

	if (!*config.listen)
		return 0;
	roles_fill_http(r, &s->http_net, &config);
	err = ucwa_listen(r->ucwa, "http", &config, &http);
	if (!err)
		roles_add_listener(r, "http", "http://", http_listen(http));
	return err;
}

/* Returns 0; or a negative errno, having logged why, and nothing has changed. */
static int load_users(struct roles *r)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	int err = users_load(r->users, &errors);
	char *rest = errors.data, *line;

	while (err && (line = strsep(&rest, "\n")))
		if (*line)
			log_error("users", NULL, "%s", line);
	return err;
}

/* A daemon that leaves nothing behind needs no disk. */
static int open_store(struct roles *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	CLEANUP(mem_free_string) char *path = text_concat(r->args.state->dir, "/", STATE_DATABASE);
	int err;

	if (r->args.state->ephemeral) {
		r->store = store_new(r->args.loop, false);
		return 0;
	}
	err = sqlite_store_open(
		&(struct sqlite_store_args){ .loop = r->args.loop,
					     .metrics = r->args.metrics,
					     .path = path,
					     .min_free_bytes = r->args.settings->min_free_bytes },
		&r->sqlite, &why);
	if (err)
		log_error("store", NULL, "%s", text_str(&why));
	return err;
}

/* Returns 0, or a negative errno having logged what is wrong, and then the old one stays. */
static int load_open_password(struct roles *r)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;
	const char *path = r->args.settings->open_password_file;
	char *password = *path ? password_read(path, &why) : NULL;

	if (*path && !password) {
		log_error("users", NULL, "users.open_password_file: %s", text_str(&why));
		return -EINVAL;
	}
	free(r->open_password);
	r->open_password = password;
	return 0;
}

static void reload_open_password(struct roles *r)
{
	CLEANUP(mem_free_string) char *before = mem_strdup(r->open_password);

	if (load_open_password(r) < 0)
		return;
	roles_fill_core(r);
	if (before && strcmp(before, r->open_password) != 0)
		user_renew_open(r->core);
}

static int load_core(struct roles *r)
{
	int err = core_load(r->core);

	if (err)
		log_error("store", NULL, "cannot read what was stored: %s", strerror(-err));
	return err;
}

static struct core *make_core(struct roles *r)
{
	const struct ports ports = {
		.push = &front_end_push_port,
		.push_adapter = r->front_end,
		.dial = &front_end_dial_port,
		.dial_adapter = r->front_end,
		.phone = &front_end_phone_port,
		.phone_adapter = r->front_end,
		.presence = &front_end_presence_port,
		.presence_adapter = r->front_end,
		.store = r->sqlite ? &sqlite_store_port : &store_memory_port,
		.store_adapter = r->sqlite ? (void *)r->sqlite : r->store,
	};

	return core_new(&(struct core_args){ .loop = r->args.loop,
					     .journal = r->args.journal,
					     .metrics = r->args.metrics,
					     .config = &r->core_config,
					     .ports = &ports });
}

static int start_front_end(struct roles *r)
{
	const struct settings *s = r->args.settings;
	int err;

	err = load_open_password(r);
	if (!err)
		err = open_store(r);
	if (!err)
		err = make_identity(r, SIP_FRONT_END);
	if (err)
		return err;
	roles_fill_front_end(r);
	r->guesses = guesses_new(r->args.loop, &s->guess, r->args.metrics);
	err = front_end_new(
		&(struct front_end_args){ .loop = r->args.loop,
					  .stack = r->stack,
					  .journal = r->args.journal,
					  .metrics = r->args.metrics,
					  .faults = r->args.faults,
					  .guesses = r->guesses,
					  .config = &r->front_end_config,
					  .tls_server = r->identities[SIP_FRONT_END].server,
					  .tls_client = r->identities[SIP_FRONT_END].client },
		&r->front_end);
	if (err)
		return err;
	roles_fill_core(r);
	r->core = make_core(r);
	front_end_attach(r->front_end, r->core);
	r->ucwa = ucwa_new(&(struct ucwa_args){ .loop = r->args.loop,
						.core = r->core,
						.journal = r->args.journal,
						.metrics = r->args.metrics,
						.faults = r->args.faults,
						.guesses = r->guesses,
						.config = &s->ucwa });
	add_agent(r, SIP_FRONT_END, front_end_agent(r->front_end));
	err = listen_https(r);
	if (!err)
		err = listen_http(r);
	if (err)
		return err;
	r->users = users_new(r->core, s->users_file);
	err = load_users(r);
	return err ? err : load_core(r);
}

int roles_start(struct roles *r, const struct roles_args *args)
{
	int err = 0;

	r->args = *args;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (args->set & names[i].role)
			r->names[r->n_names++] = names[i].name;
	r->hosts = names_table(args->settings);
	err = stack_new(args->loop, r->hosts, &r->stack);
	if (err)
		log_error("mcxd", NULL, "cannot make the SIP stack: %s", strerror(-err));
	if (!err && args->set & ROLE_PUSH_SERVICE)
		err = start_push_service(r);
	if (!err && args->set & ROLE_CLEARING_HOUSE)
		err = start_clearing_house(r);
	if (!err && args->set & ROLE_EDGE)
		err = start_edge(r);
	if (!err && args->set & ROLE_FRONT_END)
		err = start_front_end(r);
	if (!err)
		warnings_at_start(r);
	return err;
}

/* ---- running, ending ---- */

void roles_reset(struct roles *r, const char *aor)
{
	clearing_house_forget(r->clearing_house, aor);
	if (!aor && r->users)
		load_users(r);
}

void roles_reload(struct roles *r)
{
	if (r->users) {
		load_users(r);
		reload_open_password(r);
	}
	for (int role = 0; role < N_SIP_ROLES; role++)
		identity_reload(&r->identities[role], sip_roles[role].section);
	identity_reload(&r->apns_identity, "push_service");
	identity_reload(&r->edge_external, sip_roles[SIP_EDGE].section);
	if (r->https)
		http_reload(r->https);
	warnings_of_files(r);
}

void roles_shut_down(struct roles *r)
{
	if (r->core)
		core_stop(r->core);
}

bool roles_are_idle(const struct roles *r)
{
	return !r->core ||
	       (core_is_idle(r->core) && front_end_is_idle(r->front_end) && ucwa_is_idle(r->ucwa));
}

void roles_deinit(struct roles *r)
{
	ucwa_free(r->ucwa);
	users_free(r->users);
	core_free(r->core);
	front_end_free(r->front_end);
	guesses_free(r->guesses);
	store_free(r->store);
	sqlite_store_close(r->sqlite);
	edge_free(r->edge);
	clearing_house_free(r->clearing_house);
	push_service_free(r->push_service);
	stack_free(r->stack);
	hosts_free(r->hosts);
	for (int role = 0; role < N_SIP_ROLES; role++)
		identity_deinit(&r->identities[role]);
	identity_deinit(&r->apns_identity);
	identity_deinit(&r->edge_external);
	for (size_t i = 0; i < r->n_listeners; i++)
		free(r->addresses[i]);
	free(r->open_password);
	free(r->edge_route);
	free(r->clearing_house_route);
	free(r->own_hosts);
	*r = (struct roles){ 0 };
}
