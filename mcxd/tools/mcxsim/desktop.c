/*
 * mcxsim desktop
 */
#include "mcxd/base/loop.h"
#include "mcxd/sim/desktop.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/desktop_options.h"
#include "mcxd/tools/mcxsim/input.h"
#include "mcxd/tools/mcxsim/mcxsim.h"
#include "mcxd/tools/mcxsim/out.h"

#include <signal.h>
#include <unistd.h>

struct host {
	struct loop *loop;
	const struct desktop_options *options;
	struct sim_desktop *desktop;
	struct input *input;
	bool input_ended;
	int code; /* to exit with */
};

/* ---- what the desktop reports ---- */

static void invite(struct host *h)
{
	const struct desktop_options *o = h->options;

	if (sim_desktop_invite(h->desktop, o->peer, o->first_line))
		return;
	out_complain("cannot invite %s", o->peer);
	sim_desktop_end(h->desktop, SIM_FAILED);
}

static void on_event(void *magic, const struct sim_event *event)
{
	struct host *h = magic;

	out_event(h->options->json, event);
	if (event->kind == SIM_EVENT_REGISTERED && h->options->peer)
		invite(h);
}

static void on_problem(void *magic, const char *sentence)
{
	(void)magic;
	out_complain("%s", sentence);
}

/* A desktop that invites has done what was asked; one that waits to be invited waits for the next. */
static void on_over(void *magic, enum sim_outcome outcome)
{
	struct host *h = magic;

	if (h->options->peer || h->input_ended || outcome != SIM_DONE)
		sim_desktop_end(h->desktop, outcome);
}

static void on_end(void *magic, enum sim_outcome outcome)
{
	struct host *h = magic;

	h->code = mcxsim_exit_code(outcome);
	loop_stop(h->loop);
}

static const struct sim_ops ops = {
	.on_event = on_event,
	.on_problem = on_problem,
	.on_over = on_over,
	.on_end = on_end,
};

/* ---- what moves it ---- */

static void on_line(void *magic, const char *line)
{
	struct host *h = magic;

	if (!*line || sim_desktop_is_ending(h->desktop))
		return;
	if (!sim_desktop_say(h->desktop, line))
		out_complain("too many lines are waiting to be sent; dropped this one");
}

static void on_input_end(void *magic)
{
	struct host *h = magic;

	h->input_ended = true;
	sim_desktop_finish(h->desktop);
	if (!h->options->peer && sim_desktop_is_idle(h->desktop))
		sim_desktop_end(h->desktop, SIM_DONE);
}

/* A second signal ends the desktop without waiting for the server's answer. */
static void on_signal(void *magic, int signo)
{
	struct host *h = magic;

	(void)signo;
	if (!sim_desktop_end(h->desktop, SIM_FAILED))
		loop_stop(h->loop);
}

/* ---- life ---- */

static void start(struct host *h)
{
	h->desktop = sim_desktop_new(h->loop, &h->options->desktop, &ops, h);
	loop_signal_add(h->loop, SIGINT, on_signal, h);
	loop_signal_add(h->loop, SIGTERM, on_signal, h);
	h->input = input_new(h->loop, STDIN_FILENO, on_line, on_input_end, h);
	/* Without input, as in a background job, the invitation is all that is sent. */
	if (!h->input && h->options->peer) {
		h->input_ended = true;
		sim_desktop_finish(h->desktop);
	}
	sim_desktop_start(h->desktop);
}

static int run(const struct desktop_options *options)
{
	struct host h = { .options = options, .code = MCXSIM_FAILED };

	if (loop_new(&h.loop) < 0) {
		out_complain("cannot create the event loop");
		return MCXSIM_FAILED;
	}
	start(&h);
	loop_run(h.loop);
	input_free(h.input);
	sim_desktop_free(h.desktop);
	loop_free(h.loop);
	return h.code;
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
