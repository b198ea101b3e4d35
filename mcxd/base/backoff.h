/*
 * Backoff
 *
 * When a request is repeated that a server could not take at the moment: after a time that doubles with each attempt,
 * with jitter, so that requests that were turned away together do not come back together; later if the server
 * asks for it, and not at all where that would be too late for the sender, who waits for an answer.
 */
#pragma once

#include <stdint.h>

struct backoff {
	int64_t max_attempts; /* the first one included */
	int64_t first_ms, max_ms;
};

enum { BACKOFF_NEVER = -1 };

/** How long to wait after n_attempts, in milliseconds, or BACKOFF_NEVER. asked_ms: what the server asks for; negative:
 *  nothing. left_ms: how long the sender still waits; INT64_MAX: for ever. random: any number, which decides about the jitter. */
int64_t backoff_delay(const struct backoff *b, int64_t n_attempts, int64_t asked_ms,
		      int64_t left_ms, uint32_t random);

/** Read the value of Retry-After (RFC 9110, 10.2.3), seconds or a date; NULL is fine. now_s: real time, by which the push service
 *  has chosen the date. Returns milliseconds, or a negative number if there is none. */
int64_t backoff_read(const char *retry_after, int64_t now_s);
