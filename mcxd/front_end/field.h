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

/** The same of a sender, which may be any URI (RFC 3261, 8.1.1.3): a telephone number becomes a user of this domain, what has no
 *  user the anonymous one (RFC 3323, 4.1.1.3). */
void field_sender(const url_t *url, const char *domain, char ret[URI_MAX_AOR + 1]);

/** A header field as text; free() it. NULL for NULL. */
char *field_text(const void *header);
