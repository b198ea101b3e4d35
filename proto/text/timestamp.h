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
