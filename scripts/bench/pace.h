/*
 * Pace
 *
 * Calls at an even rate, in the loop of wire.h.
 */
#pragma once

typedef void pace_h(unsigned long i);

/** Call fn with 0, 1, … at this rate, n times. */
void pace_start(unsigned long rate, unsigned long n, pace_h *fn);
