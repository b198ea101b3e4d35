/*
 * Accept
 *
 * What a client says about the media types that it takes (RFC 9110, 12.5.1).
 */
#pragma once

/** How much it wants a type, in thousandths: 1000 without a header (NULL), 0: not at all. The most specific range that
 *  matches counts. Ranges that are malformed match nothing. */
int accept_quality(const char *header, const char *type);
