/*
 * Via
 */
#pragma once

#include "proto/text/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Behind a parameter of a header, at the next ";" or "," that is not in quotes, or at the end. */
const char *sip_param_skip(const char *p, const char *end);

/* Where a request really came from. */
struct sip_via_source {
	const char *host; /* an address without brackets */
	uint16_t port;
	bool is_shown; /* also where the sender's Via says that host already */
};

/**
 * Append one value of Via as a server passes it on: with received (RFC 3261 18.2.1), rport if it is asked for (RFC 3581), and behind all
 * others Microsoft's ms-received-port and ms-received-cid. What the sender wrote for any of them is dropped. Other parameters keep
 * their spelling and folding. p and n must be one value.
 */
void sip_via_add_received(struct text *out, const char *p, size_t n,
			  const struct sip_via_source *source);
