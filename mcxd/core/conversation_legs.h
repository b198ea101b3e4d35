/*
 * Conversation: what it asks of its legs
 *
 * Each of these is the last operation of a leg, and no leg gets two.
 */
#pragma once

#include "mcxd/core/leg.h"

#include <stdbool.h>

struct conversation;

/** Cancel the callee's legs but the one that has answered. */
void conversation_cancel_callees(struct conversation *v, enum leg_cancel why);
/** Refuse the caller with the outcome. */
void conversation_refuse_caller(struct conversation *v);
/** End a connected leg; NULL is fine. */
void conversation_end_leg(struct leg *leg);
/** All that was said in a conversation that has ended has its outcome. */
void conversation_settle_legs(struct conversation *v);

/** Whether there are several legs of the callee's. */
bool conversation_is_forked(const struct conversation *v);

/** If none of the callee's legs waits for a person's answer, tell them. */
void conversation_tell_alone(struct conversation *v);
/** Whether that is so. */
bool conversation_is_alone(const struct conversation *v);

/** Whether some of the callee's legs may still answer. */
bool conversation_has_callees(const struct conversation *v);
