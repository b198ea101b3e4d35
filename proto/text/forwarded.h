/*
 * Forwarded
 *
 * The header in which proxies say whom they ask for (RFC 7239): one element for each, the nearest one last.
 */
#pragma once

#include <stddef.h>

/** What one proxy says; NULL: nothing. Quotes are taken off. */
struct forwarded_hop {
	const char *node;  /* for: "192.0.2.1", "[2001:db8::1]:4711", "unknown", "_a-name" */
	const char *host;  /* the Host that it was asked for */
	const char *proto; /* "http", "https" */
};

enum { FORWARDED_MAX = 32 };

struct forwarded {
	struct forwarded_hop hops[FORWARDED_MAX];
	size_t n_hops;
	char *memory; /* of the strings */
};

/** Decode a header; several ones are joined with commas before. Returns 0, or -EINVAL; *ret must be deinitialised
 *  in both cases. */
int forwarded_decode(const char *value, struct forwarded *ret);
/** Also for CLEANUP. */
void forwarded_deinit(struct forwarded *f);
