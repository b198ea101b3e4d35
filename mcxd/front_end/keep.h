/*
 * SIP leg: what of it outlives a restart
 *
 * A connected leg is kept in the store with everything that the next request in its dialog needs (RFC 3261, 12): both
 * tags, the route set, the remote target and both CSeqs. Ours is written down ahead, because the other end takes one that leaves
 * numbers out (12.2.2). Theirs is written down together with the message that it came with, so that the same request, sent
 * again because the answer was lost with the process, is known.
 */
#pragma once

#include "mcxd/core/leg.h"
#include "mcxd/front_end/leg.h"

#include <stdbool.h>
#include <stdint.h>

/** Operation of the leg (core/leg.h). */
void sip_leg_op_save(struct leg *leg);

/** A request of theirs has been accepted, or one of ours is going to be sent. */
void sip_keep_remote(struct sip_leg *l, uint32_t cseq);
void sip_keep_local(struct sip_leg *l);

/** Whether a request was accepted before the restart, and only the answer is missing. */
bool sip_keep_knows(const struct sip_leg *l, uint32_t cseq);
