/*
 * mcxctl
 *
 * The operator's tool: a client of the lab API on its UNIX socket. This header says what every command gets and
 * returns.
 */
#pragma once

#include "mcxd/tools/mcxctl/options.h"

struct http_client;
struct loop;

/** Exit codes. Scripts rely on them. */
enum {
	CTL_YES,
	CTL_NO,       /* a wait that timed out, a test that failed, something that does not exist */
	CTL_USAGE,    /* the command line is wrong */
	CTL_NO_DAEMON /* nothing answers at the socket */
};

struct ctl {
	struct loop *loop;
	struct http_client *client;
	char *socket;
	struct ctl_options options;
};

/** A command; args are the arguments after its name. Returns the exit code. */
typedef int ctl_command_h(struct ctl *c, int n_args, char *const *args);

/* clock.c */
ctl_command_h ctl_clock;

/* journal.c */
ctl_command_h ctl_journal, ctl_trace;

/* ladder.c */
ctl_command_h ctl_ladder;

/* list.c */
ctl_command_h ctl_users, ctl_endpoints, ctl_conversations, ctl_pushes, ctl_metrics;

/* status.c */
ctl_command_h ctl_status;

/* test_push.c */
ctl_command_h ctl_test_push;

/* user.c */
ctl_command_h ctl_user;

/* wait.c */
ctl_command_h ctl_wait, ctl_verify;
