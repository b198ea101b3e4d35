/*
 * Timestamp
 *
 * A moment as text: RFC 3339, always in UTC.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

enum timestamp_unit { TIMESTAMP_MS = 3, TIMESTAMP_US = 6 };

/** Append a moment (microseconds since 1970) as "2011-07-25T12:00:00.000Z", truncated to the
 *  millisecond or microsecond. A moment outside the years 0000 to 9999 is written as the nearest one inside. */
void timestamp_add(struct text *out, int64_t wall_us, enum timestamp_unit unit);

/** Read a moment in UTC as RFC 3339 writes it, "2011-07-25T12:00:00Z", with or without a fraction of the second; what is below
 *  a microsecond is dropped. False, and *ret_wall_us untouched, if s is something else or not in the calendar. */
bool timestamp_read(const char *s, int64_t *ret_wall_us);

/** Read a moment as HTTP writes it, in any of its three forms (RFC 9110 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94
 *  08:49:37 GMT", "Sun Nov  6 08:49:37 1994". False as above. */
bool timestamp_read_http(const char *s, int64_t *ret_wall_us);
