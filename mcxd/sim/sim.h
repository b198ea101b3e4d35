/*
 * Simulated clients
 *
 * mcxsim: clients that use only public interfaces. What they have in common: events as lines on
 * standard output, lines from standard input, the ready file of the lab.
 */
#pragma once

#include "mcxd/base/loop.h"
#include "proto/text/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/** What the command exits with. */
enum {
	SIM_OK,         /* what was asked happened */
	SIM_FAILED,     /* it did not */
	SIM_USAGE,      /* the command line is wrong */
	SIM_UNREACHABLE /* the server cannot be reached */
};

/** A subcommand: argv[0] is its name. Returns the exit code. */
typedef int sim_command_h(int argc, char **argv);

sim_command_h phone_main;   /* main.c */
sim_command_h desktop_main; /* desktop.c */

/* ---- out.c ---- */

struct sim_field {
	const char *name;
	const char *value; /* NULL: left out */
};

/** Print an event: "toast  Alice: Hi", or with json {"event":"toast", and the fields}. text is the
 *  part behind the name; NULL: none. Flushed at once; control characters do not get out. */
void sim_event(bool json, const char *event, const char *text, const struct sim_field *fields,
	       size_t n_fields);

/** A sentence for people on standard error, after "mcxsim: ". */
void sim_complain(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* ---- input.c ---- */

typedef void sim_line_h(void *magic, const char *line); /* without the line feed */
typedef void sim_eof_h(void *magic);

struct sim_input;

/** Lines of a file descriptor, through the loop; too long ones are cut. A character device that is
 * no terminal (/dev/null) says nothing, and on_eof is not called for it either: NULL is returned.
 */
struct sim_input *sim_input_new(struct loop *l, int fd, sim_line_h *on_line, sim_eof_h *on_eof,
				void *magic);
struct sim_input *sim_input_free(struct sim_input *in);

/* ---- ready.c ---- */

/** Read a ready file, which mcxd writes when every role listens. NULL, and a complaint, when it
 * cannot be read. json_object_put() it. */
struct json_object *sim_ready_load(const char *path);

/** A member of it, "https" or "sip.tcp"; NULL when it is not there or empty. */
const char *sim_ready_get(struct json_object *ready, const char *name);
