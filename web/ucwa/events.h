/*
 * HTTPS API: core's events in UCWA's words
 */
#pragma once

#include "mcxd/core/event.h"
#include "proto/ucwa/event.h"

#include <stdint.h>

/** An event of core's, as UCWA has it. */
enum ucwa_event_kind ucwa_event_kind_of(enum event_kind kind);

struct hal;
struct ucwa_request;

/** All events that are queued for the phone, as the packet of this number. */
struct hal *ucwa_packet(struct ucwa_request *q, uint64_t number);

/** The resource of the newest event of this kind about the conversation of the request, and about this message, if not 0.
 *  NULL: core does not know it, or has forgotten it. */
struct hal *ucwa_recall(const struct ucwa_request *q, enum event_kind kind, uint64_t message);
