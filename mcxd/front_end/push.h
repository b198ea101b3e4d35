/*
 * Pushes
 *
 * Implements core's push port: the MESSAGE to the clearing house, through the Edge.
 */
#pragma once

#include "mcxd/front_end/private.h"

/** Forget the pushes that wait for an answer. */
void sip_push_forget(struct front_end *s);
