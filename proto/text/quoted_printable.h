/*
 * Quoted-printable (RFC 2045, 6.7)
 */
#pragma once

#include <stddef.h>

struct text;

/** Append n characters, decoded. An '=' that begins neither a byte nor a line break stays as it is, as the
 *  specification advises. */
void quoted_printable_decode(struct text *out, const char *p, size_t n);
