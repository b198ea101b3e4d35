/*
 * Daemon
 */
#include "mcxd/daemon.h"

#include "mcxd/base/log.h"
#include "mcxd/base/version.h"
#include "mcxd/core/conversation.h"
#include "mcxd/core/core.h"
#include "mcxd/core/life.h"
#include "mcxd/core/ports.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DRAIN_MS = 3000, DRAIN_STEP_MS = 20, HTTP_SHARDS = 16 };

static const struct {
	const char *name;
	unsigned role;
} roles[] = {
	{ "front-end", ROLE_FRONT_END },
	{ "edge", ROLE_EDGE },
	{ "clearing-house", ROLE_CLEARING_HOUSE },
	{ "push-service", ROLE_PUSH_SERVICE },
};

static unsigned role_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (!strcmp(roles[i].name, word))
			return roles[i].role;
	return 0;
}

unsigned daemon_parse_roles(const char *list, const char **ret_bad)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(list);
	static char bad[64];
	char *rest = copy, *word;
	unsigned set = 0;

	*ret_bad = "";
	while ((word = strsep(&rest, ", "))) {
		unsigned role = role_of(word);

		if (!*word)
			continue;
		if (!role) {
			snprintf(bad, sizeof(bad), "%s", word);
			*ret_bad = bad;
			return 0;
		}
		set |= role;
	}
	return set;
}

/* ---- listeners ---- */

static void add_listener(struct daemon *d, const char *name, const char *prefix,
			 const char *address)
{
	if (!address || !*address)
		return;
	d->addresses[d->n_listeners] = text_format("%s%s", prefix, address);
	d->listeners[d->n_listeners] = (struct lab_listener){
		.name = name,
		.address = d->addresses[d->n_listeners],
	};
	d->n_listeners++;
}

static char *route_to(const char *address)
{
	return text_format("sip:%s;transport=tcp", address);
}

/* What was left empty is a role of this process. */
static void set_route(struct daemon *d, const char *setting, const char *route)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (route && setting_set(&settings_table, d->settings, setting, route, &why) < 0)
		log_error("mcxd", NULL, "%s", text_str(&why));
}

/* ---- roles ---- */

static int start_push_service(struct daemon *d)
{
	int r = push_service_new(
		&(struct push_service_args){ .loop = d->loop,
					     .journal = d->journal,
					     .metrics = d->metrics,
					     .config = &d->settings->push_service },
		&d->push_service);

	if (r < 0)
		return r;
	add_listener(d, "push_service", "", push_service_url(d->push_service));
	return 0;
}

static int start_clearing_house(struct daemon *d)
{
	int r = clearing_house_new(
		&(struct clearing_house_args){ .loop = d->loop,
					       .journal = d->journal,
					       .metrics = d->metrics,
					       .config = &d->settings->clearing_house,
					       .ca_file =
						       *d->settings->clearing_house_ca_file
							       ? d->settings->clearing_house_ca_file
							       : NULL },
		&d->clearing_house);

	if (r < 0)
		return r;
	d->clearing_house_route = route_to(clearing_house_tcp(d->clearing_house));
	add_listener(d, "clearing_house", "", clearing_house_tcp(d->clearing_house));
	return 0;
}

static int start_edge(struct daemon *d)
{
	const struct edge_config *config = &d->settings->edge;
	int r;

	if (!*config->next_hop)
		set_route(d, "edge.next_hop", d->clearing_house_route);
	if (!*config->next_hop) {
		log_error("edge", NULL,
			  "no clearing house runs here: edge.next_hop has to name one");
		return -EINVAL;
	}
	r = edge_new(&(struct edge_args){ .loop = d->loop,
					  .journal = d->journal,
					  .metrics = d->metrics,
					  .config = config },
		     &d->edge);
	if (r < 0)
		return r;
	d->edge_route = route_to(edge_listen(d->edge));
	add_listener(d, "edge", "", edge_listen(d->edge));
	return 0;
}

/* The front end sends pushes to the Edge; without one here, to the clearing house itself. */
static void choose_push_next_hop(struct daemon *d)
{
	struct settings *s = d->settings;
	const char *route = d->edge_route ? d->edge_route : d->clearing_house_route;

	if (!*s->push_next_hop && route)
		set_route(d, "push.next_hop", route);
	s->sip.push_next_hop = s->push_next_hop;
	s->sip.edge_fqdn = s->edge.fqdn;
	s->sip.max_message_bytes = s->core.max_message_bytes;
}

static int listen_http(struct daemon *d)
{
	struct settings *s = d->settings;
	int r = 0;

	s->https.cert_file = d->pki.server_cert;
	s->https.key_file = d->pki.server_key;
	s->https.shards = HTTP_SHARDS;
	s->http.max_connections = s->https.max_connections;
	s->http.max_body_bytes = s->https.max_body_bytes;
	s->http.idle_timeout_ms = s->https.idle_timeout_ms;
	s->http.shards = HTTP_SHARDS;
	if (*s->https.listen) {
		r = ucwa_listen(d->ucwa, "https", &s->https, &d->https);
		if (r == 0)
			add_listener(d, "https", "https://", http_listen(d->https));
	}
	if (r == 0 && *s->http.listen) {
		r = ucwa_listen(d->ucwa, "http", &s->http, &d->http);
		if (r == 0)
			add_listener(d, "http", "http://", http_listen(d->http));
	}
	return r;
}

static int load_users(struct daemon *d)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;
	int r = users_load(d->users, &errors);

	char *rest = errors.data, *line;

	while (r < 0 && (line = strsep(&rest, "\n")))
		if (*line)
			log_error("users", NULL, "%s", line);
	return r;
}

static int start_front_end(struct daemon *d)
{
	struct settings *s = d->settings;
	int r;

	choose_push_next_hop(d);
	r = front_end_new(&(struct front_end_args){ .loop = d->loop,
						    .journal = d->journal,
						    .metrics = d->metrics,
						    .config = &s->sip },
			  &d->front_end);
	if (r < 0)
		return r;
	d->store = store_new(d->loop);
	d->core = core_new(&(struct core_args){
		.loop = d->loop,
		.journal = d->journal,
		.metrics = d->metrics,
		.config = &s->core,
		.ports = &(struct ports){ .push = &front_end_push_port,
					  .push_adapter = d->front_end,
					  .dial = &front_end_dial_port,
					  .dial_adapter = d->front_end,
					  .store = &store_memory_port,
					  .store_adapter = d->store },
	});
	front_end_attach(d->front_end, d->core);
	d->ucwa = ucwa_new(&(struct ucwa_args){ .loop = d->loop,
						.core = d->core,
						.journal = d->journal,
						.metrics = d->metrics,
						.config = &s->ucwa });
	add_listener(d, "sip.udp", "", agent_udp(front_end_agent(d->front_end)));
	add_listener(d, "sip.tcp", "", agent_tcp(front_end_agent(d->front_end)));
	r = listen_http(d);
	if (r < 0)
		return r;
	d->users = users_new(d->core, s->users_file);
	return load_users(d);
}

/* ---- lab API ---- */

static void on_info(void *magic, struct lab_info *ret)
{
	struct daemon *d = magic;

	*ret = (struct lab_info){
		.version = version_text,
		.roles = d->role_names,
		.n_roles = d->n_roles,
		.listeners = d->listeners,
		.n_listeners = d->n_listeners,
		.push_target = d->settings->edge.fqdn,
	};
}

static int start_lab(struct daemon *d)
{
	struct settings *s = d->settings;

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (d->roles & roles[i].role)
			d->role_names[d->n_roles++] = roles[i].name;
	if (!*s->lab_socket) {
		free(s->lab_socket);
		s->lab_socket = text_format("%s/lab.sock", s->state_dir);
	}
	s->lab.socket = s->lab_socket;
	return lab_new(&(struct lab_args){ .loop = d->loop,
					   .core = d->core,
					   .journal = d->journal,
					   .metrics = d->metrics,
					   .config = &s->lab,
					   .info = on_info,
					   .magic = d },
		       &d->lab);
}

/* ---- signals ---- */

static bool is_drained(const struct daemon *d)
{
	return !d->core ||
	       (idtab_count(&d->core->conversations) == 0 && front_end_is_idle(d->front_end));
}

static void on_drain(void *magic)
{
	struct daemon *d = magic;

	if (is_drained(d) || loop_real_ms(d->loop) >= d->drain_until_ms) {
		loop_stop(d->loop);
		return;
	}
	loop_timer_set_real(d->loop, &d->drain, DRAIN_STEP_MS, on_drain, d);
}

/* Callers who wait are told 503, conversations get their BYE, and all of it a moment to leave. */
static void on_end(void *magic, int signo)
{
	struct daemon *d = magic;

	if (d->stopping) {
		loop_stop(d->loop);
		return;
	}
	d->stopping = true;
	log_info("mcxd", NULL, "ending, on signal %d", signo);
	if (d->core)
		core_stop(d->core);
	d->drain_until_ms = loop_real_ms(d->loop) + DRAIN_MS;
	loop_timer_set_real(d->loop, &d->drain, DRAIN_STEP_MS, on_drain, d);
}

static void on_reload(void *magic, int signo)
{
	struct daemon *d = magic;

	(void)signo;
	if (d->users)
		load_users(d);
	if (d->https && http_reload(d->https) < 0)
		log_error("mcxd", NULL, "the certificate could not be loaded again");
}

static int take_signals(struct daemon *d)
{
	int r = loop_signal_add(d->loop, SIGTERM, on_end, d);

	if (r == 0)
		r = loop_signal_add(d->loop, SIGINT, on_end, d);
	if (r == 0)
		r = loop_signal_add(d->loop, SIGHUP, on_reload, d);
	signal(SIGPIPE, SIG_IGN);
	if (r < 0)
		log_error("mcxd", NULL, "signals: %s", strerror(-r));
	return r;
}

/* ---- life ---- */

/* Others may look in: ca.pem is for them to trust, and everything else has its own mode. Parents of the
 * default directory may be missing in a new home. */
static int make_directory(const char *path, bool is_there)
{
	CLEANUP(mem_free_string) char *copy = mem_strdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	if (!is_there && mkdir(path, 0755) < 0)
		return errno == EEXIST ? 0 : -1;
	return chmod(path, 0755);
}

static int make_state(struct daemon *d)
{
	struct settings *s = d->settings;
	CLEANUP(mem_free_string) char *names = mem_strdup(s->https_names);
	const char *dns[32] = { s->core.server_fqdn };
	const char *ips[] = { "127.0.0.1" };
	char *rest = names, *name;
	size_t n_dns = 1;
	char *absolute;

	if (make_directory(s->state_dir, d->ephemeral) < 0) {
		log_error("mcxd", NULL, "%s: %s", s->state_dir, strerror(errno));
		return -errno;
	}
	absolute = realpath(s->state_dir, NULL); /* paths in it are told to others */
	if (absolute) {
		free(s->state_dir);
		s->state_dir = absolute;
	}
	while ((name = strsep(&rest, ", ")) && n_dns < ARRAY_SIZE(dns))
		if (*name)
			dns[n_dns++] = name;
	return pki_ensure(
		s->state_dir,
		&(struct pki_names){
			.dns = dns, .n_dns = n_dns, .ips = ips, .n_ips = ARRAY_SIZE(ips) },
		&d->pki);
}

static int start_roles(struct daemon *d)
{
	int r = 0;

	if (d->roles & ROLE_PUSH_SERVICE)
		r = start_push_service(d);
	if (r == 0 && d->roles & ROLE_CLEARING_HOUSE)
		r = start_clearing_house(d);
	if (r == 0 && d->roles & ROLE_EDGE)
		r = start_edge(d);
	if (r == 0 && d->roles & ROLE_FRONT_END)
		r = start_front_end(d);
	return r;
}

static int64_t lab_wall_us(const void *loop)
{
	return loop_wall_us(loop);
}

static int tell_ready(struct daemon *d)
{
	int r = d->ready_file ? ready_write(d, d->ready_file) : 0;

	if (r < 0) {
		log_error("mcxd", NULL, "%s: %s", d->ready_file, strerror(-r));
		return r;
	}
	d->is_ready = true;
	ready_print(d);
	return 0;
}

int daemon_start(struct daemon *d)
{
	int r = loop_new(&d->loop);

	if (r < 0) {
		log_error("mcxd", NULL, "the event loop: %s", strerror(-r));
		return r;
	}
	log_set_clock(lab_wall_us, d->loop);
	r = make_state(d);
	if (r < 0)
		return r;
	d->journal = journal_new(d->loop, &d->settings->journal);
	d->metrics = metrics_new();
	r = start_roles(d);
	if (r == 0)
		r = start_lab(d);
	if (r == 0)
		r = take_signals(d);
	if (r == 0)
		r = tell_ready(d);
	return r;
}

void daemon_run(struct daemon *d)
{
	loop_run(d->loop);
}

/* What an ephemeral lab made: files, no folders. */
static void remove_state(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(path);
}

void daemon_stop(struct daemon *d)
{
	lab_free(d->lab);
	ucwa_free(d->ucwa);
	users_free(d->users);
	core_free(d->core);
	front_end_free(d->front_end);
	store_free(d->store);
	edge_free(d->edge);
	clearing_house_free(d->clearing_house);
	push_service_free(d->push_service);
	journal_free(d->journal);
	metrics_free(d->metrics);
	log_set_clock(NULL, NULL);
	loop_timer_stop(&d->drain);
	loop_free(d->loop);
	for (size_t i = 0; i < d->n_listeners; i++)
		free(d->addresses[i]);
	free(d->edge_route);
	free(d->clearing_house_route);
	pki_files_deinit(&d->pki);
	if (d->ready_file && d->is_ready)
		unlink(d->ready_file);
	if (d->ephemeral)
		remove_state(d->settings->state_dir);
}
