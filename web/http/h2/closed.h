/*
 * HTTP/2 server: streams that are closed
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Those of one connection, by what is left of them: numbers. Zeroed memory is none. */
struct h2_closed {
	int32_t last; /* the highest one that the client has begun */
	int32_t reset; /* the highest one that we have reset; what the client sent before it knew may still come */
	int32_t gap_first, gap_after; /* the newest numbers that the client has left out */
};

/** HEADERS have come that begin a stream, if its number is new. */
void h2_closed_begin(struct h2_closed *c, int32_t id);
/** We have reset or refused it. */
void h2_closed_reset(struct h2_closed *c, int32_t id);
/** Whether no more HEADERS or DATA may come on this stream, which is not open; false: also if they may still have been under way.
 *  *ret_error: how the connection ends (RFC 9113 5.1, 5.1.1). */
bool h2_closed_is_over(const struct h2_closed *c, int32_t id, uint32_t *ret_error);
