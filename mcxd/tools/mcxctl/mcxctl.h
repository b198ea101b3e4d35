/*
 * mcxctl
 *
 * The operator's tool: a client of the lab API on its UNIX socket. This header says what every command gets and
 * returns.
 */
#pragma once

#include "mcxd/tools/mcxctl/options.h"

#include <json-c/json.h>

struct http_client;
struct loop;
struct text;

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
ctl_command_h ctl_clock, ctl_expire;
/** What a clock of the daemon's says, in words. */
void ctl_add_clock(struct json_object *clock, struct text *out);

/* explain.c */
ctl_command_h ctl_explain;

/* export.c */
ctl_command_h ctl_export;

/* journal.c */
ctl_command_h ctl_journal, ctl_trace;

/* ladder.c */
ctl_command_h ctl_ladder;
/** The number of a conversation that the command line names: itself, or "last". Complains and returns an exit code other
 *  than CTL_YES if it is neither. free() it. */
int ctl_conversation(struct ctl *c, const char *arg, char **ret_id);

/* list.c */
ctl_command_h ctl_users, ctl_endpoints, ctl_conversations, ctl_pushes, ctl_metrics;

/* setting.c */
ctl_command_h ctl_set;

/* status.c */
ctl_command_h ctl_status;

/* test_push.c */
ctl_command_h ctl_test_push;

/* user.c */
ctl_command_h ctl_user, ctl_reset;

/* wait.c */
ctl_command_h ctl_wait, ctl_verify;
