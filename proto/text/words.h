/*
 * Words
 *
 * The lists of settings and of tables: words with spaces or commas between them.
 */
#pragma once

#include <stddef.h>

/** The words of a list; NULL is the last. One piece of memory holds all of it: free() it. */
char **words_split(const char *list);

/** For CLEANUP on what words_split() returned. */
void words_free(char ***words);

size_t words_count(char *const *words);
