/*
 * Clean text
 *
 * What a peer wrote for people to read (a name, a subject), as one line that can be shown, stored and sent on. One
 * odd character does not lose the rest.
 */
#pragma once

#include <stddef.h>

/** Copy of s; free() it. Control characters become spaces, a line end one with the blanks behind it, bytes that are not UTF-8 become U+FFFD, spaces at both ends are
 *  left out, and what is longer than max bytes is cut between two characters as people see them. NULL for NULL and if nothing
 *  is left. */
char *clean_copy(const char *s, size_t max);
