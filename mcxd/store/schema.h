/*
 * Schema
 *
 * The tables of a database, as the lists of columns want them, and the way there from the schema of an earlier mcxd.
 */
#pragma once

#include "mcxd/core/store_row.h"

#include <sqlite3.h>

struct text;

enum {
	/* To be raised with every change of a list of columns: it tells an older mcxd that it cannot read the file. */
	SCHEMA_VERSION = 16,
	SCHEMA_APPLICATION = 0x6d637864, /* "mcxd", which file(1) prints */
};

/** Make and alter tables until they are as wanted, and write the version. Inside a transaction of the caller's. Returns an
 *  SQLite code. */
int schema_upgrade(sqlite3 *db);

/** Append the statement that inserts or replaces a row, or reads all, with the id first and then the columns in order. */
void schema_add_save(const struct store_table *table, struct text *sql);
void schema_add_load(const struct store_table *table, struct text *sql);
