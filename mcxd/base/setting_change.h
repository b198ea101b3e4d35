/*
 * Settings: change
 *
 * Rows that are live may change while the program runs. What is wanted is put together in a copy, which is checked
 * as a whole; then its live values take the place of those in use, all at once.
 */
#pragma once

#include "mcxd/base/setting.h"

struct text;

/** Make a zeroed struct a copy, with strings and maps of its own; setting_deinit() it. */
void setting_copy(const struct setting_table *t, void *to, const void *from);

/** A value that is wanted. */
struct setting_change {
	const char *name;  /* "section.key" */
	const char *value; /* NULL: the one that the program was started with */
};

/** Like setting_set(), but only for a row that is live. Without a value this is only checked. */
int setting_set_live(const struct setting_table *t, void *object, const char *name,
		     const char *value, struct text *why);

/** name: "section.key"; value: the new one, as one would write it. */
typedef void setting_changed_h(void *magic, const char *name, const char *value);

/** Make all live values equal to those of another struct; fn is called for each that was not. */
void setting_adopt(const struct setting_table *t, void *object, const void *from,
		   setting_changed_h *fn, void *magic);

/** Call fn for each that a struct has otherwise than another, or that only one of them has; value: NULL if it is only in
 *  the other. */
void setting_compare(const struct setting_table *t, const void *object, const void *other,
		     setting_changed_h *fn, void *magic);
