/*
 * mcxsim phone
 */
#include "mcxd/base/log.h"
#include "mcxd/base/loop.h"
#include "mcxd/sim/phone/config.h"
#include "mcxd/sim/phone/phone.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/commands.h"
#include "mcxd/tools/mcxsim/host.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/out.h"
#include "mcxd/tools/mcxsim/phone_options.h"

#include <signal.h>
#include <unistd.h>

struct phone_host {
	struct host host;
	const struct phone_options *options;
	struct sim_phone *phone;
	struct loop_timer timeout;
	int64_t n_over;   /* conversations */
	bool has_lines;   /* standard input said something */
	bool input_ended; /* and will say nothing more */
};

static bool end(struct phone_host *h, enum sim_outcome outcome)
{
	if (!sim_phone_end(h->phone, outcome))
		return false;
	h->host.code = mcxsim_exit_code(outcome);
	return true;
}

/* End if everything that was asked for has happened. */
static void check_end(struct phone_host *h)
{
	int64_t count = h->options->count;
	bool enough = count && h->n_over >= count;

	if (enough || (h->input_ended && !count && !sim_phone_is_busy(h->phone)))
		end(h, SIM_DONE);
}

/* ---- what the phone reports ---- */

static void on_event(void *magic, const struct sim_event *event)
{
	struct phone_host *h = magic;

	out_event(h->options->json, event);
}

static void on_over(void *magic, enum sim_outcome outcome)
{
	struct phone_host *h = magic;

	(void)outcome;
	h->n_over++;
	check_end(h);
}

static const struct sim_ops ops = {
	.on_event = on_event,
	.on_problem = host_on_problem,
	.on_over = on_over,
	.on_end = host_on_end,
};

/* ---- what moves it ---- */

static void on_line(void *magic, const char *line)
{
	struct phone_host *h = magic;

	h->has_lines = true;
	if (!*line || sim_phone_phase(h->phone) == SIM_PHONE_ENDING)
		return;
	line = commands_take(&phone_commands, h->phone, line);
	if (!line || sim_phone_say(h->phone, line))
		return;
	if (sim_phone_is_talking(h->phone))
		out_complain("too many lines are waiting to be sent; dropped this one");
	else
		out_complain("no conversation is open, so this goes to nobody; /im USER TEXT "
			     "begins one");
}

/* A pipe that is closed without a line, as in a background job, does not count as the end of input. */
static void on_input_end(void *magic)
{
	struct phone_host *h = magic;
	bool terminal = isatty(STDIN_FILENO);

	if (!terminal && !h->has_lines)
		return;
	h->input_ended = true;
	if (terminal)
		sim_phone_hang_up_all(h->phone);
	check_end(h);
}

/* A second signal ends the phone without waiting for the last requests. */
static void on_signal(void *magic, int signo)
{
	struct phone_host *h = magic;

	(void)signo;
	if (!end(h, h->options->count > h->n_over ? SIM_FAILED : SIM_DONE))
		loop_stop(h->host.loop);
}

static void on_timeout(void *magic)
{
	struct phone_host *h = magic;

	if (end(h, SIM_FAILED))
		out_complain("what was asked did not happen within %lld seconds",
			     (long long)h->options->timeout_s);
}

/* ---- life ---- */

static void start(struct phone_host *h)
{
	struct sim_phone_config config = h->options->phone;

	config.hosts = h->host.hosts;
	h->phone = sim_phone_new(h->host.loop, &config, &ops, h);
	host_listen(&h->host, on_line, on_input_end, on_signal);
	if (h->options->timeout_s)
		loop_timer_set_real(h->host.loop, &h->timeout, h->options->timeout_s * 1000,
				    on_timeout, h);
	sim_phone_start(h->phone);
}

static bool know_names(struct phone_host *h)
{
	const struct sim_phone_config *c = &h->options->phone;
	const char *const where[] = { c->server, c->push_service_url, NULL };

	return host_know(&h->host, &h->options->hosts, where);
}

static int run(const struct phone_options *options)
{
	struct phone_host h = { .options = options };

	log_set_levels("warn");
	/* The program that reads our events may exit first. */
	signal(SIGPIPE, SIG_IGN);
	if (!host_init(&h.host))
		return MCXSIM_FAILED;
	if (!know_names(&h))
		return host_deinit(&h.host);
	start(&h);
	loop_run(h.host.loop);
	loop_timer_stop(&h.timeout);
	sim_phone_free(h.phone);
	return host_deinit(&h.host);
}

int phone_main(int argc, char **argv)
{
	struct phone_options options;
	int code = phone_options_parse(argc, argv, &options);

	if (code < 0)
		code = run(&options);
	phone_options_deinit(&options);
	return code;
}
