/*
 * Ladder: what a record says
 */
#pragma once

#include "proto/record.h"
#include "proto/text/text.h"

enum ladder_shape {
	LADDER_SKIP,  /* not drawn */
	LADDER_ARROW, /* from the hop record->from to the hop record->to */
	LADDER_NOTE,  /* in the column of one hop: to, else from, else the front end */
};

/** How the record is drawn when it is seen by itself; the layout knows what two hops recorded. */
enum ladder_shape ladder_shape(const struct record *r);

/** Append the words on the arrow or in the note. */
void ladder_label(const struct record *r, struct text *out);

/** Append what the line below the arrow says: the server that a 180 names, the diagnostics of any other
 *  answer; nothing for all other records. */
void ladder_detail(const struct record *r, struct text *out);
