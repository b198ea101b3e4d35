/*
 * Daemon
 *
 * One lab: the loop, the journal, the roles that were asked for, and the lab API, from start to end.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "mcxd/exec.h"
#include "mcxd/notify.h"
#include "mcxd/roles.h"
#include "mcxd/running.h"
#include "mcxd/settings.h"
#include "mcxd/state.h"
#include "web/lab/lab.h"

struct process;
struct text;

struct daemon {
	/* set by main */
	const struct settings *settings; /* then those of running */
	int (*load_settings)(const void *origin, struct settings *ret, struct text *errors);
	const void *settings_origin;
	unsigned role_set;      /* of ROLE_… */
	const char *ready_file; /* NULL: none */
	bool ephemeral;
	struct exec exec; /* its command and origin: what to run in the lab */
	pid_t parent;     /* the process with which the lab ends; 0: none */

	struct running running;
	struct loop *loop;
	struct notify notify;
	struct journal *journal;
	struct metrics *metrics;
	struct faults *faults;
	struct state state;
	struct roles roles;
	struct lab_config lab_config;
	char *lab_socket;
	char *lab_token; /* NULL: none */
	struct lab *lab;

	char *own_ready_file; /* of a command's lab that is to have none elsewhere */
	bool is_ready;        /* and has said so */
	struct process *parent_watch;
	bool is_trial; /* settings are being tried: they are limits for a moment, and nothing else */
	bool stopping;
	bool is_idle; /* while stopping: nothing was left to do at the last look */
	struct loop_timer drain;
	int64_t drain_until_ms; /* real time */
};

/** Start everything. Returns 0, or a negative errno, having logged what failed. */
int daemon_start(struct daemon *d);

/** Run until a signal, or the end of the command or the parent, and then at most three seconds more, until
 *  conversations have ended and what has begun is stored and answered. */
void daemon_run(struct daemon *d);

/** Free everything, also what is half started. */
void daemon_stop(struct daemon *d);
