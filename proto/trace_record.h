/*
 * SIPStack trace of records
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

#include <stdbool.h>
#include <stdint.h>

struct trace_options {
	uint32_t process;  /* of the daemon; its one thread has the same number */
	bool hides_bodies; /* as Lync's own trace does unless it is told otherwise */
};

/** Append the message or the diagnostic that a record holds, as the hop saw it that recorded it; nothing for other kinds than
 *  "sip" and "diagnostic". */
void trace_encode_record(struct text *out, const struct record *r,
			 const struct trace_options *options);
