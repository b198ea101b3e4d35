/*
 * Percent-encoding
 *
 * RFC 3986, 2.1, as paths, data URIs and forms use it.
 */
#pragma once

#include "proto/text/text.h"

/** Append n bytes, with everything but RFC 3986's unreserved characters and those of `also`
 * encoded. */
void percent_add(struct text *out, const void *p, size_t n, const char *also);

/** Append s as one segment of a path ("@" and ":" stay). */
void percent_add_segment(struct text *out, const char *s);

/** Append n bytes decoded. plus: "+" is a space (forms). Returns 0, or -EINVAL when a "%" is not
 *  followed by two hex digits; out has what came before it then. */
int percent_decode(struct text *out, const char *p, size_t n, bool plus);
