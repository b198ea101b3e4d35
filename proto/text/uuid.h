/*
 * UUID
 */
#pragma once

#include <stdbool.h>

enum { UUID_CHARS = 36 };

/** Whether s is a UUID in its usual form, in any case, and nothing else (RFC 9562, section 4). */
bool uuid_is(const char *s);
