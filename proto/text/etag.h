/*
 * Entity tags
 *
 * The values of ETag, If-Match and If-None-Match (RFC 9110, 8.8.3 and 13.1). Microsoft's samples send tags with and
 * without quotes, so both are read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { ETAG_SIZE = 24 };

/** The tag of a text: decimal digits, without quotes. Equal texts have equal tags. */
void etag_of(const void *p, size_t n, char ret[ETAG_SIZE]);
/** The same of a text without the part that starts at `skip` and has n_skip bytes. */
void etag_of_rest(const char *p, size_t n, size_t skip, size_t n_skip, char ret[ETAG_SIZE]);

/** Whether the list in a header has this tag, or is "*". A weak tag, W/"…", matches like a strong one: ours only
 *  name whole texts. */
bool etag_matches(const char *header, const char *tag);
