/*
 * Distance
 *
 * How far a word that somebody typed is from one that is known.
 */
#pragma once

#include <stddef.h>

enum { DISTANCE_MAX_WORD = 64 };

/** How many letters must be inserted, removed or replaced (Levenshtein). DISTANCE_MAX_WORD if a word is that long. */
size_t distance_between(const char *a, const char *b);
