/*
 * mcxctl: the table of commands
 *
 * A command is a row and a function. Help, manual page and completion are made from the rows; a test runs every example and
 * compares what the daemon was asked then with its description of the lab API.
 */
#pragma once

#include "mcxd/tools/mcxctl/mcxctl.h"

#include <stddef.h>
#include <stdint.h>

struct text;

enum { CTL_MAX_PLACES = 4 };

struct ctl_command {
	const char *name;
	const char *args;
	int min_args, max_args;
	uint64_t options; /* CTL_BIT(…), besides CTL_COMMON */
	ctl_command_h *run;
	const char *help;
	void (*add_details)(struct text *out); /* more help; may be NULL */
	/* What can stand in each place behind the name, for completion: words, and names of sources (complete.c) in capitals.
	 * That of the last place holds for all that follow. */
	const char *places[CTL_MAX_PLACES];
	const char *const *examples; /* a line and what it does, by turns; NULL at the end */
};

extern const struct ctl_command ctl_commands[];
extern const size_t n_ctl_commands;

/** NULL if there is none. */
const struct ctl_command *ctl_command_find(const char *name);

/** Print help: of the command, or with NULL of the program. */
void ctl_help(const struct ctl_command *command);

/** How many of these words stand before the last one and what it belongs to: an option that waits for its value. */
int ctl_complete_done(int n_words, char *const *words);

/** Print what the last of these words, which may be incomplete or empty, can become. */
void ctl_complete(struct ctl *c, int n_words, char *const *words);
