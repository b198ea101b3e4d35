/*
 * Id table, string table
 *
 * Maps from numbers and names to objects. A reference that may outlive its object is a number that is looked
 * up here, never a pointer.
 */
#pragma once

#include "mcxd/base/list.h"

#include <stddef.h>
#include <stdint.h>

struct id_entry;
struct str_entry;

struct idtab {
	struct id_entry *entries;
	struct list by_id; /* ascending */
	uint64_t last;     /* the highest number that was ever given */
};

/** For a table that its owner embeds. */
void idtab_init(struct idtab *t);
void idtab_deinit(struct idtab *t); /* asserts that it is empty */

/** For a table on the heap. */
struct idtab *idtab_new(void);
struct idtab *idtab_free(struct idtab *t); /* asserts that it is empty; NULL is fine */

/** Enter an object (not NULL) under a new number. Numbers count up from 1 and are never reused. */
uint64_t idtab_add(struct idtab *t, void *object);
/** Enter it under a given number, which must be free. New numbers are higher than it. */
void idtab_add_as(struct idtab *t, uint64_t id, void *object);
void *idtab_get(const struct idtab *t, uint64_t id);
void idtab_remove(struct idtab *t, uint64_t id); /* an unknown number is fine */
size_t idtab_count(const struct idtab *t);
/** Walk by ascending number: start with *cursor = 0; returns NULL at the end. Any object may be removed during
 *  the walk. */
void *idtab_next(const struct idtab *t, uint64_t *cursor);

struct strtab {
	struct str_entry *entries;
	struct list by_entry;
};

void strtab_init(struct strtab *t);
void strtab_deinit(struct strtab *t); /* asserts that it is empty */

struct strtab *strtab_new(void);
struct strtab *strtab_free(struct strtab *t); /* asserts that it is empty; NULL is fine */

/** Enter an object (not NULL) under a name, which is copied. Returns 0, or 1 if the name is taken. */
int strtab_add(struct strtab *t, const char *name, void *object);
void *strtab_get(const struct strtab *t, const char *name);
void strtab_remove(struct strtab *t, const char *name);
size_t strtab_count(const struct strtab *t);
/** Walk in the order of entry: start with *cursor = NULL. During the walk, the object that was returned last may
 *  be removed, but no other. */
void *strtab_next(const struct strtab *t, void **cursor);
