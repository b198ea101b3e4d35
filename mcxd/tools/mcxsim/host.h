/*
 * Host
 *
 * What every simulated client is run with: the loop, the user's input and signals, and the exit code.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/sim/sim.h"
#include "mcxd/tools/mcxsim/input.h"

#include <stdbool.h>

struct hosts;
struct setting_map;
struct tls_context;

/** The first member of what a command keeps: the magic of its handlers points to both. */
struct host {
	struct loop *loop;
	struct hosts *hosts;
	struct tls_context *tls; /* NULL: SIP goes by another transport */
	struct input *input;     /* NULL: there is none */
	int code;                /* to exit with */
};

/** Returns false, after a complaint, if it cannot be run. */
bool host_init(struct host *h);
/** After everything that uses loop, hosts or tls. Returns the exit code. */
int host_deinit(struct host *h);

/** Make the names known that --host gave and those in where, as names_find() takes them. Returns false, with the exit code set, after
 *  a complaint. */
bool host_know(struct host *h, const struct setting_map *given, const char *const *where);

/** For SIP by this transport, trust the certificates in ca_file. Does nothing unless it is "tls". Returns false after a complaint. */
bool host_trust(struct host *h, const char *transport, const char *ca_file);

/** Take lines of standard input, and SIGINT and SIGTERM. */
void host_listen(struct host *h, input_line_h *on_line, input_end_h *on_end,
		 loop_signal_h *on_signal);

/** Members of sim_ops that are the same for every client. The end stops the loop. */
void host_on_problem(void *magic, const char *sentence);
void host_on_end(void *magic, enum sim_outcome outcome);
