/*
 * Phone leg: a phone that is called
 *
 * This file decides which events a phone gets about an invitation to it, and what comes of its answer.
 */
#pragma once

#include "mcxd/core/leg.h"
#include "mcxd/core/phone.h"

#include <stdint.h>

/** A leg for conversation_add_leg(), or NULL if the phone's event queue is full. */
struct leg *phone_callee_new(struct phone *p);

/** A leg in NEW, to be filled in after a restart. */
struct leg *phone_callee_restore(struct phone *p);

/* What the phone does with an invitation. */

/** A call is taken at the user's outside voice number, if there is one; meetings cannot be joined. */
enum phone_result phone_callee_accept(struct phone *p, uint64_t conversation);
/** For all endpoints of the user. */
enum phone_result phone_callee_decline(struct phone *p, uint64_t conversation);
/** Others ring on. */
enum phone_result phone_callee_decline_here(struct phone *p, uint64_t conversation);
