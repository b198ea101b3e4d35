/*
 * Pushes
 *
 * core's push port: the MESSAGE to the clearing house, by way of the Edge.
 */
#pragma once

#include "mcxd/front_end/private.h"

/** Let go of what waits for an answer. */
void sip_push_forget(struct front_end *s);
