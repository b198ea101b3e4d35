/*
 * Lab API: rows of a snapshot as JSON
 *
 * {"binding": [{"id": 1, "user": "bob@lab.test", …}, …], …}: rows of the store by kind, with their columns as members.
 * Times are microseconds from the moment of the snapshot, so that what had a minute left has a minute left wherever, and
 * whenever, it is put.
 */
#pragma once

#include "mcxd/core/snapshot.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct core;
struct lab;
struct record;
struct text;

/** The moment that times of rows count from. */
int64_t snapshot_moment_us(const struct core *c);

struct json_object *snapshot_rows_json(struct core *c, int64_t moment_us, bool with_tokens);
struct json_object *snapshot_users_json(const struct core *c, bool with_passwords);

/** What the two above made. */
struct snapshot_parts {
	struct json_object *users, *rows;
};

/** Read both, with times from this moment on. Strings are the objects'; snapshot_deinit() it, also after an error. Returns
 *  false with a sentence in why. */
bool snapshot_read(struct snapshot *ret, const struct snapshot_parts *parts, int64_t moment_us,
		   struct text *why);
void snapshot_deinit(struct snapshot *s);

/** The moment is another one. */
void snapshot_shift(struct snapshot *s, int64_t by_us);

/* ---- journal.c ---- */

/** The newest records, up to lab.max_export. */
struct json_object *snapshot_journal_json(const struct lab *l, int64_t moment_us, bool is_local);

/** What that made. */
struct snapshot_journal {
	struct record **records; /* wall_us counts from the moment of the snapshot */
	size_t n;
};

/** snapshot_journal_deinit() it, also after an error. Returns false with a sentence in why. */
bool snapshot_journal_read(struct snapshot_journal *ret, struct json_object *list,
			   struct text *why);
/** Let it be the lab's, once, with times from this moment on. */
void snapshot_journal_load(struct snapshot_journal *s, struct lab *l, int64_t moment_us);
void snapshot_journal_deinit(struct snapshot_journal *s);
