/*
 * HTTPS API: event requests
 */
#pragma once

#include "mcxd/core/ports.h"
#include "web/ucwa/operation.h"

#include <stdint.h>

struct phone;

/** What wakes them, for core. */
extern const struct poll_port ucwa_poll_port;

ucwa_h ucwa_get_events;

/** The ack with which a client goes on without losing an event. */
uint64_t ucwa_next_ack(const struct phone *p);
