/*
 * A core whose store is on disk, on a VFS that loses what was not synced, and another program that uses the file
 */
#pragma once

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct core;
struct loop;
struct metrics;
struct sqlite_store;
struct store;

struct sqlite_store *stored_open(struct core *c, struct loop *l, struct metrics *m);
/** Gives core its store in memory back, unless core is gone (NULL). */
void stored_close(struct core *c, struct store *memory);

/** What the other program does. "BEGIN IMMEDIATE": from then on nothing can be committed, until "ROLLBACK". */
void stored_run_sql(const char *sql);
