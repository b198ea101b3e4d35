/*
 * Lab API: rows of a snapshot as JSON
 *
 * {"binding": [{"id": 1, "user": "bob@lab.test", …}, …], …}: rows of the store by kind, with their columns as members.
 * Times are microseconds from the moment of the snapshot, so that what had a minute left has a minute left wherever, and
 * whenever, it is put.
 */
#pragma once

#include "mcxd/core/snapshot.h"
#include "mcxd/sim/dialog.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct core;
struct lab;
struct record;
struct text;

/** The whole lab, which has a core. */
struct json_object *lab_export(struct lab *l, bool is_local, bool with_journal);
/** Begin to import such a document, while no other import is under way; it goes on in the loop. Returns false with a sentence
 *  in why, and nothing has changed. */
bool lab_import(struct lab *l, const void *p, size_t n, struct text *why);
bool lab_is_importing(const struct lab *l);

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

/* ---- actor.c ---- */

struct json_object *snapshot_actors_json(const struct lab *l);
/** Take contacts of hosted desktops out of rows. */
void snapshot_actors_drop_contacts(const struct lab *l, struct json_object *rows);

struct actor_kind;

/** An actor as the file has it; strings but those of dialog are the objects'. */
struct snapshot_actor {
	struct sim_dialog dialog; /* call_id is NULL: none */
	uint64_t id;
	const struct actor_kind *kind;
	const char *user, *name;
	bool signed_in, is_on;
	struct json_object *lines;
	/* of a phone */
	const char *endpoint_id, *screen;
	const char *toast_from, *toast_text; /* NULL: it shows none */
	const char *toast_push;              /* may be NULL */
	int64_t tile;
	bool is_online;
};

struct snapshot_actors {
	struct snapshot_actor *actors;
	size_t n;
};

/** Their users are those of the lab and of what is read with them. snapshot_actors_deinit() it, also after an error. Returns
 *  false with a sentence in why. */
bool snapshot_actors_read(struct snapshot_actors *ret, struct lab *l, const struct snapshot *s,
			  struct json_object *list, struct text *why);
/** Host them; who was signed in signs in. */
void snapshot_actors_load(const struct snapshot_actors *s, struct lab *l);
void snapshot_actors_deinit(struct snapshot_actors *s);

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
