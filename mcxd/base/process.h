/*
 * Process
 *
 * Notices the end of another process, which need not be a child. A pidfd is watched, not the parent's death signal
 * (PR_SET_PDEATHSIG): that one is sent when the thread ends which made this process, and a test runner may well start
 * it from a thread that ends before the runner does; and it does not tell a parent that died before it was asked for.
 */
#pragma once

#include "mcxd/base/loop.h"

#include <sys/types.h>

struct process;

/** Call on_end once, from the loop, when the process has ended; at once if it is a zombie. Returns 0, or a negative
 *  errno: -ESRCH if there is no such process. */
int process_watch(struct loop *l, pid_t pid, loop_h *on_end, void *magic,
		  struct process **ret_process);

/** Stop watching; the process itself goes on. NULL is fine. */
struct process *process_free(struct process *p);
