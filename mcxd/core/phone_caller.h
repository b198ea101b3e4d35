/*
 * Phone leg: a phone that calls
 *
 * This file decides which events a phone gets about an invitation of its own (UCWA, "Send an IM"). Who is rung is
 * core/route's matter, which also begins the conversation: see route_call().
 */
#pragma once

#include "mcxd/core/leg.h"
#include "mcxd/core/phone.h"

#include <stdbool.h>
#include <stdint.h>

/** Whether the phone's event queue has room for an invitation. */
bool phone_caller_has_room(const struct phone *p);

/** A leg for conversation_new(). operation_id may be NULL. */
struct leg *phone_caller_new(struct phone *p, const char *operation_id);

/** Its conversation exists, and nobody has been rung yet. */
void phone_caller_begin(struct leg *leg);

/** The phone gives up waiting. */
enum phone_result phone_caller_cancel(struct phone *p, uint64_t conversation);
