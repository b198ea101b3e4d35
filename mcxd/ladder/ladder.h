/*
 * Ladder
 *
 * A story's records drawn as a ladder in text: one column for each hop, one arrow for each thing
 * that travelled, and what the front end made of it in its own column. For terminals and tickets.
 */
#pragma once

#include "mcxd/base/journal.h"
#include "proto/text/text.h"

struct ladder_options {
	int width;         /* cells to fit into; 0: 110 */
	bool ascii;        /* nothing but ASCII */
	const char *title; /* a line above it; may be NULL */
};

/** Draw n records, oldest first. What travelled between two of our own roles is in the journal
 *  twice: the receiver's record is left out where the sender has records of its own. Records that
 *  concern no hop are notes of the front end. */
void ladder_draw(struct text *out, const struct journal_record *const *records, size_t n,
		 const struct ladder_options *options);
