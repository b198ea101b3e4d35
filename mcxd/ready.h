/*
 * Ready: telling people and scripts where a daemon listens
 */
#pragma once

struct daemon;

/** Write the ready file, JSON, whole or not at all. Returns 0 or a negative errno. */
int ready_write(const struct daemon *d, const char *path);

/** The variables that tell a program where a daemon listens, with what its ready file is called. */
struct ready_variable {
	const char *name, *member;
};
#define N_READY_VARIABLES 16
extern const struct ready_variable ready_variables[N_READY_VARIABLES];

/** This process's environment, with these variables set, or absent where nothing listens; and MCXD_READY_FILE.
 *  NULL-terminated; ready_environment_free() it. */
char **ready_environment(const struct daemon *d, const char *ready_file);
void ready_environment_free(char **environment);

/** Print every address on standard output, and then "ready". */
void ready_print(const struct daemon *d);
