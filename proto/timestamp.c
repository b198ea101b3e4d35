/*
 * Timestamp
 */
#include "proto/timestamp.h"

#include <time.h>

#define US_PER_S      INT64_C(1000000)
#define YEAR_0        (INT64_C(-62167219200) * US_PER_S)
#define YEAR_9999_END (INT64_C(253402300800) * US_PER_S - 1)

void timestamp_add(struct text *out, int64_t wall_us, enum timestamp_unit unit)
{
	int64_t us = wall_us < YEAR_0 ? YEAR_0 : wall_us > YEAR_9999_END ? YEAR_9999_END : wall_us;
	int64_t fraction = (us % US_PER_S + US_PER_S) % US_PER_S;
	time_t seconds = (time_t)((us - fraction) / US_PER_S);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	text_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%0*dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)unit,
		  (int)(unit == TIMESTAMP_MS ? fraction / 1000 : fraction));
}
