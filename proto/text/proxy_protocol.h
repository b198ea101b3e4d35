/*
 * PROXY protocol
 *
 * What a proxy that passes bytes on without reading them (HAProxy, nginx's stream module) writes in front of a
 * connection to say who it is for: versions 1, a line of text, and 2, binary (HAProxy's proxy-protocol.txt). Version 2 may
 * add fields. PP2_TYPE_SSL says whether the client reached the proxy over TLS, and PP2_TYPE_CRC32C is checked; all others are
 * skipped.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct proxy_protocol {
	size_t n;         /* length of the header */
	bool has_address; /* false: the proxy speaks for itself (LOCAL), or does not say for whom */
	bool is_v6;
	unsigned char address[16]; /* of the client, as in the packet; IPv4: the first 4 bytes */
	uint16_t port;
	bool has_tls; /* the proxy says how the client reached it: */
	bool is_tls;
};

/* Of a header that is taken. A version 1 header has at most 107 bytes, version 2 with addresses 52, fields not counted. */
enum { PROXY_PROTOCOL_MAX = 1024 };

/** Decode the header at the start of n bytes. Returns 0; 1 if all of them may be the beginning of one; or -EINVAL. */
int proxy_protocol_decode(const void *p, size_t n, struct proxy_protocol *ret);
