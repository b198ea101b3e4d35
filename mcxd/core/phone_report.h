/*
 * Phone report
 *
 * The events by which a phone leg tells its phone of the conversation. Their order is that of UCWA's samples ("Receive an
 * IM", "Send an IM"); for the end, which has no sample, it is that of the beginning turned round.
 */
#pragma once

#include "mcxd/core/event.h"
#include "mcxd/core/phone_leg.h"
#include "proto/diag.h"

#include <stdbool.h>

/** Queue an event of its conversation. NULL, also with force, if the phone is gone. */
struct event *phone_leg_add_event(struct phone_leg *l, enum event_kind kind, bool force);
void phone_leg_add_state(struct phone_leg *l, enum event_kind kind, const char *state);
/** The same of its invitation, with the first line. */
struct event *phone_leg_add_invitation(struct phone_leg *l, enum event_kind kind);
/** The first line, if there is one, as a message of the other side. */
void phone_leg_add_first_message(struct phone_leg *l);
/** The end of the invitation. why NULL: success. */
void phone_leg_add_completed(struct phone_leg *l, const struct diag *why);
/** The other side types, or it has stopped. A phone that does not ask for events meanwhile hears of neither. */
void phone_leg_add_typing(struct phone_leg *l);
void phone_leg_add_typing_end(struct phone_leg *l);
/** The end of the conversation, which the phone was in this state of: nobody types, messaging ends, those who took part
 *  leave, and it is gone. What had not begun does not end: the other side has not joined a call that still rings, and an
 *  invitation that still rings has no messaging. */
void phone_leg_add_end(struct phone_leg *l, enum phone_leg_state state);
