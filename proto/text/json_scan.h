/*
 * Scan of JSON
 *
 * Whether a text is an object as json_in.h takes it; json-c takes more.
 */
#pragma once

#include "proto/text/json_in.h"

#include <stdbool.h>
#include <stddef.h>

struct json_scan {
	const unsigned char *p, *end;
	const char *why;
	char open[JSON_IN_MAX_DEPTH]; /* the brackets that are open, innermost last */
	int depth, max_depth;
	bool is_lax; /* a comma may end an object */
	size_t n_members;
	struct json_in_parts *parts; /* NULL: nothing is left out */
	int part_depth;  /* of the object with the part that is being scanned; 0: none is */
	size_t n_before; /* members before it */
};

/** Scan s->p up to s->end. Returns false with a static sentence in s->why. */
bool json_scan_object(struct json_scan *s);
