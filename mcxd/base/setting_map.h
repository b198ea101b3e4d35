/*
 * Settings: maps
 *
 * What a section holds whose keys are the user's own words: names with a value each. Names are compared without case
 * and keep the order in which they came.
 */
#pragma once

#include <stddef.h>

struct strtab;

struct setting_pair {
	char *name, *value;
};

/** All zero is empty. */
struct setting_map {
	struct setting_pair **pairs;
	size_t n;
	struct strtab *by_name; /* in lower case */
};

/** Add a pair, or give a name that is there another value. */
void setting_map_set(struct setting_map *m, const char *name, const char *value);

/** The value of a name; NULL: it is not there. */
const char *setting_map_get(const struct setting_map *m, const char *name);

/** Remove a pair; one that is not there is fine. */
void setting_map_remove(struct setting_map *m, const char *name);

void setting_map_deinit(struct setting_map *m);
