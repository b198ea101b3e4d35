/*
 * Settings: walk
 *
 * Every name that can be set: each row, and each override of a shared one, in whose place a row of that section
 * comes up. For the files of settings.
 */
#pragma once

#include "mcxd/base/setting.h"

#include <stdbool.h>
#include <stddef.h>

enum { SETTING_MAX_NAME = 64 };

/** Set its table; the rest is zero at first. */
struct setting_walk {
	const struct setting_table *table;
	size_t next;                            /* row */
	const struct setting_override *sibling; /* next override of the row before; NULL: none */
	struct setting row;                     /* the present one */
	bool is_override;
	char name[SETTING_MAX_NAME]; /* "section.key" of it */
};

/** False at the end. */
bool setting_walk_next(struct setting_walk *w);

/** Whether the present one is an override that is not set. */
bool setting_walk_is_unset(const struct setting_walk *w, const void *object);

/** What follows "section." in the name of a member of this map, else NULL. */
const char *setting_member_of(const struct setting *row, const char *name);

/** The row of a name. */
bool setting_find(const struct setting_table *t, const char *name, struct setting *ret);

bool setting_has_section(const struct setting_table *t, const char *section);

/** Whether a row is the first of its section. */
bool setting_begins_section(const struct setting_table *t, size_t row);
