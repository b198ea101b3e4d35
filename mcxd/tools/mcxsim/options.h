/*
 * Options
 *
 * The options of a command as rows of a table, from which its --help is made, too. Every error of the command
 * line is one line on standard error.
 */
#pragma once

#include "proto/text/mem.h"

#include <stdbool.h>
#include <stddef.h>

/** What a value may be. */
struct option_type {
	/** Store it in the member at slot. Returns false when it is invalid. */
	bool (*take)(void *slot, const char *value);
	const char *expected; /* "a number from 1 to 10" */
};

extern const struct option_type option_flag;      /* bool; such an option has no value */
extern const struct option_type option_text;      /* const char *, not empty */
extern const struct option_type option_number;    /* int64_t from 1 */
extern const struct option_type option_url;       /* const char *, absolute */
extern const struct option_type option_reaction;  /* enum sim_reaction */
extern const struct option_type option_transport; /* const char *: "tcp", "tls" or "udp" */

struct option_row {
	const char *name;     /* "count": --count */
	const char *argument; /* "N"; NULL: it has no value */
	const struct option_type *type;
	size_t offset; /* of the member */
	const char *help;
};

struct option_table {
	const char *command; /* "phone" */
	const char *usage;   /* what --help begins with */
	const struct option_row *rows;
	size_t n_rows;
	unsigned clients; /* SIM_OF_…, whose events --help lists; 0: none */
};

/** Fill the struct ret. Returns -1 to go on, with the operands at argv[optind]; or an exit code, after
 *  printing the help or an error. */
int options_parse(const struct option_table *t, int argc, char **argv, void *ret);

/** The operands: none, or "im USER TEXT", which sets both. Returns -1 to go on, or an exit code, after an error. */
int options_take_im(const struct option_table *t, int n_words, char **words, const char **ret_user,
		    const char **ret_text);

/** Complain about the command line. Returns the exit code for it. */
int options_refuse(const struct option_table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
