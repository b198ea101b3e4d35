/*
 * Route
 *
 * Who is rung: every registered contact and every signed-in phone of the callee, all at once.
 */
#pragma once

#include "mcxd/core/conversation.h"

/** Ring everybody. Returns how many legs were added. */
unsigned route_ring(struct conversation *v);
