/*
 * Store on disk
 *
 * Implements core's store port on an SQLite database. A completion means that the row is on the disk, or will never be.
 * What is saved and removed in one round of the loop is committed together: after a crash either all of it is there or
 * nothing.
 * One process has the file at a time.
 */
#pragma once

#include "mcxd/core/ports.h"

#include <stdint.h>

struct loop;
struct metrics;
struct sqlite_store;
struct text;

struct sqlite_store_args {
	struct loop *loop;
	struct metrics *metrics; /* may be NULL */
	const char *path;
	const char *vfs;        /* SQLite's way to files; NULL: the default one */
	int64_t min_free_bytes; /* with less space left on the disk, rows are refused unless they are reserved; 0: until it is full */
};

/** Open the file, or make it. Returns 0, or a negative errno having appended to why what is wrong. Takes as long as the
 *  disk takes. */
int sqlite_store_open(const struct sqlite_store_args *args, struct sqlite_store **ret,
		      struct text *why);

/** Write what was given to it, and close the file; completions that are on their way are not called. After core_free().
 *  NULL is fine. */
struct sqlite_store *sqlite_store_close(struct sqlite_store *s);

/** The port; its adapter is the struct sqlite_store. Its load() waits for the disk: it is for the start. */
extern const struct store_port sqlite_store_port;
