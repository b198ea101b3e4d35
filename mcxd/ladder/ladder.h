/*
 * Ladder
 *
 * The records of a story drawn as a ladder in text: a column for each hop, an arrow for everything that
 * travelled, and what the front end made of it as notes in its own column. The room knows records and
 * character cells; printing is up to the caller.
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

struct ladder;

struct ladder_options {
	int width;         /* columns of characters to fit into, at least 60; 0: 110 */
	bool ascii;        /* nothing but ASCII */
	bool color;        /* with escape sequences for a terminal */
	const char *title; /* a line above the drawing; may be NULL */
};

/** Append the drawing of n records, oldest first; UTF-8, lines end in a line feed. What travelled between
 *  two of our own roles was recorded by both: the receiver's record is left out if the sender has
 *  records of its own. A record without hops is a note of the front end. */
void ladder_draw(struct text *out, const struct record *const *records, size_t n,
		 const struct ladder_options *options);

/** One that is drawn while it happens, with columns for these hops; others get theirs when they appear, below a new row of
 *  names. */
struct ladder *ladder_open(struct text *out, const struct ladder_options *options,
			   const char *const *hops, size_t n_hops);
/** Append its title and the names of its columns. */
void ladder_head(struct ladder *l);
/** Append what is drawn of a record. */
void ladder_add(struct ladder *l, const struct record *r);
/** NULL is fine. */
struct ladder *ladder_close(struct ladder *l);
