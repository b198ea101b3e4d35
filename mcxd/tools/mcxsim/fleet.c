/*
 * mcxsim fleet
 */
#include "mcxd/sim/fleet/fleet.h"

#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/sim/fleet/tally.h"
#include "mcxd/sip/stack.h"
#include "mcxd/tools/mcxsim/fleet_options.h"
#include "mcxd/tools/mcxsim/fleet_report.h"
#include "mcxd/tools/mcxsim/fleet_users.h"
#include "mcxd/tools/mcxsim/host.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/out.h"
#include "mcxd/tools/mcxsim/progress.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DRAW_MS = 200, US_PER_S = 1000000 };

struct fleet_host {
	struct host host;
	const struct fleet_options *options;
	struct sim_fleet_config config;
	struct stack *stack;
	struct fleet_users *users;
	struct sim_fleet *fleet;
	struct progress progress;
	struct loop_timer draw;
	int64_t began_us, began_cpu_us; /* when the phones were ready; 0: not yet */
	struct fleet_result result;
};

static int64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * (int64_t)US_PER_S + u.ru_utime.tv_usec +
	       u.ru_stime.tv_usec;
}

/* ---- the end ---- */

static bool write_junit(const struct fleet_host *h)
{
	CLEANUP(text_deinit) struct text xml = TEXT_INIT;
	FILE *file = fopen(h->options->junit, "w");
	bool written;

	fleet_report_junit(&h->result, &xml);
	written = file && fwrite(text_str(&xml), 1, xml.n, file) == xml.n;
	if (file && fclose(file) != 0)
		written = false;
	if (!written)
		out_complain("cannot write %s: %m", h->options->junit);
	return written;
}

static void report(struct fleet_host *h)
{
	CLEANUP(text_deinit) struct text out = TEXT_INIT;

	if (h->options->json)
		fleet_report_json(&h->result, &out);
	else
		fleet_report_text(&h->result, &out);
	fputs(text_str(&out), stdout);
	h->host.code = fleet_result_is_good(&h->result) ? MCXSIM_OK : MCXSIM_FAILED;
	if (h->options->junit && !write_junit(h))
		h->host.code = MCXSIM_FAILED;
}

static void on_removed(void *magic, const char *problem)
{
	struct fleet_host *h = magic;

	if (problem) {
		out_complain("the fleet's users cannot be removed: %s", problem);
		h->host.code = MCXSIM_FAILED;
	}
	loop_stop(h->host.loop);
}

static void on_end(void *magic)
{
	struct fleet_host *h = magic;

	loop_timer_stop(&h->draw);
	progress_clear(&h->progress);
	report(h);
	fleet_users_remove(h->users, on_removed, h);
}

/* ---- what goes on ---- */

static void on_flows_over(void *magic)
{
	struct fleet_host *h = magic;

	h->result.took_us = h->began_us ? loop_now_us(h->host.loop) - h->began_us : 0;
	h->result.cpu_us = h->began_us ? cpu_us() - h->began_cpu_us : 0;
}

static void say_waiting(struct fleet_host *h)
{
	long long n = sim_fleet_tally(h->fleet)->n_signed_in;

	progress_clear(&h->progress);
	printf(h->options->json ? "{\"event\":\"waiting\",\"phones\":%lld}\n"
				: "%lld phones wait\n",
	       n);
	fflush(stdout);
}

static void on_ready(void *magic)
{
	struct fleet_host *h = magic;

	h->began_us = loop_now_us(h->host.loop);
	h->began_cpu_us = cpu_us();
	if (h->options->hold)
		say_waiting(h);
}

static const struct sim_fleet_ops ops = {
	.on_ready = on_ready,
	.on_flows_over = on_flows_over,
	.on_end = on_end,
};

static void on_draw(void *magic)
{
	struct fleet_host *h = magic;
	const struct sim_tally *t = sim_fleet_tally(h->fleet);
	int64_t lost = sim_tally_lost(t);

	if (h->began_us && !h->options->hold)
		progress_draw(&h->progress, "flows", sim_tally_good(t) + lost, h->config.n_flows,
			      lost);
	else if (!h->began_us)
		progress_draw(&h->progress, "phones", t->n_signed_in, (int64_t)h->config.n_phones,
			      t->n_errors);
	loop_timer_set_real(h->host.loop, &h->draw, DRAW_MS, on_draw, h);
}

static void on_added(void *magic, const char *problem)
{
	struct fleet_host *h = magic;

	if (problem) {
		out_complain("the fleet's users cannot be added: %s", problem);
		h->host.code = MCXSIM_UNREACHABLE;
		fleet_users_remove(h->users, on_removed, h);
		return;
	}
	h->fleet = sim_fleet_new(h->stack, &h->config, &ops, h);
	if (!h->fleet) {
		out_complain("cannot open SIP sockets on 127.0.0.1");
		fleet_users_remove(h->users, on_removed, h);
		return;
	}
	h->result.config = &h->config;
	h->result.tally = sim_fleet_tally(h->fleet);
	on_draw(h);
	sim_fleet_start(h->fleet);
}

static void on_signal(void *magic, int signo)
{
	struct fleet_host *h = magic;

	(void)signo;
	if (h->fleet)
		sim_fleet_stop(h->fleet);
	else
		loop_stop(h->host.loop);
}

/* ---- life ---- */

static bool prepare(struct fleet_host *h)
{
	const struct sim_fleet_config *c = &h->config;
	const char *const where[] = { c->sip_server, c->server, c->push_service_url, NULL };

	if (!host_know(&h->host, &h->options->hosts, where) ||
	    !host_trust(&h->host, c->transport, c->ca_file))
		return false;
	if (stack_new(h->host.loop, h->host.hosts, &h->stack) == 0)
		return true;
	out_complain("cannot create the SIP stack");
	return false;
}

static void start(struct fleet_host *h)
{
	const struct fleet_options *o = h->options;
	size_t n = h->config.n_phones + h->config.n_senders;

	h->users = o->users ? fleet_users_given(o->users, o->password, n)
			    : fleet_users_new(h->host.loop, o->lab_socket, n);
	h->config.hosts = h->host.hosts;
	h->config.tls = h->host.tls;
	h->config.phones = fleet_users_all(h->users);
	h->config.senders = h->config.phones + h->config.n_phones;
	progress_init(&h->progress);
	loop_signal_add(h->host.loop, SIGINT, on_signal, h);
	loop_signal_add(h->host.loop, SIGTERM, on_signal, h);
	fleet_users_add(h->users, on_added, h);
}

/* Each phone has up to four connections. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int run(const struct fleet_options *options)
{
	struct fleet_host h = { .options = options, .config = options->fleet };

	log_set_levels("warn");
	signal(SIGPIPE, SIG_IGN);
	raise_limit();
	if (!host_init(&h.host))
		return MCXSIM_FAILED;
	if (prepare(&h)) {
		start(&h);
		loop_run(h.host.loop);
	}
	loop_timer_stop(&h.draw);
	sim_fleet_free(h.fleet);
	stack_free(h.stack);
	fleet_users_free(h.users);
	return host_deinit(&h.host);
}

int fleet_main(int argc, char **argv)
{
	struct fleet_options options;
	int code = fleet_options_parse(argc, argv, &options);

	if (code < 0)
		code = run(&options);
	fleet_options_deinit(&options);
	return code;
}
