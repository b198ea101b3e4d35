/*
 * A store on disk for tests, in a directory of its own, on a VFS of the test's
 */
#pragma once

/* cmocka.h needs these four before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/text/text.h"

struct loop;
struct metrics;
struct sqlite_store;

struct fixture {
	struct loop *loop;
	struct metrics *metrics;
	char dir[32];
	char *path;
	struct sqlite_store *store;
	struct text why;
};

int disk_setup(void **state);
int disk_teardown(void **state);

/** Returns what sqlite_store_open() does, and leaves its words in why. */
int open_at(struct fixture *f, const char *path, const char *vfs, int64_t min_free);
void close_store(struct fixture *f);
void reopen(struct fixture *f);

int64_t metric(const struct fixture *f, const char *name);

/** Rounds of the loop until nothing waits for the disk. */
void settle(struct fixture *f);

struct order {
	uint64_t next, done;
	int err; /* of the last one */
};

/** Save a row and wait for it, in this order. */
void save_numbered(struct fixture *f, struct order *o);
