/*
 * Outcome
 *
 * What a final answer means for the message that it answers.
 */
#pragma once

#include "proto/diag.h"

#include <sofia-sip/sip.h>

/** Of an answer of the peer's, not of one that sofia has made. */
struct diag sip_outcome(const sip_t *answer);
