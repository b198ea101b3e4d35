/*
 * Timestamp
 */
#include "proto/text/timestamp.h"

#include "proto/text/chars.h"
#include "proto/text/mem.h"
#include "proto/text/text.h"

#include <time.h>

#define US_PER_S      INT64_C(1000000)
#define SECONDS_CHARS (sizeof("0000-00-00T00:00:00") - 1)
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

/* Whether it begins so, a digit for each 0. */
static bool has_form(const char *s, const char *form)
{
	for (; *form; s++, form++) {
		if (*form == '0' ? !chars_is_digit(*s) : *s != *form)
			return false;
	}
	return true;
}

static int read_digits(const char *s, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++)
		value = value * 10 + (s[i] - '0');
	return value;
}

/* What follows the seconds: ".5Z" or "Z". Returns microseconds; -1 if it is something else. */
static int read_fraction(const char *s)
{
	int us = 0, scale = US_PER_S / 10;

	if (*s == '.') {
		if (!chars_is_digit(*++s))
			return -1;
		for (; chars_is_digit(*s); s++, scale /= 10)
			us += (*s - '0') * scale;
	}
	return strcmp(s, "Z") ? -1 : us;
}

bool timestamp_read(const char *s, int64_t *ret_wall_us)
{
	CLEANUP(text_deinit) struct text again = TEXT_INIT;
	struct tm tm = { 0 };
	int64_t us;
	int fraction;

	if (!has_form(s, "0000-00-00T00:00:00"))
		return false;
	fraction = read_fraction(s + SECONDS_CHARS);
	if (fraction < 0)
		return false;
	tm.tm_year = read_digits(s, 4) - 1900;
	tm.tm_mon = read_digits(s + 5, 2) - 1;
	tm.tm_mday = read_digits(s + 8, 2);
	tm.tm_hour = read_digits(s + 11, 2);
	tm.tm_min = read_digits(s + 14, 2);
	tm.tm_sec = read_digits(s + 17, 2);
	us = (int64_t)timegm(&tm) * US_PER_S + fraction;
	/* timegm() turns February 30 into a day of March, so the result is written again and compared. */
	timestamp_add(&again, us, TIMESTAMP_US);
	if (strncmp(text_str(&again), s, SECONDS_CHARS) != 0)
		return false;
	*ret_wall_us = us;
	return true;
}

/* A date that is not in the calendar becomes the one as many days later. */
static bool is_in_calendar(const struct tm *tm, time_t seconds)
{
	struct tm again = { 0 };

	gmtime_r(&seconds, &again);
	return again.tm_mday == tm->tm_mday && again.tm_sec == tm->tm_sec;
}

bool timestamp_read_http(const char *s, int64_t *ret_wall_us)
{
	static const char *const forms[] = { "%a, %d %b %Y %H:%M:%S GMT",
					     "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y" };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(s, forms[i], &tm);
		struct tm normal = tm;
		time_t seconds;

		if (!end || *end)
			continue;
		seconds = timegm(&normal);
		if (!is_in_calendar(&tm, seconds))
			return false;
		*ret_wall_us = (int64_t)seconds * US_PER_S;
		return true;
	}
	return false;
}
