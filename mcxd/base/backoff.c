/*
 * Backoff
 */
#include "mcxd/base/backoff.h"

#include "proto/text/text.h"
#include "proto/text/timestamp.h"

#include <string.h>

enum { MAX_ASKED_S = 1000000 };

/* Half of it is certain, the other half is drawn. */
static int64_t with_jitter(int64_t ms, uint32_t random)
{
	int64_t half = ms / 2;

	return ms - half + (int64_t)random % (half + 1);
}

static int64_t doubled(const struct backoff *b, int64_t n_attempts)
{
	int64_t ms = b->first_ms;

	while (n_attempts-- > 1 && ms < b->max_ms)
		ms *= 2;
	return ms < b->max_ms ? ms : b->max_ms;
}

int64_t backoff_delay(const struct backoff *b, int64_t n_attempts, int64_t asked_ms,
		      int64_t left_ms, uint32_t random)
{
	int64_t ms = with_jitter(doubled(b, n_attempts), random);

	if (n_attempts >= b->max_attempts)
		return BACKOFF_NEVER;
	/* Nobody may come back earlier than it asks, so the jitter goes on top. */
	if (asked_ms >= 0)
		ms += asked_ms;
	return ms < left_ms ? ms : BACKOFF_NEVER;
}

static int64_t to_ms(int64_t seconds)
{
	return (seconds < 0 ? 0 : seconds < MAX_ASKED_S ? seconds : MAX_ASKED_S) * 1000;
}

int64_t backoff_read(const char *retry_after, int64_t now_s)
{
	int64_t value;

	if (!retry_after || !*retry_after)
		return -1;
	/* Any number of digits is a time, if longer than anybody waits. */
	if (!retry_after[strspn(retry_after, "0123456789")])
		return to_ms(text_to_int(retry_after, 0, MAX_ASKED_S, &value) ? value
									      : MAX_ASKED_S);
	return timestamp_read_http(retry_after, &value) ? to_ms(value / 1000000 - now_s) : -1;
}
