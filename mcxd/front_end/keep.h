/*
 * SIP leg: what of it outlives a restart
 *
 * A connected leg is kept in the store with everything that the next request in its dialog needs (RFC 3261, 12): both
 * tags, the route set, the remote target and both CSeqs. Ours is written down ahead, because the other end takes one that leaves
 * numbers out (12.2.2). Theirs is written down in the commit of the message that it came with, or once that has been
 * delivered elsewhere, so that the same request, sent again because the answer was lost with the process, is known, and what
 * was not stored is not.
 */
#pragma once

#include "mcxd/core/leg.h"
#include "mcxd/front_end/leg.h"

#include <stdbool.h>
#include <stdint.h>

/** Operation of the leg (core/leg.h). */
void sip_leg_op_save(struct leg *leg);

/** Something of the dialog but its numbers has changed: the remote target, say. */
void sip_keep_dialog(struct sip_leg *l);

/** A message of theirs has just been given to the store: its number goes with it, and fails with it. */
void sip_keep_storing(struct sip_leg *l, uint32_t cseq);

/** A message of theirs has been accepted, or not. */
void sip_keep_outcome(struct sip_leg *l, uint32_t cseq, bool accepted);

/** A request of ours is going to be sent. */
void sip_keep_local(struct sip_leg *l);

/** Whether a request was accepted before the restart, and only the answer is missing. */
bool sip_keep_knows(const struct sip_leg *l, uint32_t cseq);
