/*
 * Percent-encoding
 *
 * RFC 3986, 2.1, as paths, data URIs and forms use it.
 */
#pragma once

#include "proto/text/text.h"

/** Append n bytes, encoding everything except RFC 3986's unreserved characters and those in `also`. */
void percent_add(struct text *out, const void *p, size_t n, const char *also);

/** Append s as one segment of a path ("@" and ":" stay). */
void percent_add_segment(struct text *out, const char *s);

/** Append n bytes, decoded. plus: "+" is a space (forms). Returns 0, or -EINVAL if a "%" is not followed by
 *  two hex digits; out then has what comes before it. */
int percent_decode(struct text *out, const char *p, size_t n, bool plus);
