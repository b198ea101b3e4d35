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

/** Append n characters, decoded. Either alphabet, with or without padding; any other character is an error, and
 *  so are unused bits that are not zero. Returns 0, or -EINVAL with out unchanged. */
int base64_decode(struct text *out, const char *s, size_t n);
