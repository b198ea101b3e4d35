/*
 * Output
 *
 * Events go to standard output, a line each; sentences for people to standard error. Text from other parties
 * cannot control the terminal or look like another event, because control characters are not printed.
 */
#pragma once

#include "mcxd/sim/sim.h"
#include "proto/text/mem.h"

#include <stdbool.h>

/** Print an event, "toast  Alice: Hi" or with json {"event":"toast","from":"Alice",…}, and flush. */
void out_event(bool json, const struct sim_event *event);

/** Print "mcxsim: " and a sentence. */
void out_complain(const char *fmt, ...) PRINTF_LIKE(1, 2);
