/*
 * Base64
 *
 * RFC 4648: the standard alphabet (4) and the one for URLs (5).
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

/** Append n bytes in the standard alphabet, padded. */
void base64_encode(struct text *out, const void *p, size_t n);

/** Append n bytes in the alphabet for URLs, without padding. */
void base64_encode_url(struct text *out, const void *p, size_t n);

/** Append what n characters stand for. Either alphabet, padded or not; nothing else may be in it,
 * and the bits that carry nothing have to be zero. Returns 0 or -EINVAL; out is as before then. */
int base64_decode(struct text *out, const char *s, size_t n);
