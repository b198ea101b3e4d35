/*
 * Own addresses
 *
 * Whether a connection to an address would end at a listener of this process. A notification URI names where the clearing house
 * sends a request to, and phones choose it: what listens here may trust this machine, as the lab API does.
 */
#pragma once

#include <stdbool.h>

struct address;

/** Whether a connection to `to` would reach what listens on "127.0.0.1:8090", "0.0.0.0:8090" or a URL of it. */
bool own_address_reaches(const struct address *to, const char *listener);
