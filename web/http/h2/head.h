/*
 * HTTP/2 server: where frames begin
 *
 * nghttp2 drops frames of types that it does not know, and those for streams that it has forgotten, without telling anybody. So the
 * heads of frames are read here, before it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { H2_HEAD_BYTES = 9, H2_PREFACE_BYTES = 24 };

struct h2_heads {
	size_t n_skip; /* bytes until the next one: of the preface, at first, or of a payload */
	size_t n;
	uint8_t bytes[H2_HEAD_BYTES];
};

struct h2_head {
	uint8_t type;
	int32_t stream_id;
};

#define H2_HEADS_INIT                                                                              \
	{                                                                                          \
		.n_skip = H2_PREFACE_BYTES                                                         \
	}

/** Take bytes up to the end of a head, or of what is between two of them. Returns how many, at least one of n > 0; and the head if it
 *  is complete with them, else a stream_id of -1. */
size_t h2_heads_take(struct h2_heads *h, const uint8_t *p, size_t n, struct h2_head *ret);
