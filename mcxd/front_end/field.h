/*
 * Fields
 *
 * Headers that sofia has parsed, as strings that core can keep.
 */
#pragma once

#include "proto/sip/uri.h"

#include <sofia-sip/url.h>

/** The address of record of a URL. Returns 0 or -EINVAL. */
int field_aor(const url_t *url, char ret[URI_MAX_AOR + 1]);

/** A header field as text; free() it. NULL for NULL. */
char *field_text(const void *header);

/** Copy of a string from a peer; free() it. NULL for NULL, for "", and if it is longer than max bytes or has
 *  control characters. */
char *field_clean_copy(const char *s, size_t max);
