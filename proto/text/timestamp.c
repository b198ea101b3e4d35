/*
 * Timestamp
 */
#include "proto/text/timestamp.h"

#include <time.h>

#define US_PER_S      INT64_C(1000000)
#define YEAR_0        (INT64_C(-62167219200) * US_PER_S)
#define YEAR_9999_END (INT64_C(253402300800) * US_PER_S - 1)

static char *put_digits(char *at, int value, int n)
{
	for (int i = n; i > 0; value /= 10)
		at[--i] = (char)('0' + value % 10);
	return at + n;
}

void timestamp_add(struct text *out, int64_t wall_us, enum timestamp_unit unit)
{
	int64_t us = wall_us < YEAR_0 ? YEAR_0 : wall_us > YEAR_9999_END ? YEAR_9999_END : wall_us;
	int64_t fraction = (us % US_PER_S + US_PER_S) % US_PER_S;
	time_t seconds = (time_t)((us - fraction) / US_PER_S);
	struct tm tm = { 0 };
	char s[] = "0000-00-00T00:00:00.", *at = s;

	gmtime_r(&seconds, &tm);
	at = put_digits(at, tm.tm_year + 1900, 4) + 1;
	at = put_digits(at, tm.tm_mon + 1, 2) + 1;
	at = put_digits(at, tm.tm_mday, 2) + 1;
	at = put_digits(at, tm.tm_hour, 2) + 1;
	at = put_digits(at, tm.tm_min, 2) + 1;
	put_digits(at, tm.tm_sec, 2);
	text_add(out, s);
	put_digits(s, (int)(unit == TIMESTAMP_MS ? fraction / 1000 : fraction), (int)unit);
	text_add_bytes(out, s, unit);
	text_add(out, "Z");
}
