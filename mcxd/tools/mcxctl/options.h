/*
 * mcxctl: options
 *
 * The options are rows of a table, like the settings of mcxd. Each command has a set of bits that says which
 * options it takes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct text;

enum ctl_option {
	CTL_OPT_SOCKET,
	CTL_OPT_READY_FILE,
	CTL_OPT_JSON,
	CTL_OPT_HELP,
	CTL_OPT_VERSION,
	CTL_OPT_FOLLOW,
	CTL_OPT_FROM,
	CTL_OPT_USER,
	CTL_OPT_CONVERSATION,
	CTL_OPT_HOP,
	CTL_OPT_PHONE,
	CTL_OPT_KIND,
	CTL_OPT_METHOD,
	CTL_OPT_STATUS,
	CTL_OPT_SINCE,
	CTL_OPT_KEY,
	CTL_OPT_STATE,
	CTL_OPT_LIMIT,
	CTL_OPT_JOURNAL,
	CTL_OPT_BODIES,
	CTL_OPT_TIMEOUT,
	CTL_OPT_LAB_TIME,
	CTL_OPT_NEVER_WITHIN,
	CTL_OPT_NEVER,
	CTL_OPT_COUNT,
	CTL_OPT_EDGE,
	CTL_OPT_ASCII,
	CTL_OPT_WIDTH,
	CTL_OPT_FORMAT,
	CTL_OPT_AT,
	CTL_OPT_OUTPUT,
	CTL_OPT_COLOR,
	CTL_OPT_SIGN_IN,
	CTL_OPT_NAME,
	CTL_OPT_TO,
	CTL_OPT_SEED,
	N_CTL_OPTIONS
};

#define CTL_BIT(option)         (UINT64_C(1) << (option))
#define CTL_IS_GIVEN(o, option) (((o)->given & CTL_BIT(option)) != 0)

/** Those that every command takes. */
#define CTL_COMMON                                                                                 \
	(CTL_BIT(CTL_OPT_SOCKET) | CTL_BIT(CTL_OPT_READY_FILE) | CTL_BIT(CTL_OPT_JSON) |           \
	 CTL_BIT(CTL_OPT_HELP) | CTL_BIT(CTL_OPT_VERSION) | CTL_BIT(CTL_OPT_COLOR))

struct ctl_options {
	char *socket, *ready_file;
	char *user, *hop, *phone, *kind, *method, *status, *since, *key, *state;
	char *edge, *format, *at, *output, *color, *name, *to;
	int64_t from, conversation, limit, count, width, seed;
	int64_t timeout_ms, never_within_ms;
	bool json, help, version, follow, lab_time, never, ascii, sign_in, journal, bodies;
	uint64_t given; /* bits of those that the command line has */
};

enum { CTL_MAX_ARGS = 32 };

/** The rest of a command line: the command with its arguments. */
struct ctl_line {
	char *args[CTL_MAX_ARGS];
	int n_args;
};

/** Fill in the defaults of a zeroed struct. */
void ctl_options_init(struct ctl_options *o);
void ctl_options_deinit(struct ctl_options *o);

/** Read a NULL-terminated command line, from its second word on. Complains and returns false if it cannot
 *  be read. */
bool ctl_options_read(struct ctl_options *o, char **argv, struct ctl_line *ret);

const char *ctl_option_name(enum ctl_option option);

/** What the help calls its value; NULL: it is a switch. */
const char *ctl_option_value(enum ctl_option option);

/** The option that this word names and that takes the next word as its value; N_CTL_OPTIONS if it does not. */
enum ctl_option ctl_option_waiting(const char *word);

/** Append help for the options in this set. */
void ctl_options_help(struct text *out, uint64_t which);
