/*
 * Exec
 *
 * A command that runs in a lab: `mcxd exec -- COMMAND`. It runs in the daemon's own process group, so that the
 * terminal's job control and ^C reach both, and with what the daemon itself was given: standard streams, signal mask,
 * umask, limits.
 */
#pragma once

#include "mcxd/base/loop.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

struct process;

/** What this process was started with, before it made itself at home. */
struct exec_origin {
	sigset_t signals;
	struct sigaction sigpipe;
	mode_t mask;
	struct rlimit limit; /* of open files */
	int *files;          /* what was open, in ascending order */
	size_t n_files;
};

struct exec {
	char *const *command; /* NULL-terminated; NULL: there is none */
	struct exec_origin origin;
	loop_h *on_end;
	void *magic;

	struct loop *loop;
	pid_t pid; /* 0: not running */
	int code;  /* its exit status once it has ended; 128 and the signal that ended it */
	struct process *process;
	struct loop_timer patience;
};

/** exec_deinit() forgets it. */
void exec_origin_get(struct exec_origin *origin);

/** Run the command. If it cannot be found or run, it ends with 127 or 126, as in a shell. Returns 0, or a negative
 *  errno, having logged it. */
int exec_start(struct exec *e, struct loop *loop, char *const *environment);

/** Whether it runs. */
bool exec_is_running(const struct exec *e);

/** Pass a signal on to it. */
void exec_signal(const struct exec *e, int signo);

/** Tell it to end, and kill it if it does not do so soon. */
void exec_end(struct exec *e);

/** Kill it if it still runs; forget its origin. */
void exec_deinit(struct exec *e);
