/*
 * Records as a capture file
 *
 * SIP messages and HTTP exchanges as pcapng, as if they had gone over TCP or UDP in plain. Every hop has an address of its
 * own in 192.0.2.0/24 (RFC 5737), and its name with it, because in a lab all of them share one; ports are those that the
 * records know, else the usual ones. Bytes are numbered as they are written, so that no stream has a gap.
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

/** Append a file of n records, oldest first. Of a message that both ends recorded, the sender's record counts. */
void capture_encode(struct text *out, const struct record *const *records, size_t n);
