/*
 * Daemon
 */
#include "mcxd/daemon.h"

#include "mcxd/base/fault.h"
#include "mcxd/base/journal.h"
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/base/metric.h"
#include "mcxd/base/process.h"
#include "mcxd/base/setting.h"
#include "mcxd/base/setting_change.h"
#include "mcxd/base/version.h"
#include "mcxd/edge/edge.h"
#include "mcxd/exec.h"
#include "mcxd/front_end/front_end.h"
#include "mcxd/net/pki.h"
#include "mcxd/net/tls.h"
#include "mcxd/notify.h"
#include "mcxd/push_service/state.h"
#include "mcxd/ready.h"
#include "mcxd/roles.h"
#include "mcxd/roles_config.h"
#include "mcxd/running.h"
#include "mcxd/settings.h"
#include "mcxd/sip_role.h"
#include "mcxd/state.h"
#include "mcxd/token.h"
#include "proto/record.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"
#include "web/lab/lab.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DRAIN_MS = 3000, DRAIN_STEP_MS = 20 };

/* ---- descriptors ---- */

/* The soft limit is for programs that use select(); this one does not. */
static void raise_descriptor_limit(const struct settings *s)
{
	const char *section;
	int64_t n = setting_highest(&settings_table, s, "max_connections", &section);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur != RLIM_INFINITY && n > (int64_t)limit.rlim_cur)
		log_warn("mcxd", NULL,
			 "%s.max_connections is %lld, but this process may open only %lld files "
			 "(ulimit -n)",
			 section, (long long)n, (long long)limit.rlim_cur);
}

/* ---- lab API ---- */

static void on_info(void *magic, struct lab_info *ret)
{
	struct daemon *d = magic;

	*ret = (struct lab_info){
		.version = version_text,
		.roles = d->roles.names,
		.n_roles = d->roles.n_names,
		.listeners = d->roles.listeners,
		.n_listeners = d->roles.n_listeners,
		.push_target = d->settings->edge.fqdn,
		.push_next_hop = d->roles.front_end_config.push_next_hop,
		.settings_table = &settings_table,
		.settings = d->settings,
		.changed_settings = &d->running.changed,
		.is_stopping = d->stopping,
		.ca_file = d->state.authority.cert,
		.trusts_network = d->settings->trust_network,
		.key_log = tls_key_log_path(),
	};
	roles_tell_upstream(&d->roles, ret);
}

static int read_token(struct daemon *d)
{
	CLEANUP(text_deinit) struct text why = TEXT_INIT;

	if (!*d->settings->lab_token_file)
		return 0;
	d->lab_token = token_read(d->settings->lab_token_file, &why);
	if (d->lab_token)
		return 0;
	log_error("mcxd", NULL, "lab.token_file: %s", text_str(&why));
	return -EINVAL;
}

static void tell_lab(struct daemon *d)
{
	const char *scheme = d->settings->lab_https ? "https://" : "http://";
	CLEANUP(mem_free_string) char *console = text_concat(lab_listen(d->lab), LAB_CONSOLE);

	if (!*lab_listen(d->lab))
		return;
	roles_add_listener(&d->roles, "lab", scheme, lab_listen(d->lab));
	roles_add_listener(&d->roles, "console", scheme, console);
}

static void on_reset(void *magic, const char *aor)
{
	struct daemon *d = magic;

	if (!aor)
		running_reset(&d->running);
	roles_reset(&d->roles, aor);
}

static int change_settings(void *magic, const struct setting_change *changes, size_t n,
			   struct text *errors)
{
	struct daemon *d = magic;

	return running_change(&d->running, changes, n, errors);
}

static void set_foreign_house(void *magic, bool on)
{
	struct daemon *d = magic;

	d->roles.foreign_house = on;
	roles_apply_settings(&d->roles);
}

static int try_settings(void *magic, const struct setting_change *changes, size_t n,
			struct text *errors)
{
	struct daemon *d = magic;
	int err;

	d->is_trial = true;
	err = running_change(&d->running, changes, n, errors);
	d->is_trial = false;
	return err;
}

static void fill_lab(struct daemon *d)
{
	const struct settings *s = d->settings;

	d->lab_config = s->lab;
	d->lab_config.socket = d->lab_socket;
	d->lab_config.idle_timeout_ms =
		setting_or_shared(s->lab_net.idle_timeout_ms, s->net.idle_timeout_ms);
	d->lab_config.token = d->lab_token;
	if (!s->lab_https)
		return;
	d->lab_config.cert_file = d->state.pairs[SIP_FRONT_END].cert;
	d->lab_config.key_file = d->state.pairs[SIP_FRONT_END].key;
}

static struct lab_part channels_part(const struct daemon *d)
{
	if (!d->roles.push_service)
		return (struct lab_part){ 0 };
	return (struct lab_part){ .write = push_service_write,
				  .check = push_service_check,
				  .load = push_service_load,
				  .magic = d->roles.push_service };
}

static int start_lab(struct daemon *d)
{
	const struct settings *s = d->settings;
	int err = read_token(d);

	if (err)
		return err;
	d->lab_socket = *s->lab_socket ? mem_strdup(s->lab_socket)
				       : text_format("%s/lab.sock", d->state.dir);
	fill_lab(d);
	err = lab_new(&(struct lab_args){ .loop = d->loop,
					  .core = d->roles.core,
					  .stack = d->roles.stack,
					  .faults = d->faults,
					  .journal = d->journal,
					  .metrics = d->metrics,
					  .config = &d->lab_config,
					  .info = on_info,
					  .on_reset = on_reset,
					  .change_settings = change_settings,
					  .set_foreign_house = d->roles.clearing_house
								       ? set_foreign_house
								       : NULL,
					  .try_settings = try_settings,
					  .magic = d,
					  .channels = channels_part(d) },
		      &d->lab);
	if (!err)
		tell_lab(d);
	return err;
}

/* ---- signals ---- */

/* What was answered last needs a moment to leave, so that once idle is not enough. */
static void on_drain(void *magic)
{
	struct daemon *d = magic;
	bool was_idle = d->is_idle;

	d->is_idle = roles_are_idle(&d->roles) && lab_is_idle(d->lab);
	if ((d->is_idle && was_idle) || loop_real_ms(d->loop) >= d->drain_until_ms)
		loop_stop(d->loop);
	else
		loop_timer_set_real(d->loop, &d->drain, DRAIN_STEP_MS, on_drain, d);
}

/* Waiting callers get 503 and conversations their BYE; what has begun is stored and answered. */
static void begin_end(struct daemon *d)
{
	d->stopping = true;
	notify_stopping(&d->notify);
	roles_shut_down(&d->roles);
	d->drain_until_ms = loop_real_ms(d->loop) + DRAIN_MS;
	loop_timer_set_real(d->loop, &d->drain, DRAIN_STEP_MS, on_drain, d);
}

/* The command decides what a signal means, and its end is the lab's. ^C has reached it already: the terminal sends that
 * to the whole process group. A second signal ends a lab without a command at once. */
static void on_end(void *magic, int signo)
{
	struct daemon *d = magic;

	if (exec_is_running(&d->exec)) {
		if (!loop_signal_is_of_kernel(d->loop))
			exec_signal(&d->exec, signo);
		return;
	}
	if (d->stopping) {
		loop_stop(d->loop);
		return;
	}
	log_info("mcxd", NULL, "shutting down on signal %d", signo);
	begin_end(d);
}

static void on_command_end(void *magic)
{
	struct daemon *d = magic;

	log_info("mcxd", NULL, "shutting down: %s has ended with %d", d->exec.command[0],
		 d->exec.code);
	if (!d->stopping)
		begin_end(d);
}

static void on_parent_end(void *magic)
{
	struct daemon *d = magic;

	log_info("mcxd", NULL, "shutting down: process %d has ended", (int)d->parent);
	if (exec_is_running(&d->exec))
		exec_end(&d->exec);
	else if (!d->stopping)
		begin_end(d);
}

static int watch_parent(struct daemon *d)
{
	int err = d->parent ? process_watch(d->loop, d->parent, on_parent_end, d, &d->parent_watch)
			    : 0;

	if (err == -ESRCH)
		log_error("mcxd", NULL,
			  "not started: process %d, which it should end with, does not run",
			  (int)d->parent);
	else if (err)
		log_error("mcxd", NULL, "cannot watch process %d: %s", (int)d->parent,
			  strerror(-err));
	return err;
}

static void log_lines(struct text *errors)
{
	char *rest = errors->data, *line;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			log_error("mcxd", NULL, "%s", line);
}

static void reload_settings(struct daemon *d)
{
	CLEANUP(text_deinit) struct text errors = TEXT_INIT;

	if (running_reload(&d->running, &errors) < 0)
		log_lines(&errors);
}

static void on_reload(void *magic, int signo)
{
	struct daemon *d = magic;

	log_info("mcxd", NULL, "reloading settings, users and certificates on signal %d", signo);
	notify_reloading(&d->notify);
	reload_settings(d);
	roles_reload(&d->roles);
	lab_reload(d->lab);
	notify_ready(&d->notify);
}

static int take_signals(struct daemon *d)
{
	int err = loop_signal_add(d->loop, SIGTERM, on_end, d);

	if (!err)
		err = loop_signal_add(d->loop, SIGINT, on_end, d);
	if (!err)
		err = loop_signal_add(d->loop, SIGHUP, on_reload, d);
	signal(SIGPIPE, SIG_IGN);
	if (err)
		log_error("mcxd", NULL, "cannot receive signals: %s", strerror(-err));
	return err;
}

/* ---- life ---- */

static int64_t lab_wall_us(const void *loop)
{
	return loop_wall_us(loop);
}

static int start_loop(struct daemon *d)
{
	int err = loop_new(&d->loop);

	if (err) {
		log_error("mcxd", NULL, "cannot make the event loop: %s", strerror(-err));
		return err;
	}
	log_set_clock(lab_wall_us, d->loop);
	notify_init(&d->notify, d->loop);
	return 0;
}

static int start_roles(struct daemon *d)
{
	d->journal = journal_new(d->loop, &d->settings->journal);
	d->metrics = metrics_new();
	d->faults = faults_new(d->loop, d->journal);
	return roles_start(&d->roles, &(struct roles_args){ .loop = d->loop,
							    .journal = d->journal,
							    .metrics = d->metrics,
							    .faults = d->faults,
							    .settings = d->settings,
							    .state = &d->state,
							    .set = d->role_set });
}

static int tell_ready(struct daemon *d)
{
	int err = d->ready_file ? ready_write(d, d->ready_file) : 0;

	if (err) {
		log_error("mcxd", NULL, "cannot write the ready file %s: %s", d->ready_file,
			  strerror(-err));
		return err;
	}
	d->is_ready = true;
	if (!d->exec.command)
		ready_print(d);
	notify_ready(&d->notify);
	return 0;
}

/* Standard output is the command's. */
static int start_command(struct daemon *d)
{
	CLEANUP(mem_free_string) char *path = NULL;
	char **environment;
	int err;

	if (!d->exec.command)
		return 0;
	path = realpath(d->ready_file, NULL);
	environment = ready_environment(d, path ? path : d->ready_file);
	d->exec.on_end = on_command_end;
	d->exec.magic = d;
	err = exec_start(&d->exec, d->loop, environment);
	ready_environment_free(environment);
	return err;
}

static void name_ready_file(struct daemon *d)
{
	if (!d->exec.command || d->ready_file)
		return;
	d->own_ready_file = text_format("%s/ready.json", d->state.dir);
	d->ready_file = d->own_ready_file;
}

/* ---- settings that change ---- */

static void on_setting(void *magic, const char *name, const char *value)
{
	const struct daemon *d = magic;
	CLEANUP(mem_free_string) char *summary = text_concat(name, " is ", value);
	const struct record_field fields[] = { { "action", "set" },
					       { "setting", name },
					       { "value", value } };

	if (d->is_trial)
		return;
	journal_add(d->journal, &(struct record){ .kind = "lab",
						  .summary = summary,
						  .fields = fields,
						  .n_fields = ARRAY_SIZE(fields) });
}

static void apply_settings(void *magic)
{
	struct daemon *d = magic;

	if (!d->is_trial) {
		log_set_levels(d->settings->log_level);
		log_set_format((enum log_format)log_parse_format(d->settings->log_format));
		journal_configure(d->journal, &d->settings->journal);
	}
	roles_apply_settings(&d->roles);
	fill_lab(d);
	lab_apply_config(d->lab);
}

static void own_settings(struct daemon *d)
{
	running_init(&d->running, d->settings,
		     &(struct running_ops){ .load = d->load_settings,
					    .origin = d->settings_origin,
					    .on_changed = on_setting,
					    .apply = apply_settings,
					    .magic = d });
	d->settings = &d->running.now;
}

int daemon_start(struct daemon *d)
{
	int err;

	own_settings(d);
	raise_descriptor_limit(d->settings);
	err = start_loop(d);
	/* First, so that a signal during the start does not end the process before it has cleaned up. */
	if (!err)
		err = take_signals(d);
	if (!err)
		err = watch_parent(d);
	if (!err)
		err = state_init(&d->state, d->settings, d->ephemeral);
	if (!err)
		err = start_roles(d);
	if (!err)
		err = start_lab(d);
	if (!err)
		name_ready_file(d);
	if (!err)
		err = tell_ready(d);
	if (!err)
		err = start_command(d);
	return err;
}

void daemon_run(struct daemon *d)
{
	loop_run(d->loop);
}

void daemon_stop(struct daemon *d)
{
	exec_deinit(&d->exec);
	lab_free(d->lab);
	roles_deinit(&d->roles);
	faults_free(d->faults);
	journal_free(d->journal);
	metrics_free(d->metrics);
	log_set_clock(NULL, NULL);
	loop_timer_stop(&d->drain);
	notify_deinit(&d->notify);
	process_free(d->parent_watch);
	loop_free(d->loop);
	if (d->ready_file && d->is_ready)
		unlink(d->ready_file);
	free(d->own_ready_file);
	free(d->lab_socket);
	free(d->lab_token);
	state_deinit(&d->state);
	running_deinit(&d->running);
}
