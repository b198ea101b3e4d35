/*
 * mcxctl
 *
 * The operator's tool: a client of the lab API on its UNIX socket. This header says what every command gets and
 * returns.
 */
#pragma once

#include "mcxd/tools/mcxctl/options.h"

#include <json-c/json.h>

struct ctl_table;
struct http_client;
struct loop;
struct text;

/** Exit codes. Scripts rely on them. */
enum {
	CTL_YES,
	CTL_NO,    /* a wait that timed out, a test that failed, something that does not exist */
	CTL_USAGE, /* the command line is wrong */
	CTL_NO_DAEMON /* nothing answers at the socket, or the daemon has ended before a wait was over */
};

struct ctl {
	struct loop *loop;
	struct http_client *client;
	char *socket;
	struct ctl_options options;
	int status; /* of the latest answer; 0: there was none */
};

/** A command; args are the arguments after its name. Returns the exit code. */
typedef int ctl_command_h(struct ctl *c, int n_args, char *const *args);

/* actor.c */
ctl_command_h ctl_actors, ctl_actor;

/* clock.c */
ctl_command_h ctl_clock;
/** What a clock of the daemon's says, in words. */
void ctl_add_clock(struct json_object *clock, struct text *out);
/** Read "60s", written as in a setting; complains of what if it is not. */
bool ctl_read_duration(const char *what, const char *s, int64_t *ret_ms);

/* document.c */
ctl_command_h ctl_health, ctl_fsm, ctl_openapi;
/** Print the metrics as Prometheus reads them. */
int ctl_print_metrics_text(struct ctl *c);

/* expire.c */
ctl_command_h ctl_expire;

/* explain.c */
ctl_command_h ctl_explain;
ctl_command_h ctl_drill;
ctl_command_h ctl_test_im;

/* export.c */
ctl_command_h ctl_export, ctl_import;

/* fault.c */
ctl_command_h ctl_faults;
/** A joint as the daemon writes it, from one with an arrow or with "->"; free() it. */
char *ctl_joint_of(const char *word);

/* journal.c */
ctl_command_h ctl_journal, ctl_trace;

/* ladder.c */
ctl_command_h ctl_ladder;

/* list.c */
ctl_command_h ctl_users, ctl_endpoints, ctl_phones, ctl_conversations, ctl_pushes, ctl_settings,
	ctl_limits, ctl_metrics;

/** Objects of the daemon as the rows of a table. */
struct ctl_listing {
	const char *path;
	const char *member; /* the array in the answer */
	const char *word;   /* only what has it in its name; NULL: all */
	const char *noun;   /* what one of them is called, if there may be a word */
	const char *const *headings;
	void (*add_row)(struct ctl_table *t, struct json_object *o);
	const char *if_empty;         /* a sentence */
	const char *if_user_has_none; /* what follows the address, if there may be --user */
};

/** Ask for it, with --user and --state if they are given, and print it; with --json the answer as it is. That nothing is there
 *  is CTL_YES; that no name has the word, CTL_NO. */
int ctl_list(struct ctl *c, const struct ctl_listing *listing);
void ctl_print_list(struct ctl *c, const struct ctl_listing *listing, struct json_object *answer);

/* show.c */
ctl_command_h ctl_conversation, ctl_show_push;

enum ctl_noun { CTL_CONVERSATION, CTL_PUSH };

/** The number of one that the command line names: itself, or "last". Complains and returns an exit code other than CTL_YES if it
 *  is neither, or if there is none. free() it. */
int ctl_number_of(struct ctl *c, enum ctl_noun noun, const char *arg, char **ret_id);
/** The line above what is told of it; free() it. */
char *ctl_conversation_title(struct json_object *o, const char *id, bool ascii);

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
