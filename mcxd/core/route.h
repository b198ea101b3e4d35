/*
 * Route
 *
 * Who is rung. An invitation rings every registered contact and every signed-in phone of the callee, all at once,
 * unless the callee is unknown or has no endpoint, or one of the two users has too many conversations.
 */
#pragma once

#include "mcxd/core/core.h"
#include "mcxd/core/leg.h"
#include "mcxd/core/party.h"

#include <stdint.h>

/** A caller's leg brings an invitation: begin a conversation and ring. Whatever happens, the leg's final response
 *  is up to the conversation from now on, and may come from within this call. Returns the conversation's id. */
uint64_t route_invite(struct core *c, struct leg *caller, const struct invitation *inv);
