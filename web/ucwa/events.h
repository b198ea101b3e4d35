/*
 * HTTPS API: core's events in UCWA's words
 */
#pragma once

#include <stdint.h>

struct hal;
struct ucwa_request;

/** All events that are queued for the phone, as the packet of this number. */
struct hal *ucwa_packet(struct ucwa_request *q, uint64_t number);
