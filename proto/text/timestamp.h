/*
 * Timestamp
 *
 * Moments in writing: RFC 3339, always in UTC.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

enum timestamp_unit { TIMESTAMP_MS = 3, TIMESTAMP_US = 6 };

/** Append a moment (microseconds since 1970) as "2011-07-25T12:00:00.000Z", to the millisecond or the
 *  microsecond; what is less is cut. A moment that is out of the calendar (of years with four digits) is
 *  written as the nearest that is in it. */
void timestamp_add(struct text *out, int64_t wall_us, enum timestamp_unit unit);

/** Read a moment in exactly the form of timestamp_add(), to the millisecond or the microsecond. False, and
 *  *ret_wall_us untouched, if s is something else or not in the calendar. */
bool timestamp_read(const char *s, int64_t *ret_wall_us);
