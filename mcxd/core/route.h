/*
 * Route
 *
 * Who is rung: every registered contact and every signed-in phone of the callee, all at once.
 */
#pragma once

#include "mcxd/core/conversation.h"

/** Ring everybody. DIAG_SUCCESS, or why nobody rings; info is a constant. */
struct diag route_ring(struct conversation *v);
