/*
 * What only trusted servers may say
 *
 * Headers by which servers vouch for a sender: ms-asserted-verification-level, ms-edge-proxy-message-trust, ms-internal-info and
 * P-Asserted-Identity (RFC 3325 5), and the Via parameter ms-internal-info, which an Edge gives itself. They are removed
 * from the messages of peers that are not trusted.
 */
#pragma once

#include "proto/text/text.h"

#include <stddef.h>

/** Whether a header of this name, which need not end with a NUL, is one of them. */
bool sip_trust_is_header(const char *name, size_t n);

/** Append a message of n bytes without them, unless it has none. Returns how many it had; 0: nothing was appended. A line ends
 *  wherever a lenient parser could see its end, at CR, LF or both; and the head where a strict one does, at an empty line with
 *  CRLF. */
size_t sip_trust_strip(struct text *out, const char *p, size_t n);
