/*
 * Commands
 *
 * What a person can tell a client to do, typed as a line that begins with a slash. The commands of a client are
 * the rows of a table, and /help prints them.
 */
#pragma once

#include <stddef.h>

struct command_row {
	const char *name; /* "/accept" */
	/** words: what is behind the name. */
	void (*run)(void *client, const char *words);
	const char *help;
};

struct command_table {
	const struct command_row *rows;
	size_t n_rows;
};

/** Each for its client's struct. */
extern const struct command_table phone_commands;   /* struct sim_phone */
extern const struct command_table desktop_commands; /* struct sim_desktop */

/** Run a line if it is a command, and complain if it is unknown. Returns NULL; or what is to be said to the other side: the
 *  line, or after "//" the line without the first slash. */
const char *commands_take(const struct command_table *t, void *client, const char *line);
