/*
 * pcapng
 *
 * Capture files (draft-ietf-opsawg-pcapng) with packets that were never on a wire: IPv4 without a link layer, times in
 * microseconds, checksums 0, which readers take as not computed.
 */
#pragma once

#include "proto/text/text.h"

#include <stdint.h>

struct pcapng_end {
	uint32_t address; /* IPv4, the first byte highest */
	uint16_t port;
};

/** Begin a file: section and interface. */
void pcapng_begin(struct text *out);

/** A block of names, each of a NUL-terminated string. */
struct pcapng_name {
	uint32_t address;
	char *name;
};
void pcapng_add_names(struct text *out, const struct pcapng_name *names, size_t n);

struct pcapng_packet {
	int64_t time_us; /* since 1970 */
	struct pcapng_end from, to;
	const void *data;
	size_t n;
	const char *comment; /* may be NULL */
};

/** A datagram. At most 65,000 bytes go in. */
void pcapng_add_udp(struct text *out, const struct pcapng_packet *p);

enum { PCAPNG_SYN = 2, PCAPNG_PUSH = 8, PCAPNG_ACK = 16 };

/** A segment; the same limit. */
void pcapng_add_tcp(struct text *out, const struct pcapng_packet *p, uint32_t seq, uint32_t ack,
		    int flags);
