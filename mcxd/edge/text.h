/*
 * Edge: the text of what passes
 *
 * A message goes on as it came, line by line; only what a proxy has to change (RFC 3261, 16.6 and 16.7),
 * and what Microsoft's Edge adds, is changed.
 */
#pragma once

#include "proto/text/text.h"

struct edge_hop {
	const char *via;        /* our own, put above the others */
	const char *via_params; /* what the topmost one of the others gets: ";ms-received-port=…" */
};

/** Append the request of n bytes as it is to go on. Returns 0, 1 when it has no hops left (483), or
 *  -EINVAL when it is not the text of a request with a Via. */
int edge_text_forward(struct text *out, const char *p, size_t n, const struct edge_hop *hop);

/** Append the answer without its topmost Via, and with a further header line at the end. Returns 0 or
 *  -EINVAL. */
int edge_text_answer(struct text *out, const char *p, size_t n, const char *line);
