/*
 * SIPStack trace of records
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

#include <stdint.h>

/** Append the message that a record of the kind "sip" holds, as the hop saw it that recorded it; nothing for other
 *  kinds. process: of the daemon; its one thread has the same number. */
void trace_encode_record(struct text *out, const struct record *r, uint32_t process);
