/*
 * HTTPS API: core's events in UCWA's words
 */
#pragma once

#include <stdint.h>

struct hal;
struct ucwa_request;

/** All events that are queued for the phone, as the packet of this number. */
struct hal *ucwa_packet(struct ucwa_request *q, uint64_t number);

/** An invitation that has ended, as long as the event about it has not left the queue. NULL: there is none. */
struct hal *ucwa_queued_invitation(const struct ucwa_request *q, uint64_t number);
