/*
 * Conversation row
 *
 * What of a conversation outlives a restart, if the store is on disk. An invitation is saved when the first endpoint
 * is rung: a restart ends it, and those it was offered to find that they missed it. An answered one is saved with
 * both legs, in one commit: it goes on after a restart.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/store_row.h"

#include <stdint.h>

struct conversation;

/** Save it; if it is answered, with both legs. */
void conversation_row_save(struct conversation *object);

/** It has ended: nothing of it is kept, and nothing of its legs. */
void conversation_row_remove(struct conversation *v);

/** For a leg that saves itself: its number in the store. */
uint64_t conversation_row_of(struct core *c, struct leg *leg, enum store_kind kind);

/** That leg has ended. */
void conversation_row_forget(struct core *c, struct leg *leg);
/** Remove the legs that have ended from the store: not those that wait for the outcome of what they said. A restart then
 *  ends the rest. */
void conversation_row_forget_ended(struct conversation *v);
