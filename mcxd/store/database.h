/*
 * Database
 *
 * The file that a store on disk keeps its rows in: an SQLite database with a table for each kind of row, whose
 * columns and statements are made of the kind's list of columns (core/store_row.h). This file has no thread of
 * its own: a database may be used by one thread at a time.
 *
 * A commit has reached the disk when it returns (WAL, synchronous=FULL). After a failure inside a transaction SQLite
 * may have rolled back by itself, and then every further statement would be a transaction of its own; so a transaction
 * that fails is ended as a whole with database_rollback().
 */
#pragma once

#include "mcxd/core/ports.h"
#include "mcxd/core/store_row.h"

#include <stdbool.h>
#include <stdint.h>

struct database;
struct text;

struct database_args {
	const char *path;
	const char *vfs; /* SQLite's way to files; NULL: the default one */
	bool read_only;  /* also while another process writes; an older schema stays as it is */
};

/** Open the file, or make it; check its structure, and bring its schema up to date. Returns 0, or a negative errno
 *  having appended to why what is wrong and, if anything, what to do. */
int database_open(const struct database_args *args, struct database **ret, struct text *why);
struct database *database_close(struct database *d); /* NULL is fine */

/** These return 0 or a negative errno; database_error() says more. */
int database_begin(struct database *d);
int database_commit(struct database *d);
void database_rollback(struct database *d);
int database_save(struct database *d, const struct store_row *row);
int database_remove(struct database *d, enum store_kind kind, uint64_t id);

/** Write something that changes nothing, to learn whether writing works. Inside a transaction. */
int database_probe(struct database *d);

/** Call on_row with every row, by kind and id. */
int database_load(struct database *d, store_row_h *on_row, void *magic);

/** How many rows of a kind there are; -1: that cannot be read. */
int64_t database_count(struct database *d, enum store_kind kind);

/** Compare everything with everything, which takes longer than the check when it is opened. Returns 0, or a negative
 *  errno having appended to why what is wrong. */
int database_check(struct database *d, struct text *why);

/** The size of its WAL, which the file may grow by. */
int64_t database_wal_bytes(const struct database *d);

int database_schema_version(const struct database *d);

/** What went wrong last, in SQLite's words. Valid until the next call. */
const char *database_error(const struct database *d);
