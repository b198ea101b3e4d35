/*
 * UTF-8
 *
 * RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** Length of the well-formed sequence at the start of n bytes, 0 if there is none. A NUL counts as one. */
size_t utf8_sequence(const char *s, size_t n);

/** Whether n bytes are well-formed and contain no NUL. */
bool utf8_is_text(const char *s, size_t n);

/** The number of characters of a string that is known to be UTF-8. */
size_t utf8_count(const char *s);

/** How many bytes the first max characters of a string have that is known to be UTF-8. */
size_t utf8_first(const char *s, size_t max);

/** The same, and the last of them is left out, with what belongs to it, if the character behind them belongs to it: what is shown
 *  as one (a letter with its accents, a picture made of several) is not cut in two. More than max characters that belong
 *  together are. */
size_t utf8_cut(const char *s, size_t max);

/** Whether a sequence of n bytes steers a terminal instead of being shown: a control character (C0, DEL, C1), a line or
 *  paragraph separator, or a mark that changes the direction of the text after it (UAX #9, 2). */
bool utf8_steers(const char *s, size_t n);

/** Whether a string that is known to be UTF-8 has a control character (C0, DEL, C1) or a line or paragraph separator. */
bool utf8_has_control(const char *s);

/** How many of n bytes remain when a sequence that is cut off at their end is dropped. */
size_t utf8_complete(const char *s, size_t n);
