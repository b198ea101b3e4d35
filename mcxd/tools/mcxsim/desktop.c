/*
 * mcxsim desktop
 */
#include "mcxd/base/loop.h"
#include "mcxd/sim/desktop.h"
#include "mcxd/sim/desktop_config.h"
#include "mcxd/sim/lines.h"
#include "mcxd/sim/sim.h"
#include "mcxd/sip/stack.h"
#include "mcxd/tools/mcxsim/commands.h"
#include "mcxd/tools/mcxsim/desktop_options.h"
#include "mcxd/tools/mcxsim/host.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/out.h"

#include <unistd.h>

struct desktop_host {
	struct host host;
	struct stack *stack;
	const struct desktop_options *options;
	struct sim_desktop *desktop;
	struct sim_lines early; /* said before the invitation */
	bool has_lines;         /* standard input said something */
	bool input_ended;
};

/* ---- what the desktop reports ---- */

static void invite(struct desktop_host *h)
{
	const struct desktop_options *o = h->options;
	char *line;

	if (!sim_desktop_invite(h->desktop, o->peer, o->first_line)) {
		out_complain("cannot invite %s", o->peer);
		sim_desktop_end(h->desktop, SIM_FAILED);
		return;
	}
	while ((line = sim_lines_take(&h->early))) {
		sim_desktop_say(h->desktop, line);
		free(line);
	}
}

static void on_event(void *magic, const struct sim_event *event)
{
	struct desktop_host *h = magic;

	out_event(h->options->json, event);
	if (event->kind == SIM_EVENT_REGISTERED && h->options->peer)
		invite(h);
}

/* A desktop that was started to invite has done what was asked. One that waits to be invited, or told by a person to
 * invite, waits for the next; one without input ends when a conversation ended in failure. */
static void on_over(void *magic, enum sim_outcome outcome)
{
	struct desktop_host *h = magic;

	if (h->options->peer || h->input_ended || (outcome != SIM_DONE && !h->has_lines))
		sim_desktop_end(h->desktop, outcome);
}

static const struct sim_ops ops = {
	.on_event = on_event,
	.on_problem = host_on_problem,
	.on_over = on_over,
	.on_end = host_on_end,
};

/* ---- what moves it ---- */

/* Lines of a pipe come before the invitation that the desktop was started for. */
static void say(struct desktop_host *h, const char *line)
{
	enum sim_call_state state = sim_desktop_state(h->desktop);

	if (h->options->peer && !sim_desktop_is_registered(h->desktop)
		    ? sim_lines_add(&h->early, line)
		    : sim_desktop_say(h->desktop, line))
		return;
	if (state == SIM_CALL_IDLE || state == SIM_CALL_ENDING)
		out_complain("no conversation is open, so this goes to nobody; /im USER TEXT "
			     "begins one");
	else
		out_complain("too many lines are waiting to be sent; dropped this one");
}

static void on_line(void *magic, const char *line)
{
	struct desktop_host *h = magic;

	h->has_lines = true;
	if (!*line || sim_desktop_is_ending(h->desktop))
		return;
	line = commands_take(&desktop_commands, h->desktop, line);
	if (line)
		say(h, line);
}

/* A person who closes the terminal's input leaves: an invitation that rings is taken back. At the end of a pipe or a file
 * there is only nothing more to say: the invitation is waited for, and the conversation ends when all was said. */
static void on_input_end(void *magic)
{
	struct desktop_host *h = magic;
	enum sim_call_state state = sim_desktop_state(h->desktop);

	h->input_ended = true;
	sim_desktop_finish(h->desktop);
	if (isatty(STDIN_FILENO) && state == SIM_CALL_INVITING)
		sim_desktop_hang_up(h->desktop);
	if (!h->options->peer && state == SIM_CALL_IDLE)
		sim_desktop_end(h->desktop, SIM_DONE);
}

/* A second signal ends the desktop without waiting for the server's answer. */
static void on_signal(void *magic, int signo)
{
	struct desktop_host *h = magic;

	(void)signo;
	if (!sim_desktop_end(h->desktop, SIM_FAILED))
		loop_stop(h->host.loop);
}

/* ---- life ---- */

static void start(struct desktop_host *h)
{
	struct sim_desktop_config config = h->options->desktop;

	config.tls = h->host.tls;
	h->desktop = sim_desktop_new(h->stack, &config, &ops, h);
	host_listen(&h->host, on_line, on_input_end, on_signal);
	/* Without input, as in a job, the invitation is all that there is to say. */
	if (!h->host.input && h->options->peer) {
		h->input_ended = true;
		sim_desktop_finish(h->desktop);
	}
	sim_desktop_start(h->desktop);
}

static int run(const struct desktop_options *options)
{
	struct desktop_host h = { .options = options };

	sim_lines_init(&h.early);
	if (!host_init(&h.host))
		return MCXSIM_FAILED;
	if (!host_know(&h.host, &options->hosts,
		       (const char *const[]){ options->desktop.server, NULL }) ||
	    !host_trust(&h.host, options->desktop.transport, options->ca_file))
		return host_deinit(&h.host);
	if (stack_new(h.host.loop, h.host.hosts, &h.stack) < 0) {
		out_complain("cannot create the SIP stack");
		return host_deinit(&h.host);
	}
	start(&h);
	loop_run(h.host.loop);
	sim_desktop_free(h.desktop);
	sim_lines_deinit(&h.early);
	stack_free(h.stack);
	return host_deinit(&h.host);
}

int desktop_main(int argc, char **argv)
{
	struct desktop_options options;
	int code = desktop_options_parse(argc, argv, &options);

	if (code < 0)
		code = run(&options);
	desktop_options_deinit(&options);
	return code;
}
