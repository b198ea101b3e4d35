/*
 * UTF-8
 *
 * RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** Length of the well-formed sequence at the start of n bytes, 0 when there is none. A NUL is one.
 */
size_t utf8_sequence(const char *s, size_t n);

/** Whether n bytes are well-formed and hold no NUL. */
bool utf8_is_text(const char *s, size_t n);

/** n, less what is at the end of these n bytes of a sequence that was cut. */
size_t utf8_complete(const char *s, size_t n);
